"""Base of the entities that belong to one subentry: identity and device, nothing more."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .core.settings import AgentSettings
from .runtime import GrokConfigEntry


class GrokEntity(Entity):
    """An entity named like its subentry, on a device of its own."""

    _attr_has_entity_name = True
    _attr_name: str | None = None
    _attr_should_poll = False

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry) -> None:
        """Take identity and settings from the subentry."""
        self.entry = entry
        self.subentry = subentry
        self.settings = AgentSettings.from_data(subentry.data)
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer="xAI",
            model=self.settings.model,
            entry_type=DeviceEntryType.SERVICE,
        )

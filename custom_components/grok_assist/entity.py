"""Bases of our entities, of a subentry or of the account: identity and device, nothing more."""

from typing import override

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


class GrokAccountEntity(Entity):
    """An entity of the account's own device, written whenever the meter has something new."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: GrokConfigEntry, key: str) -> None:
        """Take identity from the entry; the key is that of the name in the translations, too."""
        self.meter = entry.runtime_data.meter
        self._attr_unique_id = f"{entry.entry_id}_{key}"
        self._attr_translation_key = key
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            name=entry.title,
            manufacturer="xAI",
            entry_type=DeviceEntryType.SERVICE,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the meter."""
        await super().async_added_to_hass()
        self.async_on_remove(self.meter.async_listen(self.async_write_ha_state))

"""Bases of our entities, of a subentry or of the account: identity and device, and what one of them is working on."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN, SUBENTRY_STT, SUBENTRY_TTS, SUBENTRY_VOICE
from .core.errors import GrokError
from .core.fallback import Policy
from .core.settings import AgentSettings
from .core.voice_settings import VoiceSettings
from .faults import service_error
from .issues import async_clear_fault, async_report_fault
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
        # Kept here: Home Assistant takes it from the entry at unload, while a turn or a preparation may still run.
        self._runtime = entry.runtime_data
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer="xAI",
            model=_model_of(subentry),
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    def policy(self) -> Policy:
        """Who may help out, and what may be spent, at this moment."""
        meter = self._runtime.meter
        return Policy(fallback=self.settings.fallback, budget_action=meter.action, spent=meter.budget_error())

    @property
    def has_own_key(self) -> bool:
        """Whether it asks with a key of its own, not with that of the account."""
        return self.settings.api_key is not None

    @callback
    def report_fault(self, error: GrokError) -> None:
        """Ask the user for what helps against a failure."""
        async_report_fault(self.hass, self.entry, error, is_own_key=self.has_own_key)

    @callback
    def clear_fault(self) -> None:
        """Take back what only holds while calls fail."""
        async_clear_fault(self.hass, self.entry, is_own_key=self.has_own_key)

    def service_error(self, error: GrokError) -> HomeAssistantError:
        """Write a failure as those meet it who called a service."""
        return service_error(error, is_own_key=self.has_own_key)


def _model_of(subentry: ConfigSubentry) -> str | None:
    """Return the model of a device; what only writes down or speaks has none to choose."""
    if subentry.subentry_type == SUBENTRY_VOICE:
        return VoiceSettings.from_data(subentry.data).model
    if subentry.subentry_type in (SUBENTRY_STT, SUBENTRY_TTS):
        return None
    return AgentSettings.from_data(subentry.data).model


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


class Running:
    """The deadlines of one entity's turns or tasks: they end when it leaves and when Home Assistant stops."""

    def __init__(self) -> None:
        """Begin with none."""
        self.is_leaving = False
        """Nothing is waited for any more."""
        self._deadlines: set[asyncio.Timeout] = set()

    @contextmanager
    def keep(self, deadline: asyncio.Timeout) -> Generator[None]:
        """Know a deadline while its work is done."""
        self._deadlines.add(deadline)
        try:
            yield
        finally:
            self._deadlines.discard(deadline)

    @callback
    def end(self) -> None:
        """End everything at once, as if its time were over."""
        self.is_leaving = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(now)

    def end_at_stop(self, hass: HomeAssistant) -> CALLBACK_TYPE:
        """End it when Home Assistant stops, which takes no entity away; return what undoes this."""

        @callback
        def stop(_event: Event) -> None:
            """End it."""
            self.end()

        return hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop)

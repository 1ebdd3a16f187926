"""Event entity of an account: limits that were reached."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.meter import RATE_LIMITED
from .core.json_types import JsonObject
from .core.usage.budget import BudgetNotice
from .entity import GrokAccountEntity
from .runtime import GrokConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the account's event entity."""
    async_add_entities([LimitEvents(entry)])


class LimitEvents(GrokAccountEntity, EventEntity):
    """Fires when a share of the budget, the whole of it, or a rate limit is reached."""

    _attr_event_types = [*(notice.value for notice in BudgetNotice), RATE_LIMITED]  # noqa: RUF012  # Home Assistant's own signature is a list

    def __init__(self, entry: GrokConfigEntry) -> None:
        """Take identity from the entry."""
        super().__init__(entry, "limits")

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the meter's events."""
        await super().async_added_to_hass()
        self.async_on_remove(self.meter.async_listen_events(self._fire))

    @callback
    def _fire(self, event: str, data: JsonObject) -> None:
        """Write an event."""
        self._trigger_event(event, data)
        self.async_write_ha_state()

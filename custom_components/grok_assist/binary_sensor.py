"""Binary sensor of an account: whether its budget is spent."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import GrokAccountEntity
from .runtime import GrokConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the account's binary sensor."""
    async_add_entities([BudgetExhausted(entry)])


class BudgetExhausted(GrokAccountEntity, BinarySensorEntity):
    """On while a limit of the budget is reached."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM

    def __init__(self, entry: GrokConfigEntry) -> None:
        """Take identity from the entry."""
        super().__init__(entry, "budget_exhausted")

    @override
    def reading(self) -> tuple[object, ...]:
        """Whether it is spent."""
        return (self.is_on,)

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is spent now."""
        return self.meter.is_exhausted

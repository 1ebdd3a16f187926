"""Sensors of an account: what it was asked, what that cost, and how fast it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .account.meter import Meter, UsagePeriod
from .core.json_types import JsonObject
from .core.usage.ledger import Totals
from .entity import GrokAccountEntity
from .runtime import GrokConfigEntry

PARALLEL_UPDATES = 0

CURRENCY: Final = "USD"


@dataclass(frozen=True, kw_only=True)
class MeterSensorDescription(SensorEntityDescription):  # the base takes no slots
    """A sensor and how the meter is read for it."""

    read: Callable[[Meter], float | None]
    attributes: Callable[[Meter], JsonObject] | None = None
    reset: Callable[[], datetime] | None = None
    """When the present period began."""


def _count(
    key: str, field: str, *, category: EntityCategory | None = None, is_seconds: bool = False, is_shown: bool = True
) -> MeterSensorDescription:
    """Describe a sum of all time."""

    def read(meter: Meter) -> float:
        """Read one field of the sum."""
        value: float = getattr(meter.page(UsagePeriod.TOTAL).all(), field)
        return value

    return MeterSensorDescription(
        key=key,
        read=read,
        entity_category=category,
        entity_registry_enabled_default=is_shown,
        state_class=SensorStateClass.TOTAL_INCREASING,
        device_class=SensorDeviceClass.DURATION if is_seconds else None,
        native_unit_of_measurement=UnitOfTime.SECONDS if is_seconds else None,
        suggested_display_precision=0,
    )


def _cost(key: str, period: UsagePeriod, reset: Callable[[], datetime]) -> MeterSensorDescription:
    """Describe what a period cost until now."""

    def read(meter: Meter) -> float:
        """Read the cost."""
        totals: Totals = meter.page(period).all()
        return totals.cost_usd

    return MeterSensorDescription(
        key=key,
        read=read,
        reset=reset,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=4,
    )


def _duration(key: str, read: Callable[[Meter], float | None]) -> MeterSensorDescription:
    """Describe how long something took the last time."""
    return MeterSensorDescription(
        key=key,
        read=read,
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        suggested_display_precision=0,
    )


def _start_of_month() -> datetime:
    """Return when this month began here."""
    return dt_util.start_of_local_day(dt_util.now().date().replace(day=1))


SENSORS: Final = (
    _count("requests", "requests"),
    _count("errors", "errors", category=EntityCategory.DIAGNOSTIC),
    _count("input_tokens", "input_tokens"),
    _count("cached_tokens", "cached_tokens"),
    _count("output_tokens", "output_tokens"),
    _count("voice_seconds", "voice_seconds", is_seconds=True),
    _count(
        "voice_open_seconds", "voice_open_seconds", category=EntityCategory.DIAGNOSTIC, is_seconds=True, is_shown=False
    ),
    _cost("cost_today", UsagePeriod.TODAY, dt_util.start_of_local_day),
    _cost("cost_month", UsagePeriod.MONTH, _start_of_month),
    _duration("response_time", lambda meter: meter.last_response_ms),
    _duration("first_audio", lambda meter: meter.last_first_audio_ms),
    MeterSensorDescription(
        key="rate_limited",
        read=lambda meter: meter.store.rate_limited,
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.TOTAL_INCREASING,
    ),
    MeterSensorDescription(
        key="fallbacks",
        read=lambda meter: meter.store.fallbacks.total(),
        attributes=lambda meter: dict(meter.store.fallbacks),
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.TOTAL_INCREASING,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the account's sensors."""
    async_add_entities(MeterSensor(entry, description) for description in SENSORS)


class MeterSensor(GrokAccountEntity, SensorEntity):
    """One number of the meter."""

    entity_description: MeterSensorDescription

    def __init__(self, entry: GrokConfigEntry, description: MeterSensorDescription) -> None:
        """Take what is read."""
        super().__init__(entry, description.key)
        self.entity_description = description

    @override
    def reading(self) -> tuple[object, ...]:
        """Everything of the number that is shown: what it consists of, and since when it counts."""
        return self.native_value, self.extra_state_attributes, self.last_reset

    @property
    @override
    def native_value(self) -> float | None:
        """The number now."""
        return self.entity_description.read(self.meter)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When the present period began."""
        reset = self.entity_description.reset
        return reset() if reset else None

    @property
    @override
    def extra_state_attributes(self) -> JsonObject | None:
        """What the number consists of."""
        attributes = self.entity_description.attributes
        return attributes(self.meter) if attributes else None

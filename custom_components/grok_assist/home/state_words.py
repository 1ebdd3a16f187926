"""How a state is told: Home Assistant's own word, its unit, and what belongs to it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, async_rounded_state
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util


def described(hass: HomeAssistant, state: State, words: Mapping[str, str]) -> str:
    """Write a state.

    Args:
        hass: knows the units of the home.
        state: of any entity.
        words: Home Assistant's translations of states, category `entity_component`, flat.
    """
    attributes = state.attributes
    match state.domain:
        case "sensor":
            return _sensor(hass, state)
        case "binary_sensor":
            kind = attributes.get(ATTR_DEVICE_CLASS) or "_"
            meaning = words.get(f"component.binary_sensor.entity_component.{kind}.state.{state.state}")
            return f"{state.state} ({meaning})" if meaning and kind != "_" else state.state
    unit = attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    value = f"{state.state} {unit}" if unit else state.state
    return ", ".join([value, *_details(hass, attributes)])


def _details(hass: HomeAssistant, attributes: Mapping[str, Any]) -> list[str]:
    """Write what belongs to a state, each number with its unit."""
    home_degrees = hass.config.units.temperature_unit
    texts: list[str] = []
    for key, unit_key, write in _DETAILS:
        if (value := attributes.get(key)) is None:
            continue
        unit = str(attributes.get(unit_key) or home_degrees) if unit_key else ""
        if text := write(value, unit):
            texts.append(text)
    return texts


def _sensor(hass: HomeAssistant, state: State) -> str:
    """Write the value of a sensor."""
    value = async_rounded_state(hass, state.entity_id, state)
    if state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP:
        moment = dt_util.parse_datetime(state.state)
        value = dt_util.as_local(moment).strftime("%Y-%m-%d %H:%M") if moment else value
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return f"{value} {unit}" if unit else value


def _number(template: str) -> Callable[[Any, str], str]:
    """Write a number and its unit into a text; what is none is left out."""
    return lambda value, unit: template.format(f"{value:g}", unit) if _is_number(value) else ""


def _is_number(value: object) -> bool:
    """Whether a value is a number and not a yes or no."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object, _unit: str) -> str:
    """Write a text."""
    return str(value)


def _share(template: str, whole: float) -> Callable[[Any, str], str]:
    """Write a part of a whole in percent; none at all is left out."""
    return lambda value, _unit: (
        template.format(max(1, round(value / whole * 100))) if _is_number(value) and value else ""
    )


_DEGREES: Final = "temperature_unit"
_DETAILS: Final[tuple[tuple[str, str, Callable[[Any, str], str]], ...]] = (
    ("brightness", "", _share("{} %", 255)),
    ("color_temp_kelvin", "", _number("{} K")),
    ("percentage", "", _number("{} %")),
    ("current_position", "", _number("{} % open")),
    ("current_tilt_position", "", _number("tilted {} %")),
    ("current_temperature", _DEGREES, _number("{} {} now")),
    ("temperature", _DEGREES, _number("{} {}")),
    ("target_temp_low", _DEGREES, _number("from {} {}")),
    ("target_temp_high", _DEGREES, _number("to {} {}")),
    ("current_humidity", "", _number("{} % humidity now")),
    ("humidity", "", _number("{} % humidity")),
    ("pressure", "pressure_unit", _number("{} {}")),
    ("wind_speed", "wind_speed_unit", _number("wind {} {}")),
    ("battery_level", "", _number("battery {} %")),
    ("media_title", "", _text),
    ("media_artist", "", _text),
    ("volume_level", "", _share("volume {} %", 1)),
)
"""Attribute, the attribute that has its unit (else degrees of the home), and how it is written."""

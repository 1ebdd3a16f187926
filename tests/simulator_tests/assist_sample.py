"""A small home as Home Assistant 2026.10 describes it to a model: its prompt, its tools, its live context."""

from typing import Final

from ..simulator.jsontypes import Json, JsonObject

PROMPT: Final = """You are a voice assistant for Home Assistant.
Current time is 12:34:56. Today's date is 2026-11-20.

You ARE equipped to answer questions about the current state of
the home by retrieving live context. This is a primary function. Do not state you lack the
functionality if the question requires live data.

Static Context: An overview of the areas and the devices in this smart home:
- names: Ceiling Light, Big Light
  domain: light
  areas: Kitchen
- names: Worktop Light
  domain: light
  areas: Kitchen
- names: Floor Lamp
  domain: light
  areas: Living Room
- names: 'Ada''s Fan'
  domain: fan
  areas: Living Room
- names: Coffee Machine
  domain: switch
  areas: Kitchen
- names: Front Door
  domain: lock
  areas: Hall
- names: Garage Door
  domain: cover
  areas: Garage
- names: Kitchen Temperature
  domain: sensor
  areas: Kitchen
- names: Thermostat
  domain: climate
  areas: Living Room
- names: TV
  domain: media_player
  areas: Living Room
- names: Robby
  domain: vacuum
- names: Shopping List
  domain: todo

When controlling Home Assistant always call the intent tools. Use intent__HassTurnOn to lock.
When a user asks to turn on all devices of a specific type, ask the user to specify an area.
This device is not able to start timers."""

ROOM: Final = "You are in area Kitchen and all generic commands like 'turn on the lights' should target this area."

LIVE_CONTEXT: Final = """Live Context: An overview of the areas and the devices in this smart home:
- names: Ceiling Light, Big Light
  domain: light
  state: 'on'
  areas: Kitchen
  attributes:
    brightness: '128'
    brightness_pct: '50'
- names: Worktop Light
  domain: light
  state: 'off'
  areas: Kitchen
- names: Floor Lamp
  domain: light
  state: 'on'
  areas: Living Room
- names: Front Door
  domain: lock
  state: locked
  areas: Hall
- names: Garage Door
  domain: cover
  state: closed
  areas: Garage
  attributes:
    device_class: garage
- names: Kitchen Temperature
  domain: sensor
  state: '20.1'
  areas: Kitchen
  attributes:
    unit_of_measurement: °C
    device_class: temperature
- names: Thermostat
  domain: climate
  state: heat
  areas: Living Room
  attributes:
    current_temperature: 21.5
    temperature: '22'
"""

_TEXT: Final[JsonObject] = {"type": "string"}
_TEXTS: Final[JsonObject] = {"type": "array", "items": _TEXT}
_NUMBER: Final[JsonObject] = {"type": "number"}
_PERCENT: Final[JsonObject] = {"type": "integer", "minimum": 0, "maximum": 100}
_TARGET: Final[JsonObject] = {"name": _TEXT, "area": _TEXT, "floor": _TEXT, "domain": _TEXTS}


def _tool(name: str, properties: JsonObject, required: list[str] | None = None) -> JsonObject:
    """Build one function tool in the form that Home Assistant's schemas have."""
    parameters: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        parameters["required"] = required
    return {"type": "function", "name": name, "description": name, "parameters": parameters}


TOOLS: Final[list[JsonObject]] = [
    _tool("assist_satellite__HassBroadcast", {"message": _TEXT}, ["message"]),
    _tool(
        "climate__HassClimateSetTemperature",
        {"temperature": _NUMBER, "area": _TEXT, "name": _TEXT, "floor": _TEXT},
        ["temperature"],
    ),
    _tool("fan__HassFanSetSpeed", _TARGET | {"percentage": _PERCENT}, ["percentage"]),
    _tool(
        "homeassistant__GetLiveContext",
        {"name": _TEXT, "area": _TEXT, "domain": {"anyOf": [_TEXT, _TEXTS]}},
    ),
    _tool("intent__HassTurnOn", _TARGET | {"device_class": _TEXTS}),
    _tool("intent__HassTurnOff", _TARGET | {"device_class": _TEXTS}),
    _tool("intent__HassSetPosition", _TARGET | {"position": _PERCENT}, ["position"]),
    _tool("intent__HassStopMoving", _TARGET),
    _tool(
        "intent__HassStartTimer",
        {key: {"type": "integer"} for key in ("hours", "minutes", "seconds")} | {"name": _TEXT},
    ),
    _tool("intent__HassCancelTimer", {"name": _TEXT, "area": _TEXT}),
    _tool(
        "light__HassLightSet", _TARGET | {"color": _TEXT, "temperature": {"type": "integer"}, "brightness": _PERCENT}
    ),
    _tool("llm__GetDateTime", {}),
    _tool("media_player__HassMediaUnpause", _TARGET),
    _tool("media_player__HassMediaPause", _TARGET),
    _tool("media_player__HassMediaNext", _TARGET),
    _tool("media_player__HassSetVolume", _TARGET | {"volume_level": _PERCENT}, ["volume_level"]),
    _tool(
        "media_player__HassSetVolumeRelative",
        {"volume_step": {"anyOf": [{"type": "string", "enum": ["up", "down"]}, {"type": "integer"}]}, "name": _TEXT},
        ["volume_step"],
    ),
    _tool("media_player__search_media", {"search_query": _TEXT, "player_name": _TEXT}, ["search_query"]),
    _tool(
        "media_player__play_media",
        {"media_content_id": _TEXT, "media_content_type": _TEXT, "player_name": _TEXT},
        ["media_content_id", "media_content_type"],
    ),
    _tool("todo__get_items", {"todo_list": {"type": "string", "enum": ["Shopping List"]}}, ["todo_list"]),
    _tool("todo__HassListAddItem", {"item": _TEXT, "name": _TEXT}, ["item", "name"]),
    _tool("vacuum__HassVacuumStart", _TARGET),
    _tool("vacuum__HassVacuumReturnToBase", _TARGET),
]

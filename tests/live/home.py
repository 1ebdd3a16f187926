"""The small home that the service is asked about: nobody lives in it."""

from typing import Final

from ..simulator.jsontypes import JsonObject

MODEL: Final = "grok-4.3"
INSTRUCTIONS: Final = """You run a small home. Be brief: one sentence. Switch devices only by calling the tools.
The devices:
- names: Kitchen Light
  domain: light
  areas: Kitchen
- names: Bedroom Light
  domain: light
  areas: Bedroom
- names: Desk Lamp
  domain: light
  areas: Study"""
LIGHT: Final = "Kitchen Light"
TURN_ON: Final = "intent__HassTurnOn"
TURN_OFF: Final = "intent__HassTurnOff"
_PLAIN: Final[JsonObject] = {"name": {"type": "string"}, "domain": {"type": "array", "items": {"type": "string"}}}
_NARROW: Final[JsonObject] = {
    "name": {"type": "string", "pattern": "^[A-Z][A-Za-z ]+$"},
    "domain": {"type": "array", "items": {"type": "string", "enum": ["light", "switch"]}},
}


def tools(*, is_narrow: bool = False) -> list[JsonObject]:
    """Give the functions of the home; narrow ones say by keywords what values may look like."""
    return [_tool(TURN_ON, "on", _NARROW if is_narrow else _PLAIN), _tool(TURN_OFF, "off", _PLAIN)]


def _tool(name: str, what: str, properties: JsonObject) -> JsonObject:
    """Give one function in its flat form."""
    return {
        "type": "function",
        "name": name,
        "description": f"Turns {what} a device, by its name.",
        "parameters": {"type": "object", "properties": properties, "additionalProperties": False},
    }

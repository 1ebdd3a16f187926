"""The fields for which an update of the session is refused as a whole: the dialect `refused_field`."""

from typing import Final

from ..jsontypes import Json, JsonObject
from .config import ConfigError

_PATHS: Final = {
    "keyterms": "audio.input.transcription.keyterms",
    "language_hint": "audio.input.transcription.language_hint",
    "speed": "audio.output.speed",
    "effort": "reasoning.effort",
    "transcription": "audio.input.transcription",
    "replace": "replace",
    "resumption": "resumption",
    "threshold": "turn_detection.threshold",
    "padding": "turn_detection.prefix_padding_ms",
}
_TOOLS: Final = "tools_extra"
# A turn cannot be found without detection, so its fields are not among those that can be spared.
_SPARED: Final = ("keyterms", "language_hint", "speed", "effort", "transcription", "replace", "resumption", _TOOLS)


def check_fields(session: JsonObject, refused: str) -> None:
    """Refuse an update that has a refused field.

    Raises:
        ConfigError: it has one.
    """
    for name in _SPARED if refused == "all" else (refused,):
        if name == _TOOLS and any(tool["type"] != "function" for tool in session.get("tools", ())):
            raise ConfigError("Unsupported tool type in `session.tools`.", "session.tools")
        if name in _PATHS and _has(session, _PATHS[name]):
            raise ConfigError(f"Unknown parameter: 'session.{_PATHS[name]}'.", f"session.{_PATHS[name]}")


def _has(value: Json, path: str) -> bool:
    """Whether there is something at a path of names."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True

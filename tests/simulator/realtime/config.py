"""The settings of a session: what is accepted, and how it is echoed (API reference 3.3 and 3.10)."""

from dataclasses import dataclass, field, replace
from typing import Final

from ..jsontypes import JsonObject

VOICES: Final = frozenset(
    name
    for names in (
        "altair ara atlas aurora carina castor celeste cosmo eve helios helix iris kepler leo liora lumen",
        "luna lux naksh orion perseus rex rigel sal sirius ursa zagan zenith",
    )
    for name in names.split()
)
RESERVED_NAMES: Final = frozenset(
    {
        "web_search",
        "browse_page",
        "x_keyword_search",
        "x_semantic_search",
        "x_user_search",
        "x_thread_fetch",
        "collections_search",
        "file_search",
    }
)
DEFAULT_MODEL: Final = "grok-voice-latest"
_RESOLVED_MODEL: Final = "grok-voice-3.0"
MODELS: Final = frozenset(
    {
        "grok-voice-latest",
        "grok-voice-3.0",
        "grok-voice-2.0",
        "grok-voice-think-fast-2.0",
        "grok-voice-think-fast-1.0",
        "grok-voice-fast-1.0",
    }
)
# What the wire shows before any update, whatever the documents say.
_FIRST_VOICE: Final = "ara"
_DEFAULT_RATE: Final = 24_000
_DEFAULT_SILENCE_MS: Final = 500
_DEFAULT_PADDING_MS: Final = 333
_DEFAULT_THRESHOLD: Final = 0.85


class ConfigError(Exception):
    """A configuration that the service refuses."""

    def __init__(self, message: str, param: str) -> None:
        """Name the parameter."""
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDetection:
    """How the server tells speech from silence."""

    threshold: float = _DEFAULT_THRESHOLD
    silence_ms: int = _DEFAULT_SILENCE_MS
    padding_ms: int = _DEFAULT_PADDING_MS
    idle_timeout_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """The settings in force."""

    session_id: str
    model: str
    fields: JsonObject = field(default_factory=dict)
    """What the client has set so far, merged."""

    @property
    def instructions(self) -> str:
        """The system prompt."""
        return str(self.fields.get("instructions", ""))

    @property
    def voice(self) -> str:
        """The voice's id, in lower case."""
        return str(self.fields.get("voice", _FIRST_VOICE)).lower()

    @property
    def turn_detection(self) -> TurnDetection | None:
        """How turns are found, None where the client commits them itself."""
        wanted = self.fields.get("turn_detection")
        if not wanted or wanted.get("type") is None:
            return None
        return TurnDetection(
            threshold=wanted.get("threshold", _DEFAULT_THRESHOLD),
            silence_ms=wanted.get("silence_duration_ms", _DEFAULT_SILENCE_MS),
            padding_ms=wanted.get("prefix_padding_ms", _DEFAULT_PADDING_MS),
            idle_timeout_ms=wanted.get("idle_timeout_ms"),
        )

    @property
    def input_rate(self) -> int:
        """The sample rate of the audio that comes in."""
        return _rate(self._side("input"))

    @property
    def output_rate(self) -> int:
        """The sample rate of the audio that goes out."""
        return _rate(self._side("output"))

    @property
    def has_binary_output(self) -> bool:
        """Whether audio goes out as binary frames."""
        return bool(self._side("output").get("transport") == "binary")

    @property
    def speed(self) -> float:
        """How fast the voice speaks."""
        return float(self._side("output").get("speed", 1.0))

    @property
    def has_interim_transcripts(self) -> bool:
        """Whether the cumulative transcript events are turned on."""
        transcription = self._side("input").get("transcription") or {}
        return bool(transcription.get("model") == "grok-transcribe")

    @property
    def is_resumable(self) -> bool:
        """Whether the conversation is kept after the socket."""
        return bool((self.fields.get("resumption") or {}).get("enabled", False))

    @property
    def tools(self) -> list[JsonObject]:
        """The tools, functions in the flat form."""
        return [_flat(tool) for tool in self.fields.get("tools", ())]

    @property
    def reserved_name(self) -> str | None:
        """A function's name that clashes with a server-side tool, if there is one."""
        if all(tool["type"] == "function" for tool in self.tools):
            return None
        names = [tool["name"] for tool in self.tools if tool["type"] == "function"]
        return next((name for name in names if name in RESERVED_NAMES), None)

    @property
    def created_echo(self) -> JsonObject:
        """The session as `session.created` shows it."""
        return {
            "id": self.session_id,
            "object": "realtime.session",
            "model": self.model,
            "voice": self.voice,
            "instructions": self.instructions,
            "modalities": ["audio"],
            "turn_detection": {"type": None},
            "tools": [],
        }

    @property
    def updated_echo(self) -> JsonObject:
        """The session as `session.updated` shows it: normalised, without an id, with keys that nobody asked for."""
        sides = {
            name: {"format": {"type": "audio/pcm", "rate": _rate(self._side(name))}, "transport": "json"}
            | self._side(name)
            for name in ("input", "output")
        }
        return {
            "instructions": self.instructions,
            "voice": self.voice,
            "model": self.model,
            "modalities": ["audio"],
            "turn_detection": self.fields.get("turn_detection") or {"type": None},
            "tools": [_nested(tool) for tool in self.tools],
            "tool_choice": "auto",
            "temperature": -1.0,
            "max_response_output_tokens": "inf",
            "enable_noise_suppression": False,
            "keep_context": True,
            "audio": sides,
            **{name: self.fields[name] for name in ("reasoning", "resumption", "replace") if name in self.fields},
        }

    def updated(self, session: JsonObject) -> SessionConfig:
        """Give the settings after an update that fits the schema.

        Raises:
            ConfigError: a value that the service does not know.
        """
        merged = {**self.fields, **session, "audio": _merged(self.fields.get("audio"), session.get("audio"))}
        changed = replace(self, fields=merged)
        if changed.voice not in VOICES:
            raise ConfigError(f"Unknown voice `{session['voice']}`.", "session.voice")
        for side in ("input", "output"):
            kind = merged["audio"].get(side, {}).get("format", {}).get("type", "audio/pcm")
            if kind != "audio/pcm":
                raise ConfigError(f"Audio of type {kind} cannot be used here.", f"session.audio.{side}.format")
        names = [tool["name"] for tool in changed.tools if tool["type"] == "function"]
        if len(names) != len(set(names)):
            raise ConfigError("Two tools have the same name.", "session.tools")
        return changed

    def _side(self, name: str) -> JsonObject:
        """Give the audio settings of one direction."""
        side: JsonObject = self.fields.get("audio", {}).get(name, {})
        return side


def offered_model(name: str | None, *, is_resolved: bool = False) -> str:
    """Give the model that a query gets: the one it names, or without a word another one; an alias may be resolved."""
    offered = name if name in MODELS else DEFAULT_MODEL
    return _RESOLVED_MODEL if is_resolved and offered == DEFAULT_MODEL else offered


def _rate(side: JsonObject) -> int:
    """Give the sample rate of one direction."""
    return int(side.get("format", {}).get("rate", _DEFAULT_RATE))


def _merged(old: JsonObject | None, new: JsonObject | None) -> JsonObject:
    """Give the audio settings, those of each direction replaced one by one."""
    old, new = old or {}, new or {}
    return {name: {**old.get(name, {}), **new.get(name, {})} for name in old.keys() | new.keys()}


def _flat(tool: JsonObject) -> JsonObject:
    """Give a tool as the text API has it."""
    if tool["type"] != "function":
        return tool
    inner = tool.get("function", tool)
    return {
        "type": "function",
        "name": inner["name"],
        "description": inner.get("description", ""),
        "parameters": inner.get("parameters") or {"type": "object", "properties": {}},
    }


def _nested(tool: JsonObject) -> JsonObject:
    """Give a tool as the service echoes it."""
    if tool["type"] != "function":
        return tool
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}

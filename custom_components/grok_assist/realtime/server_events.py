"""What the server says on the realtime socket, as typed events.

Names and fields: xAI's speech-to-speech guide and events page, read 2026-11-20, and recorded frames of July 2026.
Reading is tolerant: unknown keys are ignored, a missing or odd value has its default, an event that nobody described
becomes `UnknownEvent`. Nothing that the server sends can make reading fail but a frame that is no JSON object.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Final, dataclass_transform

import orjson

from ..core.json_types import JsonMapping, packed_json, unpacked

TAG: Final = "ask"
"""Key of our own mark in the metadata of `response.create`, which the server echoes."""

_PATH: Final = "path"
LONGEST_S: Final = 86_400.0
"""No session goes on for a day: more is a mistake of whoever tells it, and must not use up a budget."""
_KINDS: Final[dict[str, type[ServerEvent]]] = {}


class FrameError(ValueError):
    """A frame that is no JSON object."""


class ServerEvent:
    """Anything that the server may say."""

    __slots__ = ()

    @property
    def ids(self) -> set[str]:
        """The item and the response that it is about."""
        return {getattr(self, "item_id", ""), getattr(self, "response_id", "")} - {""}


@dataclass(frozen=True, slots=True)
class UnknownEvent(ServerEvent):
    """An event that this version does not know; it is skipped."""

    kind: str


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def _event[Kind: ServerEvent](*kinds: str) -> Callable[[type[Kind]], type[Kind]]:
    """Make a class the event of these names."""

    def register(cls: type[Kind]) -> type[Kind]:
        """Make it a dataclass and remember it."""
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        _KINDS.update(dict.fromkeys(kinds, made))
        return made

    return register


def _at(default: Any, *path: str) -> Any:
    """Say where in the event a field lies, if not under its own name."""
    return field(default=default, metadata={_PATH: path})


@_event("session.created")
class SessionCreated(ServerEvent):
    """The first event of a socket."""

    session_id: str = _at("", "session", "id")
    model: str = _at("", "session", "model")
    """The model that really answers; may differ from the one asked for."""
    voice: str = _at("", "session", "voice")


@_event("session.updated")
class SessionUpdated(ServerEvent):
    """The session runs with what the last `session.update` asked for."""

    model: str = _at("", "session", "model")
    voice: str = _at("", "session", "voice")


@_event("conversation.created")
class ConversationCreated(ServerEvent):
    """The conversation has an id."""

    conversation_id: str = _at("", "conversation", "id")


@_event("ping")
class Ping(ServerEvent):
    """The server is alive; wants no answer."""

    timestamp: int = 0


@_event("input_audio_buffer.speech_started")
class SpeechStarted(ServerEvent):
    """Somebody began, or went on, to speak; may repeat for one item."""

    item_id: str = ""
    audio_start_ms: int = 0


@_event("input_audio_buffer.speech_stopped")
class SpeechStopped(ServerEvent):
    """The silence window has passed; provisional until the item is committed."""

    item_id: str = ""
    audio_end_ms: int = 0


@_event("input_audio_buffer.committed")
class AudioCommitted(ServerEvent):
    """The audio of an item is closed; may come twice."""

    item_id: str = ""


@_event("input_audio_buffer.cleared")
class AudioCleared(ServerEvent):
    """The input buffer is empty."""


@_event("input_audio_buffer.timeout_triggered")
class IdleTimeout(ServerEvent):
    """The server made a turn of long silence."""

    item_id: str = ""
    audio_start_ms: int = 0
    audio_end_ms: int = 0


@_event("input_audio_buffer.dtmf_event_received")
class DtmfReceived(ServerEvent):
    """A key on a telephone."""

    event: str = ""
    received_at: float = 0.0


@_event("conversation.item.added", "conversation.item.created", "conversation.item.done")
class ItemAdded(ServerEvent):
    """The conversation has an item (of the user, the assistant, a call or its result)."""

    item_id: str = _at("", "item", "id")
    item_type: str = _at("", "item", "type")
    role: str = _at("", "item", "role")
    call_id: str = _at("", "item", "call_id")


@_event("conversation.item.deleted")
class ItemDeleted(ServerEvent):
    """An item is gone; the id can be empty."""

    item_id: str = ""


@_event("conversation.item.truncated")
class ItemTruncated(ServerEvent):
    """The server forgot what was not heard."""

    item_id: str = ""
    audio_end_ms: int = 0
    transcript: str = ""


@_event("conversation.item.input_audio_transcription.updated")
class TranscriptUpdated(ServerEvent):
    """What was understood so far: the whole of the item, not an addition."""

    item_id: str = ""
    transcript: str = ""


@_event("conversation.item.input_audio_transcription.completed")
class TranscriptCompleted(ServerEvent):
    """What was understood; a later one replaces it."""

    item_id: str = ""
    transcript: str = ""
    status: str = ""

    def is_final(self, *, is_committed: bool) -> bool:
        """Whether it is more than another snapshot: without a status that is known, once the audio is closed."""
        return self.status == "completed" or (self.status != "in_progress" and is_committed)


@_event("conversation.item.input_audio_transcription.failed")
class TranscriptFailed(ServerEvent):
    """Nothing could be made of the audio; never seen from xAI."""

    item_id: str = ""


@_event("response.created")
class ResponseCreated(ServerEvent):
    """An answer begins."""

    response_id: str = _at("", "response", "id")
    tag: str = _at("", "response", "metadata", TAG)
    """What we asked it with, where it was asked for; an answer that the server began by itself has none."""


@_event("response.output_item.added", "response.output_item.done")
class OutputItem(ServerEvent):
    """An item of an answer began or ended."""

    response_id: str = ""
    item_id: str = _at("", "item", "id")
    item_type: str = _at("", "item", "type")


@_event("response.content_part.added", "response.content_part.done")
class ContentPart(ServerEvent):
    """A part of an item began or ended."""

    response_id: str = ""
    item_id: str = ""


@_event("response.output_audio.delta", "response.audio.delta")
class AudioDelta(ServerEvent):
    """A piece of the answer's sound."""

    response_id: str = ""
    item_id: str = ""
    delta: str = ""
    latency: str = ""
    """Seconds from the end of speech, on the first delta only."""

    @property
    def audio(self) -> bytes:
        """The samples; empty where the text is no base64."""
        return unpacked(self.delta)


@_event("response.output_audio.done", "response.audio.done")
class AudioDone(ServerEvent):
    """The sound of an item is complete."""

    response_id: str = ""
    item_id: str = ""


@_event(
    "response.output_audio_transcript.delta",
    "response.audio_transcript.delta",
    "response.text.delta",
    "response.output_text.delta",
)
class AnswerTextDelta(ServerEvent):
    """A piece of the answer's words, to be appended."""

    response_id: str = ""
    item_id: str = ""
    delta: str = ""


@_event("response.output_audio_transcript.done", "response.audio_transcript.done")
class AnswerTranscript(ServerEvent):
    """All words of an item."""

    response_id: str = ""
    item_id: str = ""
    transcript: str = ""


@_event("response.text.done", "response.output_text.done")
class AnswerText(ServerEvent):
    """All words of an item of text; documented, never seen."""

    response_id: str = ""
    item_id: str = ""
    text: str = ""


@_event("response.function_call_arguments.delta")
class CallDelta(ServerEvent):
    """A piece of a call's arguments; the whole comes with `CallReady`."""

    response_id: str = ""
    call_id: str = ""
    delta: str = ""


@_event("response.function_call_arguments.done")
class CallReady(ServerEvent):
    """A function call with all its arguments (JSON text as the model wrote it)."""

    response_id: str = ""
    item_id: str = ""
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@_event(
    "mcp_list_tools.in_progress",
    "mcp_list_tools.completed",
    "mcp_list_tools.failed",
    "response.mcp_call.in_progress",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
)
class McpActivity(ServerEvent):
    """The server uses a tool of its own; a sign of life."""

    item_id: str = ""


@_event("response.done")
class ResponseDone(ServerEvent):
    """An answer ended; `usage` lies at the top level, that of the response is empty."""

    response_id: str = _at("", "response", "id")
    told_status: str = _at("", "response", "status")
    details: str = _at("", "response", "status_details", "type")
    usage: JsonMapping = field(default_factory=dict)

    @property
    def status(self) -> str:
        """How it ended; empty where nothing says so. Its details count before a status that claims success."""
        return self.details or self.told_status

    @property
    def billable_audio_s(self) -> float | None:
        """Seconds of audio billed so far in this conversation (a running total), where the server tells a true one."""
        value = self.usage.get("billable_audio_seconds")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if 0 <= value <= LONGEST_S else None


@_event(
    "rate_limits.updated", "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared"
)
class Ignored(ServerEvent):
    """An event of the older protocol family that xAI does not send."""


@_event("error")
class ErrorEvent(ServerEvent):
    """Something was refused or went wrong; only some kinds close the socket."""

    FATAL: ClassVar = frozenset({"timeout", "max_duration"})
    """The kinds after which the server closes the socket (pydantic-ai, livekit)."""
    HARMLESS: ClassVar = ("no active response", "already has an active response", "truncat", "already shorter than")
    """Parts of messages of errors that need no reaction (pipecat, pydantic-ai, livekit; the last, for a truncation
    beyond the sound: ReviewStage/luke#564)."""

    TROUBLE: ClassVar = frozenset({"internal_error", "server_error"})
    REFUSALS: ClassVar = ("invalid", "400", "bad_request")
    """Beginnings of kinds and codes; xAI's are prose, numbers or slugs such as `invalid-argument`."""

    kind: str = _at("", "error", "type")
    code: str = _at("", "error", "code")
    message: str = _at("", "error", "message")

    @property
    def is_harmless(self) -> bool:
        """Whether it is only the echo of a race."""
        text = self.message.lower()
        return any(part in text for part in self.HARMLESS)

    @property
    def says_busy(self) -> bool:
        """Whether an answer was asked for while another one ran."""
        return "already has an active response" in self.message.lower()

    @property
    def ends_session(self) -> bool:
        """Whether the server closes the socket after it."""
        return self.kind in self.FATAL or self.code in self.FATAL

    @property
    def is_trouble(self) -> bool:
        """Whether it says that the server itself has failed (xAI WebSocket schema)."""
        return bool({self.kind, self.code} & self.TROUBLE)

    @property
    def may_refuse(self) -> bool:
        """Whether it may say that something we sent was wrong: it does, or says nothing of its kind."""
        named = {self.kind, self.code} - {""}
        return not named or any(name.startswith(self.REFUSALS) for name in named)


def parse(frame: str | bytes) -> ServerEvent:
    """Read one text frame.

    Raises:
        FrameError: the frame is no JSON object.
    """
    try:
        body = orjson.loads(frame)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise FrameError(f"a frame of {len(frame)} characters that is no JSON object")
    kind = _KINDS.get(str(body.get("type")))
    if kind is ErrorEvent or (kind is None and body.get("error")):
        return ErrorEvent(**_values(ErrorEvent, {"error": _error_of(body)}))
    if kind is None:
        return UnknownEvent(str(body.get("type"))[:80])
    if kind is CallReady and isinstance(body.get("arguments"), dict):
        body["arguments"] = packed_json(body["arguments"]).decode()  # an object where its text is promised
    return kind(**_values(kind, body))


def _error_of(body: JsonMapping) -> JsonMapping:
    """Return what an error says in the one form that is described; elsewhere it is flat, or a text (xAI's REST)."""
    error = body.get("error")
    if isinstance(error, Mapping):
        return error
    return {"code": body.get("code"), "message": error if isinstance(error, str) else body.get("message")}


def _values(kind: type[ServerEvent], body: JsonMapping) -> JsonMapping:
    """Read the fields of an event; what does not fit is left to its default."""
    found: dict[str, object] = {}
    for spec in fields(kind):  # type: ignore[arg-type]  # every registered class is a dataclass
        value: object = body
        for key in spec.metadata.get(_PATH, (spec.name,)):
            value = value.get(key) if isinstance(value, Mapping) else None
        if (fitted := _fitted(value, spec.default)) is not None:
            found[spec.name] = fitted
    return found


def _fitted(value: object, default: object) -> object | None:
    """Give a value if it is of the kind of the default."""
    if default is MISSING:
        return value if isinstance(value, Mapping) else None
    if isinstance(default, str):
        return value if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return type(default)(value)  # type: ignore[call-arg]  # int or float

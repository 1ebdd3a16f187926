"""Faults of a session that show in what the server sends: frames left out, changed, added, or the line cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..faults import FaultName
from ..jsontypes import JsonObject

_HUGE_BYTES: Final = 12_000_000
_SKEW_MS: Final = 5 * 3600 * 1000
_TIMEOUT_S: Final = 0.2
_AUDIO_BEFORE_CUT_S: Final = 0.5
_DELTAS_BEFORE_HANG: Final = 3
_UNKNOWN_EVERY: Final = 4
_TRANSCRIBED: Final = "conversation.item.input_audio_transcription.completed"
_INTERIM: Final = "conversation.item.input_audio_transcription.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event to be sent; one that is meant to be wrong is not held against the schema."""

    body: JsonObject
    is_checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A text frame that is no event at all."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The end of the line: with a close code, or without a word."""

    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What follows after a while."""

    seconds: float
    frames: tuple[Event | Cut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A piece of audio as a frame of its own."""

    pcm: bytes


type Frame = Event | Raw | Cut | Later | Sound


class Mischief:
    """What goes wrong in one session; nothing where no fault was ordered."""

    def __init__(self, fault: FaultName | None) -> None:
        """Apply one fault."""
        self.fault = fault
        self._audio_s = 0.0
        self._events = 0
        self._is_used = False
        self._held: list[JsonObject] = []

    def has(self, *names: FaultName) -> bool:
        """Whether one of these is the fault of this session."""
        return self.fault in names

    def once(self, name: FaultName) -> bool:
        """Whether this is the fault of this session and has not struck yet; it has from now on."""
        if self.fault is not name or self._is_used:
            return False
        self._is_used = True
        return True

    def hangs(self, deltas: int) -> bool:
        """Whether the answer that has been spoken so far gets no further."""
        match self.fault:
            case FaultName.STALLED_RESPONSE:
                is_due = deltas == 0
            case FaultName.NEVER_FINISHES | FaultName.VANISHING_RESPONSE:
                is_due = deltas >= _DELTAS_BEFORE_HANG
            case _:
                return False
        return is_due and self.once(self.fault)

    def outgoing(self, body: JsonObject, audio_s: float = 0.0) -> Iterator[Frame]:
        """Give the frames that leave in the place of one event."""
        kind = body["type"]
        if self._is_left_out(kind, body):
            return
        if (cut := self._cut_before(kind, audio_s)) is not None:
            yield cut
            return
        if kind == _TRANSCRIBED and self._is_held_back(body):
            return
        yield from self._changed(kind, body)
        yield from self._added(kind, body)

    def _is_left_out(self, kind: str, body: JsonObject) -> bool:
        """Whether an event is kept from the client."""
        match self.fault:
            case FaultName.NO_SESSION:
                return kind != "ping"
            case FaultName.NO_UPDATE:
                return kind == "session.updated"
            case FaultName.NO_TRANSCRIPT:
                return kind == _TRANSCRIBED and body["status"] == "completed"
            case _:
                return False

    def _cut_before(self, kind: str, audio_s: float) -> Cut | None:
        """Give the cut that an event meets."""
        is_audio = kind == "response.output_audio.delta"
        is_over = (is_audio and self._audio_s >= _AUDIO_BEFORE_CUT_S) or kind == "response.output_audio.done"
        self._audio_s += audio_s
        match self.fault:
            case FaultName.DROP_BEFORE_AUDIO if is_audio or kind == "response.done":
                return Cut()
            case FaultName.DROP_MID_AUDIO if is_over:
                return Cut()
            case FaultName.CLOSE_MID_AUDIO_1011 if is_over:
                return Cut(code=1011)
            case _:
                return None

    def _is_held_back(self, body: JsonObject) -> bool:
        """Keep the final transcript for later, where that is the fault."""
        if self.fault is not FaultName.LATE_TRANSCRIPT or body["status"] != "completed":
            return False
        self._held.append(body)
        return True

    def _changed(self, kind: str, body: JsonObject) -> Iterator[Event]:
        """Give the event itself, as it is or spoilt."""
        match self.fault:
            case FaultName.CLOCK_SKEW:
                yield Event(body=_skewed(body))
            case FaultName.UNKNOWN_EVENTS:
                yield Event(body={**body, "x_flavour": {"nested": [1, None]}, "trace": None})
            case FaultName.SUBSTITUTED_MODEL if kind == "session.created":
                yield Event(body={**body, "session": {**body["session"], "model": "grok-voice-fast-1.0"}})
            case FaultName.EMPTY_TRANSCRIPT if kind in {_TRANSCRIBED, _INTERIM}:
                yield Event(body={**body, "transcript": ""})
            case FaultName.DUPLICATE_CALLS if kind == "response.function_call_arguments.done":
                yield Event(body=body)
                yield Event(body={**body, "event_id": f"{body['event_id']}-again"})
            case FaultName.REPEATED_STARTED if kind == "input_audio_buffer.speech_started":
                for number in range(3):
                    yield Event(body={**body, "event_id": f"{body['event_id']}-{number}"})
            case _:
                yield Event(body=body)

    def _added(self, kind: str, body: JsonObject) -> Iterator[Frame]:
        """Give what follows an event because of the fault."""
        self._events += 1
        match self.fault:
            case FaultName.LATE_TRANSCRIPT if kind in {"response.output_audio.delta", "response.done"}:
                held, self._held = self._held, []
                yield from (Event(body=late) for late in held)
            case FaultName.CLOSE_1011 if kind == "input_audio_buffer.speech_stopped":
                yield Cut(code=1011)
            case FaultName.GARBAGE_FRAME if kind == "response.created" and self.once(FaultName.GARBAGE_FRAME):
                yield Raw(text="<html>this is no event")
            case FaultName.HUGE_FRAME if kind == "response.created" and self.once(FaultName.HUGE_FRAME):
                yield Event(body={"type": "debug.dump", "payload": "x" * _HUGE_BYTES}, is_checked=False)
            case FaultName.UNKNOWN_EVENTS if self._events % _UNKNOWN_EVERY == 1:
                yield Event(body={"type": "response.mood.delta", "delta": {"mood": "good"}}, is_checked=False)
                yield Event(body={"type": "conversation.weather", "item_id": None}, is_checked=False)
            case FaultName.MAX_DURATION | FaultName.SESSION_TIMEOUT if kind == "response.done" and _is_turn(body):
                yield from self._ended()

    def _ended(self) -> Iterator[Frame]:
        """Give the end of a session that has lasted too long."""
        if self.once(FaultName.MAX_DURATION):
            yield _error("max_duration", "The session has reached its maximum duration.")
            yield Cut(code=1000)
        elif self.once(FaultName.SESSION_TIMEOUT):
            error = _error("timeout", "The session was idle for too long.")
            yield Later(seconds=_TIMEOUT_S, frames=(error, Cut(code=1000)))


def _is_turn(done: JsonObject) -> bool:
    """Whether a response ends a turn: it wants no result of a function."""
    return all(item["type"] != "function_call" for item in done["response"]["output"])


def _error(kind: str, message: str) -> Event:
    """Build an error that ends the session."""
    error = {"type": kind, "code": kind, "message": message, "param": None, "event_id": None}
    return Event(body={"type": "error", "event_id": f"{kind}-event", "error": error})


def _skewed(body: JsonObject) -> JsonObject:
    """Give an event whose times are those of another clock."""
    times: JsonObject = {name: body[name] + _SKEW_MS for name in ("ts", "timestamp", "audio_start_ms") if name in body}
    if "audio_end_ms" in body:
        times["audio_end_ms"] = max(0, body["audio_end_ms"] - _SKEW_MS)
    return {**body, **times}

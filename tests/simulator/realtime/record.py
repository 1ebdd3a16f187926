"""What a realtime session was like, for the tests to look at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from ..clock import now
from ..jsontypes import JsonObject

_BYTES_PER_SAMPLE: Final = 2
# API reference 3.11, November 2026.
_USD_PER_MINUTE: Final = 0.08
_OLD_USD_PER_MINUTE: Final = 0.05
_OLD_MODELS: Final = frozenset({"grok-voice-think-fast-1.0", "grok-voice-fast-1.0"})
_USD_PER_ITEM: Final = 0.004

type Sender = Literal["client", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """One frame; audio in its body is replaced by the number of its bytes."""

    at: float
    sender: Sender
    body: JsonObject

    @property
    def facts(self) -> JsonObject:
        """The event as JSON."""
        return {"at": self.at, "sender": self.sender, "body": self.body}


@dataclass(slots=True, kw_only=True)
class RecordedItem:
    """One thing that the user said; not frozen because it is known bit by bit."""

    id: str
    speech_started_at: float
    speech_stopped_at: float | None = None
    """When the server knew that the speech had ended."""
    committed_at: float | None = None
    transcript: str = ""
    """What was heard, even where a fault keeps it from the client."""

    @property
    def facts(self) -> JsonObject:
        """The item as JSON."""
        return {
            "id": self.id,
            "transcript": self.transcript,
            "speech_started_at": self.speech_started_at,
            "speech_stopped_at": self.speech_stopped_at,
            "committed_at": self.committed_at,
        }


@dataclass(slots=True, kw_only=True)
class RecordedResponse:
    """One answer; not frozen because it grows while it is spoken."""

    id: str
    created_at: float
    first_audio_at: float | None = None
    done_at: float | None = None
    status: str = "in_progress"
    """`dropped` where it ended without `response.done`."""
    text: str = ""
    calls: list[JsonObject] = field(default_factory=list)
    """Of each: `call_id`, `name`, `arguments` (JSON text), `at`."""
    audio: bytearray = field(default_factory=bytearray)
    audio_rate: int = 0

    @property
    def facts(self) -> JsonObject:
        """The answer as JSON, without its audio."""
        return {
            "id": self.id,
            "created_at": self.created_at,
            "first_audio_at": self.first_audio_at,
            "done_at": self.done_at,
            "status": self.status,
            "text": self.text,
            "calls": self.calls,
            "audio_bytes": len(self.audio),
            "audio_rate": self.audio_rate,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """One wish to shorten an answer, granted or not."""

    at: float
    item_id: str
    audio_end_ms: int
    sent_ms: int | None
    """How much of the item was sent; None where it has no sound."""
    transcript: str | None
    """What is left of its words; None where it was refused."""

    @property
    def facts(self) -> JsonObject:
        """The wish as JSON."""
        return asdict(self)


@dataclass(slots=True, kw_only=True)
class RecordedSession:
    """One socket from its opening to its end; all times are the clock's."""

    id: str
    model: str
    query: dict[str, str]
    opened_at: float = field(default_factory=now)
    closed_at: float | None = None
    close_code: int | None = None
    events: list[RecordedEvent] = field(default_factory=list)
    audio_in: bytearray = field(default_factory=bytearray)
    items: list[RecordedItem] = field(default_factory=list)
    responses: list[RecordedResponse] = field(default_factory=list)
    truncations: list[Truncation] = field(default_factory=list)
    text_items: int = 0
    """Text messages that the client created: each of them costs money."""
    rule: str = "sent_and_received"
    """Which seconds are billed, by the dialect `voice_bill`."""
    sent_s: float = 0.0
    """The length of all audio that came in, silence and all."""
    billed_items: int = 0
    """Items that the client created, all but the outputs of functions."""

    def note(self, sender: Sender, body: Mapping[str, object]) -> None:
        """Keep an event as of now."""
        self.events.append(RecordedEvent(at=now(), sender=sender, body=dict(body)))

    def sent(self, kind: str) -> list[RecordedEvent]:
        """Give the events of one type that the client sent."""
        return [event for event in self.events if event.sender == "client" and event.body.get("type") == kind]

    def received(self, kind: str) -> list[RecordedEvent]:
        """Give the events of one type that the client was sent."""
        return [event for event in self.events if event.sender == "server" and event.body.get("type") == kind]

    @property
    def received_s(self) -> float:
        """The length of all audio that went out."""
        return sum(len(answer.audio) / _BYTES_PER_SAMPLE / answer.audio_rate for answer in self.responses)

    @property
    def open_s(self) -> float:
        """How long the socket was or has been open."""
        return (now() if self.closed_at is None else self.closed_at) - self.opened_at

    @property
    def billed_usd(self) -> float:
        """What the vendor truly takes, whatever the wire tells (`service-variance.md` V1)."""
        seconds = self.open_s if self.rule == "connection" else self.sent_s + self.received_s
        per_minute = _OLD_USD_PER_MINUTE if self.model in _OLD_MODELS else _USD_PER_MINUTE
        return seconds * per_minute / 60 + self.billed_items * _USD_PER_ITEM

    @property
    def is_open(self) -> bool:
        """Whether the socket is still there."""
        return self.closed_at is None

    @property
    def facts(self) -> JsonObject:
        """The session as JSON, without audio."""
        return {
            "id": self.id,
            "model": self.model,
            "query": self.query,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "close_code": self.close_code,
            "events": [event.facts for event in self.events],
            "audio_in_bytes": len(self.audio_in),
            "items": [item.facts for item in self.items],
            "responses": [response.facts for response in self.responses],
            "truncations": [truncation.facts for truncation in self.truncations],
            "text_items": self.text_items,
            "sent_s": self.sent_s,
            "received_s": self.received_s,
            "billed_items": self.billed_items,
            "billed_usd": self.billed_usd,
        }

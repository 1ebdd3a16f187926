"""The answers of one turn: which one counts, what came of it, and which are dead.

The server begins an answer whenever it believes that speech has ended, so a turn can have several. An answer counts
if it was created while nobody spoke and nobody has spoken since. A dead answer stays dead: its late events are
recognised by its id and dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..core.calls import FunctionCall
from .server_events import (
    AnswerText,
    AnswerTextDelta,
    AnswerTranscript,
    AudioDelta,
    CallReady,
    OutputItem,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
)


@dataclass(frozen=True, slots=True)
class Audio:
    """A piece of the answer's sound: 16-bit mono samples."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of the answer's words."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete; with calls, the model waits for their results."""

    calls: tuple[FunctionCall, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """The answer will never be complete."""

    reason: str


type Signal = Audio | Words | Finished | Lost
type Sink = Callable[[Signal], None]


@dataclass(slots=True, kw_only=True)
class Response:
    """One response of the server. It keeps what comes until somebody takes it."""

    response_id: str
    is_dead: bool = False
    is_over: bool = False
    audio_bytes: int = 0
    """Sound of this answer so far."""
    item_ids: list[str] = field(default_factory=list)
    """Items of the server's conversation that this answer made."""
    sounding_item: str = ""
    """The one whose sound came last: a call has none to be cut."""
    _calls: dict[str, FunctionCall] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _backlog: list[Signal] = field(default_factory=list)
    _sink: Sink | None = None

    def adopt(self, sink: Sink) -> None:
        """Give everything so far, and all that is to come, to its listener."""
        self._sink = sink
        if self.is_dead:
            sink(Lost("the answer was dead"))
        backlog, self._backlog = self._backlog, []
        for signal in backlog:
            sink(signal)

    def kill(self, reason: str) -> None:
        """Let nothing of it be heard or done any more."""
        if self.is_dead or self.is_over:
            return
        self._emit(Lost(reason))
        self.is_dead = True
        self._backlog.clear()

    def supersede(self) -> None:
        """Stand back for a newer answer, without a word."""
        if not self.is_over:
            self.is_dead = True
            self._backlog.clear()
        self._sink = None

    def receive(self, event: ServerEvent) -> None:
        """Take an event of this response."""
        if self.is_dead or self.is_over:
            return
        match event:
            case AudioDelta():
                if pcm := event.audio:
                    self.audio_bytes += len(pcm)
                    self.sounding_item = event.item_id
                    self._emit(Audio(pcm))
            case AnswerTextDelta(item_id=item_id, delta=delta):
                self._say(item_id, delta)
            case AnswerTranscript(item_id=item_id, transcript=text) | AnswerText(item_id=item_id, text=text):
                said = self._texts.get(item_id, "")
                if text.startswith(said):
                    self._say(item_id, text[len(said) :])
            case OutputItem(item_id=item_id) if item_id and item_id not in self.item_ids:
                self.item_ids.append(item_id)
            case CallReady(call_id=call_id) if call_id:
                # The same call may be announced twice; it is one call.
                self._calls.setdefault(
                    call_id, FunctionCall(call_id=call_id, name=event.name, arguments=event.arguments)
                )
            case ResponseDone(status=status):
                self._finish(status)

    def _finish(self, status: str) -> None:
        """Close the answer as the server does."""
        if status == "completed":
            self._emit(Finished(tuple(self._calls.values())))
            self.is_over = True
        else:
            self.kill(f"the response ended as {status}")

    def _say(self, item_id: str, text: str) -> None:
        """Add words; those of a second item do not run into those of the first."""
        if not text:
            return
        if item_id not in self._texts and any(self._texts.values()):
            self._emit(Words(" "))
        self._texts[item_id] = self._texts.get(item_id, "") + text
        self._emit(Words(text))

    def _emit(self, signal: Signal) -> None:
        """Hand a signal to the listener, or keep it."""
        if self._sink is None:
            self._backlog.append(signal)
        else:
            self._sink(signal)


class Responses:
    """All answers of one turn."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_id: dict[str, Response] = {}
        self.live: Response | None = None
        """The answer that counts, until somebody speaks on."""

    @property
    def response_ids(self) -> list[str]:
        """The responses of this turn."""
        return list(self._by_id)

    @property
    def item_ids(self) -> list[str]:
        """The items that all answers of the turn left in the server's conversation."""
        return [item_id for answer in self._by_id.values() for item_id in answer.item_ids]

    def receive(self, event: ServerEvent, *, is_speaking: bool) -> bool:
        """Take an event if it belongs to an answer of this turn; tell whether the live one moved."""
        if isinstance(event, ResponseCreated):
            if not event.response_id or event.response_id in self._by_id:
                return False
            answer = self._by_id[event.response_id] = Response(response_id=event.response_id, is_dead=is_speaking)
            if not answer.is_dead:
                if self.live is not None:
                    self.live.supersede()
                self.live = answer
            return not answer.is_dead
        response_id = getattr(event, "response_id", None)
        found = self._by_id.get(response_id) if isinstance(response_id, str) else None
        if found is None:
            return False
        found.receive(event)
        return found is self.live

    def kill_all(self, reason: str) -> None:
        """Let no answer so far be heard."""
        for answer in self._by_id.values():
            answer.kill(reason)
        self.live = None

"""The responses of one turn: which one counts, what came of it, what of it was heard, and which are dead.

The server begins a response whenever it believes that speech has ended, so a turn can have several. A response counts
if it was created while nobody spoke and nobody has spoken since. A dead response stays dead: its late events are
recognised by its id and dropped.
"""

from collections.abc import Container, Iterable
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
from .turn_state import ANSWER, AnswerInput, AnswerState


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of sound of an item: 16-bit mono samples at the rate of the output."""

    item_id: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of the answer's words."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The response is complete; with calls, the model waits for their results."""

    calls: tuple[FunctionCall, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """The response will never be complete."""

    reason: str


type ResponseNews = Sound | Words | Finished | Broken


@dataclass(slots=True, kw_only=True)
class Response:
    """One response of the server. It keeps what comes until somebody takes it."""

    response_id: str
    is_dead: bool = False
    is_over: bool = False
    item_ids: list[str] = field(default_factory=list)
    """Items of the server's conversation that it made."""
    sounding_item: str = ""
    """The one whose sound came last: a call has none to be cut."""
    end: AnswerInput | None = None
    """How it ended."""
    called: Container[str] = ()
    """Calls that were told before: whatever announces them again, they are not made again."""
    _calls: dict[str, FunctionCall] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _news: list[ResponseNews] = field(default_factory=list)

    def take(self) -> list[ResponseNews]:
        """Take what has come since the last time."""
        news, self._news = self._news, []
        return news

    def kill(self, reason: str) -> None:
        """Let nothing of it be heard or done any more."""
        if self.is_dead or self.is_over:
            return
        self.is_dead = True
        self._news = [Broken(reason)]

    def receive(self, event: ServerEvent) -> AnswerInput | None:
        """Take an event of this response; tell whether it has ended with that."""
        if self.is_dead or self.is_over:
            return None
        match event:
            case AudioDelta(item_id=item_id):
                if pcm := event.audio:
                    self.sounding_item = item_id
                    self._news.append(Sound(item_id, pcm))
            case AnswerTextDelta(item_id=item_id, delta=delta):
                self._say(item_id, delta)
            case AnswerTranscript(item_id=item_id, transcript=text) | AnswerText(item_id=item_id, text=text):
                said = self._texts.get(item_id, "")
                if text.startswith(said):
                    self._say(item_id, text[len(said) :])
            case OutputItem(item_id=item_id) if item_id and item_id not in self.item_ids:
                self.item_ids.append(item_id)
            case CallReady():
                self._note_call(event)
            case ResponseDone(status=status):
                return self._finish(status)
        return None

    def _note_call(self, event: CallReady) -> None:
        """Note a call; the same one may be announced twice, and is one call."""
        if (call_id := event.call_id) and call_id not in self.called:
            call = FunctionCall(call_id=call_id, name=event.name, arguments=event.arguments)
            known = self._calls.get(call_id)
            if known is None or not known.arguments.strip():
                self._calls[call_id] = call  # one without arguments was not whole

    def _finish(self, status: str) -> AnswerInput:
        """Close the response as the server does; without a status it is heard, but nothing of it is done."""
        if status != "completed" and (status or self._calls):
            self.kill(f"the response ended as {status}")
            self.end = AnswerInput.BREAK
            return self.end
        self._news.append(Finished(tuple(self._calls.values())))
        self.is_over = True
        self.end = AnswerInput.CALLS if self._calls else AnswerInput.DONE
        return self.end

    def _say(self, item_id: str, text: str) -> None:
        """Add words; those of a second item do not run into those of the first."""
        if not text:
            return
        if item_id not in self._texts and any(self._texts.values()):
            self._news.append(Words(" "))
        self._texts[item_id] = self._texts.get(item_id, "") + text
        self._news.append(Words(text))


class Responses:
    """All responses of one turn, and what has become of the answer that they make."""

    def __init__(self, *, patience_s: float, called: Iterable[str] = ()) -> None:
        """Start with none.

        Args:
            patience_s: how long an answer that is awaited may be silent.
            called: calls that were told before, in this turn or in others of the socket.
        """
        self.state = AnswerState.NONE
        self.has_unasked = False
        """The server may yet begin an answer to what was asked before, which nobody wants any more."""
        self.live: Response | None = None
        """The response that counts, until somebody speaks on."""
        self._early: Response | None = None
        """Begun while the server still heard somebody: it counts when it tells that they have stopped."""
        self.called: set[str] = set(called)
        """Calls that were told to whoever runs them."""
        self._by_id: dict[str, Response] = {}
        self._patience_s = patience_s
        self._moved_at = 0.0

    @property
    def response_ids(self) -> list[str]:
        """The responses of this turn."""
        return list(self._by_id)

    @property
    def item_ids(self) -> list[str]:
        """The items that all responses of the turn left in the server's conversation."""
        return [item_id for response in self._by_id.values() for item_id in response.item_ids]

    @property
    def may_begin(self) -> bool:
        """Whether the server may yet begin an answer that nobody will be there for."""
        return self.has_unasked or (self.state is AnswerState.AWAITED and self.live is None)

    @property
    def deadline(self) -> float | None:
        """When the answer has been silent for too long."""
        is_due = self.state in (AnswerState.AWAITED, AnswerState.LIVE)
        return self._moved_at + self._patience_s if is_due else None

    def move(self, what: AnswerInput, now: float) -> bool:
        """Follow the table; tell whether it knows the way."""
        if (then := ANSWER.get((self.state, what))) is None:
            return False
        self.state, self._moved_at = then, now
        return True

    def expect(self, now: float) -> None:
        """Count the silence of an answer that is due from now on."""
        self._moved_at = now

    def receive(self, event: ServerEvent, now: float, *, is_speaking: bool) -> bool:
        """Take an event if it belongs to a response of this turn; tell whether the live one moved."""
        if isinstance(event, ResponseCreated):
            return self._begin(event.response_id, now, is_early=is_speaking)
        response_id = getattr(event, "response_id", None)
        found = self._by_id.get(response_id) if isinstance(response_id, str) else None
        if found is None:
            return False
        end = found.receive(event)
        if found is not self.live:
            return False
        self._moved_at = now
        if end is not None:
            self.move(end, now)
        return True

    def speak_on(self, now: float) -> bool:
        """Let no response so far be heard; tell whether one counted until now."""
        has_counted = self.live is not None
        if self._early is not None:
            self._early.kill("the user spoke on")
            self._early = None
        if has_counted:
            self.kill_all("the user spoke on")
            self.move(AnswerInput.SPEAK_ON, now)
        return has_counted

    def revive(self, now: float) -> None:
        """Let count what began before the server told that the speech had ended, and nobody has spoken since."""
        early, self._early = self._early, None
        if early is None or early.is_dead or self.live is not None:
            return
        self.live = early
        self.move(AnswerInput.CREATED, now)
        if early.end is not None:
            self.move(early.end, now)

    def kill_all(self, reason: str) -> Response | None:
        """Let no response so far be heard; return the one that counted."""
        for response in self._by_id.values():
            response.kill(reason)
        live, self.live, self._early = self.live, None, None
        return live

    def _begin(self, response_id: str, now: float, *, is_early: bool) -> bool:
        """Begin a response; tell whether it counts."""
        if not response_id or response_id in self._by_id:
            return False
        response = self._by_id[response_id] = Response(response_id=response_id, called=self.called)
        if is_early:
            self._early = response
            return False
        if self.live is not None:
            self.live.kill("another response counts")
        self.live = response
        self.move(AnswerInput.CREATED, now)
        return True

"""One turn of a live conversation with what a dialogue knows of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .live_turn import LiveTurn
from .server_events import ServerEvent, TranscriptCompleted, TranscriptUpdated
from .turn import Turn
from .turn_news import TurnNews
from .turn_state import TurnState


@dataclass(frozen=True, slots=True)
class ToldNews:
    """News of a turn, and of which response it is."""

    news: TurnNews
    response_id: str


@dataclass(eq=False, slots=True, kw_only=True)
class DialogueTurn:
    """One turn of the dialogue."""

    number: int
    """As the page counts: a sentence that goes on keeps it."""
    turn: LiveTurn
    is_sealed: bool = False
    is_told: bool = False
    """Its words were given to whoever runs turns."""
    is_typed: bool = False
    """Nobody spoke: its words were given from elsewhere."""
    is_continuation: bool = False
    """It is the rest of an answer that was cut short by mistake: nobody follows it."""
    began_at: float = 0.0
    stopped_at: float = 0.0
    """When its speech stopped last."""
    cuts: DialogueTurn | None = None
    """The turn over whose answer it is spoken."""
    response_ids: set[str] = field(default_factory=set)
    heard: str | None = None
    """What of its answer was heard, where that is not all."""
    held: list[ToldNews] = field(default_factory=list)
    """What has come of an answer that waits for the words it answers."""

    @property
    def waits_for_words(self) -> bool:
        """Whether it may be a noise that was made over an answer: then nobody hears an answer to it."""
        return self.cuts is not None and self.turn.state is TurnState.LISTENING


@dataclass(slots=True, kw_only=True)
class AnswerCut:
    """An answer that was cut short, until it is known how much of it was heard and by whom it was cut."""

    entry: DialogueTurn
    number: int
    """Of its last answer."""
    place_by: float
    judged_by: float
    is_placed: bool = False
    is_real: bool | None = None
    """None until the words over it are known."""


class EarlierWords:
    """Words of the user's items that belong to an earlier turn: the service goes on with an item after its end."""

    def __init__(self) -> None:
        """Know of none."""
        self._texts: dict[str, str] = {}

    def note(self, item_id: str, text: str) -> None:
        """Keep what an item has said so far."""
        self._texts[item_id] = text

    def left_out(self, event: ServerEvent) -> ServerEvent:
        """Return an event without the words of an earlier turn."""
        if not isinstance(event, TranscriptUpdated | TranscriptCompleted):
            return event
        earlier = self._texts.get(event.item_id, "")
        if not earlier or not event.transcript.startswith(earlier):
            return event
        return replace(event, transcript=event.transcript[len(earlier) :].strip())


class KnownTurns(list[DialogueTurn]):
    """Turns of which something may still come, in their order."""

    def keep(self, may_come: Callable[[DialogueTurn], bool]) -> None:
        """Forget those of which nothing will."""
        self[:] = [entry for entry in self if may_come(entry)]

    def of_turn(self, turn: Turn) -> DialogueTurn | None:
        """Find what is known of a turn."""
        return next((entry for entry in self if entry.turn is turn), None)

    def named_by(self, event: ServerEvent) -> DialogueTurn | None:
        """Find the newest turn of which an event names a response, or else an item of the user."""
        for entry in reversed(self):
            if event.ids & entry.response_ids:
                return entry
        return next((entry for entry in reversed(self) if event.ids.intersection(entry.turn.speech.item_ids)), None)

    @property
    def last_said(self) -> str:
        """What was answered last."""
        return next((said for entry in reversed(self) if (said := entry.turn.spoken.text)), "")

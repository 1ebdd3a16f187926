"""One turn of a live conversation with what a dialogue knows of it."""

from dataclasses import dataclass, field, replace

from .live_turn import LiveTurn
from .server_events import ServerEvent, TranscriptCompleted, TranscriptUpdated


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

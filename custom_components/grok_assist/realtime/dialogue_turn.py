"""One turn of a live conversation with what a dialogue knows of it."""

from dataclasses import dataclass, field

from .live_turn import LiveTurn


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

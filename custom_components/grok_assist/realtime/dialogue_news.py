"""What a dialogue tells whoever carries it."""

from dataclasses import dataclass

from .dialogue_turn import DialogueTurn
from .responses import Finished, Words
from .turn_news import AnswerDropped, FirstAudio, Lost


@dataclass(frozen=True, slots=True)
class Hearing:
    """Somebody speaks."""


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """A turn has begun: whoever knows the home says what the session has to be for it."""

    entry: DialogueTurn


@dataclass(frozen=True, slots=True)
class Superseded:
    """What was told of a turn is void, its words included: the user goes on with the sentence."""

    entry: DialogueTurn


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """What the user has said so far in a turn, from its beginning."""

    entry: DialogueTurn
    text: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class TurnReady:
    """The words of a turn are complete: it is to be run."""

    entry: DialogueTurn
    text: str


@dataclass(frozen=True, slots=True)
class TurnTold:
    """Something has come of a turn's answer."""

    entry: DialogueTurn
    news: FirstAudio | Words | Finished | Lost | AnswerDropped


@dataclass(frozen=True, slots=True)
class Silenced:
    """The page has to be silent at once: nothing up to this answer is to be heard any more."""

    number: int
    cause: str
    entry: DialogueTurn


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer was cut short by the user."""

    entry: DialogueTurn
    heard: str | None
    """Its words that were heard; None: all of them."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nobody has said anything in a turn: it leaves no trace."""

    entry: DialogueTurn


@dataclass(frozen=True, slots=True)
class Echoed:
    """An answer was cut short by its own sound."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """An answer that was cut short by mistake is to go on from where it was heard."""

    entry: DialogueTurn
    heard: str


type DialogueNews = (
    Hearing | TurnBegan | Superseded | WordsHeard | TurnReady | TurnTold | Silenced | Cut | Dropped | Echoed | GoOn
)

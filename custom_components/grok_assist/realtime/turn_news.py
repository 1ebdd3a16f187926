"""What a spoken turn tells those who hold it, and what it wants of the one who carries it."""

from dataclasses import dataclass

from ..core.errors import GrokError
from .client_events import ClientEvent
from .responses import Finished, Sound, Words


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of the turn are complete; empty where nobody said anything."""

    text: str
    is_certain: bool = True
    """Not so where the final words never came and the last snapshot of them has to serve."""


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """The answer can be heard from now on."""


@dataclass(frozen=True, slots=True)
class Lost:
    """There are no words, or no answer."""

    error: GrokError


@dataclass(frozen=True, slots=True)
class SoundComplete:
    """No more sound will come."""


@dataclass(frozen=True, slots=True)
class SoundCut:
    """The sound ends at once; with an error the player is told of it."""

    error: GrokError | None = None


@dataclass(frozen=True, slots=True)
class AnswerDropped:
    """What was told of the answer so far is void: the user speaks on. Only a live turn tells before it is followed."""


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """The socket is of no use any more, and none is wanted."""


type TurnNews = Understood | FirstAudio | AnswerDropped | Sound | Words | Finished | Lost | SoundComplete | SoundCut
type TurnAction = ClientEvent | CloseSocket

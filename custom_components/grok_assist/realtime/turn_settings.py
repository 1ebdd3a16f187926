"""What one spoken turn is begun with, and how long it waits for whom."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDeadlines:
    """How long a turn waits, in seconds."""

    ready_s: float = 2.0
    """From the end of the microphone until the session has to be ready; then the turn goes on without it."""
    start_s: float = 10.0
    """From the beginning of the turn until somebody speaks, where the server alone hears that."""
    speech_s: float = 60.0
    """From the beginning of the turn until its words are taken as they are: so much sound is recorded."""
    ended_s: float = 2.0
    """From the end of the microphone until the server says that somebody spoke."""
    words_s: float = 2.0
    """From the end of speech until its words are final; after that the latest snapshot counts."""
    answer_s: float = 10.0
    """Between two events of an answer that is awaited; pydantic-ai and livekit wait as long."""
    search_s: float = 30.0
    """The same where the server may search in between."""
    attach_s: float = 5.0
    """From the words until an agent has to have attached."""
    take_s: float = 10.0
    """From the first sound until a player has to have taken it."""


USUAL: Final = TurnDeadlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """What one turn is begun with."""

    waits_for_end: bool = True
    """The words count as complete only when the microphone has ended; else at the first pause."""
    may_search: bool = False
    """The server may fall silent while it searches."""
    silence: bytes = b""
    """Sound that ends the server's wait for more."""
    deadlines: TurnDeadlines = USUAL


@dataclass(slots=True)
class TurnTimes:
    """When things happened in a turn, and until when others have to happen, on the carrier's clock."""

    understood_at: float | None = None
    first_audio_at: float | None = None
    ready_by: float | None = None
    """The session has to be ready until then."""
    attach_by: float | None = None
    """An agent has to have attached until then."""
    take_by: float | None = None
    """A player has to have taken the sound until then."""

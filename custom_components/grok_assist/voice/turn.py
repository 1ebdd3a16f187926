"""One spoken turn with what Home Assistant knows of it."""

from dataclasses import dataclass, field
import re
from typing import Final

from ..chat.prompt import NO_PROMPT, TurnPrompt
from ..chat.tools import NO_TOOLS, OfferedTools
from ..core.errors import GrokError
from ..realtime.conversation import SpokenConversation
from ..realtime.turn import Turn, TurnState

_CLOCK_TIME: Final = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What the answer under way was asked with."""

    prompt: TurnPrompt = NO_PROMPT
    tools: OfferedTools = NO_TOOLS

    def fits(self, prompt: TurnPrompt, tools: OfferedTools) -> bool:
        """Whether an answer to this is an answer to that.

        States and the time of day may have moved on, and whose name it is changes no answer enough to pay for another:
        in the first turn of a browser nobody knows it yet.
        """
        mine = self.prompt
        same_text = _CLOCK_TIME.sub("", mine.instructions) == _CLOCK_TIME.sub("", prompt.instructions)
        same_room = mine.situation.room == prompt.situation.room
        return same_text and same_room and self.tools.specs == tools.specs


@dataclass(slots=True, kw_only=True)
class SpokenTurn:
    """A turn with what Home Assistant knows of it; filled while it runs."""

    owner: object
    """The conversations that began it."""
    turn: Turn
    channel: SpokenConversation
    language: str
    satellite: str | None
    assumed: Assumed = field(default_factory=Assumed)
    text: str = ""
    error: GrokError | None = None
    """Why the session cannot answer; the words may be known all the same."""
    is_claimed: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the session can still answer."""
        return self.error is None and self.turn.state in (TurnState.TRANSCRIBED, TurnState.CLAIMED)

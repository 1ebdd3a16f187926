"""What one turn of a conversation is asked to be, and what it did."""

from dataclasses import dataclass, field

from homeassistant.components import conversation

from ..account.agent_client import AgentClient
from ..account.billing import Charge
from ..core.fallback import Outcome
from ..grok.messages import UserMessage
from ..grok.stream import Citation
from ..grok.usage import Usage
from .consent import Consent
from .tools import OfferedTools


@dataclass(slots=True)
class TurnRecord:
    """What one turn did, for its result and its trace."""

    charges: list[Charge] = field(default_factory=list)
    """What its requests cost."""
    rounds: int = 0
    model: str = ""
    citations: dict[str, Citation] = field(default_factory=dict)
    written: str = ""
    """The answer as the model wrote it, with its markdown; of the last round that said something."""
    spoken: str = ""
    """The answer as it is spoken; of the same round."""
    has_spoken: bool = False
    """Something was said in some round."""
    has_acted: bool = False
    """A tool that changes something succeeded."""
    microphone: bool | None = None
    """Whether the model wants the microphone open, where it said so."""
    corrections: int = 0
    """How often the model was told that nothing had been done."""
    was_asked_on: bool = False
    """The model was asked for words after a reply that had none."""
    first_delta_ms: float | None = None
    """From the first request to its first words or calls."""
    handed_over: set[str] = field(default_factory=set)
    """The ids of the calls that were handed to Home Assistant."""
    is_cut: bool = False
    """The answer met the limit of its length and may end in the middle of a sentence."""
    outcome: Outcome = Outcome.ANSWERED
    consent: Consent | None = None
    """What the turn may do by itself; None where no person is part of it."""
    asks_first: bool = False
    """The answer is the question whether something may be done: the microphone stays open."""
    _is_new_round: bool = False

    @property
    def usage(self) -> Usage:
        """What was booked for it so far."""
        return sum((charge.usage for charge in self.charges), start=Usage())

    def begin_round(self) -> None:
        """Make the next words replace those of the round before, which only led up to a tool."""
        self.rounds += 1
        self._is_new_round = True

    def say(self, written: str, spoken: str) -> None:
        """Add a piece of the answer, as written and as spoken."""
        if self._is_new_round and (written or spoken):
            self._is_new_round, self.written, self.spoken = False, "", ""
        self.written += written
        self.spoken += spoken
        self.has_spoken = self.has_spoken or bool(spoken)

    def note_result(self, content: conversation.Content, tools: OfferedTools) -> None:
        """Note a tool that changed something."""
        if isinstance(content, conversation.ToolResultContent) and not content.result.error:
            self.has_acted = self.has_acted or content.tool_name not in tools.read_only


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOptions:
    """What one question wants other than what its agent does by itself."""

    client: AgentClient
    limit_s: float
    """From the moment in which the limits let the question go."""
    shown: UserMessage | None = None
    is_confirmed: bool = False
    """What the agent would ask a person about may be done."""

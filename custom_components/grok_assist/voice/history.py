"""What was said before, as lines for the instructions of a voice session: text items would be paid one by one."""

from collections.abc import Sequence

from homeassistant.components import conversation

from ..chat.chat_log import MessageWriter, turns_of
from ..chat.memory import Memory
from ..chat.tools import NO_TOOLS, json_text
from ..core.history import TurnText, fitting
from ..core.settings import HistoryLimits

RESULT_LIMIT = 500
"""Characters of a tool's result that are told again."""


class SpokenHistory:
    """The record of one agent's conversations."""

    def __init__(self, memory: Memory, agent: str, limits: HistoryLimits) -> None:
        """Read what an agent remembers, within limits."""
        self._memory = memory
        self._agent = agent
        self._limits = limits

    def before(
        self,
        conversation_id: str,
        said: Sequence[conversation.Content],
        *,
        user_id: str | None,
        device_id: str | None,
    ) -> tuple[list[str], int]:
        """Return what was said before Home Assistant's chat log, and how many entries of that log are not told.

        Args:
            conversation_id: as Home Assistant calls it.
            said: the chat log's entries before this turn.
            user_id: the person, as far as known.
            device_id: the satellite; a new conversation there goes on with what was said last.
        """
        limits = self._limits
        remembered = self._memory.async_find(
            self._agent,
            conversation_ids=(conversation_id,),
            user_id=user_id,
            device_id=device_id if limits.hours else None,
        )
        if remembered is None:
            return [], 0
        if remembered.conversation_id != conversation_id:
            turns = fitting(remembered.unfolded, most=limits.turns, tokens=limits.tokens)
            return _lines(remembered.summary, turns), 0
        remembered.begin(MessageWriter(agent_id=self._agent, tools=NO_TOOLS, limits=limits).texts(said))
        skipped = sum(len(turn) for turn in turns_of(said)[: remembered.skipped(limits)])
        return _lines(*remembered.prelude(limits)), skipped


def _lines(summary: str, turns: Sequence[TurnText]) -> list[str]:
    """Write a summary and turns."""
    return [*([f"Before: {summary}"] if summary else []), *(line for turn in turns for line in turn.lines())]


def line_of(content: conversation.Content) -> str:
    """Write one entry of a chat log for the record."""
    match content:
        case conversation.UserContent(content=text):
            return f"User: {text}"
        case conversation.AssistantContent(content=text, tool_calls=calls):
            made = [f"({call.tool_name} {json_text(call.tool_args)})" for call in calls or ()]
            return f"You: {' '.join([(text or '').strip(), *made]).strip()}"
        case conversation.ToolResultContent(tool_name=name, result=result):
            return f"Result of {name}: {json_text(result.data)[:RESULT_LIMIT]}"
    return ""

"""What was said before goes into a turn, and the turn is kept for the next one."""

from dataclasses import dataclass

from homeassistant.components import conversation

from ..core.history import Remembered
from ..core.settings import HistoryLimits
from .chat_log import MessageWriter
from .memory import Memory
from .tools import NO_TOOLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What one agent remembers of its conversations."""

    memory: Memory
    agent: str
    """The subentry's id."""
    agent_id: str
    """The conversation entity, whose answers the chat log has."""
    limits: HistoryLimits

    def begin(self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog) -> Remembered:
        """Return what was said before, in this conversation of this person."""
        remembered = self.memory.async_begin(
            self.agent,
            conversation_id=chat_log.conversation_id,
            asked_id=user_input.conversation_id,
            user_id=user_input.context.user_id,
            device_id=user_input.device_id,
            hours=self.limits.hours,
        )
        # The last entry is what the user says now.
        remembered.begin(self._writer.texts(chat_log.content[1:-1]))
        return remembered

    def keep(self, remembered: Remembered, chat_log: conversation.ChatLog) -> None:
        """Note the turn for later."""
        remembered.begin(self._writer.texts(chat_log.content[1:]))
        self.memory.async_note(remembered)

    @property
    def _writer(self) -> MessageWriter:
        """Writes the chat log's turns as they are remembered."""
        return MessageWriter(agent_id=self.agent_id, tools=NO_TOOLS, limits=self.limits)

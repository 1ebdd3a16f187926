"""Decides whether the microphone stays open after an answer, and ends what must not go on."""

from dataclasses import dataclass
from typing import Final

from homeassistant.components import conversation

from ..core.settings import FollowUp
from ..core.speech.echo import is_echo, latest_echo_s
from ..core.speech.farewell import ends_conversation
from ..core.speech.filter import is_question
from .record import TurnRecord

MAX_IN_A_ROW: Final = 15
"""Answers after which the microphone closes once, whatever the policy: a television can talk with us for hours."""
KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class _Last:
    """The end of a conversation's last turn."""

    answer: str
    in_a_row: int
    at: float
    """When the answer was complete, on the event loop's clock."""


class FollowUps:
    """The microphones of one agent's conversations."""

    def __init__(self, policy: FollowUp) -> None:
        """Follow a policy."""
        self._policy = policy
        self._last: dict[str, _Last] = {}

    def is_own_voice(self, conversation_id: str, heard: str, now: float) -> bool:
        """Whether a sentence is the assistant's own last answer, come back through a microphone that stayed open."""
        last = self._last.get(conversation_id)
        if last is None or not last.in_a_row or now - last.at > latest_echo_s(heard, last.answer):
            return False
        return is_echo(heard, last.answer)

    def decide(
        self, conversation_id: str, user_input: conversation.ConversationInput, record: TurnRecord, now: float
    ) -> bool:
        """Decide whether the microphone stays open, and note it."""
        answer = record.spoken.strip()
        stays_open = record.asks_first or (not ends_conversation(user_input.text) and self._wants(record, answer))
        last = self._last.pop(conversation_id, None)
        in_a_row = last.in_a_row + 1 if last is not None and stays_open else int(stays_open)
        if in_a_row > MAX_IN_A_ROW and not record.asks_first:
            stays_open, in_a_row = False, 0
        if len(self._last) >= KEPT:
            del self._last[next(iter(self._last))]
        self._last[conversation_id] = _Last(answer, in_a_row, now)
        return stays_open

    def close(self, conversation_id: str) -> None:
        """Take note that the microphone closed."""
        self._last.pop(conversation_id, None)

    def _wants(self, record: TurnRecord, answer: str) -> bool:
        """Apply the policy to an answer."""
        match self._policy:
            case FollowUp.ALWAYS:
                return True
            case FollowUp.NEVER:
                return False
            case FollowUp.MODEL if record.microphone is not None:
                return record.microphone
            case FollowUp.MODEL | FollowUp.ON_QUESTION:
                return is_question(answer)

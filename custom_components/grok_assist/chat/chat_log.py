"""Home Assistant's chat log as messages, and as turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from homeassistant.components import conversation

from ..core.calls import FunctionCall
from ..core.fence import record
from ..core.history import SUMMARY_HEADER, Remembered, TurnText, clipped
from ..core.settings import HistoryLimits
from ..core.tokens import estimate_tokens
from ..grok.messages import AssistantMessage, FunctionResult, Message, Picture, ReplayedItems, UserMessage
from .tools import OfferedTools, json_text

TOOL_SHARE: Final = 4
"""A turn whose tools take more than this part of the history's tokens is told again in words only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWriter:
    """Writes a chat log for one agent."""

    agent_id: str
    tools: OfferedTools
    limits: HistoryLimits
    source: str = ""
    """The model and the key that are asked: what others have reasoned they cannot read."""
    pictures: Mapping[str, Sequence[Picture]] = field(default_factory=dict)
    """What was shown in answer to a call, by its id."""

    def history(self, contents: Sequence[conversation.Content], remembered: Remembered) -> list[Message]:
        """Write what was said before this turn, within the limits."""
        summary, earlier = remembered.prelude(self.limits)
        # Of the user's role: what stands in it was said by anybody, and may come from a calendar or the web.
        messages: list[Message] = [UserMessage(text=f"{SUMMARY_HEADER}\n{record([summary])}")] if summary else []
        for text in earlier:
            messages += _both_sides(text.said, text.answer)
        past = turns_of(contents)
        for turn in past[remembered.skipped(self.limits) :]:
            messages += self._in_words(turn) if self._is_bulky(turn) else self.messages(turn)
        return messages

    def texts(self, contents: Sequence[conversation.Content]) -> list[TurnText]:
        """Write the turns of a chat log as they are remembered."""
        return [
            TurnText(
                said=clipped(_said(turn)),
                answer=clipped(_answer(turn)),
                tool_tokens=0 if self._is_bulky(turn) else _tool_tokens(turn),
            )
            for turn in turns_of(contents)
        ]

    def messages(self, contents: Sequence[conversation.Content]) -> list[Message]:
        """Write entries of a chat log; our own answers go back as they came."""
        return [message for content in contents for message in self._messages(content)]

    def _messages(self, content: conversation.Content) -> Sequence[Message]:
        """Write one entry."""
        match content:
            case conversation.UserContent():
                return (UserMessage(text=content.content),) if content.content.strip() else ()
            case conversation.AssistantContent(native=ReplayedItems() as items, agent_id=self.agent_id):
                return (items.for_source(self.source),)
            case conversation.AssistantContent():
                calls = [
                    FunctionCall(
                        call_id=call.id,
                        name=self.tools.sent_names.get(call.tool_name, call.tool_name),
                        arguments=json_text(call.tool_args),
                    )
                    for call in content.tool_calls or ()
                ]
                return (*([AssistantMessage(text=words)] if (words := content.content or "").strip() else ()), *calls)
            case conversation.ToolResultContent():
                call_id = content.tool_call_id
                output = json_text(content.result.data)
                return (FunctionResult(call_id=call_id, output=output, pictures=self.pictures.get(call_id, ())),)
        return ()

    def _in_words(self, turn: Sequence[conversation.Content]) -> list[Message]:
        """Write a turn without its tools."""
        return _both_sides(_said(turn), _answer(turn))

    def _is_bulky(self, turn: Sequence[conversation.Content]) -> bool:
        """Whether the tools of a turn would crowd out the turns before it."""
        return _tool_tokens(turn) > self.limits.tokens // TOOL_SHARE


def _both_sides(said: str, answer: str) -> list[Message]:
    """Write a turn in words; the service refuses a message without any."""
    sides: list[Message] = [UserMessage(text=said)] if said.strip() else []
    return [*sides, AssistantMessage(text=answer)] if answer.strip() else sides


def turns_of(contents: Sequence[conversation.Content]) -> list[Sequence[conversation.Content]]:
    """Cut a chat log into turns, each beginning with what the user said; what stands before the first belongs to it."""
    starts = [index for index, content in enumerate(contents) if isinstance(content, conversation.UserContent)]
    if not starts:
        return []
    return [contents[start:end] for start, end in pairwise((0, *starts[1:], len(contents)))]


def _said(turn: Sequence[conversation.Content]) -> str:
    """Return what the user said in a turn."""
    return next((content.content for content in turn if isinstance(content, conversation.UserContent)), "")


def _answer(turn: Sequence[conversation.Content]) -> str:
    """Return what was answered in a turn."""
    words = [content.content for content in turn if isinstance(content, conversation.AssistantContent)]
    return " ".join(word.strip() for word in words if word and word.strip())


def _tool_tokens(turn: Sequence[conversation.Content]) -> int:
    """Estimate what the calls of a turn and their results take."""
    tokens = 0
    for content in turn:
        match content:
            case conversation.AssistantContent(tool_calls=[*calls]):
                tokens += sum(estimate_tokens(json_text(call.tool_args)) + 10 for call in calls)
            case conversation.ToolResultContent(result=result):
                tokens += estimate_tokens(json_text(result.data)) + 10
    return tokens

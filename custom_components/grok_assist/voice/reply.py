"""The session's answer on its way into the chat log, with Home Assistant's tools in between."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

from homeassistant.components import conversation

from ..chat.record import TurnRecord
from ..chat.tool_calls import ChatDelta, has_acted_before, tool_deltas
from ..chat.tools import MICROPHONE, MICROPHONE_SET, OfferedTools, json_text, microphone_wish
from ..chat.truth import async_is_false
from ..chat.turn import MAX_ROUNDS
from ..core.calls import FunctionCall
from ..core.claims.aims import Aim
from ..core.errors import GrokAnswerError, GrokError, GrokInterruptedError
from ..core.speech.filter import speakable
from ..core.speech.stream import SpeechStream
from ..faults import async_sentence
from ..realtime.responses import Finished, Words
from ..realtime.turn_news import FirstAudio
from .followed_turn import FollowedTurn

CUT_SHORT: Final = "…"


@dataclass(slots=True, kw_only=True)
class SpokenReply:
    """The answer of a turn that an agent follows."""

    agent_id: str
    chat_log: conversation.ChatLog
    spoken_turn: FollowedTurn
    tools: OfferedTools
    record: TurnRecord
    aim: Aim | None
    """What the user orders of the home."""
    padding: str
    """Goes before the first words, and out of the chat log again."""
    _results: dict[str, str] = field(default_factory=dict)
    _wishes: dict[str, str] = field(default_factory=dict)
    """Results of the calls of our own tool."""
    _question: str = ""
    """What was asked of the user before something is done."""
    _is_padded: bool = False
    _is_ours: bool = False
    """What is said now is a sentence of ours behind the session's own answer."""
    _has_words: bool = False
    """Something was said in the present round."""

    async def run(self) -> None:
        """Follow the answer, run what it calls, and follow on until it is complete.

        Raises:
            GrokError: the answer was lost.
        """
        for _ in range(MAX_ROUNDS):
            self._results.clear()
            self._wishes.clear()
            start = len(self.chat_log.content)
            deltas = self._deltas()
            try:
                async with aclosing(deltas):
                    async for content in self.chat_log.async_add_delta_content_stream(self.agent_id, deltas):
                        self._note(content)
            except GrokError as error:
                if self._is_over(error):
                    return
                if not await self._confirms(error):
                    raise
                continue
            finally:
                self._strip_padding(start)
            if await self._asks_first() or self._goes_on():
                continue
            if not self.record.has_spoken and not self.spoken_turn.has_sounded:
                raise GrokAnswerError("the answer is empty")
            if self._is_ours or not await self._deny():
                return
        raise GrokAnswerError(f"no answer after {MAX_ROUNDS} rounds of tools")

    def _is_over(self, error: GrokError) -> bool:
        """Whether nothing is missing: the user has spoken over the answer, or only our own addition was lost."""
        if not isinstance(error, GrokInterruptedError):
            return self._has_all_but_ours()
        self.record.has_spoken = True
        self.note_heard()
        is_asked = self.record.asks_first and self.spoken_turn.has_asked(self._question)
        if self.record.consent is not None and not is_asked:
            self.record.consent.withdraw()  # nobody can agree to what was not heard
        if not isinstance(self.chat_log.content[-1], conversation.AssistantContent):
            self._note_answer(self._question if is_asked else CUT_SHORT)
        return True

    def _note_answer(self, text: str) -> None:
        """Leave an answer in the chat log: Home Assistant takes a turn without one for failed, and forgets it."""
        self.chat_log.async_add_assistant_content_without_tools(
            conversation.AssistantContent(agent_id=self.agent_id, content=text)
        )

    def _has_all_but_ours(self) -> bool:
        """Whether the answer was complete, and only our own addition to it was lost; a question has to be heard."""
        if self.record.asks_first and self.record.consent is not None:
            self.record.consent.withdraw()
            self.record.asks_first = False
            return False
        return self._is_ours and bool(self.record.corrections)

    async def _confirms(self, error: GrokError) -> bool:
        """Say that what a tool did is done, where the model has no words for it; tell whether that is so."""
        if self._is_ours or not self.record.has_acted or not isinstance(error, GrokAnswerError):
            return False
        self._add(await async_sentence(self.chat_log.hass, self.spoken_turn.language, "done"))
        return True

    async def _asks_first(self) -> bool:
        """Put the question of what the round's calls have to wait for; tell whether there is one."""
        consent = self.record.consent
        if consent is None or not consent.held:
            return False
        self.spoken_turn.give_results(self._results | self._wishes, asks=False)
        self._results.clear()
        self._wishes.clear()
        self.record.asks_first = True
        self._question = await consent.ask(self.chat_log)
        self._add(self._question)
        self.spoken_turn.ask_first(self._question)
        return True

    def _goes_on(self) -> bool:
        """Give the session the results of its calls; tell whether it was asked for more."""
        is_complete = not self._results and (self._has_words or not self._wishes)
        if results := self._results | self._wishes:
            self.spoken_turn.give_results(results, asks=not is_complete)
        return not is_complete

    async def _deny(self) -> bool:
        """Say plainly that it did not happen, where the answer claims what no tool has done; once."""
        record = self.record
        is_believed = record.has_acted or record.corrections or not self._is_false()
        if is_believed or has_acted_before(self.chat_log, self.tools):
            return False
        record.corrections += 1
        self._add(await async_sentence(self.chat_log.hass, self.spoken_turn.language, "not_done"))
        return True

    def _add(self, sentence: str) -> None:
        """Have a sentence of ours spoken behind the session's own answer."""
        self._is_ours = True
        self.spoken_turn.say(sentence)

    def _is_false(self) -> bool:
        """Whether what was said claims what the home does not show."""
        return async_is_false(self.chat_log.hass, self.aim, self.record.spoken)

    def note_heard(self) -> None:
        """Leave in the chat log what was heard of an answer that was cut short."""
        if self.spoken_turn.turn.spoken.text:
            heard = self.spoken_turn.heard_text
            self._note_answer(f"{speakable(heard or '')} {CUT_SHORT}".strip())

    async def _deltas(self) -> AsyncGenerator[ChatDelta]:
        """Write one answer as the chat log takes it; words wait until they can be heard."""
        if self._is_ours:
            self._say(" ")
        else:
            self.record.begin_round()
        self._has_words = False
        yield {"role": "assistant"}
        waiting = ""
        # A screen shows the words, too, and would fetch a picture that stands among them.
        speech = SpeechStream()
        async with aclosing(self.spoken_turn.news()) as news:
            async for item in news:
                match item:
                    case FirstAudio():
                        self._is_padded = True
                        if self.padding:
                            yield {"content": self.padding}
                    case Words(text):
                        waiting += speech.feed(text)
                    case Finished():
                        waiting += speech.flush()
                if waiting and (self._is_padded or isinstance(item, Finished)):
                    yield self._say(waiting)
                    waiting = ""
                if isinstance(item, Finished):
                    for delta in tool_deltas(self._without_microphone(item.calls), self.tools):
                        yield delta

    def _say(self, text: str) -> ChatDelta:
        """Note words of the answer."""
        self._has_words = True
        self.record.say(text, text)
        return {"content": text}

    def _note(self, content: conversation.AssistantContent | conversation.ToolResultContent) -> None:
        """Keep the result of a tool for the session."""
        if isinstance(content, conversation.ToolResultContent):
            self._results[content.tool_call_id] = json_text(content.result.data)
            self.record.note_result(content, self.tools)

    def _without_microphone(self, calls: Sequence[FunctionCall]) -> Sequence[FunctionCall]:
        """Take out the model's wish for the microphone."""
        for call in calls:
            if call.name == MICROPHONE:
                self.record.microphone = microphone_wish(call.arguments)
                self._wishes[call.call_id] = MICROPHONE_SET
        return tuple(call for call in calls if call.name != MICROPHONE)

    def _strip_padding(self, start: int) -> None:
        """Leave no padding in the chat log."""
        if not self.padding:
            return
        for index in range(start, len(self.chat_log.content)):
            content = self.chat_log.content[index]
            if (
                isinstance(content, conversation.AssistantContent)
                and content.content
                and self.padding in content.content
            ):
                text = content.content.replace(self.padding, "", 1)
                self.chat_log.content[index] = replace(content, content=text)

"""The conversation agent of a voice: it follows the session's own answer, and answers by text where there is none."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
import logging
from typing import Final, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry

from .agent import GrokConversationEntity
from .chat.record import TurnOptions, TurnRecord
from .chat.tool_calls import ChatDelta, has_acted_before, tool_deltas
from .chat.tools import MICROPHONE, MICROPHONE_SET, OfferedTools, json_text, microphone_wish
from .chat.truth import async_is_false
from .chat.turn import MAX_ROUNDS
from .const import NO_WORDS
from .core.calls import FunctionCall
from .core.claims.aims import Aim
from .core.errors import GrokAnswerError, GrokError
from .core.fallback import NextStep, Outcome, after_session
from .core.speech.farewell import ends_conversation
from .core.speech.filter import speakable
from .core.speech.stream import SpeechStream
from .core.usage.ledger import Kind
from .faults import async_sentence
from .grok.patience import Patience
from .realtime.responses import Finished, Words
from .realtime.turn import FirstAudio, TurnState
from .runtime import GrokConfigEntry
from .vision.camera_tool import PICTURE_SINK
from .vision.picture_sinks import PictureDescriber
from .voice.conversations import PADDING, VoiceConversations
from .voice.turn import SpokenTurn

_LOGGER = logging.getLogger(__name__)

VOICE_PATIENCE: Final = Patience(queue_s=3.0)


class GrokVoiceAgent(GrokConversationEntity):
    """Claims what was spoken to its own ear; everything else it answers as any other agent does."""

    _attr_translation_key = "voice"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, voices: VoiceConversations) -> None:
        """Share the spoken conversations with the other two entities."""
        super().__init__(entry, subentry, voices.prompts)
        self._voices = voices
        self.billing = voices.billing
        self.patience = VOICE_PATIENCE

    @override
    async def async_added_to_hass(self) -> None:
        """Let them know who answers."""
        await super().async_added_to_hass()
        self._voices.agent_id = self.entity_id

    @override
    async def _converse(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
        options: TurnOptions | None = None,
    ) -> None:
        """Follow the spoken answer; before its first sound any failure leads to a written one."""
        if options is not None:
            return await super()._converse(user_input, chat_log, record, options)
        spoken_turn = self._voices.claim(user_input)
        if spoken_turn is not None and spoken_turn.error is not None and spoken_turn.text == NO_WORDS:
            raise spoken_turn.error
        if spoken_turn is not None and spoken_turn.is_live:
            try:
                return await self._follow(spoken_turn, user_input, chat_log, record)
            except GrokError as error:
                spoken_turn.error = error
                was_heard = spoken_turn.turn.has_sounded
                spoken_turn.turn.kill(error if was_heard else None)
                if after_session(error, was_heard=was_heard) is NextStep.SENTENCE:
                    raise
                _LOGGER.debug("A spoken turn goes on as text: %s %s", type(error).__name__, error.detail)
            finally:
                # A template, a tool, a cancellation: whatever ends it, its place and its player must not wait for ever.
                if spoken_turn.turn.state is TurnState.CLAIMED:
                    spoken_turn.turn.kill()
        if spoken_turn is not None:
            record.outcome = Outcome.TEXT
        return await super()._converse(user_input, chat_log, record)

    def _describer(self) -> PictureDescriber:
        """Make what tells the session in words what a camera shows: its model cannot see."""
        return PictureDescriber(client=self.agent_client.with_options(kind=Kind.VISION))

    async def _follow(
        self,
        spoken_turn: SpokenTurn,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
    ) -> None:
        """Adopt the answer that was made ahead if it fits, else have it made anew.

        Raises:
            GrokError: the session has no answer.
        """
        prompt = await self._write_prompt(user_input, chat_log)
        remembered = self._recall.begin(user_input, chat_log)
        tools = self._voices.offer(chat_log.llm_api)
        turn = spoken_turn.turn
        if said := await self._carry_out(chat_log, record):
            self._voices.answer_exactly(spoken_turn, said)
        elif not spoken_turn.assumed.fits(prompt, tools):
            self._voices.ask_again(spoken_turn, prompt, tools, chat_log.content[1:-1])
        turn.may_be_added_to = True  # a question, a correction, or that something is done
        turn.adopt()
        spoken = SpokenReply(
            agent_id=self.entity_id,
            chat_log=chat_log,
            spoken_turn=spoken_turn,
            tools=tools,
            record=record,
            aim=prompt.aim,
        )
        token = PICTURE_SINK.set(self._describer())
        try:
            await spoken.run()
        except asyncio.CancelledError:
            turn.kill()
            spoken.note_heard()
            if record.consent is not None:
                record.consent.withdraw()  # nobody can have agreed to what was not asked to its end
            raise
        finally:
            PICTURE_SINK.reset(token)
        if not said:  # else the session was told nothing of what was said and done: the next turn tells it
            spoken_turn.channel.history.known = len(chat_log.content) - 1
        turn.is_last = ends_conversation(user_input.text)
        turn.finish()
        if turn.understood_at is not None and turn.first_audio_at is not None:
            self._runtime.meter.note_first_audio(max(0.0, turn.first_audio_at - turn.understood_at) * 1000)
        self._keep(remembered, chat_log)


@dataclass(slots=True, kw_only=True)
class SpokenReply:
    """One claimed turn: the session's answer on its way into the chat log, with Home Assistant's tools in between."""

    agent_id: str
    chat_log: conversation.ChatLog
    spoken_turn: SpokenTurn
    tools: OfferedTools
    record: TurnRecord
    aim: Aim | None
    """What the user orders of the home."""
    _results: dict[str, str] = field(default_factory=dict)
    _wishes: dict[str, str] = field(default_factory=dict)
    """Results of the calls of our own tool."""
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
        turn = self.spoken_turn.turn
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
                if self._has_all_but_ours():
                    return
                if not await self._confirms(error):
                    raise
                continue
            finally:
                self._strip_padding(start)
            if await self._asks_first() or self._goes_on():
                continue
            if not self.record.has_spoken and not turn.has_sounded:
                raise GrokAnswerError("the answer is empty")
            if self._is_ours or not await self._deny():
                return
        raise GrokAnswerError(f"no answer after {MAX_ROUNDS} rounds of tools")

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
        self.spoken_turn.turn.give_results(self._results | self._wishes, asks=False)
        self._results.clear()
        self._wishes.clear()
        self.record.asks_first = True
        self._add(await consent.ask(self.chat_log))
        return True

    def _goes_on(self) -> bool:
        """Give the session the results of its calls; tell whether it was asked for more."""
        is_complete = not self._results and (self._has_words or not self._wishes)
        if results := self._results | self._wishes:
            self.spoken_turn.turn.give_results(results, asks=not is_complete)
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
        self.spoken_turn.turn.add(sentence)

    def _is_false(self) -> bool:
        """Whether what was said claims what the home does not show."""
        return async_is_false(self.chat_log.hass, self.aim, self.record.spoken)

    def note_heard(self) -> None:
        """Leave in the chat log what was heard of an answer that was cut short."""
        said = self.spoken_turn.turn.said
        heard = self.spoken_turn.turn.heard_text if said else None
        if said:
            content = conversation.AssistantContent(
                agent_id=self.agent_id, content=f"{speakable(heard or '')} …".strip()
            )
            self.chat_log.async_add_assistant_content_without_tools(content)

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
        async with aclosing(self.spoken_turn.turn.news()) as news:
            async for item in news:
                match item:
                    case FirstAudio():
                        self._is_padded = True
                        yield {"content": PADDING}
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
        for index in range(start, len(self.chat_log.content)):
            content = self.chat_log.content[index]
            if isinstance(content, conversation.AssistantContent) and content.content and PADDING in content.content:
                text = content.content.replace(PADDING, "", 1)
                self.chat_log.content[index] = replace(content, content=text)

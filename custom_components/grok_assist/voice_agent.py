"""The conversation agent of a voice: it follows the session's own answer, and answers by text where there is none."""

import asyncio
import logging
from typing import Final, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry

from .agent import GrokConversationEntity
from .chat.record import TurnOptions, TurnRecord
from .const import NO_WORDS
from .core.errors import GrokError
from .core.fallback import NextStep, Outcome
from .core.speech.farewell import ends_conversation
from .core.usage.ledger import Kind
from .grok.patience import Patience
from .runtime import GrokConfigEntry
from .vision.camera_tool import PICTURE_SINK
from .vision.picture_sinks import PictureDescriber
from .voice.conversations import CURRENT_TURN, VoiceConversations
from .voice.followed_turn import FollowedTurn
from .voice.reply import SpokenReply

_LOGGER = logging.getLogger(__name__)

VOICE_PATIENCE: Final = Patience(queue_s=3.0)


class GrokVoiceAgent(GrokConversationEntity):
    """Attaches to what was spoken to its own voice; everything else it answers as any other agent does."""

    _attr_translation_key = "voice"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, voices: VoiceConversations) -> None:
        """Share the spoken conversations with the other two entities."""
        super().__init__(entry, subentry, voices.prompts.writer)
        self._voices = voices
        self.billing = voices.billing
        self.patience = VOICE_PATIENCE

    @override
    async def async_added_to_hass(self) -> None:
        """Let them know who answers."""
        await super().async_added_to_hass()
        self._voices.prompts.agent_id = self.entity_id

    @override
    def _consent_s(self) -> float | None:
        """How long a question waits for its yes, where that is not the usual time."""
        return None if (turn := CURRENT_TURN.get()) is None else turn.answer_s

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
        spoken_turn = self._voices.attach(user_input)
        if spoken_turn is None:
            return await super()._converse(user_input, chat_log, record)
        try:
            if await self._follow(spoken_turn, user_input, chat_log, record):
                return None
            spoken_turn.seal()  # what is written acts, and is not heard before it is complete
            record.outcome = Outcome.TEXT
            await super()._converse(user_input, chat_log, record)
            spoken_turn.finish()
        finally:
            # A template, a tool, a cancellation: whatever ends it, its place and its player must not wait for ever.
            if not spoken_turn.turn.state.is_over:
                spoken_turn.kill()
        return None

    async def _follow(
        self,
        spoken_turn: FollowedTurn,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
    ) -> bool:
        """Follow the spoken answer; tell whether there is one. Before its first sound a failure is none of the user's.

        Raises:
            GrokError: there is no answer, and a written one would not help.
        """
        lost = spoken_turn.turn.error
        if lost is not None and spoken_turn.turn.text == NO_WORDS:
            raise lost
        if lost is not None:
            return False
        try:
            await self._speak(spoken_turn, user_input, chat_log, record)
        except GrokError as error:
            was_heard = spoken_turn.has_sounded
            if spoken_turn.turn.state.is_over:
                record.has_spoken = True  # somebody ended it: nobody else is to answer, or to act
                raise
            if self.policy.after_session(error, was_heard=was_heard) is NextStep.SENTENCE:
                spoken_turn.kill(error if was_heard else None)
                raise
            spoken_turn.give_up(error)
            _LOGGER.debug("A spoken turn goes on as text: %s %s", type(error).__name__, error.detail)
            return False
        return True

    def _describer(self) -> PictureDescriber:
        """Make what tells the session in words what a camera shows: its model cannot see."""
        return PictureDescriber(client=self.agent_client.with_options(kind=Kind.VISION))

    async def _speak(
        self,
        spoken_turn: FollowedTurn,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
    ) -> None:
        """Follow the answer that was made ahead if it fits, else have it made anew.

        Raises:
            GrokError: the session has no answer.
        """
        prompt = await self._write_prompt(user_input, chat_log)
        remembered = self._recall.begin(user_input, chat_log)
        tools = self._voices.prompts.offer(chat_log.llm_api)
        if record.consent is not None and record.consent.is_granted:
            spoken_turn.seal()
        if said := await self._carry_out(chat_log, record):
            spoken_turn.say_instead(said)
        elif spoken_turn.must_ask or (spoken_turn.may_ask_anew and not spoken_turn.assumed.fits(prompt, tools)):
            self._voices.ask_anew(spoken_turn, prompt, tools, chat_log.content[1:-1])
        spoken_turn.follow()
        reply = SpokenReply(
            agent_id=self.entity_id,
            chat_log=chat_log,
            spoken_turn=spoken_turn,
            tools=tools,
            record=record,
            aim=prompt.aim,
            padding=spoken_turn.padding,
        )
        token = PICTURE_SINK.set(self._describer())
        try:
            await reply.run()
        except asyncio.CancelledError:
            spoken_turn.kill()
            reply.note_heard()
            if record.consent is not None:
                record.consent.withdraw()  # nobody can have agreed to what was not asked to its end
            raise
        finally:
            PICTURE_SINK.reset(token)
        if not said:  # else the session was told nothing of what was said and done: the next turn tells it
            spoken_turn.carrier.history.known = len(chat_log.content) - 1
        spoken_turn.finish(is_last=ends_conversation(user_input.text))
        times = spoken_turn.turn.times
        if times.understood_at is not None and times.first_audio_at is not None:
            self._runtime.meter.note_first_audio(max(0.0, times.first_audio_at - times.understood_at) * 1000)
        self._keep(remembered, chat_log)

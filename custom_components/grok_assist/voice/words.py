"""The words of a spoken turn: the session's, those of the plain transcription, or of another engine."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing, suppress
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import chat_session

from ..account.plain_speech import PlainSpeech
from ..core.errors import GrokBudgetError, GrokConnectionError, GrokError
from ..core.fallback import Policy
from ..core.languages import transcribed_language
from ..core.usage.prices import stt_cost_usd
from ..core.voice_settings import EndOfSpeech
from ..home.keyterms import KeytermList
from ..realtime.config import INPUT_RATE, SAMPLE_BYTES
from .microphone import Microphone
from .other_engines import async_local_words
from .turn import SpokenTurn

_LOGGER = logging.getLogger(__name__)


class SpokenWords:
    """Hears the turns of one voice."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        speech: PlainSpeech,
        keyterms: KeytermList | None,
        end_of_speech: EndOfSpeech,
        policy: Callable[[], Policy],
    ) -> None:
        """Keep what is asked where the session has no words."""
        self.is_closed = False
        """The account is being unloaded: nobody else is asked any more."""
        self._hass = hass
        self._speech = speech
        self._keyterms = keyterms
        self._end_of_speech = end_of_speech
        self._policy = policy

    async def listen(self, spoken_turn: SpokenTurn, audio: AsyncIterable[bytes]) -> str:
        """Give the words of a turn; where the session has none, those of the plain transcription.

        Raises:
            GrokError: there are no words.
        """
        microphone = Microphone(self._hass, spoken_turn, audio)
        try:
            try:
                text, failure = await self._words(spoken_turn, microphone)
            finally:
                await microphone.close()
        except GrokError as error:
            spoken_turn.give_up(error)
            raise
        except BaseException:
            spoken_turn.kill()  # the run was cancelled: nobody wants its words
            raise
        if failure is not None:
            spoken_turn.give_up(failure)
        spoken_turn.give_words(text)
        if chat_session.current_session.get() is None:
            spoken_turn.kill()  # nobody will attach
        return text

    async def _words(self, spoken_turn: SpokenTurn, microphone: Microphone) -> tuple[str, GrokError | None]:
        """Give the session's words; where it has none, or no final ones, those of the plain transcription.

        With the words comes why the session cannot answer them, if that is so.

        Raises:
            GrokError: there are no words.
        """
        text = ""
        failure: GrokError | None = None
        is_deaf = False
        try:
            text, is_certain = await microphone.words()
            if text and is_certain:
                return text, None
            if spoken_turn.turn.speech.nobody_spoke:
                return await self._words_of_silence(spoken_turn, microphone)
            if not text:
                # Nobody spoke, or the session did not hear it: then it has no answer either.
                failure, is_deaf = GrokConnectionError("the session heard nothing"), True
        except GrokError as error:
            failure = error
            if self.is_closed:
                raise
            _LOGGER.debug("A realtime turn goes on without its session: %s %s", type(error).__name__, error.detail)
        words = await self._heard_otherwise(spoken_turn, microphone, failure)
        if words and is_deaf:
            spoken_turn.note_deaf()
        return words, failure

    async def _words_of_silence(self, spoken_turn: SpokenTurn, microphone: Microphone) -> tuple[str, GrokError | None]:
        """Give no words where nobody spoke; those that a session has missed which never heard anybody at its rate.

        With such words comes why the session cannot answer them.
        """
        words = ""
        if not _is_known_to_hear(spoken_turn):
            await microphone.close()  # what is recorded is asked about, and nobody spoke for long enough
            with suppress(GrokError):
                words = await self._heard_otherwise(spoken_turn, microphone, None)
        if words:
            spoken_turn.note_deaf()
            return words, GrokConnectionError("the session heard nothing")
        spoken_turn.kill()  # and with it the socket, which costs money as long as somebody might speak
        return "", None

    async def _heard_otherwise(self, spoken_turn: SpokenTurn, microphone: Microphone, failure: GrokError | None) -> str:
        """Give the words of the plain transcription, else of another engine.

        A snapshot that is not certain is half a sentence, maybe: what it orders is not what was said.
        Over budget the other engine comes first, and ours is only asked where the user lets Home Assistant answer.

        Raises:
            GrokError: there are no words.
        """
        spent = failure if isinstance(failure, GrokBudgetError) else None
        try:
            if spoken_turn.turn.settings.waits_for_end:
                await microphone.end()
            if spent is not None:
                if words := await self._lent_words(spoken_turn, microphone):
                    return words
                if not self._policy().may_spend:
                    raise spent
            kept_s = len(spoken_turn.input_audio.recorded) / SAMPLE_BYTES / INPUT_RATE
            self._speech.billing.meter.check(stt_cost_usd(kept_s, is_streamed=True))
            return await self._transcribe(spoken_turn, microphone)
        except GrokError:
            words = await self._lent_words(spoken_turn, microphone) if spent is None else ""
            if not words:
                raise
            return words

    async def _lent_words(self, spoken_turn: SpokenTurn, microphone: Microphone) -> str:
        """Give the words of another engine of Home Assistant, if that is wanted and there is one."""
        if not self._policy().may_lend_engine:
            return ""
        return await async_local_words(self._hass, microphone.sound, spoken_turn.language)

    async def _transcribe(self, spoken_turn: SpokenTurn, microphone: Microphone) -> str:
        """Give the words of sound by the plain transcription, at most those of one utterance where it goes on.

        Raises:
            GrokError: it has none.
        """
        text = ""
        loop = asyncio.get_running_loop()
        began_at, start_s = loop.time(), spoken_turn.turn.settings.deadlines.start_s

        async def until_quiet() -> AsyncGenerator[bytes]:
            """Give the sound; where nobody but the service hears the end, only while somebody speaks before long."""
            async with aclosing(microphone.sound()) as audio:
                async for piece in audio:
                    is_quiet = not text and loop.time() - began_at > start_s
                    if is_quiet and self._end_of_speech is EndOfSpeech.GROK:
                        return
                    yield piece

        async with aclosing(
            self._speech.transcribe(
                until_quiet(),
                rate=INPUT_RATE,
                language=transcribed_language(spoken_turn.language),
                keyterms=self._keyterms.terms() if self._keyterms else (),
            )
        ) as transcripts:
            async for transcript in transcripts:
                text = transcript.text
                is_end = transcript.ends_utterance and self._end_of_speech is EndOfSpeech.GROK
                if is_end and microphone.goes_on:
                    break
        return text


def _is_known_to_hear(spoken_turn: SpokenTurn) -> bool:
    """Whether the session of a turn, or another of its voice, has heard somebody at its rate."""
    conversation = spoken_turn.conversation
    connection = conversation.connection
    return connection is not None and conversation.traits.hears_at(connection.session.input_rate)

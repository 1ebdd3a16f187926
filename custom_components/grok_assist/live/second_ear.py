"""Hears beside a service that seems deaf: where nothing was understood, the plain transcription is asked.

Some services understand nothing at our usual rate. Once a word was understood nobody is asked any more.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
import logging
from typing import Final

from homeassistant.core import HomeAssistant

from ..account.plain_speech import PlainSpeech
from ..core.errors import GrokError
from ..core.languages import transcribed_language
from ..core.speech.echo import is_own_voice
from ..realtime.config import INPUT_RATE
from ..realtime.live_conversation import LiveConversation
from ..realtime.unheard import Unheard

_LOGGER = logging.getLogger(__name__)

MOST_ASKED: Final = 3
"""Times that the transcription is asked in vain: a loud room is no speech."""
PIECE_BYTES: Final = INPUT_RATE // 5


class SecondEar:
    """The transcription beside one live conversation."""

    def __init__(self, hass: HomeAssistant, live: LiveConversation, speech: PlainSpeech, language: str) -> None:
        """Listen until the service is known to understand."""
        self.on_words: Callable[[str], None] = lambda _: None
        """Called with words that the service has missed."""
        self._hass = hass
        self._live = live
        self._speech = speech
        self._language = language
        self._unheard = Unheard()
        self._asked = 0
        self._is_sure = self._is_asking = False

    def feed(self, pcm: bytes) -> None:
        """Take sound of the microphone, 16-bit samples at 16 kHz."""
        if self._is_sure or self._is_asking or not self._live.is_ready:
            return
        if self._live.player.unplayed_ms(self._live.now) > 0:
            self._unheard.clear()  # what is heard now is the answer
            return
        sound = self._unheard.feed(pcm, self._live.now)
        if sound is not None and self._asked < MOST_ASKED:
            self._asked += 1
            self._is_asking = True
            self._hass.async_create_task(self._ask(sound), "grok_assist hears a live turn")

    def note_words(self) -> None:
        """Take note that the service has understood something."""
        self._is_sure = True

    async def _ask(self, sound: bytes) -> None:
        """Have the sound transcribed; where there are words, the service is deaf at this rate."""
        words = ""
        try:
            async with aclosing(
                self._speech.transcribe(_pieces(sound), rate=INPUT_RATE, language=transcribed_language(self._language))
            ) as transcripts:
                async for transcript in transcripts:
                    words = transcript.text
        except GrokError as error:
            _LOGGER.debug("Nothing was heard beside a live conversation: %s", type(error).__name__)
        self._is_asking = False
        if is_own_voice(words, self._live.dialogue.known.last_said):
            return
        if words.strip() and not self._is_sure and self._live.dialogue.is_quiet:
            self._live.note_deaf()
            self.on_words(words)


async def _pieces(sound: bytes) -> AsyncGenerator[bytes]:
    """Give sound in pieces."""
    for start in range(0, len(sound), PIECE_BYTES):
        yield sound[start : start + PIECE_BYTES]

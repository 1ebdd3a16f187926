"""Plain transcription and plain speech of one part: within limits and budget, and booked while they run."""

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from ..core.errors import GrokRateLimitError
from ..core.usage.prices import SECONDS_PER_MINUTE, stt_cost_usd, tts_cost_usd
from ..grok.gate import Gate, Permit
from ..grok.speech import SpeechClient, Transcript
from .billing import Billing

PATIENCE_S: Final = 3.0
"""For limits: somebody is speaking, or wants to hear something."""
SPOKEN_AHEAD: Final = 1_000
"""Characters whose cost is held while a text is still being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSpeech:
    """The speech client of one part of an account, with its limits and its books."""

    client: SpeechClient
    gate: Gate
    """That of the client's key."""
    billing: Billing

    async def transcribe(
        self, audio: AsyncIterable[bytes], *, rate: int, language: str | None, keyterms: tuple[str, ...] = ()
    ) -> AsyncGenerator[Transcript]:
        """Transcribe 16-bit mono samples at 16 kHz while they come; the last transcript is the final one.

        Raises:
            GrokError: the service refused, failed or went away, a limit holds the call back, or the money has run out.
        """
        tally = self.billing.heard()
        with self.billing.hold(stt_cost_usd(SECONDS_PER_MINUTE, is_streamed=True)), await self._enter() as permit:
            transcripts = self.client.transcribe(
                self.billing.metered(_dialled(audio, permit), tally), rate=rate, language=language, keyterms=keyterms
            )
            try:
                async with aclosing(transcripts):
                    async for transcript in transcripts:
                        yield transcript
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise
            finally:
                tally.book()

    async def speak(
        self, texts: AsyncIterable[str], *, voice: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[bytes]:
        """Speak a text while it is still being written, as `SpeechClient.speak`.

        Raises:
            GrokError: the service refused, failed or went away, a limit holds the call back, or the money has run out.
        """
        tally = self.billing.spoken()
        with self.billing.hold(tts_cost_usd(SPOKEN_AHEAD)), await self._enter() as permit:
            samples = self.client.speak(
                self.billing.paid(_dialled(texts, permit), tally), voice=voice, language=language, speed=speed
            )
            try:
                async with aclosing(samples):
                    async for pcm in samples:
                        yield pcm
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise
            finally:
                tally.book()

    async def _enter(self) -> Permit:
        """Wait for the limits; a call that lasts takes no place of those that are over in a moment.

        Raises:
            GrokError: they hold it back for too long.
        """
        return await self.gate.enter(tokens=0, patience_s=PATIENCE_S, takes_place=False)


async def _dialled[Piece](pieces: AsyncIterable[Piece], permit: Permit) -> AsyncGenerator[Piece]:
    """Pass on what is sent: the first time that it is asked for, the service has taken the call."""
    permit.accept()
    async for piece in pieces:
        yield piece

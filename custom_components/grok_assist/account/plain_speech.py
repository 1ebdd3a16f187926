"""Plain transcription and plain speech of one part: within limits and budget, and booked while they run."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from ..core.errors import GrokRateLimitError
from ..core.usage.ledger import Kind, Totals, ticks
from ..core.usage.prices import SECONDS_PER_MINUTE, stt_cost_usd, tts_cost_usd
from ..grok.gate import Gate, Permit
from ..grok.speech import SpeechClient, Transcript
from .billing import Billing

PATIENCE_S: Final = 3.0
"""For limits: somebody is speaking, or wants to hear something."""
SPOKEN_AHEAD: Final = 1_000
"""Characters whose cost is held while a text is still being written."""
HEARD_BYTES_PER_S: Final = 32_000
HEARD_STEP_S: Final = 5.0
SPOKEN_STEP: Final = 200
"""Seconds that are heard and characters that are spoken between two bookings."""


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
        charge = SpeechCharge(self.billing, Kind.STT, partial(stt_cost_usd, is_streamed=True), HEARD_STEP_S)
        with charge.hold(SECONDS_PER_MINUTE), await self._enter() as permit:
            transcripts = self.client.transcribe(
                _heard(_dialled(audio, permit), charge), rate=rate, language=language, keyterms=keyterms
            )
            try:
                async with aclosing(transcripts):
                    async for transcript in transcripts:
                        yield transcript
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise

    async def speak(
        self, texts: AsyncIterable[str], *, voice: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[bytes]:
        """Speak a text while it is still being written, as `SpeechClient.speak`.

        Raises:
            GrokError: the service refused, failed or went away, a limit holds the call back, or the money has run out.
        """
        charge = SpeechCharge(self.billing, Kind.TTS, tts_cost_usd, SPOKEN_STEP)
        with charge.hold(SPOKEN_AHEAD), await self._enter() as permit:
            samples = self.client.speak(
                _spoken(_dialled(texts, permit), charge), voice=voice, language=language, speed=speed
            )
            try:
                async with aclosing(samples):
                    async for pcm in samples:
                        yield pcm
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise

    async def _enter(self) -> Permit:
        """Wait for the limits; a call that lasts takes no place of those that are over in a moment.

        Raises:
            GrokError: they hold it back for too long.
        """
        return await self.gate.enter(tokens=0, patience_s=PATIENCE_S, takes_place=False)


class SpeechCharge:
    """What speech costs that goes on for a while: booked in pieces, so that a cancellation loses nothing."""

    def __init__(self, billing: Billing, kind: Kind, cost_usd: Callable[[float], float], step: float) -> None:
        """Start with nothing.

        Args:
            billing: of who pays.
            kind: as what it is booked.
            cost_usd: what an amount of it costs.
            step: the amount after which it is booked.
        """
        self._billing = billing
        self._kind = kind
        self._cost_usd = cost_usd
        self._step = step
        self._amount = 0.0

    @contextmanager
    def hold(self, ahead: float) -> Generator[None]:
        """Hold for a block what so much of it costs; where Home Assistant helps out, beyond the budget, too.

        Nobody waits for speech. What was not booked yet is booked at the end.

        Raises:
            GrokBudgetError: the budget is spent, and then nothing is to be spent.
        """
        self._billing.meter.check(0.0)
        with self._billing.meter.reserve(self._cost_usd(ahead)):
            try:
                yield
            finally:
                self.book()

    def check(self, amount: float) -> None:
        """Make sure that so much more of it can be paid, before it is sent.

        Raises:
            GrokBudgetError: it cannot.
        """
        self._billing.meter.check(self._cost_usd(amount))

    def add(self, amount: float) -> None:
        """Count more of it.

        Raises:
            GrokBudgetError: with this the budget is spent.
        """
        self._amount += amount
        if self._amount >= self._step:
            self._billing.meter.check(0.0)
            self.book()

    def book(self) -> None:
        """Book what was not booked yet."""
        amount, self._amount = self._amount, 0.0
        if amount:
            cost = self._cost_usd(amount)
            self._billing.meter.book(self._billing.agent, self._kind, Totals(cost_ticks=ticks(cost)))


async def _heard(audio: AsyncIterable[bytes], charge: SpeechCharge) -> AsyncGenerator[bytes]:
    """Pass on 16-bit mono samples at 16 kHz that are transcribed, and book meanwhile what that costs.

    Raises:
        GrokBudgetError: the budget was spent in the middle.
    """
    try:
        async for chunk in audio:
            charge.add(len(chunk) / HEARD_BYTES_PER_S)
            yield chunk
    finally:
        charge.book()


async def _spoken(texts: AsyncIterable[str], charge: SpeechCharge) -> AsyncGenerator[str]:
    """Pass on texts that are read aloud, and book meanwhile what that costs.

    Raises:
        GrokBudgetError: the budget was spent in the middle, or a text costs more than is left.
    """
    async for text in texts:
        charge.check(len(text))
        charge.add(len(text))
        yield text


async def _dialled[Piece](pieces: AsyncIterable[Piece], permit: Permit) -> AsyncGenerator[Piece]:
    """Pass on what is sent: the first time that it is asked for, the service has taken the call."""
    permit.accept()
    async for piece in pieces:
        yield piece

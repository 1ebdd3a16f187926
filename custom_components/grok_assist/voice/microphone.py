"""The microphone of one run: read until it ends, fed to the turn, and watched for having gone dead."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..core.errors import GrokTimeoutError
from .turn import SpokenTurn

PIECE_BYTES: Final = 32_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneDeadlines:
    """How long a microphone is waited for, in seconds."""

    chunk_s: float = 3.0
    """Without a chunk for so long it is dead: a device whose run was replaced never says so itself."""
    words_s: float = 8.0
    """From the end of the sound until the session's words."""


USUAL: Final = MicrophoneDeadlines()


class Microphone:
    """Reads the sound of a run in a task of its own, so that who waits can leave at any time."""

    def __init__(
        self,
        hass: HomeAssistant,
        spoken_turn: SpokenTurn,
        audio: AsyncIterable[bytes],
        deadlines: MicrophoneDeadlines = USUAL,
    ) -> None:
        """Begin to read."""
        self._spoken_turn = spoken_turn
        self._deadlines = deadlines
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._pump = hass.async_create_task(self._read(audio), f"{DOMAIN} microphone", eager_start=True)

    async def words(self) -> tuple[str, bool]:
        """Wait for the session's words; tell whether they are certain.

        Raises:
            GrokError: the session has none, or the microphone went dead.
        """
        words = self._spoken_turn.words
        while not words.done():
            await self._step([words])
        return words.result()

    async def end(self) -> None:
        """Wait until the sound has ended.

        Raises:
            GrokTimeoutError: the microphone went dead and gave no sound at all.
        """
        while not self._pump.done():
            try:
                await self._step([])
            except GrokTimeoutError:
                if not self._spoken_turn.input_audio.recorded:
                    raise
                return

    @property
    def goes_on(self) -> bool:
        """Whether more sound may come of it, and be recorded."""
        is_wanted = self._spoken_turn.turn.state.is_listening and not self._spoken_turn.input_audio.is_full
        return is_wanted and not self._pump.done()

    async def sound(self) -> AsyncGenerator[bytes]:
        """Give everything that was heard, and what is still being said, as far as it is recorded at all."""
        audio, start = self._spoken_turn.input_audio, 0
        while True:
            while start < len(audio.recorded):
                piece = bytes(audio.recorded[start : start + PIECE_BYTES])
                start += len(piece)
                yield piece
            if not self.goes_on or self._loop.time() - self._heard_at > self._deadlines.chunk_s:
                return
            await asyncio.wait([self._pump], timeout=0.1)

    async def close(self) -> None:
        """Read no more."""
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)

    async def _read(self, audio: AsyncIterable[bytes]) -> None:
        """Read until the sound ends."""
        async for chunk in audio:
            self._heard_at = self._loop.time()
            self._spoken_turn.feed(chunk)
        self._spoken_turn.end_input()

    async def _step(self, awaited: list[asyncio.Future[tuple[str, bool]]]) -> None:
        """Wait for something to happen.

        Raises:
            GrokTimeoutError: nothing happened for too long.
        """
        limits, has_ended = self._deadlines, self._pump.done()
        limit_s = limits.words_s if has_ended else self._heard_at + limits.chunk_s - self._loop.time()
        waiting: list[asyncio.Future[tuple[str, bool]] | asyncio.Task[None]] = list(awaited)
        if not has_ended:
            waiting.append(self._pump)
        done, _ = await asyncio.wait(waiting, timeout=max(limit_s, 0), return_when=asyncio.FIRST_COMPLETED)
        if done:
            return
        if has_ended:
            raise GrokTimeoutError(limits.words_s, "the session has no words")
        if self._loop.time() - self._heard_at >= limits.chunk_s:
            raise GrokTimeoutError(limits.chunk_s, "the microphone is dead")

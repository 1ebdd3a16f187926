"""The microphone of one run: read until it ends, fed to the turn, and watched for having gone dead."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..core.errors import GrokTimeoutError
from ..realtime.turn import KEPT_BYTES, Turn, TurnState

CHUNK_S: Final = 3.0
"""Without a chunk for so long the microphone is dead: a device whose run was replaced never says so itself."""
WORDS_S: Final = 8.0
"""From the end of the sound until the session's words."""
PIECE_BYTES: Final = 32_000


class Microphone:
    """Reads the sound of a run in a task of its own, so that who waits can leave at any time."""

    def __init__(self, hass: HomeAssistant, turn: Turn, audio: AsyncIterable[bytes]) -> None:
        """Begin to read."""
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._pump = hass.async_create_task(self._read(audio), f"{DOMAIN} microphone", eager_start=True)

    async def words(self) -> str:
        """Wait for the session's words.

        Raises:
            GrokError: the session has none, or the microphone went dead.
        """
        while not self._turn.words.done():
            await self._step([self._turn.words])
        return self._turn.words.result()

    async def end(self) -> None:
        """Wait until the sound has ended.

        Raises:
            GrokTimeoutError: the microphone went dead and gave no sound at all.
        """
        while not self._pump.done():
            try:
                await self._step([])
            except GrokTimeoutError:
                if not self._turn.kept:
                    raise
                return

    async def sound(self) -> AsyncGenerator[bytes]:
        """Give everything that was heard, and what is still being said, as far as it is kept at all."""
        start = 0
        while True:
            while start < len(self._turn.kept):
                piece = bytes(self._turn.kept[start : start + PIECE_BYTES])
                start += len(piece)
                yield piece
            is_over = (
                self._pump.done() or self._turn.state is not TurnState.LISTENING or len(self._turn.kept) >= KEPT_BYTES
            )
            if is_over or self._loop.time() - self._heard_at > CHUNK_S:
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
            self._turn.feed(chunk)
        self._turn.end_audio()

    async def _step(self, awaited: list[asyncio.Future[str]]) -> None:
        """Wait for something to happen.

        Raises:
            GrokTimeoutError: nothing happened for too long.
        """
        has_ended = self._pump.done()
        limit_s = WORDS_S if has_ended else self._heard_at + CHUNK_S - self._loop.time()
        waiting: list[asyncio.Future[str] | asyncio.Task[None]] = list(awaited)
        if not has_ended:
            waiting.append(self._pump)
        done, _ = await asyncio.wait(waiting, timeout=max(limit_s, 0), return_when=asyncio.FIRST_COMPLETED)
        if done:
            return
        if has_ended:
            raise GrokTimeoutError(WORDS_S, "the session has no words")
        if self._loop.time() - self._heard_at >= CHUNK_S:
            raise GrokTimeoutError(CHUNK_S, "the microphone is dead")

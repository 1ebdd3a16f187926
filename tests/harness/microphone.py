"""A microphone that hears a recording: in real time, with silence before it and after it, for ever unless told."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Final

RATE: Final = 16_000
BYTES_PER_SAMPLE: Final = 2
FRAME_S: Final = 0.02


class Microphone:
    """Gives 16 bit mono PCM of 16 kHz as it is spoken, each frame at its end."""

    def __init__(
        self,
        pcm: bytes,
        *,
        lead_s: float = 0.2,
        tail_s: float | None = None,
        wait_s: float = 0.0,
        frame_s: float = FRAME_S,
    ) -> None:
        """Hear one recording after some silence; it ends so long after it, and is switched on so late."""
        self._sound = bytes(round(lead_s * RATE) * BYTES_PER_SAMPLE) + pcm
        self._wait_s = wait_s
        self._frame_s = frame_s
        length_s = len(self._sound) / BYTES_PER_SAMPLE / RATE
        self._count = None if tail_s is None else round((length_s + tail_s) / frame_s)
        self.last_spoken_at: float | None = None
        """When the last sample of the recording was given out (`time.monotonic`), once it was."""

    @property
    def ends(self) -> bool:
        """Whether it ends by itself."""
        return self._count is not None

    @property
    def all_sound(self) -> bytes:
        """Everything that one gives that ends."""
        return self._sound.ljust((self._count or 0) * self._frame_bytes, b"\0")

    async def frames(self) -> AsyncIterator[bytes]:
        """Give frames until nobody listens any more, or to the end."""
        size = self._frame_bytes
        began = time.monotonic() + self._wait_s
        number = 0
        while self._count is None or number < self._count:
            number += 1
            await asyncio.sleep(began + number * self._frame_s - time.monotonic())
            frame = self._sound[(number - 1) * size : number * size]
            yield frame.ljust(size, b"\0")
            if self.last_spoken_at is None and number * size >= len(self._sound):
                self.last_spoken_at = time.monotonic()

    @property
    def _frame_bytes(self) -> int:
        """How large a frame is."""
        return round(self._frame_s * RATE) * BYTES_PER_SAMPLE

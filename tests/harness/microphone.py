"""A microphone that hears a recording: in real time, with silence before it and for ever after it."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Final

RATE: Final = 16_000
BYTES_PER_SAMPLE: Final = 2
FRAME_S: Final = 0.02


class Microphone:
    """Gives 16 bit mono PCM of 16 kHz as it is spoken, each frame at its end."""

    def __init__(self, pcm: bytes, *, lead_s: float = 0.2) -> None:
        """Hear one recording after some silence."""
        self._sound = bytes(round(lead_s * RATE) * BYTES_PER_SAMPLE) + pcm
        self.last_spoken_at: float | None = None
        """When the last sample of the recording was given out (`time.monotonic`), once it was."""

    async def frames(self) -> AsyncIterator[bytes]:
        """Give frames until nobody listens any more."""
        size = round(FRAME_S * RATE) * BYTES_PER_SAMPLE
        began = time.monotonic()
        number = 0
        while True:
            number += 1
            await asyncio.sleep(began + number * FRAME_S - time.monotonic())
            frame = self._sound[(number - 1) * size : number * size]
            yield frame.ljust(size, b"\0")
            if self.last_spoken_at is None and number * size >= len(self._sound):
                self.last_spoken_at = time.monotonic()

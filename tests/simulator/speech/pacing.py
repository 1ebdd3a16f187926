"""When audio goes out: a wait before the first of it, then faster than it is played, but not all at once."""

import asyncio
from collections.abc import Iterator

from ..clock import now
from ..realtime.pace import VoicePace
from .samples import BYTES_PER_SAMPLE


class SpeechClock:
    """Tells when the next piece of an utterance is due; counts from one start, so that waits do not add up."""

    def __init__(self, pace: VoicePace) -> None:
        """Start now."""
        self._pace = pace
        self._due_at = now() + pace.tts_s

    async def wait_for(self, audio_s: float) -> None:
        """Wait until a piece of this length may go out."""
        asked_at = now()
        # A voice that had nothing to say for a while does not catch up.
        self._due_at = max(self._due_at, asked_at - 1.0)
        if self._due_at > asked_at:
            await asyncio.sleep(self._due_at - asked_at)
        if self._pace.audio_speed:
            self._due_at += audio_s / self._pace.audio_speed


def pieces_of(pcm: bytes, rate: int, pace: VoicePace) -> Iterator[bytes]:
    """Cut audio into the pieces in which it is made."""
    size = max(rate * pace.delta_ms // 1000, 1) * BYTES_PER_SAMPLE
    for start in range(0, len(pcm), size):
        yield pcm[start : start + size]


async def pause(seconds: float) -> None:
    """Wait, or go on at once without giving up the processor."""
    if seconds > 0:
        await asyncio.sleep(seconds)

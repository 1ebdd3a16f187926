"""The microphone's sound of one turn: frames as they are sent, and the record that can be heard again."""

from collections.abc import Iterator
from typing import Final

from .config import INPUT_RATE, SAMPLE_BYTES

FRAME_BYTES: Final = INPUT_RATE * SAMPLE_BYTES * 40 // 1000
"""Sound is sent in frames of 40 ms: Home Assistant hands over 10 ms at a time."""
RECORD_BYTES: Final = INPUT_RATE * SAMPLE_BYTES * 60
"""A minute of the microphone is recorded, to be heard again by a new session or by the plain transcription."""
PIECE_BYTES: Final = 16_000
"""What was recorded before a socket stood is sent in pieces of half a second: no limit of a frame is as low."""


class InputAudio:
    """The sound of one microphone, 16-bit mono samples at the rate of the input."""

    def __init__(self, record_bytes: int = RECORD_BYTES) -> None:
        """Start with silence."""
        self.recorded = bytearray()
        self._limit = record_bytes
        self._frame = bytearray()

    @property
    def is_full(self) -> bool:
        """Whether no more is recorded."""
        return len(self.recorded) >= self._limit

    def feed(self, pcm: bytes) -> bytes:
        """Record sound; return what is to be sent now, maybe nothing."""
        if not self.is_full:
            self.recorded += pcm
        self._frame += pcm
        return self.rest() if len(self._frame) >= FRAME_BYTES else b""

    def rest(self) -> bytes:
        """Return what was not sent yet."""
        frame = bytes(self._frame)
        self._frame.clear()
        return frame

    def replay(self) -> Iterator[bytes]:
        """Give everything that was recorded, what was not sent yet included, for a socket that has heard none of it."""
        self._frame.clear()
        for start in range(0, len(self.recorded), PIECE_BYTES):
            yield bytes(self.recorded[start : start + PIECE_BYTES])

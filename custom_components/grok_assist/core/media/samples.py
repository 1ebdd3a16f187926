"""Samples of sound as bytes: 16 bits each, little-endian, one channel."""

from typing import Final

SAMPLE_BYTES: Final = 2


class WholeSamples:
    """Passes on whole samples only: half of one would make noise of everything behind it."""

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._half = b""

    def feed(self, pcm: bytes) -> bytes:
        """Take the next bytes; return what is whole, and keep the half of a sample for those that follow."""
        whole = self._half + pcm
        end = len(whole) - len(whole) % SAMPLE_BYTES
        self._half = whole[end:]
        return whole[:end]

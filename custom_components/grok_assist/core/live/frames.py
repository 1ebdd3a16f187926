"""Binary frames of the live socket, little endian; the same bytes go over Home Assistant's own connection."""

from dataclasses import dataclass
import struct
from typing import Final

MICROPHONE: Final = 1
LOUDSPEAKER: Final = 2
SILENCE: Final = 1
"""Flag of a microphone that is muted or held."""
LAST: Final = 1
"""Flag of the last piece of an item."""
MOST_BYTES: Final = 65_536
_HEARD: Final = struct.Struct("<BBH")
_SPOKEN: Final = struct.Struct("<BBHHI")


class FrameError(ValueError):
    """A frame that is none."""


@dataclass(frozen=True, slots=True)
class MicrophoneFrame:
    """A piece of the microphone: 16-bit mono samples at the rate that `hello` told."""

    seq: int
    pcm: bytes
    is_silence: bool = False

    def to_bytes(self) -> bytes:
        """Write it."""
        return _HEARD.pack(MICROPHONE, SILENCE if self.is_silence else 0, self.seq & 0xFFFF) + self.pcm

    @classmethod
    def parse(cls, raw: bytes) -> MicrophoneFrame:
        """Read it.

        Raises:
            FrameError: too short, too long, of another kind, or with half a sample.
        """
        if not _HEARD.size <= len(raw) <= MOST_BYTES or (len(raw) - _HEARD.size) % 2:
            raise FrameError(f"a microphone frame of {len(raw)} bytes")
        kind, flags, seq = _HEARD.unpack_from(raw)
        if kind != MICROPHONE:
            raise FrameError(f"a frame of kind {kind}")
        return cls(seq, raw[_HEARD.size :], bool(flags & SILENCE))


@dataclass(frozen=True, slots=True)
class SoundFrame:
    """A piece of an answer: 16-bit mono samples at the rate that `ready` told."""

    answer: int
    """Counts up within a conversation."""
    item: int
    offset: int
    """Samples from the item's start."""
    pcm: bytes
    is_last: bool = False
    """Nothing more of the item comes."""

    def to_bytes(self) -> bytes:
        """Write it."""
        flags = LAST if self.is_last else 0
        return _SPOKEN.pack(LOUDSPEAKER, flags, self.answer & 0xFFFF, self.item & 0xFFFF, self.offset) + self.pcm

    @classmethod
    def parse(cls, raw: bytes) -> SoundFrame:
        """Read it.

        Raises:
            FrameError: too short, or of another kind.
        """
        if len(raw) < _SPOKEN.size or raw[0] != LOUDSPEAKER:
            raise FrameError(f"a sound frame of {len(raw)} bytes")
        _, flags, answer, item, offset = _SPOKEN.unpack_from(raw)
        return cls(answer, item, offset, raw[_SPOKEN.size :], bool(flags & LAST))

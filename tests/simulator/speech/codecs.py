"""The forms in which audio leaves and arrives, other than plain PCM (API reference 1.11 and 1.12)."""

from abc import ABC, abstractmethod
from functools import cache
import struct
from typing import Final, override

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
import numpy as np
import numpy.typing as npt

from .samples import BYTES_PER_SAMPLE

RATES: Final = (8000, 16_000, 22_050, 24_000, 44_100, 48_000)
CONTENT_TYPES: Final = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "mulaw": "audio/basic",
    "alaw": "audio/x-alaw-basic",
}
RAW_CODECS: Final = frozenset({"pcm", "mulaw", "alaw"})
_UNKNOWN_SIZE: Final = 0xFFFF_FFFF
_HEADER_AFTER_SIZE: Final = 36


class Encoder(ABC):
    """Turns PCM, as it is spoken, into the bytes of one codec."""

    @abstractmethod
    def encode(self, pcm: bytes) -> bytes:
        """Take some PCM and give what is ready."""

    def finish(self) -> bytes:
        """Give what is left."""
        return b""


def encoder(codec: str, *, rate: int, bit_rate: int, pcm_bytes: int | None = None) -> Encoder:
    """Give the encoder of a codec; the size is for the header of a WAV file, where it is known."""
    match codec:
        case "mp3":
            return _Mp3(rate, bit_rate)
        case "wav":
            return _Wav(rate, pcm_bytes)
        case "mulaw" | "alaw":
            return _Companded(codec)
        case _:
            return _Plain()


def expanded(data: bytes, codec: str) -> bytes:
    """Decode headerless audio to PCM."""
    if codec == "pcm":
        return data
    return _table(codec)[np.frombuffer(data, dtype=np.uint8)].astype("<i2").tobytes()


class _Plain(Encoder):
    """PCM stays as it is."""

    @override
    def encode(self, pcm: bytes) -> bytes:
        return pcm


class _Wav(Encoder):
    """PCM with a header in front."""

    def __init__(self, rate: int, pcm_bytes: int | None) -> None:
        """Prepare the header; a size that nobody knows is written as the largest."""
        size = _UNKNOWN_SIZE if pcm_bytes is None else pcm_bytes
        riff = _UNKNOWN_SIZE if pcm_bytes is None else pcm_bytes + _HEADER_AFTER_SIZE
        layout = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE, 16)
        self._header = b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", size)

    @override
    def encode(self, pcm: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + pcm


class _Mp3(Encoder):
    """MPEG layer 3."""

    def __init__(self, rate: int, bit_rate: int) -> None:
        """Open the codec."""
        context = av.CodecContext.create("libmp3lame", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = rate
        context.layout = "mono"
        context.format = "s16p"
        context.bit_rate = bit_rate
        context.options = {"reservoir": "0"}
        self._context = context
        self._rate = rate

    @override
    def encode(self, pcm: bytes) -> bytes:
        if not pcm:
            return b""
        frame = AudioFrame.from_ndarray(np.frombuffer(pcm, dtype="<i2").reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = self._rate
        return b"".join(bytes(packet) for packet in self._context.encode(frame))

    @override
    def finish(self) -> bytes:
        return b"".join(bytes(packet) for packet in self._context.encode(None))


class _Companded(Encoder):
    """Telephone audio, one byte a sample."""

    def __init__(self, codec: str) -> None:
        """Prepare the look-up: each sample becomes the byte with the nearest value."""
        table = _table(codec)
        self._codes = np.argsort(table, kind="stable")
        values = table[self._codes]
        self._limits = (values[1:] + values[:-1]) / 2

    @override
    def encode(self, pcm: bytes) -> bytes:
        places = np.searchsorted(self._limits, np.frombuffer(pcm, dtype="<i2"))
        return self._codes[places].astype(np.uint8).tobytes()


@cache
def _table(codec: str) -> npt.NDArray[np.float64]:
    """Give the value of each byte of G.711."""
    codes = np.arange(256)
    if codec == "mulaw":
        code = codes ^ 0xFF
        value = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
        return np.where(code & 0x80, -value, value).astype(np.float64)
    code = codes ^ 0x55
    step = (code & 0x70) >> 4
    value = ((code & 0x0F) << 4) + 8
    value = np.where(step, (value + 0x100) << np.maximum(step - 1, 0), value)
    return np.where(code & 0x80, value, -value).astype(np.float64)

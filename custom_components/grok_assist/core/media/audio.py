"""Speech from samples to what a player asks for, piece by piece, without a process of its own.

PyAV resamples and re-frames by itself; raw packets of mp3 and FLAC need no container. Figures behind the choices
(frame sizes, levels, the mp3 reservoir) were measured on Home Assistant 2026.10 and 2026.11.
"""

from dataclasses import dataclass
from enum import StrEnum
import struct
from typing import Final, Protocol

from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

SAMPLE_BYTES: Final = 2
UNKNOWN_SIZE: Final = 0xFFFFFFFF
"""What a WAV header says whose end is not known; zero would end it at once for most readers."""
SMALL_FLAC_FRAME: Final = 128
"""Samples in a FLAC frame that another converter passes on without waiting (Home Assistant 2026.10)."""
FLAC_FRAME: Final = 1152
MP3_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class AudioKind(StrEnum):
    """Containers that we write."""

    WAV = "wav"
    MP3 = "mp3"
    FLAC = "flac"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat:
    """What a player asks for."""

    kind: AudioKind = AudioKind.MP3
    rate: int = 24_000
    """Samples a second."""
    channels: int = 1
    bit_rate: int = 96_000
    """Bits a second, mp3 only."""
    has_small_frames: bool = False
    """FLAC only: short frames, for a converter behind us that waits for a number of packets."""


class Encoder(Protocol):
    """Turns samples into a file that is written from its beginning to its end."""

    def encode(self, pcm: bytes) -> bytes:
        """Take 16-bit mono samples and give what is ready of the file."""

    def finish(self) -> bytes:
        """Give the rest of the file."""


def make_encoder(wanted: AudioFormat, *, input_rate: int) -> Encoder:
    """Make an encoder for samples of a rate."""
    if wanted.kind is AudioKind.WAV:
        return _WavEncoder(wanted, input_rate)
    return _PacketEncoder(wanted, input_rate)


def wav_header(*, rate: int, channels: int, data_bytes: int = UNKNOWN_SIZE) -> bytes:
    """Write the header of a WAV file of 16-bit samples; the size may be unknown."""
    riff_bytes = UNKNOWN_SIZE if data_bytes == UNKNOWN_SIZE else data_bytes + 36
    frame_bytes = channels * SAMPLE_BYTES
    return (
        struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * frame_bytes, frame_bytes, 8 * SAMPLE_BYTES)
        + struct.pack("<4sI", b"data", data_bytes)
    )


class _Source:
    """Cuts bytes into frames of whole samples."""

    def __init__(self, rate: int) -> None:
        """Start without samples."""
        self._rate = rate
        self._rest = b""
        self._position = 0

    def frame(self, pcm: bytes) -> AudioFrame | None:
        """Give the samples as a frame; half a sample waits for its other half."""
        data = self._rest + pcm
        whole = len(data) // SAMPLE_BYTES * SAMPLE_BYTES
        self._rest = data[whole:]
        if not whole:
            return None
        frame = AudioFrame(format="s16", layout="mono", samples=whole // SAMPLE_BYTES)
        # A plane may be longer than its samples: the rest is padding.
        frame.planes[0].update(data[:whole].ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = self._rate
        frame.pts = self._position
        self._position += frame.samples
        return frame


class _WavEncoder:
    """16-bit samples behind a header without a length."""

    def __init__(self, wanted: AudioFormat, input_rate: int) -> None:
        """Prepare the resampler, where one is needed."""
        self._source = _Source(input_rate)
        self._header = wav_header(rate=wanted.rate, channels=wanted.channels)
        self._resampler = AudioResampler(format="s16", layout=_layout(wanted.channels), rate=wanted.rate)

    def encode(self, pcm: bytes) -> bytes:
        """Resample."""
        header, self._header = self._header, b""
        frame = self._source.frame(pcm)
        return header + (self._samples(frame) if frame is not None else b"")

    def finish(self) -> bytes:
        """Give what the resampler holds."""
        return self._samples(None)

    def _samples(self, frame: AudioFrame | None) -> bytes:
        """Give the samples of a frame, or the last ones."""
        made = self._resampler.resample(frame)
        return b"".join(_bytes_of(part) for part in made)


class _PacketEncoder:
    """mp3 or FLAC as bare packets."""

    def __init__(self, wanted: AudioFormat, input_rate: int) -> None:
        """Open the codec."""
        self._source = _Source(input_rate)
        is_mp3 = wanted.kind is AudioKind.MP3
        codec = AudioCodecContext.create("libmp3lame" if is_mp3 else "flac", "w")
        codec.sample_rate = _nearest(wanted.rate) if is_mp3 else wanted.rate
        codec.layout = _layout(wanted.channels)
        codec.format = "s16p" if is_mp3 else "s16"
        if is_mp3:
            codec.bit_rate = wanted.bit_rate
            # Every frame is complete by itself, so the first one can be played at once.
            codec.options = {"reservoir": "0"}
        else:
            frame_size = SMALL_FLAC_FRAME if wanted.has_small_frames else FLAC_FRAME
            codec.options = {"compression_level": "0", "frame_size": str(frame_size)}
        codec.open()
        self._codec = codec
        self._is_mp3 = is_mp3
        self._resampler = AudioResampler(
            format=codec.format, layout=codec.layout, rate=codec.sample_rate, frame_size=codec.frame_size
        )
        self._has_begun = False

    def encode(self, pcm: bytes) -> bytes:
        """Encode whole frames."""
        frame = self._source.frame(pcm)
        return self._head() + (self._packets(frame) if frame is not None else b"")

    def finish(self) -> bytes:
        """Encode the last frame and flush."""
        last = self._packets(None) if self._has_begun else b""
        return last + b"".join(bytes(packet) for packet in self._codec.encode(None))

    def _packets(self, frame: AudioFrame | None) -> bytes:
        """Encode a frame, or what the resampler still holds."""
        return b"".join(
            bytes(packet) for part in self._resampler.resample(frame) for packet in self._codec.encode(part)
        )

    def _head(self) -> bytes:
        """Give the beginning of a FLAC file: its mark and the one block that is required (RFC 9639, 8.2)."""
        if self._has_begun:
            return b""
        self._has_begun = True
        if self._is_mp3:
            return b""
        info = bytes(self._codec.extradata or b"")
        return b"fLaC" + bytes((0x80,)) + len(info).to_bytes(3, "big") + info


def _bytes_of(frame: AudioFrame) -> bytes:
    """Give the samples of a packed frame without the padding of its plane."""
    size = frame.samples * len(frame.layout.channels) * SAMPLE_BYTES
    return bytes(frame.planes[0])[:size]


def _layout(channels: int) -> str:
    """Name the layout of a number of channels; we make one or two."""
    return "stereo" if channels == 2 else "mono"


def _nearest(rate: int) -> int:
    """Give the rate nearest to the asked one that mp3 has."""
    return min(MP3_RATES, key=lambda known: abs(known - rate))


__all__ = ["AudioFormat", "AudioKind", "Encoder", "make_encoder", "wav_header"]

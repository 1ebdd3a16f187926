"""For tests and benchmarks: whether a client heard what the simulator said."""

from io import BytesIO
from typing import Final

import av
from av.audio.resampler import AudioResampler
import numpy as np

from .samples import Samples, from_pcm, resampled

_RATE: Final = 16_000
_MAX_OFFSET_S: Final = 1.0
_FINENESS: Final = 4


def similarity(heard: bytes, rate: int, sent: bytes, sent_rate: int) -> float:
    """Correlate two pieces of 16 bit mono PCM: 1 for the same sound, whatever its loudness and a delay up to 1 s.

    What one has and the other lacks lowers the result.
    """
    common = min(rate, sent_rate, _RATE)
    here = resampled(from_pcm(heard), rate, common)
    there = resampled(from_pcm(sent), sent_rate, common)
    norm = float(np.linalg.norm(here) * np.linalg.norm(there))
    if norm == 0:
        return 0.0
    found = _correlation(here, there, round(_MAX_OFFSET_S * common)).max() / norm
    return float(np.clip(found, 0.0, 1.0))


def delay_s(heard: bytes, rate: int, sent: bytes, sent_rate: int) -> float:
    """Tell by how much the sound in the first lies behind that in the second, within 1 s."""
    common = min(rate, sent_rate, _RATE)
    offset = round(_MAX_OFFSET_S * common)
    here = resampled(from_pcm(heard), rate, common)
    there = resampled(from_pcm(sent), sent_rate, common)
    return float(np.argmax(_correlation(here, there, offset)) / _FINENESS - offset) / common


def decode(data: bytes, *, format_hint: str | None = None) -> tuple[bytes, int]:
    """Decode WAV, MP3, FLAC or what else has a container to 16 bit mono PCM and its rate.

    Raises:
        ValueError: there is no audio in the data.
    """
    pieces: list[bytes] = []
    rate = 0
    with av.open(BytesIO(data), mode="r", format=format_hint) as container:
        resampler: AudioResampler | None = None
        for frame in container.decode(audio=0):
            if resampler is None:
                rate = frame.sample_rate
                resampler = AudioResampler(format="s16", layout="mono", rate=rate)
            pieces += [bytes(part.planes[0])[: part.samples * 2] for part in resampler.resample(frame)]
    if not rate:
        raise ValueError("There is no audio in the data")
    return b"".join(pieces), rate


def _correlation(here: Samples, there: Samples, offset: int) -> Samples:
    """Correlate at every offset from minus to plus so many samples, in fractions of a sample: codecs delay by such."""
    size = 1 << int(np.ceil(np.log2(here.size + there.size + offset + 1)))
    product = np.fft.rfft(here, size) * np.conj(np.fft.rfft(there, size))
    circular = np.fft.irfft(product, size * _FINENESS) * _FINENESS
    edge = offset * _FINENESS
    return np.concatenate([circular[-edge:], circular[: edge + 1]])

"""Samples as numbers: between PCM bytes and arrays, and from one rate to another."""

from math import ceil, gcd
from typing import Final

import numpy as np
import numpy.typing as npt

type Samples = npt.NDArray[np.float64]
"""Mono sound; full scale is 1."""

BYTES_PER_SAMPLE: Final = 2
_FULL_SCALE: Final = 32768.0


def from_pcm(pcm: bytes) -> Samples:
    """Read 16 bit mono PCM; half a sample at the end is left out."""
    whole = len(pcm) - len(pcm) % BYTES_PER_SAMPLE
    return np.frombuffer(pcm[:whole], dtype="<i2").astype(np.float64) / _FULL_SCALE


def to_pcm(samples: Samples) -> bytes:
    """Write 16 bit mono PCM, clipped at full scale."""
    return np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


def silence(seconds: float, rate: int) -> bytes:
    """Give digital silence as PCM."""
    return bytes(round(seconds * rate) * BYTES_PER_SAMPLE)


def seconds_of(pcm: bytes, rate: int) -> float:
    """Tell how long PCM lasts."""
    return len(pcm) / BYTES_PER_SAMPLE / rate


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """Change the rate by way of the spectrum, which keeps everything below both limits as it is."""
    if rate == wanted or samples.size == 0:
        return samples
    unit = gcd(rate, wanted)
    blocks = _smooth(ceil(samples.size * unit / rate) + 1)
    size, wanted_size = blocks * rate // unit, blocks * wanted // unit
    spectrum = np.fft.rfft(samples, size)
    kept = np.zeros(wanted_size // 2 + 1, dtype=spectrum.dtype)
    shared = min(kept.size, spectrum.size)
    kept[:shared] = spectrum[:shared]
    changed = np.fft.irfft(kept, wanted_size) * (wanted_size / size)
    return np.asarray(changed[: round(samples.size * wanted / rate)], dtype=np.float64)


def _smooth(least: int) -> int:
    """Give the next number without large prime factors, for which the transform is fast."""
    number = least
    while True:
        rest = number
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return number
        number += 1

"""A voice for the simulator: sound that is like speech, the same each time, and different for each sentence."""

from functools import lru_cache
from hashlib import sha256
import re
from typing import Final

import numpy as np
import numpy.typing as npt

from .samples import Samples, resampled, to_pcm

CHARACTERS_PER_S: Final = 14.0

_RATE: Final = 16_000
_PEAK: Final = 0.5
_HIGHEST_HZ: Final = 3_600.0
_LOWEST_PITCH_HZ: Final = 95.0
_PITCH_RANGE_HZ: Final = 110.0
_PITCH_SWING: Final = 0.18
_VOWELS: Final = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåæø")
_CONSONANT_GAIN: Final = 0.45
# Between two characters the voice gets this much quieter, so that syllables can be told.
_DIP: Final = 0.6
_PAUSE_CHARACTERS: Final = 3
_END_OF_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+")


def sentences(text: str) -> list[str]:
    """Split a text at the ends of its sentences."""
    return [sentence for sentence in _END_OF_SENTENCE.split(text.strip()) if sentence]


def speech(text: str, *, voice: str, rate: int, speed: float = 1.0) -> bytes:
    """Speak a text as 16 bit mono PCM; that of several sentences is that of each, one after the other."""
    return b"".join(_spoken(sentence, voice, rate, speed) for sentence in sentences(text))


@lru_cache(maxsize=128)
def _spoken(sentence: str, voice: str, rate: int, speed: float) -> bytes:
    """Speak one sentence with a pause after it."""
    return to_pcm(resampled(_sound(sentence, voice, speed), _RATE, rate))


def _sound(sentence: str, voice: str, speed: float) -> Samples:
    """Give the samples of one sentence."""
    characters = sentence.lower() + " " * _PAUSE_CHARACTERS
    length = round(_RATE / CHARACTERS_PER_S / speed)
    sound = np.zeros(length * len(characters))
    pitch = _pitch(sentence, voice, length, len(characters))
    turn = np.exp(2j * np.pi * np.cumsum(pitch) / _RATE)
    formants = np.array([_formants(character) for character in characters])
    wave = np.ones_like(turn)
    for harmonic in range(1, int(_HIGHEST_HZ / pitch.max()) + 1):
        wave *= turn
        loudness = _loudness(formants, harmonic * float(pitch.mean()))
        sound += wave.imag * np.repeat(loudness, length)
    sound *= _envelope(characters, length)
    return np.asarray(sound * (_PEAK / (np.abs(sound).max() or 1.0)), dtype=np.float64)


def _pitch(sentence: str, voice: str, length: int, count: int) -> Samples:
    """Give the pitch at each sample: it belongs to the voice and swings in a way of its own for each sentence."""
    tone = _LOWEST_PITCH_HZ + _PITCH_RANGE_HZ * _seed(voice) / 2**64
    steps = np.random.default_rng(_seed(f"{voice}:{sentence}")).uniform(-_PITCH_SWING, _PITCH_SWING, count + 1)
    swing = np.interp(np.arange(length * count) / length, np.arange(count + 1), steps)
    return np.asarray(tone * (1 + swing), dtype=np.float64)


def _formants(character: str) -> tuple[float, float, float]:
    """Give two resonances and the gain of a character; what is no letter or digit is silent."""
    if not character.isalnum():
        return 500.0, 1500.0, 0.0
    number = ord(character)
    gain = 1.0 if character in _VOWELS else _CONSONANT_GAIN
    return 250.0 + (number * 173) % 650, 950.0 + (number * 389) % 2000, gain


def _loudness(formants: npt.NDArray[np.float64], hertz: float) -> npt.NDArray[np.float64]:
    """Give how loud a harmonic is in each character."""
    first, second, gain = formants.T
    near_first = np.exp(-(((hertz - first) / 160) ** 2))
    near_second = 0.5 * np.exp(-(((hertz - second) / 260) ** 2))
    return np.asarray(gain * (near_first + near_second + 0.03), dtype=np.float64)


def _envelope(characters: str, length: int) -> Samples:
    """Give an envelope that dips between characters and is zero at the edges of words, so that nothing clicks."""
    hump = np.sin(np.pi * (np.arange(length) + 0.5) / length)
    dipped = 1 - _DIP + _DIP * hump
    envelope = np.tile(dipped, len(characters))
    ramp = np.linspace(0, 1, length // 4)
    for place, character in enumerate(characters):
        start, end = place * length, (place + 1) * length
        # A character differs from its neighbours in colour, so each fades in and out.
        envelope[start : start + ramp.size] *= ramp
        envelope[end - ramp.size : end] *= ramp[::-1]
        if not character.isalnum():
            envelope[start:end] = 0
    return envelope


def _seed(text: str) -> int:
    """Give a number that is the same for the same text in every process."""
    return int.from_bytes(sha256(text.encode()).digest()[:8])

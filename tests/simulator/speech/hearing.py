"""A recogniser of known sentences by their sound: a transcript is right only if the audio really arrived."""

from dataclasses import dataclass, field
from functools import cache
import json
from pathlib import Path
from typing import Final
import wave

import numpy as np
import numpy.typing as npt

from .samples import Samples, from_pcm, resampled

UNINTELLIGIBLE: Final = "Unintelligible."

_SPOKEN: Final = Path(__file__).parents[2] / "speech"
_RATE: Final = 16_000
_HOP: Final = 160
_PHASES: Final = 4
_WINDOW: Final = 320
_BANDS: Final = 20
_LOWEST_HZ: Final = 120.0
_HIGHEST_HZ: Final = 3_700.0
_TINY: Final = 1e-12
# Frames this far below the loudest are silence; if even the loudest is below the limit, there is nothing to hear.
_QUIET_DB: Final = 38.0
_SILENT_DB: Final = -75.0
_FLOOR_DB: Final = 42.0
# Quiet of at least so many frames may separate two sentences.
_GAP_FRAMES: Final = 12
_MIN_SPEECH_FRAMES: Final = 6
# The loudness of speech goes up and down; that of noise and of hum does not.
_MIN_SWING_DB: Final = 3.0
_MAX_SHIFT: Final = 8
_SPARE_FRAMES: Final = 7
_SPARE_SHARE: Final = 0.07
_MIN_LIKENESS: Final = 0.8
_MIN_MARGIN: Final = 0.04
# A frame is wrong if its bands are off by so much on average; too many wrong frames are another sentence, or holes.
_WRONG_DB: Final = 4.0
_MAX_WRONG_SHARE: Final = 0.085
_MAX_WRONG_FRAMES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Print:
    """The fingerprint of a sentence: per frame the loudness of the bands, without the mean of each band."""

    text: str
    bands: npt.NDArray[np.float64]

    @property
    def frames(self) -> int:
        """How long the sentence is."""
        return len(self.bands)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A stretch of speech between two gaps, in frames."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The best text so far for the first pieces of an audio."""

    failures: int = 0
    texts: tuple[str, ...] = field(default=())

    @property
    def cost(self) -> tuple[int, int]:
        """What makes one reading worse than another: what was not understood, then the number of sentences."""
        return self.failures, len(self.texts)


class Hearing:
    """Knows some sentences and finds them in audio."""

    def __init__(self) -> None:
        """Know the sentences that lie in the repository."""
        self._prints: list[_Print] = []

    def register(self, text: str, pcm: bytes, rate: int) -> None:
        """Learn one more sentence."""
        self._prints.extend(_prints_of(text, from_pcm(pcm), rate))

    def transcribe(self, pcm: bytes, rate: int) -> str:
        """Give what is said in 16 bit mono PCM: empty for silence or noise, sentences joined by spaces."""
        frames = _frames(resampled(from_pcm(pcm), rate, _RATE))
        pieces = _pieces(frames)
        if not pieces or not _swings(frames[pieces[0].start : pieces[-1].end]):
            return ""
        return " ".join(self._best(frames, pieces).texts)

    def _best(self, frames: npt.NDArray[np.float64], pieces: list[_Piece]) -> _Reading:
        """Find the way to join pieces to sentences that leaves the least unexplained."""
        longest = max(sentence.frames for sentence in self._known())
        best = [_Reading()]
        for end, last in enumerate(pieces):
            readings = [_failed(best[end])]
            for start in range(end, -1, -1):
                if not _may_last(last.end - pieces[start].start, longest):
                    break
                text = self._sentence(_bands(frames[pieces[start].start : last.end]))
                if text is not None:
                    before = best[start]
                    readings.append(_Reading(failures=before.failures, texts=(*before.texts, text)))
            best.append(min(readings, key=lambda reading: reading.cost))
        return best[-1]

    def _sentence(self, bands: npt.NDArray[np.float64]) -> str | None:
        """Give the known sentence that sounds like this, if one does and no other does nearly."""
        likeness: dict[str, float] = {}
        for known in self._known():
            if abs(known.frames - len(bands)) <= max(_SPARE_FRAMES, _SPARE_SHARE * known.frames):
                likeness[known.text] = max(likeness.get(known.text, 0.0), _likeness(bands, known.bands))
        ranked = sorted(likeness, key=lambda text: likeness[text], reverse=True)
        if not ranked or likeness[ranked[0]] < _MIN_LIKENESS:
            return None
        if len(ranked) > 1 and likeness[ranked[0]] - likeness[ranked[1]] < _MIN_MARGIN:
            return None
        return ranked[0]

    def _known(self) -> list[_Print]:
        """List all sentences."""
        return [*_repository_prints(), *self._prints]


@cache
def spoken(name: str) -> tuple[str, bytes]:
    """Give the text and the 16 kHz PCM of a sentence in the repository, by its file's name without `.wav`."""
    text: str = json.loads((_SPOKEN / "index.json").read_text(encoding="utf-8"))[f"{name}.wav"]["text"]
    with wave.open(str(_SPOKEN / f"{name}.wav"), "rb") as file:
        return text, file.readframes(file.getnframes())


@cache
def spoken_names() -> tuple[str, ...]:
    """List the sentences in the repository."""
    index = json.loads((_SPOKEN / "index.json").read_text(encoding="utf-8"))
    return tuple(name.removesuffix(".wav") for name in index)


@cache
def _repository_prints() -> tuple[_Print, ...]:
    """Read the sentences in the repository once."""
    found = [spoken(name) for name in spoken_names()]
    return tuple(known for text, pcm in found for known in _prints_of(text, from_pcm(pcm), _RATE))


def _prints_of(text: str, samples: Samples, rate: int) -> list[_Print]:
    """Take fingerprints of a sentence without the silence around it: one for each way that frames may fall."""
    known = resampled(samples, rate, _RATE)
    return [_print_of(text, known[delay:]) for delay in range(0, _HOP, _HOP // _PHASES)]


def _print_of(text: str, samples: Samples) -> _Print:
    """Take one fingerprint."""
    frames = _frames(samples)
    pieces = _pieces(frames)
    if not pieces:
        raise ValueError(f"There is nothing to hear of {text!r}")
    return _Print(text=text, bands=_bands(frames[pieces[0].start : pieces[-1].end]))


@cache
def _band_weights() -> npt.NDArray[np.float64]:
    """Give the share of each line of the spectrum in each band; bands are as wide as the ear's."""
    lowest, highest = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    lines = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    rising = (lines[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - lines[:, None]) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, 1)


def _frames(samples: Samples) -> npt.NDArray[np.float64]:
    """Give the power of each band in frames of 10 ms."""
    if samples.size < _WINDOW:
        return np.zeros((0, _BANDS))
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    spectrum = np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / _WINDOW**2
    return np.asarray(power @ _band_weights(), dtype=np.float64)


def _loudness(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the loudness of each frame in decibels."""
    return np.asarray(10 * np.log10(frames.sum(axis=1) + _TINY), dtype=np.float64)


def _pieces(frames: npt.NDArray[np.float64]) -> list[_Piece]:
    """Find the stretches of speech between gaps; clicks too short for speech are no pieces."""
    if not len(frames):
        return []
    loudness = _loudness(frames)
    if loudness.max() < _SILENT_DB:
        return []
    audible = np.flatnonzero(loudness > loudness.max() - _QUIET_DB)
    runs = np.split(audible, np.flatnonzero(np.diff(audible) > _GAP_FRAMES) + 1)
    pieces = [_Piece(start=int(run[0]), end=int(run[-1]) + 1) for run in runs]
    return [piece for piece in pieces if piece.end - piece.start >= _MIN_SPEECH_FRAMES]


def _swings(frames: npt.NDArray[np.float64]) -> bool:
    """Whether the loudness goes up and down as in speech."""
    return float(_loudness(frames).std()) >= _MIN_SWING_DB


def _bands(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give a fingerprint that does not depend on how loud the whole is."""
    decibels = 10 * np.log10(frames + _TINY)
    decibels = np.maximum(decibels, decibels.max() - _FLOOR_DB)
    return np.asarray(decibels - decibels.mean(axis=0), dtype=np.float64)


def _may_last(frames: int, longest: int) -> bool:
    """Whether a stretch is short enough to be one sentence."""
    return frames <= longest + max(_SPARE_FRAMES, _SPARE_SHARE * longest)


def _likeness(heard: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> float:
    """Correlate two fingerprints at the best small shift; zero where too much of one is missing in the other."""
    products = {shift: _product(heard, known, shift) for shift in range(-_MAX_SHIFT, _MAX_SHIFT + 1)}
    best = max(products, key=lambda shift: products[shift])
    if _wrong_frames(heard, known, best) > max(_MAX_WRONG_FRAMES, _MAX_WRONG_SHARE * len(known)):
        return 0.0
    return products[best] / (float(np.linalg.norm(heard) * np.linalg.norm(known)) or 1.0)


def _overlap(heard: npt.NDArray[np.float64], known: npt.NDArray[np.float64], shift: int) -> tuple[slice, slice]:
    """Give the parts that lie on each other when the known one is moved by some frames."""
    start = max(0, shift)
    end = max(start, min(len(heard), len(known) + shift))
    return slice(start, end), slice(start - shift, end - shift)


def _product(heard: npt.NDArray[np.float64], known: npt.NDArray[np.float64], shift: int) -> float:
    """Multiply two fingerprints where they overlap."""
    here, there = _overlap(heard, known, shift)
    return float(np.vdot(heard[here], known[there]))


def _wrong_frames(heard: npt.NDArray[np.float64], known: npt.NDArray[np.float64], shift: int) -> int:
    """Count the frames of the longer one that the other lacks or that sound otherwise."""
    here, there = _overlap(heard, known, shift)
    difference = heard[here] - known[there]
    # The median tells how the whole differs in loudness and colour, whatever is wrong with some frames.
    difference -= np.median(difference, axis=0)
    right = int((np.abs(difference).mean(axis=1) < _WRONG_DB).sum())
    return max(len(heard), len(known)) - right


def _failed(before: _Reading) -> _Reading:
    """Give the reading in which one more piece is not understood; two such in a row are one."""
    if before.texts[-1:] == (UNINTELLIGIBLE,):
        return _Reading(failures=before.failures + 1, texts=before.texts)
    return _Reading(failures=before.failures + 1, texts=(*before.texts, UNINTELLIGIBLE))

"""Speech and silence told apart by energy, in the time of the audio and never in that of the clock."""

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
import math
from typing import Final

BYTES_PER_SAMPLE: Final = 2
_FRAMES_PER_S: Final = 100
# A click is no speech: so many of the last frames have to be loud.
_ONSET_FRAMES: Final = 5
_ONSET_WINDOW: Final = 8
_FULL_SCALE: Final = 32_768
_QUIET_DB: Final = -52.0
_DB_PER_THRESHOLD: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """Speech began at this sample."""

    sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStopped:
    """Speech has ended and silence has lasted long enough, at this sample."""

    sample: int


class Detector:
    """Follows a stream of 16-bit mono samples in frames of ten milliseconds."""

    def __init__(self, rate: int) -> None:
        """Listen to audio of one rate, with settings that may be changed at any time."""
        self.rate = rate
        self.level = level_of(0.5)
        self.silence_ms = 500
        self._frame_samples = rate // _FRAMES_PER_S
        self._rest = bytearray()
        self._frames = 0
        self._recent: deque[bool] = deque(maxlen=_ONSET_WINDOW)
        self._quiet_frames = 0
        self.is_speech = False

    @property
    def samples(self) -> int:
        """How many samples have been judged."""
        return self._frames * self._frame_samples

    def feed(self, pcm: bytes) -> Iterator[SpeechStarted | SpeechStopped]:
        """Take audio in and tell what was heard in it, one after the other."""
        self._rest += pcm
        size = self._frame_samples * BYTES_PER_SAMPLE
        while len(self._rest) >= size:
            frame = bytes(self._rest[:size])
            del self._rest[:size]
            self._frames += 1
            heard = self._judge(loudness(frame) >= self.level)
            if heard is not None:
                yield heard

    def begin_speech(self) -> None:
        """Take what comes from now on for speech, until there has been silence for long enough."""
        self.is_speech = True
        self._quiet_frames = 0

    def forget(self) -> None:
        """Begin anew as if nothing had been said."""
        self.is_speech = False
        self._recent.clear()

    def _judge(self, is_loud: bool) -> SpeechStarted | SpeechStopped | None:  # noqa: FBT001 - a measured value
        """Tell what a frame changes."""
        self._quiet_frames = 0 if is_loud else self._quiet_frames + 1
        if self.is_speech:
            if self._quiet_frames * 1000 < max(self.silence_ms, 1) * _FRAMES_PER_S or is_loud:
                return None
            self.forget()
            return SpeechStopped(sample=self.samples)
        self._recent.append(is_loud)
        if sum(self._recent) < _ONSET_FRAMES:
            return None
        self.is_speech = True
        first = self._frames - len(self._recent) + list(self._recent).index(True)
        return SpeechStarted(sample=first * self._frame_samples)


def level_of(threshold: float) -> float:
    """Give the RMS value from which a frame is speech: between -50 and -34 dB of full scale."""
    return _FULL_SCALE * math.pow(10, (_QUIET_DB + _DB_PER_THRESHOLD * threshold) / 20)


def loudness(frame: bytes) -> float:
    """Give the RMS value of 16-bit samples."""
    samples = array("h", frame)
    return math.sqrt(math.sumprod(samples, samples) / len(samples)) if samples else 0.0

"""Notices that somebody may have spoken unheard: loud for a while, then quiet, and no word of it."""

from array import array
from typing import Final

from .config import INPUT_RATE, SAMPLE_BYTES

LOUD: Final = 400
"""Mean of the samples' heights (of 32,767) from which a frame may be speech; a quiet room has under 100."""
LEAST_S: Final = 0.6
"""Of loud frames that may be a sentence."""
QUIET_S: Final = 2.0
"""Without a loud frame after it: until then the service may yet tell that it heard somebody."""
MOST_S: Final = 10.0
"""Of sound that is kept."""


class Unheard:
    """Listens beside a service that has never told of any words."""

    def __init__(self) -> None:
        """Begin in silence."""
        self._sound: list[bytes] = []
        self._loud_s = 0.0
        self._loud_at: float | None = None

    def feed(self, pcm: bytes, now: float) -> bytes | None:
        """Take a frame of the microphone; return what may have been said once it is over, else None."""
        samples = array("h", pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES])
        length_s = len(samples) / INPUT_RATE
        self._sound.append(pcm)
        while len(self._sound) * length_s > MOST_S:
            self._sound.pop(0)
        if samples and sum(map(abs, samples)) / len(samples) >= LOUD:
            self._loud_s += length_s
            self._loud_at = now
        if self._loud_at is None or now - self._loud_at < QUIET_S:
            return None
        sound = b"".join(self._sound) if self._loud_s >= LEAST_S else None
        self.clear()
        return sound

    def clear(self) -> None:
        """Forget what was heard: the service has heard it, too."""
        self._sound.clear()
        self._loud_s, self._loud_at = 0.0, None

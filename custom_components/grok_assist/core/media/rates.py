"""Sound at another rate, piece by piece."""

from av import AudioFrame
from av.audio.resampler import AudioResampler


class RateChanger:
    """Writes 16-bit mono samples at another rate; the last few stay in it until more come."""

    def __init__(self, rate: int, wanted: int) -> None:
        """Change from one rate to the other, in samples a second."""
        self._rate = rate
        self._resampler = AudioResampler(format="s16", layout="mono", rate=wanted)

    def feed(self, pcm: bytes) -> bytes:
        """Take a piece of whole samples and give what of it is ready."""
        if not pcm:
            return b""
        frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.sample_rate = self._rate
        frame.planes[0].update(pcm + bytes(frame.planes[0].buffer_size - len(pcm)))
        made = self._resampler.resample(frame)
        return b"".join(bytes(ready.planes[0])[: ready.samples * 2] for ready in made)

"""The microphone of a page on its way to the service: at our rate, no quicker than life, silent where it has to be."""

from typing import Final

from ..core.live.frames import MicrophoneFrame
from ..core.media.rates import RateChanger
from ..core.media.samples import SAMPLE_BYTES
from ..realtime.config import INPUT_RATE
from ..realtime.live_conversation import LiveConversation
from .second_ear import SecondEar
from .spoken_turn import LIVE_SILENCE_MS

AHEAD_S: Final = 2.0
"""Of sound that a page may send more than time has passed: what waited in a network."""


class OpenMicrophone:
    """What one conversation hears."""

    def __init__(self, live: LiveConversation, second_ear: SecondEar) -> None:
        """Hear nothing yet."""
        self.taps_only = False
        """Speech does not interrupt: while something is played there is silence."""
        self._live = live
        self._second_ear = second_ear
        self._is_muted = False
        self._rate = INPUT_RATE
        self._rates: RateChanger | None = None
        self._attached_at = self._heard_s = 0.0
        """Since when the page is there, and how much sound it has sent, in seconds."""

    def attach(self, rate: int) -> None:
        """Hear another page from here on, at its rate."""
        self._rate, self._attached_at, self._heard_s = rate, self._live.now, 0.0
        self._rates = RateChanger(rate, INPUT_RATE) if rate != INPUT_RATE else None

    def hear(self, frame: MicrophoneFrame) -> None:
        """Take a frame; one that comes quicker than life is dropped: each second is paid."""
        pcm, now = frame.pcm, self._live.now
        length_s = len(pcm) / SAMPLE_BYTES / self._rate
        if self._heard_s + length_s > now - self._attached_at + AHEAD_S:
            return
        self._heard_s += length_s
        if self._is_muted:
            return
        if frame.is_silence or (self.taps_only and self._live.player.unplayed_ms(now) > 0):
            pcm = bytes(len(pcm))
        pcm = pcm if self._rates is None else self._rates.feed(pcm)
        self._live.feed(pcm)
        self._second_ear.feed(pcm)

    def mute(self, *, is_muted: bool) -> None:
        """Close or open it."""
        if is_muted:
            self.pause()
        self._is_muted = is_muted

    def pause(self) -> None:
        """Let half a sentence end: nothing more comes of it."""
        if not self._is_muted and self._live.is_ready:
            self._live.end_speech(LIVE_SILENCE_MS)

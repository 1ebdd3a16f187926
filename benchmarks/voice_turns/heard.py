"""What one spoken turn was like for the client, whatever the client: the times that count, and the sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from tests.harness.playback import Arrival, Playback
from tests.harness.voice import VoiceTurn
from tests.satellites.turn import SatelliteTurn
from tests.simulator.speech.matching import decode

PLAYABLE_S: Final = 0.05
_RAW: Final = "audio/pcm"
# What a container says before its first sample.
_HEADERS: Final = ((b"RIFF", 44), (b"fLaC", 42))


class TurnError(Exception):
    """A turn did not end with the answer that was to be heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One turn; all times are of CLOCK_MONOTONIC, which all processes share."""

    began_at: float
    last_spoken_at: float
    stopped_at: float | None
    """When Home Assistant's detector ended the microphone's stream, as the client was told."""
    playback: Playback
    transcript: str
    answer: str

    @classmethod
    def by_browser(cls, turn: VoiceTurn) -> Self:
        """Read a turn of the browser.

        Raises:
            TurnError: nothing was heard.
        """
        return cls._checked(turn, turn.at("stt-vad-end"), turn.speech)

    @classmethod
    def by_satellite(cls, turn: SatelliteTurn) -> Self:
        """Read a turn of a satellite.

        Raises:
            TurnError: nothing was heard.
        """
        return cls._checked(turn, turn.at("stt-vad-end") or turn.at("voice-stopped"), turn.answer)

    @classmethod
    def _checked(cls, turn: VoiceTurn | SatelliteTurn, stopped_at: float | None, answer: str) -> Self:
        """Refuse a turn that failed."""
        if turn.error_code or turn.playback.error or not turn.playback.arrivals or turn.last_spoken_at is None:
            raise TurnError(turn.error_code or turn.playback.error or f"nothing was heard: {turn.kinds}")
        return cls(
            began_at=turn.began_at,
            last_spoken_at=turn.last_spoken_at,
            stopped_at=stopped_at,
            playback=turn.playback,
            transcript=turn.transcript,
            answer=answer.strip(),
        )

    @property
    def first_byte_at(self) -> float:
        """When the very first byte came."""
        return self.playback.arrivals[0].at

    @property
    def first_sound_at(self) -> float:
        """When the first byte came that is no header."""
        audio = self.playback.audio
        header = next((size for mark, size in _HEADERS if audio.startswith(mark)), 0)
        return _beyond(self.playback.arrivals, header)

    @property
    def playable_at(self) -> float:
        """When 50 ms could be decoded from what had come."""
        size = 0
        for arrival in self.playback.arrivals:
            size += arrival.size
            if _seconds(self.playback, size) >= PLAYABLE_S:
                return arrival.at
        return self.playback.arrivals[-1].at

    @property
    def sound(self) -> tuple[bytes, int]:
        """All of it as 16 bit mono PCM with its rate."""
        audio = bytes(self.playback.audio)
        return (audio, self.playback.rate) if self.playback.content_type == _RAW else decode(audio)


def stalls(arrivals: Sequence[Arrival], bytes_per_s: float) -> list[float]:
    """List for how long a player that starts with the first byte had nothing to play, each time, in seconds."""
    found = []
    empty_at = arrivals[0].at
    for arrival in arrivals:
        if arrival.at > empty_at:
            found.append(arrival.at - empty_at)
            empty_at = arrival.at
        empty_at += arrival.size / bytes_per_s
    return found


def _beyond(arrivals: Sequence[Arrival], size: int) -> float:
    """Tell when more bytes than these had come."""
    total = 0
    for arrival in arrivals:
        total += arrival.size
        if total > size:
            return arrival.at
    return arrivals[-1].at


def _seconds(playback: Playback, size: int) -> float:
    """Tell how much can be decoded from the first so many bytes."""
    if playback.content_type == _RAW:
        return size / 2 / playback.rate
    try:
        pcm, rate = decode(bytes(playback.audio[:size]))
    except ValueError, OSError, EOFError:
        return 0.0
    return len(pcm) / 2 / rate

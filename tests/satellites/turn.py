"""What one spoken turn with a satellite was like, as the satellite saw it."""

from dataclasses import dataclass, field
import time
from typing import Any

from tests.harness.playback import Playback
from tests.simulator.speech.matching import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteEvent:
    """One message of Home Assistant, audio left out."""

    kind: str
    data: dict[str, Any]
    at: float
    """By `time.monotonic`."""


@dataclass(slots=True, kw_only=True)
class SatelliteTurn:
    """Grows while the turn goes on, so it is not frozen."""

    began_at: float = field(default_factory=time.monotonic)
    events: list[SatelliteEvent] = field(default_factory=list)
    playback: Playback = field(default_factory=Playback)
    last_spoken_at: float | None = None
    """When the last sample of the sentence was sent; silence followed."""
    hushed_at: float | None = None
    """When the microphone was closed."""
    transcript: str = ""
    answer: str = ""
    """The text that Home Assistant says it speaks."""
    conversation_id: str = ""
    continues: bool = False
    """Whether Home Assistant wants the microphone open after the answer (ESPHome only)."""
    error_code: str = ""
    error_message: str = ""

    @property
    def kinds(self) -> list[str]:
        """The kinds of the messages in their order."""
        return [event.kind for event in self.events]

    @property
    def first_byte_at(self) -> float | None:
        """When the first piece of the answer's audio came."""
        return self.playback.first_byte_at

    @property
    def sound(self) -> tuple[bytes, int]:
        """The answer as 16 bit mono PCM with its rate; nothing where nothing came."""
        audio = bytes(self.playback.audio)
        if not audio or self.playback.content_type == "audio/pcm":
            return audio, self.playback.rate
        return decode(audio)

    def add(self, kind: str, data: dict[str, Any]) -> None:
        """Take in a message."""
        self.events.append(SatelliteEvent(kind=kind, data=data, at=time.monotonic()))

    def at(self, kind: str) -> float | None:
        """When the first message of a kind came."""
        return next((event.at for event in self.events if event.kind == kind), None)

"""The way to a page: the same frames over a socket of our own or over Home Assistant's connection."""

from typing import Protocol

from ..core.json_types import JsonObject
from ..core.live.frames import SoundFrame


class Link(Protocol):
    """One connection of a page. Nothing of it blocks; what cannot be sent in time ends it."""

    def send(self, message: JsonObject) -> None:
        """Send a message."""

    def sound(self, frame: SoundFrame) -> None:
        """Send sound."""

    def close(self) -> None:
        """Close it, once everything before is sent."""

"""Remembers that the service was out of reach a moment ago, so that one turn does not wait for it again and again."""

import asyncio
import time
from typing import Final

from .wire_log import WireLog

LOST_S: Final = 30.0
"""So long after it was not reached …"""
AGAIN_S: Final = 3.0
"""… the service has only so long to be there again: somebody waits for words, and then for a voice."""


class Availability:
    """Shared by everything that dials the same address."""

    def __init__(self) -> None:
        """Start with no bad news."""
        self.wire_log = WireLog(time.time)
        """What went to that address and came from it lately."""
        self._lost_at: float | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it was out of reach a moment ago."""
        return self._lost_at is not None and _now() - self._lost_at < LOST_S

    def patience_s(self, connect_s: float) -> float:
        """Return how long a connection may take now."""
        return min(connect_s, AGAIN_S) if self.is_lost else connect_s

    def lost(self) -> None:
        """Take note that it was not reached."""
        self._lost_at = _now()

    def found(self) -> None:
        """Take note that it answers."""
        self._lost_at = None


def _now() -> float:
    """Read the loop's clock in seconds."""
    return asyncio.get_running_loop().time()

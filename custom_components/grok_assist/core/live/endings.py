"""When a live conversation ends by itself: nobody speaks, it lasts too long, nobody touches it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COUNTDOWN_S: Final = 10.0
"""Shown before a conversation ends for silence."""
WARNED_S: Final = 30.0
"""Before the longest conversation ends it is said."""
MOST_UNTOUCHED: Final = 15
"""Answers without a touch before somebody has to say that it is no television."""
TOUCH_S: Final = 30.0
"""To say so."""
AWAY_S: Final = 20.0
"""A page that is gone may come back."""


class EndReason(StrEnum):
    """Why a live conversation has ended."""

    USER = "user"
    IDLE = "idle"
    FAREWELL = "farewell"
    LIMIT = "limit"
    BUDGET = "budget"
    HIDDEN = "hidden"
    REPLACED = "replaced"
    UNLOADED = "unloaded"
    RESTART = "restart"
    LOST = "lost"
    ERROR = "error"


class Notice(StrEnum):
    """What the page is told meanwhile."""

    ECHO = "echo"
    BUDGET_WARNING = "budget_warning"
    IDLE = "idle"
    STILL_THERE = "still_there"
    LIMIT = "limit"
    NETWORK = "network"


@dataclass(slots=True, kw_only=True)
class Endings:
    """The clocks of one live conversation, in seconds of the event loop."""

    opened_at: float
    idle_s: float
    max_s: float
    active_at: float = 0.0
    """When somebody spoke, or something was to be heard, last."""
    away_since: float | None = None
    answers: int = 0
    """Since the last touch."""
    asked_at: float | None = None
    """When it was asked whether somebody is still there."""
    is_leaving: EndReason | None = None
    """It ends when what is being said is said."""
    _told: frozenset[Notice] = frozenset()

    def touch(self, now: float) -> None:
        """Take note of a tap, a word typed: somebody is there."""
        self.active_at, self.answers, self.asked_at = now, 0, None
        self._told -= {Notice.IDLE, Notice.STILL_THERE}

    @property
    def may_hear(self) -> bool:
        """Whether the microphone is heard: after a goodbye the user may yet change their mind."""
        return self.is_leaving in (None, EndReason.FAREWELL)

    def note_farewell(self, *, is_said: bool) -> None:
        """Take note that the user says goodbye, or goes on after one."""
        if self.may_hear:
            self.is_leaving = EndReason.FAREWELL if is_said else None

    def be_active(self, now: float) -> None:
        """Take note of speech, or of sound that is to be heard."""
        self.active_at = now
        self._told -= {Notice.IDLE}

    def due(self, now: float, *, is_quiet: bool) -> EndReason | None:
        """Return why it ends now, if it does.

        Args:
            now: the time.
            is_quiet: nobody speaks, nothing is to be heard, no turn is under way.
        """
        if self.away_since is not None and now - self.away_since >= AWAY_S:
            return EndReason.LOST
        if self.is_leaving is not None and is_quiet:
            return self.is_leaving
        if now - self.opened_at >= self.max_s and (is_quiet or now - self.opened_at >= self.max_s + WARNED_S):
            return EndReason.LIMIT
        if self.asked_at is not None and now - self.asked_at >= TOUCH_S:
            return EndReason.IDLE
        if is_quiet and now - self.active_at >= self.idle_s + COUNTDOWN_S:
            return EndReason.IDLE
        return None

    def notices(self, now: float, *, is_quiet: bool) -> list[tuple[Notice, float]]:
        """Return what has to be told now, each once, with the seconds that are left."""
        due: list[tuple[Notice, float]] = []
        if is_quiet and now - self.active_at >= self.idle_s and Notice.IDLE not in self._told:
            due.append((Notice.IDLE, COUNTDOWN_S))
        left_s = self.max_s - (now - self.opened_at)
        if 0 < left_s <= min(WARNED_S, self.max_s / 2) and Notice.LIMIT not in self._told:
            due.append((Notice.LIMIT, left_s))
        if self.answers >= MOST_UNTOUCHED and Notice.STILL_THERE not in self._told:
            self.asked_at = now
            due.append((Notice.STILL_THERE, TOUCH_S))
        self._told |= {notice for notice, _ in due}
        return due

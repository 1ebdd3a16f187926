"""Tells what a session has used of what the service bills, again and again while it is open."""

import asyncio
from collections.abc import Callable
from typing import Final

from ..core.usage.voice_billing import VoiceBilling
from .connection import Connection
from .session import SessionUsage

BOOK_S: Final = 15.0
"""So often what an open session uses is told: nobody may listen all night without a cent in the books."""

LEAST_S: Final = 1.0


class UsageMeter:
    """Tells what the socket of a conversation uses."""

    def __init__(self, book_s: float = BOOK_S) -> None:
        """Start with nothing to watch."""
        self.on_used: Callable[[SessionUsage], None] = lambda _: None
        """Called with what was used since the last call."""
        self.lasts_s: Callable[[], float] = lambda: book_s
        """Asked for how many seconds of sound the money lasts: nobody may talk for a quarter of a minute over it."""
        self.billing = VoiceBilling.SENT_AND_RECEIVED
        """The rule that says what is paid."""
        self._book_s = book_s
        self._quota_s = book_s
        self._used = SessionUsage()
        self._connection: Connection | None = None
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, connection: Connection) -> None:
        """Count what a new socket uses."""
        self.stop()
        self._connection, self._used = connection, SessionUsage()
        self._set_timer()

    def tell(self) -> None:
        """Tell what was used since the last time."""
        if self._connection is not None:
            former, self._used = self._used, self._read(self._connection)
            self.on_used(self._used.since(former))

    def tell_more(self) -> None:
        """Tell at once where an answer is complete, or so much sound went and came that the money may be gone."""
        if (connection := self._connection) is None:
            return
        used = self._read(connection)
        if used.answers > self._used.answers or used.seconds - self._used.seconds >= self._quota_s:
            self.tell()
            self._set_quota()

    def stop(self) -> None:
        """Tell the last of a socket that is closed."""
        self.tell()
        self._connection = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _read(self, connection: Connection) -> SessionUsage:
        """Read what was used so far."""
        return connection.session.usage(self.billing, connection.now)

    def _set_timer(self) -> None:
        """Tell again before long."""
        self._set_quota()
        self._timer = asyncio.get_running_loop().call_later(self._quota_s, self._tick)

    def _set_quota(self) -> None:
        """Find out how much may be used until it is told again, in seconds."""
        self._quota_s = min(self._book_s, max(LEAST_S, self.lasts_s()))

    def _tick(self) -> None:
        """Tell, and go on."""
        self.tell()
        if self._connection is not None:
            self._set_timer()

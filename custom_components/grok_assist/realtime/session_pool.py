"""How many sessions run at once: a bound for those in use, and nothing idle while somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable

from ..core.errors import GrokRateLimitError

type Closer = Callable[[], Awaitable[None]]


class SessionPool:
    """The places for sessions of one account."""

    def __init__(self, limit: int) -> None:
        """Start with all places free."""
        self._limit = limit
        self._places = asyncio.Semaphore(limit)
        self._idle: dict[object, Closer] = {}
        self._busy = 0

    @property
    def has_room(self) -> bool:
        """Whether a place is free."""
        return not self._places.locked()

    async def acquire(self, patience_s: float) -> None:
        """Take a place, first come, first served; `release` gives it back.

        Raises:
            GrokRateLimitError: none became free in time.
        """
        try:
            async with asyncio.timeout(patience_s):
                await self._places.acquire()
        except TimeoutError:
            raise GrokRateLimitError(None, "all voice sessions are in use") from None
        self._busy += 1

    def release(self) -> None:
        """Give a place back."""
        self._busy -= 1
        self._places.release()

    def mark_idle(self, owner: object, close: Closer) -> None:
        """Count a session as idle: it does not take a place, and is closed when its socket is too many."""
        self._idle.pop(owner, None)
        self._idle[owner] = close

    def mark_busy(self, owner: object) -> None:
        """Count a session as idle no more."""
        self._idle.pop(owner, None)

    async def make_room(self) -> None:
        """Close the oldest idle sessions until one more can be opened."""
        while self._busy + len(self._idle) > self._limit and await self.give_up_oldest():
            pass

    async def give_up_oldest(self) -> bool:
        """Close the session that has been idle for longest; tell whether there was one."""
        if not self._idle:
            return False
        await self._idle.pop(next(iter(self._idle)))()
        return True


class Place:
    """The place of one conversation, taken while a turn is under way."""

    def __init__(self, session_pool: SessionPool) -> None:
        """Start without it."""
        self._session_pool = session_pool
        self._is_taken = False

    async def take(self, patience_s: float) -> None:
        """Take it, unless it is.

        Raises:
            GrokRateLimitError: none became free in time.
        """
        if not self._is_taken:
            await self._session_pool.acquire(patience_s)
            self._is_taken = True

    def free(self) -> None:
        """Give it back, if it is taken."""
        if self._is_taken:
            self._is_taken = False
            self._session_pool.release()

"""Gets a place and a socket for a turn, with pauses between the tries, while somebody speaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import logging
from typing import Final

from websockets.asyncio.client import ClientConnection

from ..core.errors import GrokConnectionError, GrokError, GrokRateLimitError, GrokServerError
from .session import USUAL as USUAL_SESSION, SessionDeadlines
from .session_pool import Place, SessionPool

_LOGGER = logging.getLogger(__name__)

type Dial = Callable[[], Awaitable[ClientConnection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPolicy:
    """When a socket is opened, again, and not any more; in seconds."""

    backoff_s: tuple[float, ...] = (2.0, 4.0, 6.0)
    """Waits before the tries that follow the first one, while the user still speaks."""
    place_s: float = 3.0
    """For a place among the account's sessions."""
    max_age_s: float = 25 * 60.0
    """Sessions are renewed between turns before the shortest maximum that was ever published (30 minutes)."""
    goodbye_s: float = 2.0
    """A socket is kept so long after a goodbye: the answer may still be on its way to a player."""
    max_redials: int = 2
    """Times that one turn gets another socket for one that was lost while somebody spoke."""
    session: SessionDeadlines = USUAL_SESSION


USUAL: Final = DialPolicy()


class Dialler:
    """The dialling of one conversation."""

    def __init__(
        self,
        dial: Dial,
        session_pool: SessionPool,
        *,
        policy: DialPolicy,
        on_open: Callable[[ClientConnection], None],
        on_failed: Callable[[GrokError], None],
    ) -> None:
        """Dial nothing yet."""
        self.place = Place(session_pool)
        self._dial = dial
        self._session_pool = session_pool
        self._policy = policy
        self._on_open = on_open
        self._on_failed = on_failed
        self._task: asyncio.Task[None] | None = None

    def start(self, is_wanted: Callable[[bool], bool], *, has_socket: bool = False, after_s: float = 0.0) -> None:
        """Begin to dial.

        Args:
            is_wanted: whether a socket is still wanted; asked with True before a second try.
            has_socket: only the place is missing.
            after_s: how long to wait before.
        """
        self.stop()
        dialling = self._run(is_wanted, has_socket=has_socket, after_s=after_s)
        self._task = asyncio.get_running_loop().create_task(dialling, name="grok_assist realtime dialler")

    def stop(self) -> asyncio.Task[None] | None:
        """Want no socket any more; return what is still to be waited for."""
        task = self._task
        if task is None or task.done() or task is asyncio.current_task():
            return None
        task.cancel()
        return task

    async def _run(self, is_wanted: Callable[[bool], bool], *, has_socket: bool, after_s: float) -> None:
        """Get the place, then the socket; tell how it ended."""
        error: GrokError = GrokConnectionError("there is no session")
        await asyncio.sleep(after_s)
        try:
            await self.place.take(self._policy.place_s)
            if has_socket:
                return
            for wait_s in (0.0, *self._policy.backoff_s):
                await asyncio.sleep(wait_s)
                if not is_wanted(wait_s > 0):
                    break
                try:
                    await self._session_pool.make_room()
                    await self._open_among_others(is_wanted)
                except (GrokConnectionError, GrokServerError) as failure:
                    error = failure
                    _LOGGER.debug("No realtime session: %s %s", type(error).__name__, error.detail)
                else:
                    return
        except GrokError as failure:
            error = failure
        self._on_failed(error)

    async def _open_among_others(self, is_wanted: Callable[[bool], bool]) -> None:
        """Dial; where the service has too many sessions of ours, once more in the place of one that is idle.

        Raises:
            GrokError: no connection, or refused.
        """
        try:
            await self._open(is_wanted)
        except GrokRateLimitError as error:
            is_crowded = error.retry_after_s is None  # with a time it is about requests, not about sessions
            if not (is_crowded and is_wanted(True) and await self._session_pool.give_up_oldest()):
                raise
            await self._open(is_wanted)

    async def _open(self, is_wanted: Callable[[bool], bool]) -> None:
        """Dial; a turn that ended meanwhile wants no socket any more.

        Raises:
            GrokError: no connection, or refused.
        """
        socket = await self._dial()
        if is_wanted(False):
            self._on_open(socket)
        else:
            await socket.close()

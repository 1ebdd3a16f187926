"""The socket under a session: dials, reads, writes, keeps the deadlines. All rules are in `session`."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ..core.errors import GrokConnectionError, GrokError
from ..core.redaction import NO_KEY, Redactor
from .session import USUAL, Session, SessionDeadlines, SessionState
from .traits import ServiceTraits

CLOSING_S: Final = 3.0
"""For the closing handshake; the library gives up a little sooner by itself."""


class Connection:
    """One open socket with its session."""

    def __init__(
        self,
        socket: ClientConnection,
        on_change: Callable[[Connection], None],
        *,
        redact: Redactor = NO_KEY,
        deadlines: SessionDeadlines = USUAL,
        traits: ServiceTraits | None = None,
    ) -> None:
        """Take an open socket; `on_change` is called after everything that happened to the session."""
        self._socket = socket
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self.session = Session(now=self._loop.time(), redact=redact, deadlines=deadlines, traits=traits)
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self.opened_at = self._loop.time()
        self._tasks = (
            self._loop.create_task(self._read(), name="grok_assist realtime reader"),
            self._loop.create_task(self._write(), name="grok_assist realtime writer"),
        )

    @property
    def is_open(self) -> bool:
        """Whether the session lives."""
        return self.session.state is not SessionState.CLOSED

    @property
    def now(self) -> float:
        """The clock of the session."""
        return self._loop.time()

    def flush(self) -> None:
        """Send what the session wants sent, and set its next deadline."""
        for frame in self.session.take_frames():
            self._frames.put_nowait(frame)
        self._set_timer()

    def _settle(self) -> None:
        """Send what the session wants sent, and tell what happened."""
        self.flush()
        self._on_change(self)

    async def close(self, *, within_s: float = CLOSING_S) -> None:
        """Close the socket; the session is over."""
        self.session.lost()
        if self._timer is not None:
            self._timer.cancel()
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(within_s):
                await self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _set_timer(self) -> None:
        """Wake up for the session's next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline := self.session.deadline) is not None:
            self._timer = self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        """Let the session act on its deadline."""
        self.session.expire(self._loop.time())
        self._settle()

    async def _read(self) -> None:
        """Give every frame to the session until the socket ends."""
        error: GrokError | None = None
        try:
            while self.is_open:
                frame = await self._socket.recv(decode=False)
                self.session.receive(frame, self._loop.time())
                self._settle()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            error = GrokConnectionError(f"the socket closed with code {code}")
        finally:
            self.session.lost(error or GrokConnectionError("the socket is no longer read"))
            self._settle()

    async def _write(self) -> None:
        """Send frames in their order."""
        with suppress(ConnectionClosed):
            while True:
                frame = await self._frames.get()
                await self._socket.send(frame, text=True)

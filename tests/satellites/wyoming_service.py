"""What all Wyoming services of the tests share: a server on a free port that describes itself and answers pings."""

from abc import ABC, abstractmethod
import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Describe, Info
from wyoming.ping import Ping, Pong

from tests.harness.sample_home import HOST

OURS: Final = Attribution(name="the tests", url="https://example.org/")


class Link:
    """One connection of Home Assistant to a service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take over an open connection."""
        self._reader = reader
        self._writer = writer

    async def read(self) -> Event | None:
        """Give the next event, None where the other side has gone."""
        try:
            return await async_read_event(self._reader)
        except ConnectionError, asyncio.IncompleteReadError:
            return None

    async def write(self, event: Event) -> None:
        """Send an event; nobody minds if the other side has gone."""
        with suppress(ConnectionError):
            await async_write_event(event, self._writer)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class WyomingService(ABC):
    """A server; `async with` starts and stops it."""

    def __init__(self) -> None:
        """Prepare a server."""
        self._server: asyncio.Server | None = None
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    @abstractmethod
    def info(self) -> Info:
        """What the service says about itself."""

    @abstractmethod
    async def handle(self, link: Link, event: Event) -> None:
        """Do what an event asks for; pings and questions are answered already."""

    @abstractmethod
    async def gone(self, link: Link) -> None:
        """Note that a connection has ended."""

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up and stop."""
        if self._server is not None:
            self._server.close()
        for link in list(self._links):
            link.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        link = Link(reader, writer)
        self._links.add(link)
        try:
            while (event := await link.read()) is not None:
                if Describe.is_type(event.type):
                    await link.write(self.info.event())
                elif Ping.is_type(event.type):
                    # Home Assistant hangs up on a satellite that does not answer within five seconds.
                    await link.write(Pong(text=Ping.from_event(event).text).event())
                else:
                    await self.handle(link, event)
        finally:
            self._links.discard(link)
            self._tasks.discard(task)
            link.close()
            await self.gone(link)

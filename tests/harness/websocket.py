"""An authenticated connection to Home Assistant's websocket API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import itertools
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from .errors import CommandError, HarnessError

CALL_DEADLINE_S: Final = 60

type Json = dict[str, Any]


class HomeAssistantSocket:
    """Commands and subscriptions that share one connection; many may run at once."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse, token: str) -> None:
        """Take over a fresh connection; entering the context signs in."""
        self._connection = connection
        self._token = token
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Queue[Json]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Sign in and start to read."""
        await self._connection.receive_json()
        await self._connection.send_json({"type": "auth", "access_token": self._token})
        answer = await self._connection.receive_json()
        if answer["type"] != "auth_ok":
            message = f"the websocket refused the token: {answer['type']}"
            raise HarnessError(message)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection and end the reader."""
        await self._connection.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    # JSON enters here: what it holds is known to the callers.
    async def call(self, command: str, **fields: Any) -> Any:
        """Return the result of a command.

        Raises:
            CommandError: Home Assistant refused it.
        """
        async with self._exchange(command, fields, next(self._ids)) as replies:
            return await _result(command, replies)

    @asynccontextmanager
    async def subscribe(self, command: str, **fields: Any) -> AsyncIterator[AsyncIterator[Any]]:
        """Open the events of a command, for as long as the context is open."""
        async with self.stream(command, **fields) as (_, events):
            yield events

    @asynccontextmanager
    async def stream(self, command: str, **fields: Any) -> AsyncIterator[tuple[Any, AsyncIterator[Any]]]:
        """Open the result and the events of a command, for as long as the context is open."""
        identifier = next(self._ids)
        async with self._exchange(command, fields, identifier) as replies:
            result = await _result(command, replies)
            try:
                yield result, _events(replies)
            finally:
                await self._unsubscribe(identifier)

    async def send_binary(self, handler_id: int, data: bytes) -> None:
        """Send data to the handler that a command has opened for it; the id is the first byte."""
        await self._connection.send_bytes(bytes([handler_id]) + data)

    async def _unsubscribe(self, identifier: int) -> None:
        """End a subscription; nobody waits for the answer."""
        if not self._connection.closed:
            fields = {"type": "unsubscribe_events", "subscription": identifier}
            await self._connection.send_json({"id": next(self._ids), **fields})

    @asynccontextmanager
    async def _exchange(self, command: str, fields: Json, identifier: int) -> AsyncIterator[asyncio.Queue[Json]]:
        """Send a command and collect what comes back under its id."""
        replies = self._replies[identifier] = asyncio.Queue()
        try:
            await self._connection.send_json({"id": identifier, "type": command, **fields})
            yield replies
        finally:
            del self._replies[identifier]

    async def _read(self) -> None:
        """Hand every message to the command that it answers."""
        async for message in self._connection:
            reply = message.json()
            if (replies := self._replies.get(reply["id"])) is not None:
                replies.put_nowait(reply)
        # Home Assistant hung up: nobody should wait for the deadline.
        for replies in self._replies.values():
            replies.put_nowait({"type": "closed"})


async def _next_reply(replies: asyncio.Queue[Json]) -> Json:
    """Wait for the next message, which must not be the end of the connection."""
    reply = await replies.get()
    if reply["type"] == "closed":
        message = "Home Assistant closed the websocket"
        raise HarnessError(message)
    return reply


async def _result(command: str, replies: asyncio.Queue[Json]) -> Any:
    """Wait for the result, which Home Assistant sends before any event."""
    async with asyncio.timeout(CALL_DEADLINE_S):
        reply = await _next_reply(replies)
    if not reply["success"]:
        error = reply["error"]
        raise CommandError(
            command=command,
            code=error["code"],
            message=error["message"],
            translation_key=error.get("translation_key") or "",
        )
    return reply["result"]


async def _events(replies: asyncio.Queue[Json]) -> AsyncIterator[Any]:
    """Yield the events among the replies, without end."""
    while True:
        reply = await _next_reply(replies)
        if reply["type"] == "event":
            yield reply["event"]

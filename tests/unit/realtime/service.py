"""A realtime service in this process that says what the test tells it to."""

import asyncio
import base64
from collections.abc import Callable
from http import HTTPStatus
from typing import Self

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.grok.sockets import dial

from ..ports import QUIET, port_of
from .wire import kinds, session_created, session_updated

KEY = "xai-secret-key"


class Socket:
    """One socket, from the server's side."""

    def __init__(self, connection: ServerConnection) -> None:
        """Keep what comes."""
        self.connection = connection
        self.frames: list[JsonObject] = []
        self.is_open = True

    @property
    def kinds(self) -> list[str]:
        """Names of the frames that came, sound left out."""
        return [kind for kind in kinds(self.frames) if kind != "input_audio_buffer.append"]

    @property
    def updates(self) -> list[str]:
        """Instructions of the configurations that came."""
        return [frame["session"]["instructions"] for frame in self.frames if frame["type"] == "session.update"]

    @property
    def sound(self) -> bytes:
        """The microphone's sound that came."""
        sound = [frame["audio"] for frame in self.frames if frame["type"] == "input_audio_buffer.append"]
        return b"".join(map(base64.b64decode, sound))

    async def say(self, *frames: JsonObject) -> None:
        """Send frames."""
        for frame in frames:
            await self.connection.send(orjson.dumps(frame), text=True)

    async def drop(self) -> None:
        """Break the socket."""
        self.connection.transport.abort()
        await until(lambda: not self.is_open)


class Service:
    """A server of realtime sockets."""

    def __init__(self) -> None:
        """Prepare; nobody is refused."""
        self.sockets: list[Socket] = []
        self.refusals: list[int] = []
        """Statuses of the next handshakes, before one is accepted."""
        self.handshakes = 0
        self.gate = asyncio.Event()
        """Handshakes wait until it is set."""
        self.gate.set()
        self.is_mute = False
        """Sends nothing by itself, not even a greeting."""
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await serve(
            self._handle,
            "127.0.0.1",
            0,
            process_request=self._admit,
            logger=QUIET,
            ping_interval=None,
            compression=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        assert self._server is not None
        self.gate.set()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"ws://127.0.0.1:{port_of(self._server)}/v1/realtime"

    @property
    def newest(self) -> Socket:
        """The socket that was opened last."""
        return self.sockets[-1]

    async def dial(self) -> ClientConnection:
        """Open a socket to it."""
        return await dial(self.url, KEY, ssl=None, timeout_s=2.0)

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse a handshake if the test says so."""
        self.handshakes += 1
        await self.gate.wait()
        if self.refusals:
            return connection.respond(HTTPStatus(self.refusals.pop(0)), "not now\n")
        return None

    async def _handle(self, connection: ServerConnection) -> None:
        """Greet, agree to every configuration, and keep the rest."""
        socket = Socket(connection)
        self.sockets.append(socket)
        try:
            if not self.is_mute:
                await socket.say(session_created())
            async for frame in connection:
                read = orjson.loads(frame)
                socket.frames.append(read)
                if read["type"] == "session.update" and not self.is_mute:
                    await socket.say(session_updated())
        except ConnectionClosed:
            pass
        finally:
            socket.is_open = False


async def until(condition: Callable[[], object], seconds: float = 2.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # the condition is anybody's
            await asyncio.sleep(0.002)

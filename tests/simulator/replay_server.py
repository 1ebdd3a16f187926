"""A server that says what a recording says: `python -m tests.simulator --replay DIR`."""

import asyncio
import base64
from collections.abc import Iterable
from contextlib import suppress
import json
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import WSCloseCode, WSMsgType, web

from .jsontypes import Json, JsonObject
from .replay import read_recording
from .replay_rest import Exchanges, Told
from .replay_socket import Playback

_HOST: Final = "127.0.0.1"
_PREFIX: Final = "/v1"
_BAD_KEY: Final = "Bearer xai-bad"
_NOT_RECORDED: Final[JsonObject] = {"code": "Some requested entity was not found", "error": "This is not recorded."}


class Replay:
    """Plays a recording back on a local port."""

    def __init__(self, folder: Path, *, host: str = _HOST, port: int = 0) -> None:
        """Read a recording; it is played back once this is entered.

        Raises:
            ValueError: there is none in the folder.
        """
        self._recorded = read_recording(folder)
        self._exchanges = Exchanges(self._recorded.exchanges)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"http://{self._host}:{self._port}{_PREFIX}"

    async def __aenter__(self) -> Self:
        """Listen while the block runs."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", f"{_PREFIX}/{{path:.*}}", self._answer)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop when the block is left."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or play a socket back."""
        path = request.path.removeprefix(_PREFIX)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._converse(request, path)
        body = await _body(request)
        exchange = self._exchanges.find(request.method, path, body, is_key_good=_is_key_good(request))
        if exchange is None:
            return web.json_response(_NOT_RECORDED, status=404)
        if exchange.sound is not None:
            kind = exchange.headers.get("content-type", "application/octet-stream")
            return web.Response(body=base64.b64decode(exchange.sound), headers={"Content-Type": kind})
        return await _send(request, self._exchanges.told(exchange, body))

    async def _converse(self, request: web.Request, path: str) -> web.StreamResponse:
        """Play a socket back."""
        if not _is_key_good(request) and path in self._recorded.refusals:
            return web.Response(status=self._recorded.refusals[path])
        playback = Playback(recorded=self._recorded, path=path)
        if not playback.is_known:
            return web.json_response(_NOT_RECORDED, status=404)
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name]
        socket = web.WebSocketResponse(protocols=offered, compress=False, max_msg_size=0)
        await socket.prepare(request)
        with suppress(ConnectionError):
            await _say(socket, playback.open())
            async for frame in socket:
                if frame.type is WSMsgType.BINARY:
                    await _say(socket, playback.hear(frame.data))
                elif frame.type is WSMsgType.TEXT:
                    await _take(socket, playback, frame.data)
        return socket


def _is_key_good(request: web.Request) -> bool:
    """Whether the key is not one of those that mean a wrong one."""
    return not request.headers.get("Authorization", "").startswith(_BAD_KEY)


async def _take(socket: web.WebSocketResponse, playback: Playback, text: str) -> None:
    """Answer one event."""
    if playback.refuses(text):
        await socket.close(code=WSCloseCode.MESSAGE_TOO_BIG)
        return
    try:
        event = json.loads(text)
        pcm = base64.b64decode(event["audio"]) if event.get("type") == "input_audio_buffer.append" else None
    except AttributeError, KeyError, TypeError, ValueError:
        return
    await _say(socket, playback.take(event) if pcm is None else playback.hear(pcm))


async def _say(socket: web.WebSocketResponse, frames: Iterable[JsonObject | int]) -> None:
    """Send frames; hang up where the service did."""
    for frame in frames:
        if isinstance(frame, int):
            await socket.close(code=frame)
            return
        if frame.get("type") == "binary":
            await socket.send_bytes(base64.b64decode(frame["audio"]))
        else:
            await socket.send_str(json.dumps(frame))
        await asyncio.sleep(0)


async def _send(request: web.Request, told: Told) -> web.StreamResponse:
    """Send an answer, as a stream where it is one."""
    if not told.events:
        if isinstance(told.body, str):
            return web.Response(text=told.body, status=told.status)
        return web.json_response(told.body, status=told.status)
    response = web.StreamResponse(status=told.status, headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for event in told.events:
        await response.write(f"data: {json.dumps(event)}\n\n".encode())
    await response.write_eof()
    return response


async def _body(request: web.Request) -> Json:
    """Give the body: parsed JSON, or the fields of a form without its file."""
    if request.content_type.startswith("multipart/"):
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    try:
        return json.loads(await request.text()) if request.can_read_body else None
    except ValueError:
        return None

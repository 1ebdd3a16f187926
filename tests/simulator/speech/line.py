"""The server's end of a speech socket: frames are checked in both directions, recorded, and spoilt by a fault."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
import hashlib
import json
from typing import Final

import aiohttp
from aiohttp import web

from ..exchange import FAULT, RECORD, request_id, wait_for_ever
from ..faults import FaultName
from ..jsontypes import Json, JsonObject
from ..schema import schema_errors
from ..state import State
from .checks import Texts

_STRIKING: Final = frozenset(
    {FaultName.DROP, FaultName.STALL, FaultName.ERROR_EVENT, FaultName.CLOSE_1011, FaultName.GARBAGE_FRAME}
)
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
_FINALIZE: Final[JsonObject] = {"type": "finalize"}
_BAD_FRAME: Final = "\x00{this is no JSON"
_OVERLOAD: Final = "The service is overloaded. Please try again later."


class LineEndedError(Exception):
    """The conversation on a socket is over."""


class Line:
    """One socket with one client."""

    def __init__(self, state: State, request: web.Request, *, definition: str) -> None:
        """Talk in the frames of one definition, `tts` or `stt`."""
        self._state = state
        self._request = request
        self._definition = definition
        self._fault = request[FAULT]
        self._messages: list[JsonObject] = []
        self._hash = hashlib.sha256()
        self.socket = web.WebSocketResponse(max_msg_size=_MAX_FRAME_BYTES)
        request[RECORD].body = {"query": _query_facts(request), "messages": self._messages}

    @property
    def fault(self) -> FaultName | None:
        """What was ordered to go wrong and has not yet."""
        return None if self._fault is None else self._fault.name

    async def open(self) -> None:
        """Accept the client."""
        self.socket.headers.update(request_id())
        await self.socket.prepare(self._request)

    async def receive(self, timeout_s: float | None = None) -> bytes | JsonObject:
        """Give the next frame: bytes, or a parsed event that fits the schema. Others are answered with an error.

        Raises:
            LineEndedError: the client has gone.
            TimeoutError: nothing came in time.
        """
        while True:
            message = await self.socket.receive(timeout=timeout_s)
            match message.type:
                case aiohttp.WSMsgType.BINARY:
                    self._note_binary(message.data)
                    return bytes(message.data)
                case aiohttp.WSMsgType.TEXT:
                    event = await self._event(message.data)
                    if event is not None:
                        return event
                case _:
                    raise LineEndedError

    async def send(self, event: JsonObject) -> None:
        """Send an event, checked before it leaves.

        Raises:
            LineEndedError: the client has gone.
        """
        for error in schema_errors(f"{self._definition}.server_event", event):
            self._state.traffic.blame_simulator(f"{self._definition}.server_event: {error}")
        await self._send_text(json.dumps(event, ensure_ascii=False))

    async def refuse(self, message: str) -> None:
        """Tell the client that a frame was wrong, and remember it."""
        self._state.traffic.blame_client(self._request[RECORD], message)
        await self.send({"type": "error", "message": message})

    async def strike(self) -> None:
        """Let the ordered fault happen, if one was and has not yet.

        Raises:
            LineEndedError: the fault ends the conversation.
        """
        name = self.fault
        if name in _STRIKING:
            self._fault = None
        match name:
            case FaultName.DROP:
                if self._request.transport is not None:
                    self._request.transport.abort()
                raise LineEndedError
            case FaultName.STALL:
                await wait_for_ever()
            case FaultName.ERROR_EVENT:
                await self.send({"type": "error", "message": _OVERLOAD})
                await self.close()
                raise LineEndedError
            case FaultName.CLOSE_1011:
                await self.close(aiohttp.WSCloseCode.INTERNAL_ERROR)
                raise LineEndedError
            case FaultName.GARBAGE_FRAME:
                await self._send_text(_BAD_FRAME)

    async def close(self, code: int = aiohttp.WSCloseCode.OK) -> None:
        """Say goodbye."""
        with suppress(ConnectionError):
            await self.socket.close(code=code)

    async def _send_text(self, text: str) -> None:
        """Send a frame as it is."""
        try:
            await self.socket.send_str(text)
        except (ConnectionError, RuntimeError) as error:
            # aiohttp raises a RuntimeError where the closing handshake has begun.
            raise LineEndedError from error

    async def _event(self, text: str) -> JsonObject | None:
        """Read a text frame; None where it was refused."""
        event = _parsed(text)
        self._messages.append(event if isinstance(event, dict) else {"type": "", "text": text[:200]})
        if event == _FINALIZE and self._definition == "stt":
            return await self._finalizing()
        errors = schema_errors(f"{self._definition}.client_event", event)
        if not errors and isinstance(event, dict):
            return event
        await self.refuse(f"Invalid message: {errors[0] if errors else 'no object'}")
        return None

    async def _finalizing(self) -> JsonObject | None:
        """Give the wish to end an utterance, where the service knows it; else say that it does not."""
        if self._state.dialects["finalize"] == "known":
            return _FINALIZE
        await self.send({"type": "error", "message": "Invalid message: unknown type `finalize`"})
        return None

    def _note_binary(self, data: bytes) -> None:
        """Record a binary frame; frames in a row are one entry."""
        if not self._messages or self._messages[-1]["type"] != "binary":
            self._messages.append({"type": "binary", "bytes": 0, "frames": 0})
            self._hash = hashlib.sha256()
        self._hash.update(data)
        self._messages[-1]["bytes"] += len(data)
        self._messages[-1]["frames"] += 1
        self._messages[-1]["sha256"] = self._hash.hexdigest()


def query_of(request: web.Request) -> Texts:
    """Give the arguments of the query."""
    return {name: request.query.getall(name) for name in request.query}


def is_upgrade(request: web.Request) -> bool:
    """Whether a client asks for a socket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


async def converse(line: Line, talk: Callable[[], Awaitable[None]]) -> web.WebSocketResponse:
    """Open a socket, talk until one side has enough, and close it."""
    await line.open()
    with suppress(LineEndedError):
        await talk()
    await line.close()
    return line.socket


def _query_facts(request: web.Request) -> JsonObject:
    """Give the query as it is recorded: values that are there more than once as a list."""
    return {name: values[0] if len(values) == 1 else values for name, values in query_of(request).items()}


def _parsed(text: str) -> Json:
    """Parse a frame, None where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None

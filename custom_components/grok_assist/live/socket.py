"""The live socket: a door that a ticket opens, frames in, frames and messages out."""

import asyncio
from contextlib import suppress
from http import HTTPStatus
import logging
from typing import Final

from aiohttp import WSMsgType, web
from homeassistant.components.http.ban import process_wrong_login
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
import orjson

from ..core.json_types import JsonObject
from ..core.live import messages
from ..core.live.endings import EndReason
from ..core.live.frames import MOST_BYTES, FrameError, MicrophoneFrame, SoundFrame
from ..faults import async_sentence
from .link import Link
from .open_conversation import OpenConversation
from .registry import Admission, AdmissionError, async_registry

_LOGGER = logging.getLogger(__name__)

PATH: Final = "/api/grok_assist/live"
PROTOCOL: Final = "grok-assist.1"
TICKET: Final = "ticket."
HEARTBEAT_S: Final = 20.0
"""Ours: aiohttp's leaves a timer behind where the page's farewell comes after our own."""
HELLO_S: Final = 10.0
SEND_S: Final = 5.0
"""For one frame: a page that does not take it is dead, not slow."""
MOST_WAITING: Final = 2_000
"""Frames that wait for the page: minutes of sound."""
CLOSE_S: Final = 2.0


class SocketLink:
    """A page at the other end of a socket."""

    def __init__(self) -> None:
        """Begin with nothing to be sent."""
        self.waiting: asyncio.Queue[str | bytes | None] = asyncio.Queue(MOST_WAITING)
        self.is_dead = False

    def send(self, message: JsonObject) -> None:
        """Send a message."""
        self._put(orjson.dumps(message).decode())

    def sound(self, frame: SoundFrame) -> None:
        """Send sound."""
        self._put(frame.to_bytes())

    def close(self) -> None:
        """Close it, once everything before is sent."""
        self._put(None)

    def _put(self, item: str | bytes | None) -> None:
        """Let something be sent in its turn."""
        try:
            self.waiting.put_nowait(item)
        except asyncio.QueueFull:
            self.is_dead = True


class LiveView(HomeAssistantView):
    """Opens the socket for whoever has a ticket; it checks that itself."""

    url = PATH
    name = "api:grok_assist:live"
    requires_auth = False

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Serve one page."""
        hass = request.app[KEY_HASS]
        offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        ticket = next((part.removeprefix(TICKET) for part in offered if part.startswith(TICKET)), "")
        admission = async_registry(hass).take(ticket) if PROTOCOL in offered else None
        if admission is None:
            await process_wrong_login(request)
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,), autoping=False, compress=False, max_msg_size=MOST_BYTES, timeout=CLOSE_S
        )
        await socket.prepare(request)
        await _serve(hass, socket, admission)
        return socket


async def _serve(hass: HomeAssistant, socket: web.WebSocketResponse, admission: Admission) -> None:
    """Let a page talk until one of both closes."""
    link = SocketLink()
    writer = hass.async_create_background_task(_write(socket, link), "grok_assist live writer")
    page = PageLine(hass, admission, link)
    try:
        async with asyncio.timeout(HELLO_S):
            first = await socket.receive()
        if first.type is WSMsgType.TEXT:
            await page.take_text(first.data)
        while page.is_open and not socket.closed and await _take(socket, page):
            pass
    except TimeoutError:
        _LOGGER.debug("A page on the live socket is silent")
    finally:
        page.gone()
        link.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await asyncio.wait([writer])
        writer.cancel()
        await socket.close()


async def _take(socket: web.WebSocketResponse, page: PageLine) -> bool:
    """Take one frame; tell whether there may be more.

    Raises:
        TimeoutError: not even an answer to our pings came.
    """
    async with asyncio.timeout(2 * HEARTBEAT_S):
        frame = await socket.receive()
    match frame.type:
        case WSMsgType.BINARY:
            page.take_bytes(frame.data)
        case WSMsgType.TEXT:
            await page.take_text(frame.data)
        case WSMsgType.PING:
            await socket.pong(frame.data)
        case WSMsgType.PONG:
            pass
        case _:
            return False
    return True


async def _next(socket: web.WebSocketResponse, link: SocketLink) -> str | bytes | None:
    """Wait for what is to be sent; meanwhile the page is asked whether it is there."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                return await link.waiting.get()
        except TimeoutError:
            async with asyncio.timeout(SEND_S):
                await socket.ping()


async def _write(socket: web.WebSocketResponse, link: SocketLink) -> None:
    """Send what waits, in its order; a page that takes nothing any more is let go."""
    with suppress(TimeoutError, ConnectionError, RuntimeError):
        while (item := await _next(socket, link)) is not None and not link.is_dead:
            async with asyncio.timeout(SEND_S):
                if isinstance(item, bytes):
                    await socket.send_bytes(item)
                else:
                    await socket.send_str(item)
    await socket.close()


class PageLine:
    """What a page says, over whichever way it comes: first `hello`, then everything else."""

    def __init__(self, hass: HomeAssistant, admission: Admission, link: Link) -> None:
        """Wait for `hello`."""
        self._hass = hass
        self._admission = admission
        self._link = link
        self.conversation: OpenConversation | None = None
        self.is_open = True

    async def take_text(self, raw: str | bytes) -> None:
        """Take a message."""
        if not self._is_heard:
            return
        try:
            message = messages.parse(raw)
        except messages.MessageError as error:
            await self._refuse("live_protocol", {"detail": str(error)})
            return
        if self.conversation is not None:
            if message is not None and not isinstance(message, messages.Hello):
                self.conversation.take(message)
        elif isinstance(message, messages.Hello):
            await self._begin(message)
        else:
            await self._refuse("live_protocol", {"detail": "hello has to come first"})

    async def _begin(self, hello: messages.Hello) -> None:
        """Open the conversation, or let it go on; what was allowed when the ticket was given may not be any more."""
        registry = async_registry(self._hass)
        try:
            admission = await registry.async_check(self._admission)
        except AdmissionError as error:
            await self._refuse(error.key, error.placeholders)
            return
        if not self.is_open:
            return
        self.conversation = registry.begin(admission, hello, self._link)
        if self.conversation is None:
            await self._refuse("live_end_lost", {}, reason=EndReason.LOST)

    @callback
    def take_bytes(self, raw: bytes) -> None:
        """Take sound; what is none is dropped."""
        if self.conversation is None or not self._is_heard:
            return
        try:
            self.conversation.hear(MicrophoneFrame.parse(raw))
        except FrameError as error:
            _LOGGER.debug("A page has sent %s", error)

    @property
    def _is_heard(self) -> bool:
        """Whether this page is still the one that the conversation has."""
        talk = self.conversation
        return self.is_open and (talk is None or (talk.page.link is self._link and not talk.is_ended))

    @callback
    def gone(self) -> None:
        """Take note that the page is not there any more."""
        self.is_open = False
        if self.conversation is not None:
            self.conversation.detach(self._link)

    async def _refuse(self, key: str, placeholders: dict[str, str], reason: EndReason = EndReason.ERROR) -> None:
        """Say what is wrong, and close."""
        text = await async_sentence(self._hass, self._admission.speaker.language, key, placeholders)
        self._link.send({"type": "error", "key": key, "text": text, "fatal": True, "wait_s": None})
        self._link.send({"type": "end", "reason": reason.value, "text": text})
        self._link.close()
        self.gone()

"""Opens the service's WebSockets: one place for address, key, limits, and for how a handshake is refused."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
import logging
import ssl as ssl_module
import time
from typing import Any, Final, override
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from ..core.errors import GrokConnectionError, GrokTimeoutError
from ..core.redaction import Redactor
from .error_mapping import from_reply
from .wire_log import Channel, ChannelLog, Direction, WireLog

MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""A second of sound is 64 KiB of base64; what is far more is no frame that we want."""
HEARTBEAT_S: Final = 20.0
CLOSE_S: Final = 2.0
LOST_CODE: Final = 1006
"""Stands for a socket that was lost without a goodbye (RFC 6455)."""


_WIRE_LOGGER: Final = logging.getLogger(f"{__name__}.wire")
_PRIVATE: Final = ("authorization", "keyterm=")
"""Lines of the handshake that nobody needs: the key, and the names of the home."""


class _WireLog(logging.LoggerAdapter[logging.Logger]):
    """The library's log of one socket, without the key that was sent on it, whoever quotes it."""

    def __init__(self, redact: Redactor) -> None:
        """Know the key."""
        super().__init__(_WIRE_LOGGER)
        self._redact = redact

    @override
    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Write a line, or leave it out."""
        if not self.isEnabledFor(level):
            return
        line = str(msg) % args if args else str(msg)
        if not any(word in line.lower() for word in _PRIVATE):
            super().log(level, "%s", self._redact(line), **kwargs)


class _NotedSocket(ClientConnection):
    """A socket whose frames are kept in a log by their kinds."""

    log: ChannelLog | None = None

    @override
    async def recv(self, decode: bool | None = None) -> Any:
        """Receive a frame, and keep its kind; or with which code the socket was closed."""
        try:
            frame = await super().recv(decode=decode)
        except ConnectionClosed as closed:
            if self.log is not None:
                self.log.reply("closed", closed.rcvd.code if closed.rcvd else LOST_CODE)
            raise
        if self.log is not None:
            self.log.frame(Direction.IN, frame)
        return frame

    @override
    async def send(self, message: Any, *, text: bool | None = None) -> None:  # type: ignore[override]
        """Send a frame, and keep its kind; newer versions of the library know `text` by its name only."""
        if self.log is not None:
            self.log.frame(Direction.OUT, message)
        await super().send(message, text=text)


class _Connect(connect):
    """Dials one address and no other: a redirect would take the microphone, and the key, to whomever it names."""

    @override
    def process_redirect(self, exc: Exception) -> Exception:
        """Return the refusal, whatever address it names."""
        return exc


def socket_url(base_url: str, path: str, **query: str | list[str]) -> str:
    """Give the socket's address beside a REST base URL: same host and path, `ws` for `http`."""
    parts = urlsplit(base_url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit(
        (scheme, parts.netloc, f"{parts.path}/{path}", urlencode(query, doseq=True, errors="replace"), "")
    )


async def dial(
    url: str, key: str, *, ssl: ssl_module.SSLContext | None, timeout_s: float, log: ChannelLog | None = None
) -> ClientConnection:
    """Open a socket, whose frames are kept in a log.

    Raises:
        GrokError: no connection, or the handshake was refused or points elsewhere; free of the request and its key.
    """
    redact = Redactor(key)
    log = log or ChannelLog(WireLog(time.time), Channel.REALTIME)  # nobody will read it
    try:
        async with asyncio.timeout(timeout_s):
            socket = await _Connect(
                url,
                create_connection=_NotedSocket,
                additional_headers={"Authorization": f"Bearer {key}"},
                ssl=ssl if url.startswith("wss:") else None,
                logger=_WireLog(redact),
                max_size=MAX_FRAME_BYTES,
                open_timeout=None,
                ping_interval=HEARTBEAT_S,
                close_timeout=CLOSE_S,
                compression=None,
                proxy=None,
            )
    except TimeoutError:
        log.lost("open", "timeout")
        raise GrokTimeoutError(timeout_s) from None
    except InvalidStatus as refusal:
        reply = refusal.response
        log.reply("open", reply.status_code, reply.body or b"")
        raise from_reply(
            reply.status_code,
            reply.body or b"",
            dict(reply.headers.raw_items()),
            datetime.now(UTC),
            redact=redact,
        ) from None
    # ValueError: whatever can be wrong with an address, from its port to its host's name.
    except (OSError, WebSocketException, EOFError, ValueError, OverflowError) as error:
        log.lost("open", "unreachable")
        raise GrokConnectionError(type(error).__name__) from None
    log.reply("open", HTTPStatus.SWITCHING_PROTOCOLS)
    if isinstance(socket, _NotedSocket):
        socket.log = log
    return socket

"""Opens the service's WebSockets: one place for address, key, limits, and for how a handshake is refused."""

import asyncio
from datetime import UTC, datetime
import logging
import ssl as ssl_module
from typing import Final, override
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from ..core.errors import GrokConnectionError, GrokTimeoutError
from .refusals import from_reply

MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""A second of sound is 64 KiB of base64; what is far more is no frame that we want."""
HEARTBEAT_S: Final = 20.0
CLOSE_S: Final = 2.0


class _Discreet(logging.Filter):
    """Keeps the key out of the library's log of the handshake."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the one line that shows it."""
        args = record.args if isinstance(record.args, tuple) else ()
        return not any(isinstance(arg, str) and arg.lower() == "authorization" for arg in args)


_WIRE_LOGGER: Final = logging.getLogger(f"{__name__}.wire")
_WIRE_LOGGER.addFilter(_Discreet())


def socket_url(base_url: str, path: str, **query: str | list[str]) -> str:
    """Give the socket's address beside a REST base URL: same host and path, `ws` for `http`."""
    parts = urlsplit(base_url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/{path}", urlencode(query, doseq=True), ""))


async def dial(url: str, key: str, *, ssl: ssl_module.SSLContext | None, timeout_s: float) -> ClientConnection:
    """Open a socket.

    Raises:
        GrokError: no connection, or the handshake was refused; free of the request and its key.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await connect(
                url,
                additional_headers={"Authorization": f"Bearer {key}"},
                ssl=ssl if url.startswith("wss:") else None,
                logger=_WIRE_LOGGER,
                max_size=MAX_FRAME_BYTES,
                open_timeout=None,
                ping_interval=HEARTBEAT_S,
                close_timeout=CLOSE_S,
                compression=None,
                proxy=None,
            )
    except TimeoutError:
        raise GrokTimeoutError(timeout_s) from None
    except InvalidStatus as refusal:
        reply = refusal.response
        raise from_reply(
            reply.status_code, reply.body or b"", dict(reply.headers.raw_items()), datetime.now(UTC)
        ) from None
    except (OSError, InvalidHandshake, InvalidURI, EOFError) as error:
        raise GrokConnectionError(type(error).__name__) from None

"""Carries the SDK's HTTP requests over Home Assistant's own `aiohttp` session.

The SDK speaks `httpx`, whose usual transport parses HTTP in Python; `aiohttp` does it in C and shares Home Assistant's
connections, resolver and TLS context. `benchmarks/text.py` shows the difference.
"""

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Final, override

import aiohttp
import httpx
from yarl import URL

AT_ONCE_BYTES: Final = 65_536

# aiohttp has decoded the body already, and frames it by itself.
_DROPPED_REPLY_HEADERS: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_DROPPED_REQUEST_HEADERS: Final = frozenset({"host", "connection", "transfer-encoding", "accept-encoding"})


class SessionTransport(httpx.AsyncBaseTransport):
    """Sends requests through a session that somebody else owns and closes."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Borrow a session."""
        self._session = session

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its reply, whose body is still to be read.

        Raises:
            httpx.ConnectTimeout: no connection in time.
            httpx.ReadTimeout: the server was silent for too long.
            httpx.ConnectError: no connection.
            httpx.ReadError: the connection was lost.
        """
        limits = request.extensions.get("timeout", {})
        body = await request.aread()
        with _httpx_errors(request):
            reply = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                # Pictures are written piece by piece: at once they would hold up the event loop.
                data=BytesIO(body) if len(body) > AT_ONCE_BYTES else body or None,
                headers=[
                    (name, value) for name, value in request.headers.items() if name not in _DROPPED_REQUEST_HEADERS
                ],
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=limits.get("connect"), sock_read=limits.get("read")),
            )
        return httpx.Response(
            reply.status,
            headers=[
                (name, value) for name, value in reply.headers.items() if name.lower() not in _DROPPED_REPLY_HEADERS
            ],
            stream=_Body(reply, request),
            request=request,
        )


class _Body(httpx.AsyncByteStream):
    """The body of one reply, in the pieces in which it arrives."""

    def __init__(self, reply: aiohttp.ClientResponse, request: httpx.Request) -> None:
        """Take over the reply."""
        self._reply = reply
        self._request = request

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the pieces."""
        with _httpx_errors(self._request):
            async for chunk in self._reply.content.iter_any():
                yield chunk

    @override
    async def aclose(self) -> None:
        """Give the connection back; one whose body was not read to the end is closed."""
        self._reply.release()


@contextmanager
def _httpx_errors(request: httpx.Request) -> Generator[None]:
    """Turn failures of `aiohttp` into those that the SDK knows."""
    try:
        yield
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        kind = httpx.ConnectTimeout if isinstance(error, TimeoutError) else httpx.ConnectError
        raise kind(type(error).__name__, request=request) from None
    except TimeoutError:
        raise httpx.ReadTimeout("silent", request=request) from None
    except aiohttp.ClientError as error:
        raise httpx.ReadError(type(error).__name__, request=request) from None

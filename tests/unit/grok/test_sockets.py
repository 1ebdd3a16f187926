"""Opening the service's sockets: addresses, refusals, and a key that nobody sees."""

from collections.abc import AsyncGenerator, Iterator
from http import HTTPStatus
import logging
import ssl
import traceback

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from custom_components.grok_assist.core.errors import (
    GrokAuthError,
    GrokConnectionError,
    GrokCreditsError,
    GrokError,
    GrokModelError,
    GrokPermissionError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
    GrokTimeoutError,
)
from custom_components.grok_assist.grok import sockets as sockets_module
from custom_components.grok_assist.grok.sockets import dial, socket_url

from ..ports import QUIET, port_of

KEY = "xai-0123456789-secret"
WIRE = f"{sockets_module.__name__}.wire"


class Refuser:
    """A server that answers handshakes as it is told."""

    def __init__(self) -> None:
        """Accept."""
        self.reply: tuple[int, str, dict[str, str]] | None = None
        self.requests: list[Request] = []
        self.server: Server | None = None

    @property
    def url(self) -> str:
        """Its address."""
        assert self.server is not None
        return f"ws://127.0.0.1:{port_of(self.server)}/v1/realtime?model=x"

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a handshake."""
        self.requests.append(request)
        if self.reply is None:
            return None
        status, body, headers = self.reply
        response = connection.respond(HTTPStatus(status), body)
        for name, value in headers.items():
            response.headers[name] = value
        return response


@pytest.fixture
async def refuser(sockets: None) -> AsyncGenerator[Refuser]:
    """A server that answers handshakes as it is told."""
    made = Refuser()

    async def echo(connection: ServerConnection) -> None:
        """Send everything back."""
        async for frame in connection:
            await connection.send(frame)

    async with serve(echo, "127.0.0.1", 0, process_request=made.admit, logger=QUIET) as made.server:
        yield made


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that any logger says."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger=WIRE):
        yield caplog


def traces(error: BaseException | None) -> str:
    """Write down an error with all errors behind it, hidden ones too."""
    text = ""
    while error is not None:
        text += "".join(traceback.format_exception(error, chain=False)) + repr(error) + repr(error.args)
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("https://api.x.ai/v1", "realtime", {"model": "a b"}, "wss://api.x.ai/v1/realtime?model=a+b"),
        ("https://api.x.ai/v1/", "stt", {"keyterm": ["a", "b&c"]}, "wss://api.x.ai/v1/stt?keyterm=a&keyterm=b%26c"),
        ("http://127.0.0.1:8080/v1", "tts", {}, "ws://127.0.0.1:8080/v1/tts"),
        ("wss://proxy/deep/v1?x=1#y", "tts", {}, "wss://proxy/deep/v1/tts"),
    ],
)
def test_url_when_made_then_beside_the_rest(base: str, path: str, query: dict[str, str | list[str]], url: str) -> None:
    """Same host and path, the scheme of sockets, the query in its place."""
    assert socket_url(base, path, **query) == url


async def test_dial_when_accepted_then_key_is_sent_and_not_logged(
    refuser: Refuser, log: pytest.LogCaptureFixture
) -> None:
    """The key is in the handshake, and in no line of the log, however much is logged."""
    socket = await dial(refuser.url, KEY, ssl=None, timeout_s=2.0)
    await socket.send("hello")
    assert await socket.recv() == "hello"
    await socket.close()
    assert refuser.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert any(record.name == WIRE for record in log.records)
    assert KEY not in log.text
    assert "authorization" not in log.text.lower()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, '{"code":"x","error":"Incorrect API key provided: xa***et."}', GrokAuthError),
        (400, '{"error":{"message":"Incorrect API key"}}', GrokAuthError),
        (400, "bad model", GrokRequestError),
        (403, "no credits left", GrokCreditsError),
        (403, "", GrokPermissionError),
        (404, "", GrokModelError),
        (500, "oops", GrokServerError),
        (502, "", GrokServerError),
    ],
)
async def test_dial_when_refused_then_error_without_the_key(
    refuser: Refuser, log: pytest.LogCaptureFixture, status: int, body: str, kind: type[GrokError]
) -> None:
    """The status says what is wrong; neither the error nor any error behind it nor the log shows the key."""
    refuser.reply = (status, body, {})
    with pytest.raises(GrokError) as caught:
        await dial(refuser.url, KEY, ssl=None, timeout_s=2.0)
    assert type(caught.value) is kind
    assert caught.value.__suppress_context__
    assert refuser.requests
    shown = traces(caught.value) + log.text
    assert KEY not in shown
    assert "bearer" not in shown.lower()


async def test_dial_when_too_many_then_the_wait_is_read(refuser: Refuser) -> None:
    """How long to wait stands in a header."""
    refuser.reply = (429, '{"error":"Too many sessions"}', {"Retry-After": "7"})
    with pytest.raises(GrokRateLimitError) as caught:
        await dial(refuser.url, KEY, ssl=None, timeout_s=2.0)
    assert (caught.value.retry_after_s, caught.value.detail) == (7.0, "Too many sessions")


async def test_dial_when_nobody_listens_then_connection_error(refuser: Refuser, log: pytest.LogCaptureFixture) -> None:
    """The error says its kind, nothing of the request."""
    url = refuser.url
    assert refuser.server is not None
    refuser.server.close()
    await refuser.server.wait_closed()
    for address in (url, "nonsense", "ws://"):
        with pytest.raises(GrokConnectionError) as caught:
            await dial(address, KEY, ssl=None, timeout_s=2.0)
        assert KEY not in traces(caught.value) + log.text


async def test_dial_when_it_is_no_websocket_server_then_connection_error(refuser: Refuser) -> None:
    """A reply of 200 is no socket."""
    refuser.reply = (200, "hello", {})
    with pytest.raises(GrokError) as caught:
        await dial(refuser.url, KEY, ssl=None, timeout_s=2.0)
    assert KEY not in traces(caught.value)


async def test_dial_when_slow_then_timeout(sockets: None) -> None:
    """A handshake that is not answered ends in time."""

    async def never(connection: ServerConnection) -> None:
        """Do nothing."""

    async with serve(never, "127.0.0.1", 0, process_request=_forever, logger=QUIET, open_timeout=0.2) as server:
        url = f"ws://127.0.0.1:{port_of(server)}/"
        with pytest.raises(GrokTimeoutError) as caught:
            await dial(url, KEY, ssl=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), timeout_s=0.05)
    assert caught.value.after_s == 0.05


async def _forever(connection: ServerConnection, request: Request) -> None:
    """Never answer a handshake."""
    await connection.wait_closed()

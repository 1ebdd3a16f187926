"""A server that points elsewhere: nobody is followed, and nothing goes to the other host."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokRequestError
from custom_components.grok_assist.grok.sockets import dial
from custom_components.grok_assist.grok.speech import SpeechClient

from ..ports import QUIET, port_of

KEY = "xai-canary-1234567890"

type Use = Callable[[SpeechClient], Coroutine[object, object, object]]


async def realtime(client: SpeechClient) -> object:
    """Open a session."""
    return await client.dial_realtime("grok-voice-latest")


async def speak(client: SpeechClient) -> object:
    """Have something spoken."""
    return [piece async for piece in client.speak(_texts(), voice="eve", language="en")]


async def transcribe(client: SpeechClient) -> object:
    """Have something written down."""
    return [found async for found in client.transcribe(_sound(), rate=16_000, language="en")]


async def _texts() -> AsyncGenerator[str]:
    """Give a text."""
    yield "The code of the alarm is 4711."


async def _sound() -> AsyncGenerator[bytes]:
    """Give sound."""
    yield b"\0\0"


@asynccontextmanager
async def redirected(status: int, target: str) -> AsyncGenerator[tuple[SpeechClient, list[str], list[str]]]:
    """Have a client of a server that points to another one, what that one saw, and what the first one did."""
    seen: list[str] = []
    asked: list[str] = []

    def note(connection: ServerConnection, request: Request) -> None:
        """Note whoever comes."""
        seen.append(f"{request.path} {request.headers.get('Authorization')}")

    async def idle(connection: ServerConnection) -> None:
        """Say nothing."""
        await connection.wait_closed()

    async with serve(idle, "127.0.0.2", 0, process_request=note, logger=QUIET) as other:
        location = target.format(port=port_of(other))

        def redirect(connection: ServerConnection, request: Request) -> Response:
            """Point elsewhere."""
            asked.append(request.path)
            return Response(status, "Elsewhere", Headers({"Location": location, "Content-Length": "0"}), b"")

        async with serve(idle, "127.0.0.1", 0, process_request=redirect, logger=QUIET) as server:
            yield SpeechClient(f"http://127.0.0.1:{port_of(server)}/v1", KEY, ssl=None, connect_s=2), seen, asked


@pytest.mark.parametrize("use", [realtime, speak, transcribe])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_socket_when_redirected_then_refused_and_other_host_sees_nothing(
    sockets: None, use: Use, status: int
) -> None:
    """The key, the microphone and the words go to one address; a redirect is an error, as with REST."""
    async with redirected(status, "ws://127.0.0.2:{port}/steal") as (client, seen, asked):
        with pytest.raises(GrokRequestError) as caught:
            await use(client)
    assert (caught.value.status, seen, len(asked)) == (status, [], 1)
    assert KEY not in repr(caught.value.args)


@pytest.mark.parametrize(
    "target", ["wss://127.0.0.2:{port}/", "/v1/other", "http://[::1", "nonsense:", "ws://a:99999999/"]
)
async def test_socket_when_redirect_is_odd_then_refused_all_the_same(sockets: None, target: str) -> None:
    """Whatever stands in the header, to the same host or to none."""
    async with redirected(302, target) as (client, seen, asked):
        with pytest.raises(GrokRequestError):
            await realtime(client)
    assert (seen, len(asked)) == ([], 1)


@pytest.mark.parametrize(
    "url",
    [
        "wss://127.0.0.1:1/v1", "ws://[::1/", "ws://127.0.0.1:99999/", "ws://127.0.0.1:-1/", "ws://\0/",
        "http://127.0.0.1/", "ws:///v1", "", "ws://user:word@127.0.0.1:1/", "ws://\ud800/",
    ],
)  # fmt: skip
async def test_dial_when_address_is_odd_then_connection_error(sockets: None, url: str) -> None:
    """Whatever connecting may raise is one of ours, and shows no key."""
    with pytest.raises(GrokConnectionError) as caught:
        await dial(url, KEY, ssl=None, timeout_s=2)
    assert KEY not in repr(caught.value.args)

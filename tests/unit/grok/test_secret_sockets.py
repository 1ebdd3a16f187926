"""A service that quotes the key: no error and no line of the log holds it, however much is logged."""

from collections.abc import AsyncGenerator, Iterator
from http import HTTPStatus
import logging

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from custom_components.grok_assist.core.errors import GrokAuthError, GrokError, GrokServerError
from custom_components.grok_assist.core.redaction import Redactor
from custom_components.grok_assist.grok import sockets as sockets_module
from custom_components.grok_assist.grok.speech import SpeechClient
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.connection import Connection

from ..ports import QUIET, port_of

KEY = "xai-canary-0123456789-abcdefghij"
WIRE = f"{sockets_module.__name__}.wire"
QUOTED = [f"Incorrect API key provided: {KEY}", "x" * 180 + KEY, f"Bearer {KEY}", f"it began with {KEY[:14]}"]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that any logger says."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger=WIRE):
        yield caplog


async def texts() -> AsyncGenerator[str]:
    """Give a text."""
    yield "Hello."


async def sound() -> AsyncGenerator[bytes]:
    """Give sound."""
    yield b"\0\0"


async def use(client: SpeechClient, path: str) -> None:
    """Use one of the three sockets."""
    if path == "tts":
        _ = [piece async for piece in client.speak(texts(), voice="eve", language="en")]
    elif path == "stt":
        _ = [
            found async for found in client.transcribe(sound(), rate=16_000, language="en", keyterms=("Schlafzimmer",))
        ]
    else:
        await (await client.dial_realtime("grok-voice-latest")).close()


def check(error: GrokError, log: pytest.LogCaptureFixture) -> None:
    """Make sure that nothing of the key is left."""
    shown = error.detail + repr(error.args) + log.text + "".join(record.getMessage() for record in log.records)
    assert not any(KEY[start : start + 8] in shown for start in range(len(KEY) - 7))
    assert "Schlafzimmer" not in shown


@pytest.mark.parametrize("path", ["tts", "stt", "realtime"])
@pytest.mark.parametrize("words", QUOTED)
async def test_handshake_when_refusal_quotes_the_key_then_nobody_sees_it(
    sockets: None, log: pytest.LogCaptureFixture, path: str, words: str
) -> None:
    """Nor what else of the request it quotes."""

    def refuse(connection: ServerConnection, request: Request) -> Response:
        """Quote what came."""
        return connection.respond(HTTPStatus(401), orjson.dumps({"error": words}).decode())

    async def never(connection: ServerConnection) -> None:
        """Nobody comes so far."""

    async with serve(never, "127.0.0.1", 0, process_request=refuse, logger=QUIET) as server:
        client = SpeechClient(f"http://127.0.0.1:{port_of(server)}/v1", KEY, ssl=None, connect_s=2)
        with pytest.raises(GrokAuthError) as caught:
            await use(client, path)
    assert caught.value.detail
    check(caught.value, log)


@pytest.mark.parametrize("path", ["tts", "stt"])
@pytest.mark.parametrize("words", QUOTED)
async def test_speech_when_error_quotes_the_key_then_nobody_sees_it(
    sockets: None, log: pytest.LogCaptureFixture, path: str, words: str
) -> None:
    """An error on the open socket."""

    async def fail(connection: ServerConnection) -> None:
        """Quote the key."""
        await connection.send(orjson.dumps({"type": "error", "message": words}), text=True)
        await connection.wait_closed()

    async with serve(fail, "127.0.0.1", 0, logger=QUIET) as server:
        client = SpeechClient(f"http://127.0.0.1:{port_of(server)}/v1", KEY, ssl=None, connect_s=2)
        with pytest.raises(GrokServerError) as caught:
            await use(client, path)
    assert caught.value.detail
    check(caught.value, log)


@pytest.mark.parametrize("words", QUOTED)
async def test_session_when_error_quotes_the_key_then_nobody_sees_it(
    sockets: None, log: pytest.LogCaptureFixture, words: str
) -> None:
    """A session that is refused, or ended."""

    async def fail(connection: ServerConnection) -> None:
        """Quote the key."""
        error = {"type": "timeout", "message": words}
        await connection.send(orjson.dumps({"type": "error", "error": error}), text=True)
        await connection.wait_closed()

    async with serve(fail, "127.0.0.1", 0, logger=QUIET) as server:
        client = SpeechClient(f"http://127.0.0.1:{port_of(server)}/v1", KEY, ssl=None, connect_s=2)
        connection = Connection(await client.dial_realtime("x"), lambda _: None, redact=client.redact)
        connection.session.configure(SessionConfig(instructions="", voice="eve"), connection.now)
        await connection._tasks[0]
        await connection.close()
    assert connection.session.error is not None
    assert connection.session.error.detail.startswith("timeout: ")
    check(connection.session.error, log)


def test_client_when_shown_then_without_the_key() -> None:
    """It may stand in a trace."""
    client = SpeechClient("http://127.0.0.1/v1", KEY, ssl=None, connect_s=2)
    assert KEY not in repr(client) + repr(client.redact) + repr(Redactor(KEY))

"""Speech that would never end: a dead microphone, a service that goes on and on, a line that takes nothing."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Awaitable, Callable

import orjson
import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.grok import speech_wire
from custom_components.grok_assist.grok.speech import TTS_RATE, SpeechClient, Transcript

from .speech_servers import chunks, client_of, frame, pieces

SECOND = base64.b64encode(bytes(TTS_RATE * 2)).decode()


async def dying(*made: bytes) -> AsyncGenerator[bytes]:
    """Give pieces of sound, then nothing for ever."""
    for piece in made:
        yield piece
    await asyncio.Event().wait()


async def writing(*made: str) -> AsyncGenerator[str]:
    """Give pieces of a text, then nothing for ever."""
    for piece in made:
        yield piece
    await asyncio.Event().wait()


async def transcripts(client: SpeechClient, audio: AsyncGenerator[bytes]) -> list[Transcript]:
    """Collect what is understood; a test never waits for real seconds."""
    async with asyncio.timeout(10):
        return [found async for found in client.transcribe(audio, rate=16_000, language="en")]


async def sound(client: SpeechClient, texts: AsyncGenerator[str]) -> list[bytes]:
    """Collect what is spoken."""
    async with asyncio.timeout(10):
        return [piece async for piece in client.speak(texts, voice="eve", language="en")]


async def hear(connection: ServerConnection, *, until_end: bool = True) -> None:
    """Greet, and take sound until its end."""
    await connection.send(frame(type="transcript.created"), text=True)
    async for piece in connection:
        if isinstance(piece, str) or not until_end:
            return


async def understand(connection: ServerConnection) -> None:
    """Understand a word, and be done when the sound is."""
    await hear(connection, until_end=False)
    await connection.send(frame(type="transcript.partial", text="Turn on", is_final=True), text=True)
    async for piece in connection:
        if isinstance(piece, str):
            await connection.send(frame(type="transcript.done", text="Turn on."), text=True)
            return


async def test_transcribe_when_microphone_dies_then_words_so_far(sockets: None) -> None:
    """A satellite that is gone gives neither sound nor an end."""
    async with client_of(understand, microphone_s=0.05) as client:
        found = await transcripts(client, dying(b"\0\0"))
    assert found[-1] == Transcript("Turn on.", is_final=True)


@pytest.mark.parametrize("audio", [(), (b"\0\0",), (b"",)])
async def test_transcribe_when_microphone_dies_without_a_word_then_error(
    sockets: None, audio: tuple[bytes, ...]
) -> None:
    """No words from a dead microphone are not the same as silence."""

    async def nothing(connection: ServerConnection) -> None:
        """Understand nothing."""
        await hear(connection)
        await connection.send(frame(type="transcript.done", text=""), text=True)

    async with client_of(nothing, microphone_s=0.05) as client:
        with pytest.raises(GrokTimeoutError):
            await transcripts(client, dying(*audio))
        assert [found.text for found in await transcripts(client, chunks(b"\0\0"))] == [""]


@pytest.mark.parametrize(
    ("told", "is_whole"),
    [
        ([{"is_final": True}], True),
        ([{"is_final": True, "speech_final": True}], True),
        ([{"is_final": False}], False),
        ([{"is_final": True}, {"is_final": False}], False),
        ([{"type": "transcript.done"}], False),
        ([{"type": "transcript.done"}, {"is_final": True}], True),
    ],
)
async def test_transcribe_when_the_end_never_comes_then_only_what_was_settled(
    sockets: None, told: list[JsonObject], *, is_whole: bool
) -> None:
    """A guess in the middle of a sentence is not what somebody said: "Turn off all" had gone on."""

    async def listen(connection: ServerConnection) -> None:
        """Tell it, and never that this was all."""
        await connection.send(frame(type="transcript.created"), text=True)
        await connection.recv()
        for more in told:
            await connection.send(frame(**{"type": "transcript.partial", "text": "Turn off all", **more}), text=True)
        await connection.wait_closed()

    is_told = asyncio.Event()

    async def speaking() -> AsyncGenerator[bytes]:
        """End when something was told."""
        yield b"\0\0"
        await is_told.wait()

    found: list[Transcript] = []

    async def listened(client: SpeechClient) -> None:
        """Collect it."""
        async for transcript in client.transcribe(speaking(), rate=16_000, language="en"):
            found.append(transcript)
            if len(found) == len(told):
                is_told.set()

    async with client_of(listen, words_s=0.2, answer_s=0.2) as client, asyncio.timeout(10):
        if is_whole:
            await listened(client)
        else:
            with pytest.raises(GrokTimeoutError):
                await listened(client)
    assert [transcript.is_final for transcript in found] == [False] * len(told) + [True] * is_whole


async def test_transcribe_when_partials_never_end_then_words_so_far(sockets: None) -> None:
    """However often something comes, the end is awaited only so long."""

    async def repeat(connection: ServerConnection) -> None:
        """Say the same again and again."""
        await hear(connection)
        await connection.send(frame(type="transcript.partial", text="Turn on", is_final=True), text=True)
        while True:
            await connection.send(frame(type="transcript.partial", text=""), text=True)
            await asyncio.sleep(0.01)

    async with client_of(repeat, words_s=0.2) as client:
        found = await transcripts(client, chunks(b"\0\0"))
    assert found[-1] == Transcript("Turn on", is_final=True)


async def test_transcribe_when_nothing_is_said_again_and_again_then_error(sockets: None) -> None:
    """Frames that mean nothing are no sign of life."""

    async def babble(connection: ServerConnection) -> None:
        """Say nothing."""
        await hear(connection)
        for _ in range(30):
            await connection.send(frame(type="ping"), text=True)
        await connection.wait_closed()

    async with client_of(babble, words_s=30, idle_frames=20) as client:
        with pytest.raises(GrokServerError):
            await transcripts(client, chunks(b"\0\0"))


@pytest.fixture
async def stall(sockets: None) -> AsyncGenerator[SpeechClient]:
    """A client on a line that takes nothing more."""
    is_over = asyncio.Event()

    async def greet(connection: ServerConnection) -> None:
        """Greet, and read nothing."""
        await connection.send(frame(type="transcript.created"), text=True)
        connection.transport.pause_reading()
        await is_over.wait()
        connection.transport.abort()

    async with client_of(greet, send_s=0.1) as client:
        yield client
        is_over.set()


async def test_transcribe_when_line_takes_nothing_then_timeout(stall: SpeechClient) -> None:
    """An upload that stalls ends."""

    async def loud() -> AsyncGenerator[bytes]:
        """Give sound without an end."""
        while True:
            yield bytes(1_000_000)

    with pytest.raises(GrokTimeoutError):
        await transcripts(stall, loud())


async def test_speak_when_line_takes_nothing_then_timeout(stall: SpeechClient) -> None:
    """A text that stalls ends."""

    async def long() -> AsyncGenerator[str]:
        """Write without an end."""
        while True:
            yield "word " * 100_000

    with pytest.raises(GrokTimeoutError):
        await sound(stall, long())


async def babble_sound(connection: ServerConnection) -> None:
    """Speak without an end."""
    await connection.recv()
    for _ in range(15):
        await connection.send(frame(type="audio.delta", delta=SECOND), text=True)
    await connection.wait_closed()


@pytest.mark.parametrize("texts", [pieces, writing])
async def test_speak_when_sound_never_ends_then_ends(
    sockets: None, texts: Callable[[str], AsyncGenerator[str]]
) -> None:
    """Two letters have at most eleven seconds of sound, whether more text may come or not."""
    heard = 0

    async def listen(client: SpeechClient) -> None:
        """Count what comes."""
        nonlocal heard
        async for piece in client.speak(texts("Hi"), voice="eve", language="en"):
            heard += len(piece)

    async with client_of(babble_sound) as client, asyncio.timeout(10):
        with pytest.raises(GrokServerError):
            await listen(client)
    assert 0 < heard <= (2 * 0.2 + 10) * TTS_RATE * 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("Hi", 10.4), ("\u4f60\u597d\u4f60\u597d", 12.4), ("0176 1234567", 21.2), ("", 10)]
)
async def test_speak_when_text_is_slow_to_say_then_time_for_it(text: str, seconds: float) -> None:
    """A character of Chinese is a syllable, a digit may be a word."""
    assert speech_wire.SpeechLimits().pause_s + speech_wire._longest_s(text) == pytest.approx(seconds)


async def test_speak_when_service_says_nothing_again_and_again_then_error(sockets: None) -> None:
    """Sound without samples is none, and what is no JSON neither."""

    async def babble(connection: ServerConnection) -> None:
        """Say nothing."""
        await connection.recv()
        for _ in range(15):
            await connection.send(frame(type="audio.delta", delta=""), text=True)
            await connection.send("no json")
        await connection.wait_closed()

    async with client_of(babble, idle_frames=20) as client:
        with pytest.raises(GrokServerError):
            await sound(client, pieces("Hi"))


async def test_speak_when_writer_is_silent_then_waited_for(sockets: None) -> None:
    """A model that thinks is no reason to give up, and its silence is not the service's."""

    async def speak(connection: ServerConnection) -> None:
        """Speak."""
        async for text in connection:
            kind = "audio.done" if orjson.loads(text)["type"] == "text.done" else "audio.delta"
            await connection.send(frame(type=kind, delta="AAA="), text=True)

    async def thinking() -> AsyncGenerator[str]:
        """Write, think and write."""
        yield "One. "
        await asyncio.sleep(0.2)
        yield "Two."

    async with client_of(speak, answer_s=0.1) as client:
        assert len(await sound(client, thinking())) == 2


async def test_speak_when_writer_never_ends_then_timeout(sockets: None) -> None:
    """There is an end to waiting for the rest of a text."""

    async def wait(connection: ServerConnection) -> None:
        """Wait for more."""
        await connection.wait_closed()

    async with client_of(wait, writing_s=0.1) as client:
        with pytest.raises(GrokTimeoutError):
            await sound(client, writing("One. "))


async def test_speak_when_listener_is_slow_then_nothing_is_lost(sockets: None) -> None:
    """Time that a player takes is not the service's."""

    async def speak(connection: ServerConnection) -> None:
        """Speak in pieces."""
        await connection.recv()
        for _ in range(6):
            await connection.send(frame(type="audio.delta", delta="AAA="), text=True)
        await connection.send(frame(type="audio.done"), text=True)
        await connection.wait_closed()

    heard = []
    async with client_of(speak, answer_s=0.1, pause_s=0.0) as client, asyncio.timeout(10):
        async for piece in client.speak(pieces("Hi"), voice="eve", language="en"):
            heard.append(piece)
            await asyncio.sleep(0.05)
    assert len(heard) == 6


async def test_speak_when_samples_come_in_halves_then_whole_ones(sockets: None) -> None:
    """Half a sample at the end of a piece would make noise of the next."""

    async def speak(connection: ServerConnection) -> None:
        """Speak in odd pieces."""
        await connection.recv()
        for piece in (b"\1", b"\2\3", b"\4\5\6", b"\7"):
            await connection.send(frame(type="audio.delta", delta=base64.b64encode(piece).decode()), text=True)
        await connection.send(frame(type="audio.done"), text=True)
        await connection.wait_closed()

    async with client_of(speak) as client:
        assert await sound(client, pieces("Hi")) == [b"\1\2", b"\3\4\5\6"]


async def _ended(call: Awaitable[object]) -> None:
    """Make sure that a call ends with an error of ours."""
    with pytest.raises(GrokConnectionError):
        await call


async def test_client_when_closed_then_everything_ends(sockets: None) -> None:
    """Whoever speaks or listens is told, and nobody dials again."""

    async def wait(connection: ServerConnection) -> None:
        """Greet and wait."""
        try:
            await connection.send(frame(type="transcript.created"), text=True)
            await connection.wait_closed()
        except ConnectionClosed:
            pass

    async with client_of(wait, microphone_s=60) as client, asyncio.timeout(10):
        runs = [
            asyncio.create_task(_ended(transcripts(client, dying(b"\0\0")))),
            asyncio.create_task(_ended(sound(client, writing("One.")))),
        ]
        while len(client._sockets) < 2:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.001)
        await client.close()
        await asyncio.gather(*runs)
        assert client._sockets == set()
        with pytest.raises(GrokError):
            await client.dial_realtime("x")


async def test_client_when_closed_before_anything_then_done() -> None:
    """There may be nothing to close."""
    await SpeechClient("http://127.0.0.1/v1", "key", ssl=None, connect_s=1).close()

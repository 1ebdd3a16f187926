"""Text to speech and speech to text over the service's sockets."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from websockets.asyncio.server import ServerConnection

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokServerError, GrokTimeoutError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.grok.speech import Transcript, TranscriptReader, spoken_language
from tests.simulator.schema import schema_errors

from .speech_servers import chunks, client_of, frame, pieces


def partial(text: str, *, is_final: bool = False, speech_final: bool = False) -> JsonObject:
    """Make a piece of a transcription."""
    return {"type": "transcript.partial", "text": text, "is_final": is_final, "speech_final": speech_final}


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        (None, "auto"),
        ("", "auto"),
        ("en", "en"),
        ("en-GB", "en"),
        ("DE_ch", "de"),
        ("es", "es-ES"),
        ("es-MX", "es-MX"),
        ("es-AR", "es-MX"),
        ("es-419", "es-MX"),
        ("es_US", "es-MX"),
        ("es-ES", "es-ES"),
        ("pt", "pt-PT"),
        ("pt-PT", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("zh-CN", "zh"),
        ("zh-Hant", "zh"),
        ("ar-SA", "ar-SA"),
        ("ar-KW", "ar-AE"),
        ("ar_ma", "ar-EG"),
        ("yue-CN", "auto"),
        ("pt_br", "pt-BR"),
        ("ar", "ar-EG"),
        ("nl", "auto"),
        ("xx-YY", "auto"),
    ],
)
def test_language_when_spoken_then_the_services_tag(language: str | None, tag: str) -> None:
    """What the service does not document it has to find out by itself."""
    assert spoken_language(language) == tag


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([], ""),
        ([partial("Turn"), partial("Turn on")], "Turn on"),
        ([partial("Turn on", is_final=True), partial("the")], "Turn on the"),
        ([partial("Turn on", is_final=True), partial("the lamp", is_final=True)], "Turn on the lamp"),
        (
            [partial("Turn on", is_final=True), partial("Turn on the lamp.", is_final=True, speech_final=True)],
            "Turn on the lamp.",
        ),
        (
            [
                partial("Turn on.", is_final=True, speech_final=True),
                partial("And off", is_final=True),
                partial(" And off.  ", is_final=True, speech_final=True),
                partial("Now"),
            ],
            "Turn on. And off. Now",
        ),
        ([partial("noise"), partial("")], ""),
        ([partial("On", is_final=True, speech_final=True), partial("", is_final=True, speech_final=True)], "On"),
        ([{"type": "transcript.partial"}, {"type": "transcript.partial", "text": None}], ""),
        ([partial("On"), {"type": "transcript.partial", "text": {"words": ["Off"]}}], ""),
        ([{**partial(text), "is_final": "false", "speech_final": "false"} for text in ("On", "On the")], "On the"),
    ],
)
def test_reader_when_pieces_come_then_put_together(events: list[JsonObject], text: str) -> None:
    """Interim replaces interim, locked stays, a whole utterance replaces its pieces."""
    reader = TranscriptReader()
    for event in events:
        reader.feed(event)
    assert reader.text == text


async def test_speak_when_text_is_streamed_then_sound_and_tags_are_not_acted_out(sockets: None) -> None:
    """The words go out as they come, without marks; the sound comes back until the utterance is spoken."""
    heard: list[JsonObject] = []
    query: dict[str, list[str]] = {}

    async def speak(connection: ServerConnection) -> None:
        """Speak every piece."""
        assert connection.request is not None
        query.update(parse_qs(urlsplit(connection.request.path).query))
        async for text in connection:
            heard.append(orjson.loads(text))
            if heard[-1]["type"] == "text.delta":
                sound = base64.b64encode(heard[-1]["delta"].encode()).decode()
                await connection.send(frame(type="audio.delta", delta=sound), text=True)
                await connection.send("no json")
                for broken in ("x", "ä", 5, None):
                    await connection.send(frame(type="audio.delta", delta=broken), text=True)
            else:
                await connection.send(frame(type="audio.done", trace_id="t"), text=True)

    async with client_of(speak) as client:
        stream = client.speak(pieces("Hello ", "[laugh]there."), voice="eve", language="en", speed=1.2)
        sound = [piece async for piece in stream]
    assert b"".join(sound) == b"Hello there."
    assert all(schema_errors("tts.client_event", event) == [] for event in heard)
    assert query == {
        "voice": ["eve"], "language": ["en"], "codec": ["pcm"], "sample_rate": ["24000"], "speed": ["1.2"],
    }  # fmt: skip


async def test_speak_when_text_is_long_then_in_utterances(sockets: None) -> None:
    """No utterance is longer than the service takes; it is cut between sentences; all of them are heard."""
    utterances = [""]

    async def speak(connection: ServerConnection) -> None:
        """Speak every utterance."""
        async for text in connection:
            event = orjson.loads(text)
            utterances[-1] += event.get("delta", "")
            if event["type"] == "text.done":
                utterances.append("")
                await connection.send(frame(type="audio.delta", delta="AAA="), text=True)
                await connection.send(frame(type="audio.done"), text=True)

    long = "One two three four. Five six seven. Eight nine ten. Eleven!"
    async with client_of(speak, utterance=20) as client:
        sound = [piece async for piece in client.speak(pieces(long), voice="eve", language="en")]
    assert "".join(utterances) == long
    assert len(sound) == len(utterances) - 1
    assert len(sound) >= 2


LONG_SENTENCES = "This is a sentence of a long text. " * 300


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((LONG_SENTENCES,), id="at-once"),
        pytest.param(tuple(LONG_SENTENCES.split(". ")), id="without-an-end"),
        pytest.param(("word " * 2_000,), id="words"),
        pytest.param(("a" * 9_000,), id="one-word"),
        pytest.param(("\u4eca\u65e5\u306f\u3002" * 2_500,), id="other-marks"),
        pytest.param(tuple("- milk\n" for _ in range(1_500)), id="a-list"),
    ],
)
async def test_speak_when_text_is_very_long_then_no_utterance_is_refused(sockets: None, texts: tuple[str, ...]) -> None:
    """Nothing beyond the least published limit goes out as one, wherever sentences end, if they do."""
    utterances = [""]

    async def speak(connection: ServerConnection) -> None:
        """Speak every utterance."""
        async for text in connection:
            event = orjson.loads(text)
            utterances[-1] += event.get("delta", "")
            if event["type"] == "text.done":
                utterances.append("")
                await connection.send(frame(type="audio.delta", delta="AAA="), text=True)
                await connection.send(frame(type="audio.done"), text=True)

    async with client_of(speak) as client:
        sound = [piece async for piece in client.speak(pieces(*texts), voice="eve", language="en")]
    assert "".join(utterances) == "".join(texts)
    assert len(sound) == len(utterances) - 1
    assert max(map(len, utterances)) <= 4_096


async def test_speak_when_there_is_no_text_then_no_sound(sockets: None) -> None:
    """Nothing to say takes no time."""

    async def wait(connection: ServerConnection) -> None:
        """Wait for the end."""
        await connection.wait_closed()

    async with client_of(wait) as client, asyncio.timeout(1):
        assert [piece async for piece in client.speak(pieces("[laugh]"), voice="eve", language="en")] == []


@pytest.mark.parametrize(
    ("reply", "kind"), [("error", GrokServerError), ("close", GrokConnectionError), ("silence", GrokTimeoutError)]
)
async def test_speak_when_service_fails_then_error(sockets: None, reply: str, kind: type[Exception]) -> None:
    """An error, a lost socket and silence each have their kind."""

    async def fail(connection: ServerConnection) -> None:
        """Fail."""
        await connection.recv()
        if reply == "error":
            await connection.send(frame(type="error", message="no such voice"), text=True)
        if reply != "close":
            await connection.wait_closed()

    async with client_of(fail, answer_s=0.05) as client:
        with pytest.raises(kind):
            _ = [piece async for piece in client.speak(pieces("Hello."), voice="eve", language="en")]


async def test_transcribe_when_spoken_then_words_until_final(sockets: None) -> None:
    """Sound goes out in binary frames after the greeting; words come back while it does."""
    heard: list[bytes | str] = []
    query: dict[str, list[str]] = {}

    async def listen(connection: ServerConnection) -> None:
        """Understand."""
        assert connection.request is not None
        query.update(parse_qs(urlsplit(connection.request.path).query))
        await connection.send(frame(type="transcript.created"), text=True)
        async for sound in connection:
            heard.append(sound)
            if isinstance(sound, str):
                break
        await connection.send(orjson.dumps(partial("Turn")), text=True)
        await connection.send(orjson.dumps(partial("Turn on.", is_final=True, speech_final=True)), text=True)
        await connection.send(frame(type="transcript.done", text=" Turn on. "), text=True)

    async with client_of(listen) as client:
        stream = client.transcribe(
            chunks(b"\1" * 40_000, b"\2\2"), rate=16_000, language="de", keyterms=("Lampe", "Flur")
        )
        found = [transcript async for transcript in stream]
    assert found == [
        Transcript("Turn", is_final=False),
        Transcript("Turn on.", is_final=False, ends_utterance=True),
        Transcript("Turn on.", is_final=True),
    ]
    assert [len(part) for part in heard[:-1]] == [32_768, 7_232, 2]
    assert heard[-1] == '{"type":"audio.done"}'
    assert (query["sample_rate"], query["encoding"], query["language"]) == (["16000"], ["pcm"], ["de"])
    assert query["keyterm"] == ["Lampe", "Flur"]


async def test_transcribe_when_end_has_no_text_then_what_was_understood(sockets: None) -> None:
    """The last event may be empty."""

    async def listen(connection: ServerConnection) -> None:
        """Understand."""
        await connection.send(frame(type="transcript.created"), text=True)
        await connection.send(orjson.dumps(partial("On", is_final=True)), text=True)
        await connection.send(frame(type="transcript.done"), text=True)

    async with client_of(listen) as client, aclosing(client.transcribe(chunks(), rate=16_000, language=None)) as found:
        assert [transcript.text async for transcript in found][-1] == "On"


@pytest.mark.parametrize("text", [None, 7, {"alternatives": ["On"]}, ["On"]])
async def test_transcribe_when_end_is_no_text_then_what_was_understood(sockets: None, text: object) -> None:
    """Nobody is to have said what a program writes of an object."""

    async def listen(connection: ServerConnection) -> None:
        """Understand."""
        await connection.send(frame(type="transcript.created"), text=True)
        await connection.send(orjson.dumps(partial("On")), text=True)
        async for sound in connection:
            if isinstance(sound, str):
                await connection.send(frame(type="transcript.done", text=text), text=True)

    async with client_of(listen) as client:
        found = [found async for found in client.transcribe(chunks(b"\0\0"), rate=16_000, language="en")]
    assert found[-1] == Transcript("On", is_final=True)


@pytest.mark.parametrize(
    ("rest", "whole"),
    [
        ("Until six.", "Unlock the door. Until six."),
        ("Unlock the door until six.", "Unlock the door until six."),
        ("Unlock the door, please.", "Unlock the door, please."),
        ("", "Unlock the door."),
    ],
)
async def test_transcribe_when_end_comes_before_ours_then_the_rest_is_heard_and_joined(
    sockets: None, rest: str, whole: str
) -> None:
    """A service that takes a pause for the end has heard half a sentence; whether it repeats it is its own affair."""

    async def listen(connection: ServerConnection) -> None:
        """Take the first piece for all there is."""
        await connection.send(frame(type="transcript.created"), text=True)
        await connection.recv()
        await connection.send(frame(type="transcript.done", text="Unlock the door."), text=True)
        async for sound in connection:
            if isinstance(sound, str):
                await connection.send(frame(type="transcript.done", text=rest), text=True)

    is_told = asyncio.Event()

    async def speaking() -> AsyncGenerator[bytes]:
        """Go on when the first half was understood."""
        yield b"\0\0"
        await is_told.wait()
        yield b"\0\0"

    found = []
    async with client_of(listen) as client:
        async for transcript in client.transcribe(speaking(), rate=16_000, language="en"):
            found.append(transcript)
            is_told.set()
    assert found == [
        Transcript("Unlock the door.", is_final=False, ends_utterance=True),
        Transcript(whole, is_final=True),
    ]


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([frame(type="error", message="no")], GrokServerError),
        ([frame(type="transcript.created"), frame(type="error", message="no")], GrokServerError),
        ([], GrokConnectionError),
        ([frame(type="transcript.created")], GrokConnectionError),
    ],
)
async def test_transcribe_when_service_fails_then_error(
    sockets: None, replies: list[bytes], kind: type[Exception]
) -> None:
    """A refusal, an error later, and a lost socket are errors."""

    async def fail(connection: ServerConnection) -> None:
        """Fail."""
        for reply in replies:
            await connection.send(reply, text=True)

    async with client_of(fail) as client:
        with pytest.raises(kind):
            _ = [found async for found in client.transcribe(chunks(b"\0\0"), rate=16_000, language="en")]

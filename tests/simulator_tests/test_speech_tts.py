"""Text to speech: what is spoken, how fast, what is refused, and what goes wrong when it is told to."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from ..simulator.speech.checks import present
from ..simulator.speech.codecs import expanded
from ..simulator.speech.matching import decode, similarity
from ..simulator.speech.uttering import sentences, speech
from .asking import Asker

HELLO = "Hello there."
TEXT = "I have turned on the light. It is warm now."
QUERY = {"language": "en", "voice": "ara", "codec": "pcm", "sample_rate": "16000"}


@pytest.fixture(autouse=True)
def _at_once(sim: Simulator) -> None:
    """Do not wait for audio to be spoken."""
    sim.voice_pace(audio_speed=0)


async def speak(asker: Asker, **fields: Json) -> tuple[int, str, bytes]:
    """Order speech and give the status, the type and the body."""
    body = present({"text": HELLO, "language": "en", **fields})
    async with asker.session.post(f"{asker.url}/tts", json=body) as response:
        return response.status, response.content_type, await response.read()


@asynccontextmanager
async def socket(asker: Asker, **query: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a socket."""
    async with asker.session.ws_connect(f"{asker.url}/tts", params=QUERY | query) as line:
        yield line


async def say(line: aiohttp.ClientWebSocketResponse, *deltas: str, is_done: bool = True) -> None:
    """Send text in bits."""
    for delta in deltas:
        await line.send_json({"type": "text.delta", "delta": delta})
    if is_done:
        await line.send_json({"type": "text.done"})


async def heard(line: aiohttp.ClientWebSocketResponse) -> tuple[bytes, JsonObject]:
    """Collect audio until something else comes."""
    audio = b""
    while True:
        event: JsonObject = await line.receive_json(timeout=2)
        assert schema_errors("tts.server_event", event) == []
        if event["type"] != "audio.delta":
            return audio, event
        audio += base64.b64decode(event["delta"])


@pytest.mark.parametrize("codec", ["mp3", "wav", "pcm", "mulaw", "alaw"])
@pytest.mark.parametrize("rate", [8000, 24_000, 48_000])
async def test_speech_is_what_was_ordered(sim: Simulator, asker: Asker, codec: str, rate: int) -> None:
    """The audio is the text in the voice, codec and rate that were ordered."""
    output = {"codec": codec, "sample_rate": rate}
    status, kind, audio = await speak(asker, text=TEXT, voice_id="leo", output_format=output)
    assert (status, kind.partition("/")[0]) == (200, "audio")
    pcm, found = decode(audio) if codec in {"mp3", "wav"} else (expanded(audio, codec), rate)
    sent = speech(TEXT, voice="leo", rate=rate)
    assert found == rate
    assert similarity(pcm, rate, sent, rate) > 0.97
    assert sim.violations == []
    assert sim.requests[-1].body["text"] == TEXT


async def test_defaults(asker: Asker) -> None:
    """Without a word it is an MP3 of 24 kHz in the voice eve; tags are not spoken, words can be replaced."""
    _, kind, audio = await speak(asker, text="[pause]Hello xAI.", replace={"xAI": "there"})
    assert kind == "audio/mpeg"
    assert similarity(*decode(audio), speech(HELLO, voice="eve", rate=24_000), 24_000) > 0.97


async def test_timestamps(asker: Asker) -> None:
    """With timestamps the answer is JSON."""
    body = {"text": HELLO, "language": "en", "with_timestamps": True, "output_format": {"codec": "pcm"}}
    async with asker.session.post(f"{asker.url}/tts", json=body) as response:
        answer = await response.json()
    assert base64.b64decode(answer["audio"]) == speech(HELLO, voice="eve", rate=24_000)
    assert answer["audio_timestamps"]["graph_chars"] == list(HELLO)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"language": None}, 400, id="no-language"),
        pytest.param({"language": "English please"}, 400, id="no-tag"),
        pytest.param({"text": "   "}, 400, id="no-words"),
        pytest.param({"text": "a" * 4097}, 400, id="too-long"),
        pytest.param({"text": None}, 422, id="no-text"),
        pytest.param({"text": 7}, 422, id="number"),
        pytest.param({"voice_id": "alloy"}, 404, id="voice"),
        pytest.param({"voice": "ara"}, 400, id="unknown-field"),
        pytest.param({"speed": 1.6}, 422, id="speed"),
        pytest.param({"output_format": {"codec": "opus"}}, 422, id="codec"),
        pytest.param({"output_format": {"sample_rate": 32_000}}, 422, id="rate"),
        pytest.param({"output_format": {"codec": "wav", "bit_rate": 64_000}}, 400, id="bit-rate-of-wav"),
        pytest.param({"output_format": {"bit_rate": 256_000}}, 400, id="bit-rate"),
        pytest.param({"optimize_streaming_latency": 3}, 422, id="latency"),
        pytest.param({"replace": {"a": 1}}, 422, id="replace"),
    ],
)
async def test_refusals(sim: Simulator, asker: Asker, fields: JsonObject, status: int) -> None:
    """What the service does not take is refused and remembered."""
    assert (await speak(asker, **fields))[0] == status
    assert len(sim.violations) == 1


@pytest.mark.parametrize("text", [pytest.param("a" * 4096, id="longest"), pytest.param("Ä", id="shortest")])
async def test_limits_are_allowed(sim: Simulator, asker: Asker, text: str) -> None:
    """The longest text is spoken, and so is the shortest."""
    output = {"codec": "mulaw", "sample_rate": 8000}
    assert (await speak(asker, text=text, language="auto", speed=1.5, output_format=output))[0] == 200
    assert sim.violations == []


async def test_voices(sim: Simulator, asker: Asker) -> None:
    """All built-in voices are listed; one can be asked for."""
    voices = (await asker.get("/tts/voices")).body
    assert schema_errors("tts.voices", voices) == []
    assert len(voices["voices"]) == 28
    assert (await asker.get("/tts/voices/eve")).body["name"] == "Eve"
    assert sim.violations == []
    assert (await asker.get("/tts/voices/alloy")).status == 404
    assert (await asker.get("/tts")).status == 405


async def test_pace(sim: Simulator, asker: Asker) -> None:
    """The first byte comes after a while, the rest faster than it is played."""
    sim.voice_pace(tts_s=0.2, audio_speed=4)
    started_at = asyncio.get_running_loop().time()
    body = {"text": TEXT, "language": "en", "output_format": {"codec": "pcm", "sample_rate": 8000}}
    async with asker.session.post(f"{asker.url}/tts", json=body) as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        await response.content.readany()
        first_s = asyncio.get_running_loop().time() - started_at
        await response.read()
    whole_s = asyncio.get_running_loop().time() - started_at
    assert 0.19 < first_s < 0.35
    spoken_s = len(speech(TEXT, voice="eve", rate=8000)) / 16_000
    assert first_s + spoken_s / 4 * 0.8 < whole_s < first_s + spoken_s / 4 * 1.4


@pytest.mark.parametrize(
    ("fault", "expected"), [("drop", aiohttp.ClientPayloadError), ("stall", TimeoutError), ("truncated", None)]
)
async def test_broken_bodies(sim: Simulator, asker: Asker, fault: str, expected: type[Exception] | None) -> None:
    """Some audio comes, then not what was to come."""
    sim.fault(fault, path="/v1/tts")
    body = {"text": TEXT, "language": "en", "output_format": {"codec": "pcm"}}
    audio = b""
    broken: Exception | None = None
    timeout = aiohttp.ClientTimeout(total=0.5)
    try:
        async with asker.session.post(f"{asker.url}/tts", json=body, timeout=timeout) as response:
            async for chunk in response.content.iter_any():
                audio += chunk
    except (aiohttp.ClientPayloadError, TimeoutError) as error:
        broken = error
    assert broken is None if expected is None else isinstance(broken, expected)
    whole = speech(TEXT, voice="eve", rate=24_000)
    assert 0 < len(audio) < len(whole)
    assert whole.startswith(audio)
    assert (await speak(asker))[0] == 200


@pytest.mark.parametrize(("fault", "status"), [("error_event", 503), ("rate_limited", 429), ("bad_key", 400)])
async def test_refusing_faults(sim: Simulator, asker: Asker, fault: str, status: int) -> None:
    """An ordered error is no audio; other paths are not touched by it."""
    sim.fault(fault, path="/v1/tts")
    assert (await asker.get("/tts/voices")).status == 200
    assert (await speak(asker))[0] == status
    assert sim.violations == []


async def test_socket_speaks_utterances(sim: Simulator, asker: Asker) -> None:
    """Several utterances follow each other, each with its own end."""
    async with socket(asker) as line:
        for text in (TEXT, HELLO):
            await say(line, text[:5], text[5:])
            audio, done = await heard(line)
            assert done["type"] == "audio.done"
            assert done["trace_id"]
            assert audio == speech(text, voice="ara", rate=16_000)
        await say(line)
        assert (await heard(line))[0] == b""
    assert sim.violations == []
    body = sim.requests[-1].body
    assert body["query"] == QUERY
    assert [message["type"] for message in body["messages"][:3]] == ["text.delta", "text.delta", "text.done"]


@pytest.mark.parametrize("codec", ["mp3", "wav"])
async def test_socket_speaks_other_codecs(asker: Asker, codec: str) -> None:
    """An utterance is a whole file."""
    async with socket(asker, codec=codec, sample_rate="24000") as line:
        await say(line, TEXT)
        audio, _ = await heard(line)
    assert similarity(*decode(audio), speech(TEXT, voice="ara", rate=24_000), 24_000) > 0.97


async def test_socket_speaks_before_the_end_of_the_text(asker: Asker) -> None:
    """The first whole sentence is spoken while the second is still being written."""
    first, second = sentences(TEXT)
    async with socket(asker) as line:
        await say(line, f"{first} It", is_done=False)
        expected = speech(first, voice="ara", rate=16_000)
        audio = b""
        while len(audio) < len(expected):
            audio += base64.b64decode((await line.receive_json(timeout=1))["delta"])
        assert audio == expected
        await say(line, second.removeprefix("It"))
        assert (await heard(line))[0] == speech(second, voice="ara", rate=16_000)


async def test_socket_forgets(sim: Simulator, asker: Asker) -> None:
    """What is cleared is not spoken any further."""
    sim.voice_pace(audio_speed=1)
    async with socket(asker) as line:
        await say(line, TEXT)
        await line.receive_json(timeout=1)
        await line.send_json({"type": "text.clear"})
        _, event = await heard(line)
        assert event["type"] == "audio.clear"
        sim.voice_pace(audio_speed=0)
        await say(line, "Yes.")
        audio, _ = await heard(line)
    assert audio == speech("Yes.", voice="ara", rate=16_000)


@pytest.mark.parametrize(
    "query",
    [{"voice": "alloy"}, {"codec": "opus"}, {"sample_rate": "1"}, {"speed": "2"}, {"language": ""}, {"model": "x"}],
)
async def test_socket_refuses_wrong_queries(sim: Simulator, asker: Asker, query: dict[str, str]) -> None:
    """A socket with wrong arguments is not opened."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with socket(asker, **query):
            pass
    assert refused.value.status in {400, 404}
    assert len(sim.violations) == 1


@pytest.mark.parametrize("frame", ['{"type":"text.delta"}', '{"type":"session.update"}', "no JSON", b"\x00\x01"])
async def test_socket_refuses_wrong_frames(sim: Simulator, asker: Asker, frame: str | bytes) -> None:
    """A wrong frame is answered with an error; the socket goes on."""
    async with socket(asker) as line:
        await (line.send_bytes(frame) if isinstance(frame, bytes) else line.send_str(frame))
        assert (await line.receive_json(timeout=1))["type"] == "error"
        await say(line, HELLO)
        assert (await heard(line))[1]["type"] == "audio.done"
    assert len(sim.violations) == 1


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("drop", aiohttp.WSMsgType.CLOSED),
        ("close_1011", aiohttp.WSMsgType.CLOSE),
        ("error_event", aiohttp.WSMsgType.TEXT),
        ("garbage_frame", aiohttp.WSMsgType.TEXT),
        ("stall", None),
    ],
)
async def test_socket_faults(sim: Simulator, asker: Asker, fault: str, end: aiohttp.WSMsgType | None) -> None:
    """Three pieces of audio come, then the fault."""
    sim.fault(fault, path="/v1/tts")
    async with socket(asker) as line:
        await say(line, TEXT)
        for _ in range(3):
            assert (await line.receive_json(timeout=1))["type"] == "audio.delta"
        if end is None:
            with pytest.raises(TimeoutError):
                await line.receive(timeout=0.2)
            return
        message = await line.receive(timeout=1)
        assert message.type in {end, aiohttp.WSMsgType.ERROR} if fault == "drop" else message.type is end
        if fault == "close_1011":
            assert message.data == 1011
    assert sim.violations == []

"""Speech to text: what is understood, what is refused, and what goes wrong when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
import hashlib
from io import BytesIO
import wave

import aiohttp
import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from ..simulator.speech.codecs import encoder
from ..simulator.speech.hearing import spoken
from ..simulator.speech.samples import from_pcm, resampled, silence, to_pcm
from .asking import Answer, Asker

RATE = 16_000
TEXT, LIGHT = spoken("turn_on_the_light")
MORE_TEXT, BEDROOM = spoken("in_the_bedroom")
PAUSE = silence(0.6, RATE)


def wav(pcm: bytes) -> bytes:
    """Put PCM into a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return file.getvalue()


async def transcribe(
    asker: Asker, audio: bytes | None, fields: Iterable[tuple[str, str]] = (), late: Iterable[tuple[str, str]] = ()
) -> Answer:
    """Send a form: fields, then the file, then fields that come too late."""
    with aiohttp.MultipartWriter("form-data") as form:
        for name, value in fields:
            form.append(value).set_content_disposition("form-data", name=name)
        if audio is not None:
            part = form.append(audio, {"Content-Type": "application/octet-stream"})
            part.set_content_disposition("form-data", name="file", filename="speech.wav")
        for name, value in late:
            form.append(value).set_content_disposition("form-data", name=name)
    async with asker.session.post(f"{asker.url}/stt", data=form) as response:
        return Answer(status=response.status, body=await response.json(), headers={})


@asynccontextmanager
async def socket(
    asker: Asker, *, is_awaited: bool = True, **query: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a socket and wait until audio may be sent."""
    async with asker.session.ws_connect(f"{asker.url}/stt", params={"sample_rate": f"{RATE}"} | query) as line:
        if is_awaited:
            assert await line.receive_json(timeout=1) == {"type": "transcript.created"}
        yield line


async def send(line: aiohttp.ClientWebSocketResponse, audio: bytes, *, size: int = 1280) -> None:
    """Send audio in frames and say that it was all."""
    for start in range(0, len(audio), size):
        await line.send_bytes(audio[start : start + size])
    await line.send_json({"type": "audio.done"})


async def events_of(line: aiohttp.ClientWebSocketResponse) -> list[JsonObject]:
    """Collect events until the socket closes."""
    events: list[JsonObject] = []
    while (message := await line.receive(timeout=2)).type is aiohttp.WSMsgType.TEXT:
        events.append(message.json())
        assert schema_errors("stt.server_event", events[-1]) == []
    assert message.type is aiohttp.WSMsgType.CLOSE
    return events


async def test_file_is_understood(sim: Simulator, asker: Asker) -> None:
    """A WAV file is a text with words and a duration."""
    keyterms = [("keyterm", "Kitchen"), ("keyterm", "Bedroom")]
    answer = await transcribe(asker, wav(LIGHT + PAUSE + BEDROOM), [("language", "en"), *keyterms])
    assert answer.status == 200
    assert answer.body["text"] == f"{TEXT} {MORE_TEXT}"
    assert [word["text"] for word in answer.body["words"]] == f"{TEXT} {MORE_TEXT}".split()
    assert answer.body["duration"] == pytest.approx(len(LIGHT + PAUSE + BEDROOM) / 32_000)
    assert sim.violations == []
    assert sim.requests[-1].body == {
        "fields": {"language": "en", "keyterm": ["Kitchen", "Bedroom"]},
        "file_bytes": len(LIGHT + PAUSE + BEDROOM) + 44,
    }


@pytest.mark.parametrize("codec", ["pcm", "mulaw", "alaw"])
async def test_headerless_audio_is_understood(asker: Asker, codec: str) -> None:
    """Audio without a header is understood as it is described."""
    audio = encoder(codec, rate=8000, bit_rate=0).encode(to_pcm(resampled(from_pcm(LIGHT), RATE, 8000)))
    answer = await transcribe(asker, audio, [("audio_format", codec), ("sample_rate", "8000")])
    assert answer.body["text"] == TEXT


async def test_silence_is_an_empty_text(asker: Asker) -> None:
    """Nothing was said."""
    assert (await transcribe(asker, wav(PAUSE))).body["text"] == ""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param([("format", "true")], 400, id="format-without-language"),
        pytest.param([("language", "in English")], 400, id="language"),
        pytest.param([("model", "whisper-1")], 404, id="model"),
        pytest.param([("prompt", "Hello")], 400, id="unknown-field"),
        pytest.param([("audio_format", "pcm")], 400, id="no-rate"),
        pytest.param([("audio_format", "opus"), ("sample_rate", "16000")], 400, id="format"),
        pytest.param([("keyterm", "x" * 51)], 400, id="long-keyterm"),
        pytest.param([("keyterm", "x")] * 101, 400, id="many-keyterms"),
        pytest.param([("channels", "9")], 400, id="channels"),
        pytest.param([("url", "http://127.0.0.1:1/a.wav")], 400, id="file-and-url"),
        pytest.param([("language", "en"), ("language", "de")], 400, id="twice"),
    ],
)
async def test_refusals(sim: Simulator, asker: Asker, fields: list[tuple[str, str]], status: int) -> None:
    """What the service does not take is refused and remembered."""
    assert (await transcribe(asker, wav(LIGHT), fields)).status == status
    assert len(sim.violations) == 1


@pytest.mark.parametrize("audio", [None, b"", b"no audio at all"])
async def test_bad_files(sim: Simulator, asker: Asker, audio: bytes | None) -> None:
    """Without audio there is nothing to understand."""
    assert (await transcribe(asker, audio)).status == 400
    assert len(sim.violations) == 1


async def test_limits_are_allowed(sim: Simulator, asker: Asker) -> None:
    """A hundred terms of fifty characters are taken."""
    fields = [("keyterm", f"{number:050}") for number in range(100)]
    assert (await transcribe(asker, wav(LIGHT), fields)).body["text"] == TEXT
    assert sim.violations == []


async def test_fields_after_the_file_are_lost(sim: Simulator, asker: Asker) -> None:
    """The service does not look behind the file; a client that relies on it is wrong."""
    answer = await transcribe(asker, wav(LIGHT), late=[("language", "de")])
    assert (answer.status, answer.body["language"]) == (200, "en")
    assert len(sim.violations) == 1


async def test_body_must_be_a_form(sim: Simulator, asker: Asker) -> None:
    """JSON is another type."""
    async with asker.session.post(f"{asker.url}/stt", json={"url": "x"}) as response:
        assert response.status == 415
    assert (await asker.get("/stt")).status == 405


async def test_pace(sim: Simulator, asker: Asker) -> None:
    """Understanding takes its time."""
    sim.voice_pace(stt_s=0.2)
    started_at = asyncio.get_running_loop().time()
    await transcribe(asker, wav(LIGHT))
    assert 0.19 < asyncio.get_running_loop().time() - started_at < 0.5


@pytest.mark.parametrize(("fault", "status"), [("empty", 200), ("error_event", 503), ("overloaded", 529)])
async def test_faults(sim: Simulator, asker: Asker, fault: str, status: int) -> None:
    """An ordered fault strikes once."""
    sim.fault(fault, path="/v1/stt")
    answer = await transcribe(asker, wav(LIGHT))
    assert (answer.status, answer.body.get("text", "")) == (status, "")
    assert (await transcribe(asker, wav(LIGHT))).body["text"] == TEXT


async def test_dropped_connection(sim: Simulator, asker: Asker) -> None:
    """The line is cut after the upload."""
    sim.fault("drop", path="/v1/stt")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await transcribe(asker, wav(LIGHT))


async def test_stream_is_understood(sim: Simulator, asker: Asker) -> None:
    """A sentence is locked, told again as a whole, and told once more at the end."""
    async with socket(asker, language="en", keyterm="Kitchen") as line:
        await send(line, LIGHT)
        locked, whole, done = await events_of(line)
    assert (locked["text"], locked["is_final"], locked["speech_final"]) == (TEXT, True, False)
    assert (whole["text"], whole["is_final"], whole["speech_final"]) == (TEXT, True, True)
    assert (done["type"], done["text"]) == ("transcript.done", TEXT)
    assert done["duration"] == pytest.approx(len(LIGHT) / 32_000)
    assert sim.violations == []
    body = sim.requests[-1].body
    assert body["query"] == {"sample_rate": "16000", "language": "en", "keyterm": "Kitchen"}
    all_of_it = {"bytes": len(LIGHT), "frames": -(-len(LIGHT) // 1280), "sha256": hashlib.sha256(LIGHT).hexdigest()}
    assert body["messages"] == [{"type": "binary", **all_of_it}, {"type": "audio.done"}]


async def test_pauses_end_utterances(asker: Asker) -> None:
    """Silence as long as `endpointing` ends an utterance while audio still comes; shorter silence does not."""
    for endpointing, texts in (("400", [TEXT, MORE_TEXT]), ("2000", [f"{TEXT} {MORE_TEXT}"])):
        async with socket(asker, endpointing=endpointing) as line:
            await send(line, LIGHT + PAUSE + BEDROOM + PAUSE)
            events = await events_of(line)
        assert [event["text"] for event in events if event.get("speech_final")] == texts
        assert [event["text"] for event in events if event.get("is_final") and not event["speech_final"]] == [
            TEXT,
            MORE_TEXT,
        ]
        assert events[-1]["text"] == f"{TEXT} {MORE_TEXT}"


async def test_interim_results(asker: Asker) -> None:
    """Guesses come while audio does; they are not final and need not be right."""
    async with socket(asker, interim_results="true") as line:
        await send(line, LIGHT + BEDROOM)
        events = await events_of(line)
    guesses = [event for event in events if event["type"] == "transcript.partial" and not event["is_final"]]
    assert len(guesses) >= 2
    assert guesses[0]["text"] != TEXT


@pytest.mark.parametrize("encoding", ["mulaw", "alaw"])
async def test_telephone_audio_is_understood(asker: Asker, encoding: str) -> None:
    """Companded audio is understood."""
    audio = encoder(encoding, rate=RATE, bit_rate=0).encode(LIGHT)
    async with socket(asker, encoding=encoding) as line:
        await send(line, audio, size=333)
        assert (await events_of(line))[-1]["text"] == TEXT


async def test_odd_frames_are_put_together(asker: Asker) -> None:
    """A sample may be cut in two by frames."""
    async with socket(asker) as line:
        await send(line, LIGHT, size=777)
        assert (await events_of(line))[-1]["text"] == TEXT


async def test_audio_before_the_greeting(sim: Simulator, asker: Asker) -> None:
    """Whoever does not wait is told so."""
    async with socket(asker, is_awaited=False) as line:
        await line.send_bytes(LIGHT[:1280])
        assert (await line.receive_json(timeout=1))["type"] == "error"
    assert len(sim.violations) == 1


@pytest.mark.parametrize("frame", ['{"type":"audio","audio":"AAAA"}', "AAAA"])
async def test_audio_as_text(sim: Simulator, asker: Asker, frame: str) -> None:
    """Audio in base64 is refused."""
    async with socket(asker) as line:
        await line.send_str(frame)
        assert (await line.receive_json(timeout=1))["type"] == "error"
    assert len(sim.violations) == 1


@pytest.mark.parametrize(
    "query",
    [{"encoding": "opus"}, {"sample_rate": "1"}, {"endpointing": "9000"}, {"smart_turn": "2"}, {"interim": "true"}],
)
async def test_wrong_queries(sim: Simulator, asker: Asker, query: dict[str, str]) -> None:
    """A socket with wrong arguments is not opened."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await asker.session.ws_connect(f"{asker.url}/stt", params=query)
    assert refused.value.status == 400
    assert len(sim.violations) == 1


@pytest.mark.parametrize("fault", ["drop", "close_1011", "error_event", "garbage_frame", "stall", "no_session"])
async def test_socket_faults(sim: Simulator, asker: Asker, fault: str) -> None:
    """Each fault strikes while audio is coming in, or before."""
    sim.fault(fault, path="/v1/stt")
    async with socket(asker, is_awaited=False) as line:
        if fault != "no_session":
            await line.receive_json(timeout=1)
            await send(line, LIGHT)
        if fault in {"stall", "no_session"}:
            with pytest.raises(TimeoutError):
                await line.receive(timeout=0.2)
            return
        message = await line.receive(timeout=1)
        if fault == "garbage_frame":
            assert message.type is aiohttp.WSMsgType.TEXT
            assert (await events_of(line))[-1]["text"] == TEXT
        elif fault == "error_event":
            assert message.json()["type"] == "error"
        elif fault == "close_1011":
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1011)
        else:
            assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


async def test_query_is_recorded(sim: Simulator, asker: Asker) -> None:
    """What a client asks for in the query stands in the record, each argument with all its values."""
    address = f"{asker.url}/stt?sample_rate={RATE}&language=en&keyterm=Hall&keyterm=Robby"
    async with asker.session.ws_connect(address) as line:
        await line.receive_json(timeout=1)
    query = sim.requests[-1].query
    assert query == {"sample_rate": [f"{RATE}"], "language": ["en"], "keyterm": ["Hall", "Robby"]}
    assert (await transcribe(asker, wav(LIGHT), [("language", "en"), ("keyterm", "Hall")])).status == 200
    assert (sim.requests[-1].query, sim.requests[-1].body["fields"]["keyterm"]) == ({}, "Hall")

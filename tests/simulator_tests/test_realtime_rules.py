"""What a realtime client must not do, who may open a session, and what is kept of one."""

import asyncio

import aiohttp
import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.realtime.config import VOICES
from ..simulator.script import call, calls, reply
from ..simulator.server import Simulator
from .talking import Talker, listening, quiet, spoken, talking

_LAMP: JsonObject = {"type": "function", "name": "lamp", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(autouse=True)
def _at_once(sim: Simulator) -> None:
    """Speak without making anybody wait."""
    sim.voice_pace(audio_speed=0)


@pytest.mark.parametrize(
    "session",
    [
        {"voice": "nobody"},
        {"turn_detection": {"type": "server_vad", "threshold": 0.95}},
        {"turn_detection": {"type": "semantic_vad"}},
        {"turn_detection": {"type": "server_vad", "silence_duration_ms": 10_001}},
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 12_000}}}},
        {"audio": {"output": {"speed": 2.0}}},
        {"audio": {"output": {"format": {"type": "audio/opus"}}}},
        {"audio": {"input": {"transcription": {"keyterms": ["x" * 51]}}}},
        {"tools": [{"type": "function"}]},
        {"tools": [_LAMP, _LAMP]},
        {"instructions": None},
    ],
)
async def test_refused_config(sim: Simulator, session: Json) -> None:
    """A config that is refused is an error; the old one stays, and nothing is acknowledged."""
    async with listening(sim, instructions="Old.") as talker:
        await talker.send("session.update", session=session)
        assert (await talker.until("error"))["error"]["type"] == "invalid_request_error"
        assert len(talker.of("session.updated")) == 1
        echo = (await talker.update(reasoning={"effort": "none"}))["session"]
    assert (echo["instructions"], echo["voice"], echo["reasoning"]) == ("Old.", "eve", {"effort": "none"})
    assert len(sim.violations) == 1


async def test_config_is_merged(sim: Simulator) -> None:
    """What an update does not name stays; the list of tools is replaced as a whole; ids take any case."""
    async with listening(sim, tools=[_LAMP]) as talker:
        echo = (await talker.update(voice="REX", audio={"output": {"speed": 1.2}}))["session"]
        assert echo["voice"] == "rex"
        assert echo["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 16_000}, "transport": "json"} | {
            "speed": 1.2
        }
        assert len(echo["tools"]) == 1
        assert (await talker.update(tools=[]))["session"]["tools"] == []
        assert (await talker.update(turn_detection=None))["session"]["turn_detection"] == {"type": None}
    assert len(VOICES) == 28
    assert sim.violations == []


async def test_reserved_name(sim: Simulator) -> None:
    """A function named like one of the service's own shows as an error of the first answer, and stays one."""
    clash = {**_LAMP, "name": "browse_page"}
    async with listening(sim, tools=[clash, {"type": "web_search"}]) as talker:
        await talker.write("Hello")
        error = (await talker.until("error"))["error"]
        assert (error["type"], error["code"], error["param"]) == ("server_error", "internal_error", None)
        assert len(sim.violations) == 1
        await talker.update(tools=[clash])
        await talker.send("response.create")
        await talker.until("response.done")


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("no json", "invalid_event"),
        ("[]", "invalid_event"),
        ('{"type": 1}', "invalid_event"),
        ('{"type": "conversation.item.retrieve", "item_id": "a"}', "invalid_event"),
        ('{"type": "input_audio_buffer.append"}', "invalid_request_error"),
        ('{"type": "input_audio_buffer.append", "audio": "AAA"}', "invalid_request_error"),
        ('{"type": "input_audio_buffer.append", "audio": "!!!!"}', "invalid_request_error"),
        ('{"type": "response.create", "response": {"metadata": 1}}', "invalid_request_error"),
        ('{"type": "response.cancel", "reason": "none"}', "invalid_request_error"),
    ],
)
async def test_bad_frames(sim: Simulator, frame: str, kind: str) -> None:
    """They are errors and violations; the session goes on."""
    async with listening(sim) as talker:
        await talker.socket.send_str(frame)
        assert (await talker.until("error"))["error"]["type"] == kind
        assert len(sim.violations) == 1
        await talker.write("Hello")
        await talker.until("response.done")


async def test_null_in_response_create_is_tolerated(sim: Simulator) -> None:
    """The service passes over it, but it is held against the client."""
    async with listening(sim) as talker:
        await talker.send("response.create", response={"instructions": None})
        await talker.until("response.done")
    assert len(sim.violations) == 1


async def test_audio_before_the_session(sim: Simulator) -> None:
    """It is read in the default format, and held against the client once."""
    async with talking(sim) as talker:
        await talker.say(quiet(20))
        await talker.say(quiet(20))
        await talker.rest(0.05)
    assert len(sim.violations) == 1


async def test_unknown_call(sim: Simulator) -> None:
    """An output that belongs to no call is held against the client; one of a dropped answer is not."""
    sim.script(calls(call("lamp", call_id="call-1")))
    async with listening(sim) as talker:
        await talker.write("Lamp")
        await talker.until("response.done")
        await talker.give_output("call-1")
        await talker.rest(0.02)
        assert sim.violations == []
        await talker.give_output("call-2")
        await talker.rest(0.02)
    assert "call-2" in sim.violations[0]


async def test_many_text_items(sim: Simulator) -> None:
    """Texts cost money: a hundred of them are enough. Outputs of functions are free."""
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    async with listening(sim) as talker:
        for _ in range(102):
            await talker.send("conversation.item.create", item=item)
        await talker.rest(0.1)
    assert sim.sessions[0].text_items == 102
    assert len(sim.violations) == 1


async def test_record(sim: Simulator) -> None:
    """What a session was like can be looked at, in-process and from another process; audio by its size."""
    sim.script(reply("It is on."))
    async with listening(sim) as talker:
        await _converse(talker)
    await asyncio.sleep(0.02)
    session = sim.sessions[0]
    assert (session.is_open, session.close_code, session.query) == (False, 1000, {"model": "grok-voice-latest"})
    assert [event.sender for event in session.sent("session.update")] == ["client"]
    assert session.sent("input_audio_buffer.append")[0].body["audio"] == len(session.audio_in)
    deltas = session.received("response.output_audio.delta")
    assert sum(event.body["delta"] for event in deltas) == len(session.responses[0].audio)
    async with aiohttp.ClientSession() as http:
        base = f"{sim.url.removesuffix('/v1')}/_sim/sessions"
        async with http.get(base) as response:
            facts = (await response.json())[0]
        assert facts["items"][0]["transcript"] == "Turn on the light."
        assert facts["responses"][0]["text"] == "It is on."
        audio = f"{base}/{facts['id']}/audio"
        async with http.get(audio, params={"response": facts["responses"][0]["id"]}) as response:
            assert response.headers["x-audio-rate"] == "16000"
            assert await response.read() == session.responses[0].audio
        async with http.get(audio, params={"input": "1"}) as response:
            assert await response.read() == session.audio_in
        async with http.get(audio, params={"response": "nothing"}) as response:
            assert response.status == 404
    sim.reset()
    assert sim.sessions == []


async def test_control(sim: Simulator) -> None:
    """The pace can be set, and sockets dropped, from another process; nonsense is refused."""
    async with aiohttp.ClientSession() as http, listening(sim) as talker:
        base = f"{sim.url.removesuffix('/v1')}/_sim"
        order = {"first_audio_s": 0.2, "resume": "vanish"}
        async with http.post(f"{base}/voice_pace", json=order) as response:
            assert response.status == 200
        assert (sim.state.voice_pace.first_audio_s, sim.state.voice_pace.resume) == (0.2, "vanish")
        for nonsense in ({"resume": "perhaps"}, {"lunch_s": 1}):
            async with http.post(f"{base}/voice_pace", json=nonsense) as response:
                assert response.status == 400
        async with http.post(f"{base}/drop_sessions", json={}) as response:
            assert response.status == 200
        await talker.until_end()


async def _converse(talker: Talker) -> None:
    """Have one turn."""
    await talker.say(spoken() + quiet(400))
    await talker.until("response.done")

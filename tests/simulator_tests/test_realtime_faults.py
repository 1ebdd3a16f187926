"""Every fault of a session does what its name says, once, and the next session is well."""

import asyncio
import time

import aiohttp
import pytest

from ..simulator.faults import SESSION_FAULTS, FaultName
from ..simulator.script import call, calls, reply
from ..simulator.server import Simulator
from .asking import KEY
from .talking import DEADLINE_S, Talker, listening, quiet, spoken, talking, vad_session

_STARTED = "input_audio_buffer.speech_started"
_DELTA = "response.output_audio.delta"
_FINAL = "conversation.item.input_audio_transcription.completed"
_PATH = "/v1/realtime"
_LONG = "This is a long answer, so that there is time enough for something to go wrong."


@pytest.fixture(autouse=True)
def _long_answer(sim: Simulator) -> None:
    """Answer at length, and at once."""
    sim.voice_pace(audio_speed=0)
    sim.script(reply(_LONG))


async def _turn(talker: Talker) -> None:
    """Say a sentence."""
    await talker.say(spoken() + quiet(400))


async def test_session_faults_are_about_the_realtime_path(sim: Simulator) -> None:
    """They need no path; other requests do not meet them."""
    sim.fault(FaultName.NO_UPDATE)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:
        body = {"model": "grok-4.3", "input": "Hello"}
        async with session.post(f"{sim.url}/responses", json=body) as response:
            assert response.status == 200
    assert {FaultName.NO_SESSION, FaultName.REPEATED_STARTED} < SESSION_FAULTS
    assert FaultName.SILENT not in SESSION_FAULTS


async def test_no_session(sim: Simulator) -> None:
    """The socket opens and nothing is said about a session."""
    sim.fault("no_session")
    async with talking(sim) as talker:
        await talker.send("session.update", session=vad_session())
        await talker.rest(0.05)
    assert talker.kinds == []


async def test_no_update(sim: Simulator) -> None:
    """An update is not acknowledged; audio that is sent all the same is a violation."""
    sim.fault("no_update")
    async with talking(sim) as talker:
        await talker.send("session.update", session=vad_session())
        await talker.say(quiet(20))
        await talker.rest(0.05)
    assert talker.of("session.updated") == []
    assert "before any session.updated" in sim.violations[0]


async def test_refused_update(sim: Simulator) -> None:
    """The first update is an error and changes nothing."""
    sim.fault("refused_update")
    async with talking(sim) as talker:
        await talker.send("session.update", session=vad_session())
        assert (await talker.until("error"))["error"]["type"] == "invalid_request_error"
        await talker.rest(0.02)
        assert talker.of("session.updated") == []
        assert (await talker.update(instructions="Hi"))["session"]["voice"] == "ara"


async def test_substituted_model(sim: Simulator) -> None:
    """Another model answers."""
    sim.fault("substituted_model")
    async with talking(sim) as talker:
        assert (await talker.until("session.created"))["session"]["model"] != "grok-voice-latest"


@pytest.mark.parametrize(
    ("name", "code", "last"),
    [
        ("drop_listening", 1006, _STARTED),
        ("drop_before_audio", 1006, "response.content_part.added"),
        ("drop_mid_audio", 1006, _DELTA),
        ("close_1011", 1011, "input_audio_buffer.speech_stopped"),
        ("close_mid_audio_1011", 1011, _DELTA),
    ],
)
async def test_end_of_the_line(sim: Simulator, name: str, code: int, last: str) -> None:
    """The line ends in its moment, with a close frame or without one."""
    sim.fault(name)
    async with listening(sim) as talker:
        await talker.say(spoken() if name == "drop_listening" else spoken() + quiet(400))
        assert await talker.until_end() == code
    kinds = [kind for kind in talker.kinds if not kind.endswith("transcript.delta")]
    assert last in kinds[-2:]
    assert (_DELTA in kinds) is ("mid_audio" in name)
    if "mid_audio" in name:
        assert len(talker.of(_DELTA)) == 5
    await asyncio.sleep(0)
    async with listening(sim) as talker:
        assert sim.open_sessions == 1
    assert [session.is_open for session in sim.sessions] == [False, False]
    assert sim.sessions[0].close_code == code
    assert sim.violations == []


@pytest.mark.parametrize("name", ["garbage_frame", "huge_frame", "unknown_events", "clock_skew"])
async def test_strange_frames(sim: Simulator, name: str) -> None:
    """They come in between, and the turn goes on."""
    sim.fault(name)
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
    match name:
        case "garbage_frame":
            assert talker.texts == ["<html>this is no event"]
        case "huge_frame":
            assert len(talker.of("debug.dump")[0]["payload"]) == 12_000_000
        case "unknown_events":
            assert talker.of("response.mood.delta") != []
            assert "x_flavour" in talker.of("response.done")[0]
        case _:
            assert talker.of(_STARTED)[0]["audio_start_ms"] > 3_600_000
            assert abs(talker.of(_DELTA)[0]["ts"] / 1000 - time.time()) > 3600
    assert sim.violations == []


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("stalled_response", "response.created"),
        ("never_finishes", "response.output_audio_transcript.delta"),
        ("vanishing_response", "response.output_audio_transcript.delta"),
    ],
)
async def test_answer_without_an_end(sim: Simulator, name: str, last: str) -> None:
    """The first answer gets no further; only one that has vanished leaves room for the next."""
    sim.fault(name)
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.created")
        await talker.rest(0.1)
        assert talker.kinds[-1] == last
        assert talker.of("response.done") == []
        await talker.write("Hello?")
        if name == "vanishing_response":
            await talker.until("response.done")
        else:
            assert "already has an active response" in (await talker.until("error"))["error"]["message"]
            await talker.send("response.cancel")
            assert (await talker.until("response.done"))["response"]["status"] == "cancelled"


async def test_silent_vad(sim: Simulator) -> None:
    """Nothing is ever heard."""
    sim.fault("silent_vad")
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.rest(0.05)
    assert talker.of(_STARTED) == []
    assert sim.sessions[0].audio_in != b""


async def test_no_transcript(sim: Simulator) -> None:
    """The answer comes, the final transcript does not."""
    sim.fault("no_transcript")
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
    assert [event["status"] for event in talker.of(_FINAL)] == ["in_progress"]


async def test_late_transcript(sim: Simulator) -> None:
    """The final transcript comes when the answer is being spoken."""
    sim.fault("late_transcript")
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
    final = talker.of(_FINAL)[-1]
    assert final["transcript"] == "Turn on the light."
    assert talker.events.index(final) > talker.events.index(talker.of(_DELTA)[0])


async def test_empty_transcript(sim: Simulator) -> None:
    """The answer is to what was said, but the transcript is empty."""
    sim.fault("empty_transcript")
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
    assert {event["transcript"] for event in talker.of(_FINAL)} == {""}
    assert sim.sessions[0].items[0].transcript == "Turn on the light."


async def test_duplicate_calls(sim: Simulator) -> None:
    """The same call is told twice."""
    sim.state.script.clear()
    sim.script(calls(call("lamp", call_id="call-1")))
    sim.fault("duplicate_calls")
    async with listening(sim) as talker:
        await talker.write("Lamp")
        await talker.until("response.done")
    assert [event["call_id"] for event in talker.of("response.function_call_arguments.done")] == ["call-1"] * 2
    assert len(sim.sessions[0].responses[0].calls) == 1


async def test_repeated_started(sim: Simulator) -> None:
    """Speech starts three times in one item."""
    sim.fault("repeated_started")
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
    assert len({event["item_id"] for event in talker.of(_STARTED)}) == 1
    assert len(talker.of(_STARTED)) == 3


@pytest.mark.parametrize(("name", "kind"), [("max_duration", "max_duration"), ("session_timeout", "timeout")])
async def test_end_of_the_session(sim: Simulator, name: str, kind: str) -> None:
    """After a turn, and not after a mere call in it, an error tells of the end, and the socket closes."""
    sim.script(calls(call("lamp", call_id="call-1")), reply("Done."))
    sim.state.script.popleft()
    sim.fault(name)
    async with listening(sim) as talker:
        await _turn(talker)
        await talker.until("response.done")
        await talker.rest(0.02)
        assert talker.of("error") == []
        await talker.give_output("call-1")
        await talker.send("response.create")
        await talker.until("response.done")
        assert (await talker.until("error"))["error"]["type"] == kind
        assert await talker.until_end() == 1000


async def test_response_error(sim: Simulator) -> None:
    """The first answer is an error, the next one comes."""
    sim.fault("response_error")
    async with listening(sim) as talker:
        await _turn(talker)
        error = (await talker.until("error"))["error"]
        assert (error["type"], error["code"], error["param"]) == ("server_error", "internal_error", None)
        await talker.send("response.create")
        await talker.until("response.done")
    assert sim.sessions[0].responses[0].text == _LONG


@pytest.mark.parametrize(("name", "status"), [("empty", "completed"), ("failed", "failed")])
async def test_answers_that_are_none(sim: Simulator, name: str, status: str) -> None:
    """Faults of the text API that make sense here too."""
    sim.fault(name, path=_PATH)
    async with listening(sim) as talker:
        await _turn(talker)
        done = await talker.until("response.done")
    assert done["response"]["status"] == status
    assert (done["response"]["output"] == []) is (name == "empty")


async def test_drop_sessions(sim: Simulator) -> None:
    """All sockets end at once; new ones can be opened."""
    async with listening(sim) as talker:
        sim.drop_sessions()
        began = asyncio.get_running_loop().time()
        await talker.until_end()
        assert asyncio.get_running_loop().time() - began < DEADLINE_S / 2
    async with listening(sim):
        assert sim.open_sessions == 1


async def test_pause_listening_ends_sessions(sim: Simulator) -> None:
    """An outage ends the sockets that are open."""
    async with listening(sim) as talker:
        await sim.pause_listening()
        await talker.until_end()
    await sim.resume_listening()
    assert sim.open_sessions == 0

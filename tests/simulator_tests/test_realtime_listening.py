"""How a session hears: turns found in the time of the audio, turns committed by hand, and users who go on speaking."""

import asyncio
from itertools import pairwise

import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.realtime.pace import Resume
from ..simulator.realtime.vad import Detector, SpeechStarted, SpeechStopped, level_of
from ..simulator.script import reply
from ..simulator.server import Simulator
from ..simulator.traffic import RecordedRequest
from .talking import BYTES_PER_MS, RATE, listening, quiet, spoken, talking, vad_session

_STARTED = "input_audio_buffer.speech_started"
_STOPPED = "input_audio_buffer.speech_stopped"
_COMMITTED = "input_audio_buffer.committed"
_LONG = "This is a long answer, so that there is time enough to speak in between."


async def test_burst_is_judged_at_once(sim: Simulator) -> None:
    """Seconds of audio that arrive in a moment are judged as seconds; the session's clock runs with the audio."""
    async with listening(sim) as talker:
        began = asyncio.get_running_loop().time()
        await talker.say(quiet(1000) + spoken() + quiet(2000))
        started = await talker.until(_STARTED)
        stopped = await talker.until(_STOPPED)
        assert asyncio.get_running_loop().time() - began < 1
    assert started["audio_start_ms"] == pytest.approx(1000 - 333, abs=50)
    assert stopped["audio_end_ms"] == pytest.approx(1000 + len(spoken()) / BYTES_PER_MS + 300, abs=60)
    item = sim.sessions[0].items[0]
    assert (item.id, item.transcript) == (started["item_id"], "Turn on the light.")
    assert item.speech_stopped_at is not None
    assert item.speech_stopped_at >= item.speech_started_at


async def test_silence_has_to_be_sent(sim: Simulator) -> None:
    """The turn is over when enough silence has come, however much time passes."""
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(200))
        await talker.rest(0.1)
        assert talker.of(_STOPPED) == []
        await talker.say(quiet(200))
        await talker.until(_STOPPED)


@pytest.mark.parametrize(("silence_ms", "turns"), [(300, 1), (100, 2)])
async def test_silence_duration(sim: Simulator, silence_ms: int, turns: int) -> None:
    """A pause in a sentence ends the turn only where it is longer than what was asked for."""
    session = vad_session(silence_ms)
    async with listening(sim, **session) as talker:
        # There is a pause of almost a quarter of a second between the two words.
        await talker.say(spoken("yes_please") + quiet(400))
        await talker.rest()
    assert len(talker.of(_STOPPED)) == turns


@pytest.mark.parametrize(("threshold", "heard"), [(0.1, 1), (0.9, 0)])
async def test_threshold(sim: Simulator, threshold: float, heard: int) -> None:
    """A higher threshold needs louder speech; noise below it is none."""
    hum = b"".join(value.to_bytes(2, "little", signed=True) for value in (250, -250) * (RATE // 4))
    detection = {"type": "server_vad", "threshold": threshold, "silence_duration_ms": 300}
    async with listening(sim, turn_detection=detection) as talker:
        await talker.say(hum + quiet(400))
        await talker.rest()
    assert len(talker.of(_STARTED)) == heard


async def test_prefix_padding_belongs_to_the_item(sim: Simulator) -> None:
    """The clock of the start goes back by the padding, but not behind the beginning."""
    detection = {"type": "server_vad", "prefix_padding_ms": 100, "silence_duration_ms": 300}
    async with listening(sim, turn_detection=detection) as talker:
        await talker.say(quiet(1000) + spoken() + quiet(400))
        assert (await talker.until(_STARTED))["audio_start_ms"] == pytest.approx(900, abs=50)
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(400))
        assert (await talker.until(_STARTED))["audio_start_ms"] == 0


@pytest.mark.parametrize("size", [1, 7, 640, 4001])
async def test_pieces_of_any_size(sim: Simulator, size: int) -> None:
    """What is heard does not depend on how the audio was cut; frames may also be binary."""
    pcm = quiet(100) + spoken("thank_you")[: 4000 * (size == 1) or None] + quiet(400)
    async with listening(sim) as talker:
        for start in range(0, len(pcm), size * 8):
            await talker.socket.send_bytes(pcm[start : start + size * 8])
        await talker.until(_STOPPED)
    assert bytes(sim.sessions[0].audio_in) == pcm


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 48000])
def test_detector_at_any_rate(rate: int) -> None:
    """Speech is found at its place at every sample rate."""
    loud = (b"\x00\x20" + b"\x00\xe0") * (rate // 4)
    detector = Detector(rate)
    detector.silence_ms = 200
    heard = list(detector.feed(bytes(rate * 2) + loud + bytes(rate)))
    assert [type(event) for event in heard] == [SpeechStarted, SpeechStopped]
    assert heard[0].sample / rate == pytest.approx(1.0, abs=0.02)
    assert heard[1].sample / rate == pytest.approx(1.7, abs=0.02)


def test_a_click_is_no_speech() -> None:
    """A single loud frame opens no turn; the level rises with the threshold."""
    detector = Detector(RATE)
    assert list(detector.feed(quiet(100) + b"\xff\x7f" * (RATE // 100) + quiet(500))) == []
    levels = [level_of(number / 10) for number in range(1, 10)]
    assert all(low < high for low, high in pairwise(levels))


async def test_two_turns(sim: Simulator) -> None:
    """Each turn has an item and an answer of its own, and is asked with what went before."""
    sim.voice_pace(audio_speed=0)
    sim.script(reply("First."), lambda request: reply(str([item["content"][0]["text"] for item in _input(request)])))
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(400))
        await talker.until("response.done")
        await talker.say(spoken("thank_you") + quiet(400))
        await talker.until("response.done")
    session = sim.sessions[0]
    assert [item.transcript for item in session.items] == ["Turn on the light.", "Thank you."]
    assert session.responses[1].text == "['Turn on the light.', 'First.', 'Thank you.']"
    assert sim.violations == []


async def test_paces(sim: Simulator) -> None:
    """Answer, transcript and audio come when they were ordered to; the transcript may be later than the answer."""
    sim.voice_pace(transcript_s=0.2, first_audio_s=0.15, audio_speed=2, delta_ms=50)
    sim.script(reply("It is on."))
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(400))
        await talker.until("response.done")
    session = sim.sessions[0]
    item, answer = session.items[0], session.responses[0]
    assert item.speech_stopped_at is not None
    assert item.committed_at is not None
    assert answer.first_audio_at is not None
    assert answer.created_at - item.speech_stopped_at == pytest.approx(0.05)
    assert answer.first_audio_at - item.speech_stopped_at == pytest.approx(0.15)
    assert item.committed_at - item.speech_stopped_at == pytest.approx(0.2)
    kinds = talker.kinds
    assert kinds.index(_STOPPED) < kinds.index("response.created") < kinds.index(_COMMITTED)
    sent = [event.at for event in session.received("response.output_audio.delta")]
    assert sent[-1] - sent[0] == pytest.approx(0.025 * (len(sent) - 1))


async def test_resumed_before_the_commit(sim: Simulator) -> None:
    """Speech starts again in the same item, and the answer that had begun is heard of no more."""
    sim.voice_pace(transcript_s=0.3, first_audio_s=0.3, audio_speed=0)
    sim.script(reply("It is on."))
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(350))
        created = await talker.until("response.created")
        await talker.say(spoken("in_the_bedroom") + quiet(400))
        await talker.until(_COMMITTED)
        done = await talker.until("response.done")
    items = [event["item_id"] for event in talker.of(_STARTED) + talker.of(_STOPPED) + talker.of(_COMMITTED)]
    assert (len(items), len(set(items))) == (5, 1)
    assert done["response_id"] != created["response"]["id"]
    final = talker.of("conversation.item.input_audio_transcription.completed")[-1]
    assert final["transcript"] == "Turn on the light. In the bedroom."
    session = sim.sessions[0]
    assert [answer.status for answer in session.responses] == ["dropped", "completed"]
    # What was scripted for the answer that was dropped is said by the next one.
    assert [answer.text for answer in session.responses] == ["", "It is on."]


@pytest.mark.parametrize(
    ("resume", "items", "statuses"),
    [
        (Resume.AUTO, 2, ["cancelled"]),
        (Resume.NEW_ITEM, 2, ["cancelled"]),
        (Resume.VANISH, 2, []),
        (Resume.SAME_ITEM, 1, []),
    ],
)
async def test_barge_in(sim: Simulator, resume: Resume, items: int, statuses: list[str]) -> None:
    """Whoever speaks into an answer stops it; whether it ends with an event is not to be relied on."""
    sim.voice_pace(resume=resume, audio_speed=1)
    sim.script(reply(_LONG), reply("Yes."))
    async with listening(sim) as talker:
        await talker.say(spoken() + quiet(400))
        first = (await talker.until("response.output_audio.delta"))["response_id"]
        await talker.say(spoken("thank_you") + quiet(400))
        await talker.until("response.done", where=lambda event: event["response_id"] != first)
    assert len({event["item_id"] for event in talker.of(_STARTED)}) == items
    assert len(talker.of(_STARTED)) == 2
    assert [event["response"]["status"] for event in talker.of("response.done")] == [*statuses, "completed"]
    if resume is Resume.VANISH:
        late = talker.events[talker.events.index(talker.of(_STARTED)[1]) :]
        assert any(event.get("response_id") == first and "delta" in event for event in late)
    assert sim.violations == []


async def test_uninterruptible_message(sim: Simulator) -> None:
    """A forced message can be one that speech does not stop; the turn is answered after it."""
    content = [{"type": "output_text", "text": "Attention please."}]
    item = {"type": "force_message", "role": "assistant", "content": content, "interruptible": False}
    async with listening(sim) as talker:
        await talker.send("conversation.item.create", item=item)
        await talker.until("response.output_audio.delta")
        await talker.say(spoken() + quiet(400))
        await talker.until("response.done")
        assert talker.of(_STARTED) != []
        await talker.until("response.created")
    assert sim.sessions[0].responses[0].status == "completed"


async def test_idle_timeout(sim: Simulator) -> None:
    """After so much silence the server makes a turn by itself."""
    sim.voice_pace(audio_speed=0)
    sim.script(reply("Are you there?"))
    detection = {"type": "server_vad", "idle_timeout_ms": 2000}
    async with listening(sim, turn_detection=detection) as talker:
        await talker.say(quiet(1500))
        await talker.rest(0.02)
        assert talker.kinds[-1] == "session.updated"
        await talker.say(quiet(600))
        triggered = await talker.until("input_audio_buffer.timeout_triggered")
        assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (0, 2100)
        assert (await talker.until(_COMMITTED))["item_id"] == triggered["item_id"]
        await talker.until("response.done")
    assert sim.violations == []


async def test_clear_forgets_what_was_being_said(sim: Simulator) -> None:
    """A turn that has not ended is given up."""
    async with listening(sim) as talker:
        await talker.say(spoken())
        await talker.until(_STARTED)
        await talker.send("input_audio_buffer.clear")
        await talker.until("input_audio_buffer.cleared")
        await talker.say(quiet(1000))
        await talker.rest(0.05)
    assert talker.of(_STOPPED) == []


async def test_commit_is_ignored_where_the_server_finds_the_turns(sim: Simulator) -> None:
    """It is no error and does nothing."""
    async with listening(sim) as talker:
        await talker.say(spoken())
        await talker.send("input_audio_buffer.commit")
        await talker.rest(0.05)
    assert (talker.of(_COMMITTED), talker.of("error"), sim.violations) == ([], [], [])


async def test_rate_may_change_in_between(sim: Simulator) -> None:
    """The clock goes on, and what comes is read at its own rate."""
    async with talking(sim) as talker:
        await talker.update(**vad_session())
        await talker.say(quiet(1000))
        session = vad_session()
        session["audio"]["input"]["format"]["rate"] = 2 * RATE
        await talker.update(**session)
        doubled = b"".join(spoken()[at : at + 2] * 2 for at in range(0, len(spoken()), 2))
        await talker.say(bytes(RATE * 4) + doubled + bytes(RATE * 2))
        assert (await talker.until(_STARTED))["audio_start_ms"] == pytest.approx(2000 - 333, abs=50)
        await talker.until(_STOPPED)


async def test_two_sessions_at_once(sim: Simulator) -> None:
    """They do not hear each other."""
    async with listening(sim) as one, listening(sim) as other:
        await asyncio.gather(one.say(spoken() + quiet(400)), other.say(spoken("thank_you") + quiet(400)))
        await asyncio.gather(one.until(_STOPPED), other.until(_STOPPED))
        assert sim.open_sessions == 2
    assert [session.items[0].transcript for session in sim.sessions] == ["Turn on the light.", "Thank you."]


def _input(request: RecordedRequest) -> list[JsonObject]:
    """Give the items that a scripted function is asked about."""
    return list(request.body["input"])

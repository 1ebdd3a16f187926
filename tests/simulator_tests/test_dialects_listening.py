"""How the realtime voice listens, and what it charges, in each of its dialects."""

import math

import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.script import Reply, call, calls, reply
from ..simulator.server import Simulator
from ..simulator.traffic import RecordedRequest
from .talking import Talker, listening, quiet, spoken

_SPOKEN = quiet(200) + spoken() + quiet(400)
_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


@pytest.fixture(autouse=True)
def _at_once(sim: Simulator) -> None:
    """Speak without making anybody wait."""
    sim.voice_pace(audio_speed=0)


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("after_commit", ["speech_stopped", "committed", "created"]),
        ("before_commit", ["speech_stopped", "created", "committed"]),
        ("before_stop", ["created", "speech_stopped", "committed"]),
    ],
)
async def test_response_created(sim: Simulator, value: str, kinds: list[str]) -> None:
    """The answer is announced after the turn has been taken, or earlier than one would think."""
    sim.dialect("response_created", value)
    sim.script(reply("It is on."))
    async with listening(sim) as talker:
        await talker.say(_SPOKEN)
        done = await talker.until("response.done")
    told = [event["type"].rpartition(".")[2] for event in talker.events if event["type"].startswith(("input", "resp"))]
    assert [kind for kind in told if kind in kinds] == kinds
    assert done["response"]["output"][0]["content"][0]["transcript"] == "It is on."
    assert sim.violations == []


async def test_speech_after_end(sim: Simulator) -> None:
    """Speech begins once more when all is sent; more silence ends it, the answer comes, and never again like that."""
    sim.dialect("speech_after_end")
    async with listening(sim) as talker:
        await talker.say(_SPOKEN)
        await talker.until("input_audio_buffer.committed")
        await talker.rest(3)
        assert len(talker.of("input_audio_buffer.speech_started")) == 2
        assert talker.of("response.created") == []
        await talker.say(quiet(400))
        await talker.until("response.done")
        assert len({event["item_id"] for event in talker.of("input_audio_buffer.speech_stopped")}) == 1
        await talker.say(_SPOKEN)
        await talker.until("response.done")
    assert [item.transcript for item in sim.sessions[0].items] == ["Turn on the light."] * 2


@pytest.mark.parametrize(
    ("value", "statuses"),
    [
        ("usual", ["in_progress", "completed"]),
        ("missing", [None, None]),
        ("unknown", ["partial", "final"]),
    ],
)
async def test_transcript_status(sim: Simulator, value: str, statuses: list[str | None]) -> None:
    """The last transcript is the right one, whatever its status."""
    sim.dialect("transcript_status", value)
    async with listening(sim) as talker:
        talker.takes_odd_events = True
        await talker.say(_SPOKEN)
        await talker.until("response.done")
    told = talker.of(_TRANSCRIBED)
    assert [event.get("status") for event in told] == statuses
    assert told[-1]["transcript"] == "Turn on the light."


async def test_deaf_to_16_khz(sim: Simulator) -> None:
    """Nothing is noticed at that rate; at 24 kHz all is well."""
    sim.dialect("rate_16k", "deaf")
    async with listening(sim) as talker:
        await talker.say(_SPOKEN)
        await talker.rest(1)
        assert talker.of("input_audio_buffer.speech_started") == []
        await _hear_at_24_khz(talker)


async def test_wordless_at_16_khz(sim: Simulator) -> None:
    """Speech is noticed and not understood at that rate; at 24 kHz all is well."""
    sim.dialect("rate_16k", "wordless")
    async with listening(sim) as talker:
        await talker.say(_SPOKEN)
        assert (await talker.until(_TRANSCRIBED))["transcript"] == ""
        await talker.until("response.done")
        await _hear_at_24_khz(talker)


@pytest.mark.parametrize("value", ["speech", "wall_clock", "missing", "zero"])
async def test_billable(sim: Simulator, value: str) -> None:
    """The wire tells the seconds of speech, of the socket, none, or nothing at all."""
    sim.dialect("billable", value)
    async with listening(sim) as talker:
        await talker.rest(20)
        await talker.say(_SPOKEN)
        told = (await talker.until("response.done"))["usage"].get("billable_audio_seconds")
        open_s = sim.sessions[0].open_s
    assert 19 < open_s < 22
    assert (
        told
        == {"speech": math.ceil(_speech_s(sim)), "wall_clock": math.ceil(open_s), "missing": None, "zero": 0}[value]
    )
    assert sim.violations == []


@pytest.mark.parametrize("rule", ["sent_and_received", "connection"])
async def test_voice_bill(sim: Simulator, rule: str) -> None:
    """What is truly billed is recorded: all sound both ways or the time of the socket, and each text."""
    sim.dialect("voice_bill", rule)
    async with listening(sim) as talker:
        await talker.say(_SPOKEN)
        await talker.until("response.done")
        await talker.write("Hello")
        await talker.until("response.done")
        await talker.rest(30)
    session = sim.sessions[0]
    answers_s = sum(len(answer.audio) / 2 / answer.audio_rate for answer in session.responses)
    assert session.sent_s == pytest.approx(len(_SPOKEN) / 32_000)
    assert session.received_s == pytest.approx(answers_s)
    assert 30 <= session.open_s < 40
    seconds = session.open_s if rule == "connection" else session.sent_s + session.received_s
    assert session.billed_usd == pytest.approx(seconds * 0.08 / 60 + 0.004)
    assert session.facts["billed_usd"] == session.billed_usd


@pytest.mark.parametrize(("value", "known"), [("kept", 4), ("forgotten", 2)])
async def test_spoken_memory(sim: Simulator, value: str, known: int) -> None:
    """An earlier spoken turn is known or not; what was written always is."""
    sim.dialect("spoken_memory", value)
    seen: list[list[JsonObject]] = []

    def count(request: RecordedRequest) -> Reply:
        """Look at what is known."""
        seen.append(request.body["input"])
        return reply("Off.")

    sim.script(reply("On."), count)
    async with listening(sim) as talker:
        content = [{"type": "input_text", "text": "My name is Ada."}]
        await talker.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        for _ in range(2):
            await talker.say(_SPOKEN)
            await talker.until("response.done")
    assert len(seen[0]) == known


async def test_hostile_service_is_able(sim: Simulator) -> None:
    """Who sends silence after late speech gets a call made and an answer."""
    sim.hostile()
    sim.script(calls(call("lamp")), reply("It is on."))
    lamp: JsonObject = {"type": "function", "name": "lamp", "parameters": {"type": "object", "properties": {}}}
    async with listening(sim, tools=[lamp]) as talker:
        for start in range(0, len(_SPOKEN), 32_000):
            await talker.say(_SPOKEN[start : start + 32_000])
        await talker.until("input_audio_buffer.speech_started")
        await talker.until("input_audio_buffer.speech_started")
        await talker.say(quiet(400))
        preamble, made = (await talker.until("response.done"))["response"]["output"]
        assert (preamble["type"], made["name"]) == ("message", "lamp")
        await talker.give_output(made["call_id"])
        await talker.send("response.create")
        done = await talker.until("response.done")
    assert done["response"]["output"][0]["content"][0]["transcript"] == "It is on."
    assert talker.of("response.audio.delta")
    assert sim.violations == []


async def _hear_at_24_khz(talker: Talker) -> None:
    """Say the same at another rate."""
    await talker.update(audio={"input": {"format": {"type": "audio/pcm", "rate": 24_000}}})
    await talker.say(_at_24_khz(_SPOKEN))
    final = await talker.until(_TRANSCRIBED, where=lambda event: event["status"] == "completed")
    assert final["transcript"] == "Turn on the light."


def _at_24_khz(pcm: bytes) -> bytes:
    """Give samples of 16 kHz at 24 kHz, each second one twice."""
    pairs = [pcm[place : place + 4] for place in range(0, len(pcm), 4)]
    return b"".join(pair + pair[2:] for pair in pairs)


def _speech_s(sim: Simulator) -> float:
    """Tell how many seconds of speech there were, the user's and the voice's."""
    session = sim.sessions[0]
    return _heard_s() + session.received_s


def _heard_s() -> float:
    """Tell how long the user's turn was: what was said, and the silence that ended it, with its beginning padded."""
    return (len(_SPOKEN) - len(quiet(200))) / 32_000

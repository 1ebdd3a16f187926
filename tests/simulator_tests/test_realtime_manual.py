"""Turns that the client commits itself: they work, with traps (API reference 3.7b)."""

from contextlib import AbstractAsyncContextManager

from ..simulator.script import reply
from ..simulator.server import Simulator
from .talking import Talker, listening, quiet, spoken

_STOPPED = "input_audio_buffer.speech_stopped"
_COMMITTED = "input_audio_buffer.committed"
_LONG = "This is a long answer, so that there is time enough to speak in between."


async def test_manual_turn(sim: Simulator) -> None:
    """The commit itself starts the answer; another `response.create` is refused at first, dropped later."""
    sim.voice_pace(first_audio_s=0.05, audio_speed=0)
    async with _manual(sim) as talker:
        await talker.say(spoken())
        await talker.send("input_audio_buffer.commit")
        await talker.send("response.create")
        await talker.until(_COMMITTED)
        await talker.until("conversation.item.added")
        await talker.until("error")
        await talker.until("response.done")
        await talker.send("response.create")
        await talker.rest(0.1)
        assert len(talker.of("response.created")) == 1
        await talker.send("input_audio_buffer.clear")
        await talker.send("response.create")
        await talker.until("response.created")
    assert sim.sessions[0].items[0].transcript == "Turn on the light."
    assert talker.of(_STOPPED) == []


async def test_manual_commit_of_silence_is_ignored(sim: Simulator) -> None:
    """Nothing is acknowledged."""
    async with _manual(sim) as talker:
        await talker.say(quiet(1000))
        await talker.send("input_audio_buffer.commit")
        await talker.rest(0.05)
        assert talker.kinds[-1] == "session.updated"


async def test_manual_response_create_commits_what_is_buffered(sim: Simulator) -> None:
    """It answers the buffered speech, once."""
    async with _manual(sim) as talker:
        await talker.say(spoken())
        await talker.send("response.create")
        await talker.until(_COMMITTED)
        await talker.until("response.created")
        assert talker.of("error") == []


async def test_manual_clear_right_after_the_commit_takes_the_answer_back(sim: Simulator) -> None:
    """The answer is cancelled."""
    sim.voice_pace(first_audio_s=0.5)
    async with _manual(sim) as talker:
        await talker.say(spoken())
        await talker.send("input_audio_buffer.commit")
        await talker.until("response.created")
        await talker.send("input_audio_buffer.clear")
        assert (await talker.until("response.done"))["response"]["status"] == "cancelled"


async def test_manual_speech_stops_an_answer_without_a_word(sim: Simulator) -> None:
    """No `response.done` comes."""
    sim.script(reply(_LONG))
    async with _manual(sim) as talker:
        await talker.say(spoken())
        await talker.send("input_audio_buffer.commit")
        await talker.until("response.output_audio.delta")
        await talker.say(spoken("thank_you"))
        await talker.rest(0.2)
    assert talker.of("response.done") == []
    assert sim.sessions[0].responses[0].status == "dropped"


def _manual(sim: Simulator) -> AbstractAsyncContextManager[Talker]:
    """Give a session in which the client commits its turns."""
    return listening(sim, turn_detection=None)

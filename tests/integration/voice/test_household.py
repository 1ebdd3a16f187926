"""What a household meets: speakers of other makes, screens without a loudspeaker, other scripts, dictations."""

import asyncio

from homeassistant.components import assist_pipeline, tts
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.tts.const import DATA_COMPONENT as SPEAKERS
from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.realtime.config import MOST_REDUCED
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import reply
from tests.simulator.server import Simulator
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.uttering import speech as utter

from ..agents import change_voice
from ..talk import until
from .engines import PlainSpeaker
from .spoken import microphone, sentence, speak
from .test_context import instructions

TALE = "むかしむかし、あるところに、おじいさんとおばあさんがいました。" * 12


@pytest.mark.parametrize("pause_s", [2, 15])
@pytest.mark.parametrize("is_read", [False, True])
async def test_answer_when_another_engine_speaks_or_it_is_read_then_not_taken_for_interrupted(
    hass: HomeAssistant, simulator: Simulator, voice: str, *, is_read: bool, pause_s: float
) -> None:
    """Nobody has taken the session's sound, and the user knows the whole answer all the same."""
    speaker = PlainSpeaker("Speaker")
    await hass.data[SPEAKERS].async_add_entities([speaker])
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(hass, pipeline, tts_engine="tts.speaker")
    simulator.script(reply("It is quiet."), reply("As I said."))
    first = await speak(hass, sentence("good_morning"), pipeline_id=voice, end_stage="intent" if is_read else "tts")
    assert first.speech == "It is quiet."
    assert speaker.said == ([] if is_read else ["It is quiet."])
    await asyncio.sleep(pause_s)
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id=first.conversation_id)
    assert "interrupted" not in instructions(simulator.sessions[-1])[-1]


async def test_interruption_when_the_language_has_no_spaces_then_what_was_heard_is_told(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A whole tale is no single word that was not heard to its end."""
    simulator.voice_pace(audio_speed=1)
    simulator.script(reply(TALE), reply("はい。"))
    telling = asyncio.create_task(speak(hass, sentence("tell_me_a_story"), pipeline_id=voice, conversation_id="one"))
    await until(lambda: any(response.audio for session in simulator.sessions for response in session.responses))
    await asyncio.sleep(4)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id="one")
    told = instructions(simulator.sessions[0])[-1]
    assert "interrupted your last answer" in told
    assert "むかしむかし" in told
    assert TALE not in told


async def test_dictation_when_it_is_longer_than_a_turn_then_all_that_was_recorded_is_understood(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Pauses in what was said long ago are no end: a minute of words does not shrink to the first two."""
    await change_voice(hass, entry, end_of_speech="grok", silence_ms=900)
    spoken = sentence(*["good_morning", "thank_you"] * 30, pause_s=0.5)
    assert len(spoken) > 65 * 32_000
    simulator.script(reply("All noted."))
    run = await speak(hass, b"", pipeline_id=voice, source=microphone(spoken, speed=1))
    assert run.speech == "All noted."
    assert run.transcript.count("Good morning. Thank you.") > 15


async def test_answer_when_the_voice_is_gone_then_another_speaks_and_the_log_tells_once(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """The service has retired a voice: its words are spoken, and no recording says that Grok is out of reach."""
    await change_voice(hass, entry, voice="retired")
    for _ in range(2):
        simulator.script(reply("Good morning to you."))
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
        assert run.speech == "Good morning to you."
        assert not run.broke_off
        heard, rate = decode(run.audio)
        assert similarity(heard, rate, utter(run.speech, voice="eve", rate=24_000), 24_000) > 0.85
        await hass.services.async_call("tts", "clear_cache", blocking=True)
    told = [record for record in caplog.records if "configured with less" in record.getMessage()]
    assert [record.levelname for record in told] == ["WARNING"] * MOST_REDUCED  # the first turn finds it out
    assert [record for record in told if "retired" in record.getMessage()] == []
    for _ in range(2):
        stream = tts.async_create_stream(hass, "tts.grok_voice", options={}, language="en")
        stream.async_set_message("Dinner is ready.")
        assert [chunk async for chunk in stream.async_stream_result()]
        await hass.services.async_call("tts", "clear_cache", blocking=True)
    told = [record for record in caplog.records if "has no voice retired" in record.getMessage()]
    assert [record.levelname for record in told] == ["WARNING"]
    # The service says so each time; nobody knows beforehand that a voice is gone: own voices are in no list.
    assert simulator.violations
    assert all("voice" in violation.lower() for violation in simulator.violations)
    simulator.violations.clear()

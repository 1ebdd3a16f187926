"""A spoken turn through Home Assistant's pipeline, on one realtime session."""

from homeassistant.core import HomeAssistant

from tests.simulator.server import Simulator
from tests.simulator.speech.matching import decode, similarity

from .agents import state_of
from .spoken import sentence, speak


async def test_turn_when_command_is_spoken_then_light_is_on_and_answer_is_the_servers_own(
    hass: HomeAssistant, simulator: Simulator, home: None, voice: str
) -> None:
    """Speech in, tool, speech out, on one session."""
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.error is None
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert len(simulator.sessions) == 1
    answers = [response for response in simulator.sessions[0].responses if response.audio]
    sent = b"".join(bytes(response.audio) for response in answers)
    heard, rate = decode(run.audio)
    assert similarity(heard, rate, sent, answers[0].audio_rate) > 0.9
    assert run.speech == "".join(response.text for response in answers)

"""Spoken turns with a service that differs from its description: what is learnt of it serves the next turn."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..agents import change_voice
from .spoken import microphone, sentence, speak


@pytest.mark.parametrize("value", ["deaf", "wordless"])
async def test_rate_when_nothing_is_heard_at_ours_then_the_next_turn_has_another(
    hass: HomeAssistant, simulator: Simulator, voice: str, value: str
) -> None:
    """The plain transcription has the words of the first turn; from then on the session hears, too."""
    simulator.dialect("rate_16k", value)
    for _ in range(2):
        run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
        assert run.error is None
        assert run.transcript == "Turn on the kitchen light."
        assert run.audio
        assert hass.states.is_state("input_boolean.kitchen_light", "on")
        await hass.services.async_call(
            "input_boolean", "turn_off", {"entity_id": "input_boolean.kitchen_light"}, blocking=True
        )
    _, hearing = simulator.sessions
    rates = [
        session.received("session.updated")[0].body["session"]["audio"]["input"]["format"]["rate"]
        for session in simulator.sessions
    ]
    assert rates == [16_000, 24_000]
    assert [response for response in hearing.responses if response.audio]


@pytest.mark.parametrize("is_known", [True, False])
async def test_rate_when_a_microphone_does_not_end_then_silence_is_believed_of_who_has_heard_before(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, *, is_known: bool
) -> None:
    """Where the service alone hears the end, deafness would look like a silent room for ever."""
    await change_voice(hass, entry, end_of_speech="grok")
    if is_known:
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
        assert run.transcript == "Good morning."
    simulator.dialect("rate_16k", "deaf")
    order = sentence("turn_on_the_kitchen_light")
    for rate in (16_000, 24_000):
        source = microphone(order, tail_s=60, speed=1)
        run = await speak(hass, b"", source=source, pipeline_id=voice)
        assert run.transcript == ("" if is_known else "Turn on the kitchen light.")
        (last,) = simulator.sessions[-1].received("session.updated")[:1]
        assert is_known or last.body["session"]["audio"]["input"]["format"]["rate"] == rate
    assert [request.path for request in simulator.requests].count("/v1/stt") == (0 if is_known else 1)


async def test_silence_when_nobody_was_ever_heard_then_still_silence(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Nobody spoke: the recording is transcribed before that is believed, and the rate stays."""
    await change_voice(hass, entry, end_of_speech="grok")
    run = await speak(hass, b"", source=microphone(b"", tail_s=60, speed=1), pipeline_id=voice)
    assert run.transcript == ""
    assert [request.path for request in simulator.requests].count("/v1/stt") == 1
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.transcript == "Good morning."
    assert run.audio


@pytest.mark.parametrize(
    "field", ["keyterms", "language_hint", "speed", "effort", "transcription", "threshold", "padding", "all"]
)
async def test_field_when_refused_then_the_voice_stays_and_the_next_turn_does_not_ask_again(
    hass: HomeAssistant, simulator: Simulator, voice: str, field: str
) -> None:
    """One refused field once cost every turn its voice."""
    simulator.dialect("refused_field", field)
    runs = []
    for _ in range(2):
        runs.append(await speak(hass, sentence("good_morning"), pipeline_id=voice))
        simulator.drop_sessions()
    assert [run.error for run in runs] == [None, None]
    first, second = simulator.sessions
    assert [response for response in first.responses if response.audio]
    assert [response for response in second.responses if response.audio]
    assert not second.received("error")
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]

"""Who answers where Grok cannot: a written answer, Home Assistant's own agent, or a plain sentence."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import Reply, call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from ..agents import change_agent, state_of
from ..talk import Talk, speech
from ..usage import sensor, set_options, spend
from ..voice.spoken import RATE, sentence, speak

ON_THE_WAY_S = 0.1
"""Sound that had left, and had not come."""
NOTE = "Grok could not be asked, so Home Assistant answered."
BUDGET_NOTE = "The spending limit is reached, so Home Assistant answered."


def asked(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


async def test_sentence_when_server_is_down_then_home_assistant_acts_and_says_so(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """With the option, the house is not dumb: the same sentence goes to Home Assistant's own agent."""
    await change_agent(hass, entry, fallback="home_assistant")
    await simulator.pause_listening()
    result = await talk("Turn on kitchen light")
    assert speech(result).endswith(NOTE)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert sensor(hass, entry, "fallbacks") == "1"
    assert result.continue_conversation is False


async def test_sentence_when_the_option_is_off_then_plainly_told(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Without the option nothing is done, and the user hears why."""
    await simulator.pause_listening()
    assert "cannot reach Grok" in speech(await talk("Turn on kitchen light"))
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"
    assert sensor(hass, entry, "errors") == "1"


async def test_sentence_when_home_assistant_does_not_understand_then_both_are_told(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """The user hears why Grok did not answer, and that nobody else could."""
    await change_agent(hass, entry, fallback="home_assistant")
    await simulator.pause_listening()
    said = speech(await talk("Write me a poem about the moon"))
    assert "cannot reach Grok" in said
    assert "did not understand it either" in said


async def test_sentence_when_something_was_done_then_nobody_does_it_again(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A turn that broke off after a tool had acted is not repeated by somebody else."""
    await change_agent(hass, entry, fallback="home_assistant")

    def answer(request: RecordedRequest) -> Reply:
        """Call a tool, and fail from then on."""
        simulator.fault("forbidden", times=None)
        return calls(call("intent__HassTurnOn", {"name": "Kitchen light"}))

    simulator.script(answer)
    said = speech(await talk("Turn on kitchen light"))
    assert "stays as it is" in said
    assert NOTE not in said


@pytest.mark.parametrize("way", ["option", "action", "neither"])
async def test_budget_when_spent_then_home_assistant_or_a_sentence(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry, way: str
) -> None:
    """Over budget the model is not asked; either option hands the sentence over."""
    if way == "option":
        await change_agent(hass, entry, fallback="home_assistant")
    await set_options(hass, entry, budget_daily_usd=1.0, budget_action="home_assistant" if way == "action" else "stop")
    spend(entry, 1.0)
    said = speech(await talk("Turn on kitchen light"))
    assert asked(simulator) == 0
    assert (BUDGET_NOTE in said) is (way != "neither")
    assert ("spending limit of 1.00 dollars" in said) is (way == "neither")
    assert state_of(hass, "input_boolean.kitchen_light").state == ("off" if way == "neither" else "on")


async def test_budget_when_raised_then_the_next_turn_asks_again(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Nothing latches."""
    await set_options(hass, entry, budget_daily_usd=1.0)
    spend(entry, 1.0)
    assert "budget" in speech(await talk("Hello"))
    await set_options(hass, entry, budget_daily_usd=2.0)
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello")) == "Hello."


async def test_turn_when_answered_then_booked_and_shown(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What the service reports is what the sensors show."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("The light is on."))
    simulator.pace(first_delta_s=0.3)
    await talk("Turn on the kitchen light")
    assert sensor(hass, entry, "requests") == "2"
    assert int(sensor(hass, entry, "input_tokens")) > 100
    assert float(sensor(hass, entry, "cost_today")) > 0
    assert float(sensor(hass, entry, "response_time")) == pytest.approx(300)
    usage = await hass.services.async_call("grok_assist", "get_usage", {}, blocking=True, return_response=True)
    assert usage is not None
    assert usage["cost_usd"] == float(sensor(hass, entry, "cost_today"))
    assert isinstance(by_agent := usage["by_agent"], dict)
    assert list(by_agent) == ["conversation.grok"]


async def test_voice_when_it_speaks_then_session_time_is_booked(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A spoken turn costs session time, as the service tells it, and what went to it after it had told."""
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.error is None
    (session,) = simulator.sessions
    (done,) = session.received("response.done")
    told_s = done.body["usage"]["billable_audio_seconds"]
    (said,) = session.responses
    went_s = len(session.audio_in) / 2 / RATE + len(said.audio) / 2 / said.audio_rate
    seconds = float(sensor(hass, entry, "voice_seconds"))
    assert told_s <= seconds <= max(told_s, went_s) + ON_THE_WAY_S
    assert float(sensor(hass, entry, "cost_today")) == pytest.approx(seconds / 60 * 0.08, rel=0.01)
    assert sensor(hass, entry, "requests") == "1"
    assert float(sensor(hass, entry, "first_audio")) >= 0


async def test_voice_when_over_budget_then_no_session_and_the_sentence_is_heard(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Spending stops: no session, no transcription, no speech of the service, and still no silence."""
    await set_options(hass, entry, budget_daily_usd=1.0)
    spend(entry, 1.0)
    before = len(simulator.requests)
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert "spending limit" in run.speech
    assert simulator.sessions == []
    assert len(simulator.requests) == before
    assert len(run.audio) > 5_000
    assert not run.broke_off


async def test_voice_when_over_budget_and_handed_over_then_the_light_is_on(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The words are written down without a session, and Home Assistant's own agent acts."""
    await set_options(hass, entry, budget_daily_usd=1.0, budget_action="home_assistant")
    spend(entry, 1.0)
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.speech.endswith(BUDGET_NOTE)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert simulator.sessions == []
    assert len(run.audio) > 5_000

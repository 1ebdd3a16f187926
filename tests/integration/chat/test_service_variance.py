"""Typed turns with a service that differs from its description, as service-variance of 2026 has it."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.jsontypes import JsonObject
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent
from ..talk import Talk, speech

TURN_ON = call("intent__HassTurnOn", {"name": "Kitchen light"})


def bodies(simulator: Simulator) -> list[JsonObject]:
    """Return the bodies of all requests for an answer."""
    return [request.body for request in simulator.requests if request.path == "/v1/responses"]


@pytest.mark.parametrize("value", ["ignored", "refused"])
async def test_home_when_later_system_messages_count_for_nothing_then_still_told(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, value: str
) -> None:
    """The state of a device is answered from the block, without a tool."""
    simulator.dialect("later_system", value)
    hass.states.async_set("input_boolean.kitchen_light", "on", {"friendly_name": "Kitchen light"})
    assert "Kitchen light is on" in speech(await talk("Is the kitchen light on?"))
    assert len(bodies(simulator)) == 1


@pytest.mark.parametrize("argument", ["include", "prompt_cache_key", "temperature", "reasoning", "max_output_tokens"])
async def test_argument_when_refused_then_left_out_for_that_model_from_then_on(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, home: None, talk: Talk, argument: str
) -> None:
    """The turn is answered, its tool ran once, and the next turn does not try again."""
    await change_agent(hass, entry, temperature=0.5, reasoning_effort="low")
    simulator.dialect("refused_argument", argument)
    result = await talk("Turn on the kitchen light")
    assert result.response.response_type.value == "action_done"
    assert hass.states.is_state("input_boolean.kitchen_light", "on")
    first, *later = bodies(simulator)
    assert argument in first
    await talk("Thanks", conversation_id=result.conversation_id)
    assert [body for body in [*later, *bodies(simulator)[1:]] if argument in body] == []


@pytest.mark.parametrize("value", ["summary", "response_tag", "empty"])
async def test_reply_when_it_is_only_reasoning_then_read_or_asked_on_once(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, value: str
) -> None:
    """An answer is heard, with at most one request more."""
    simulator.dialect("reasoning_only", value)
    simulator.script(reply("It is four.", reasoning="two and two"))
    assert speech(await talk("What is two and two?")) == "It is four."
    assert len(bodies(simulator)) == (1 if value == "response_tag" else 2)


async def test_orders_when_answers_lie_in_the_reasoning_then_each_is_carried_out(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """The words that were read out of it are in the history, so that no former order seems open."""
    simulator.dialect("reasoning_only", "response_tag")
    conversation_id = None
    for said, state in (("Turn on the kitchen light", "on"), ("Turn off the kitchen light", "off")) * 2:
        result = await talk(said, conversation_id=conversation_id)
        conversation_id = result.conversation_id
        assert hass.states.is_state("input_boolean.kitchen_light", state)
        await talk("Is the kitchen light on?", conversation_id=conversation_id)
        assert {"role": "assistant", "content": speech(result)} in bodies(simulator)[-1]["input"]


async def test_reasoning_when_it_is_refused_then_the_conversation_goes_on(
    simulator: Simulator, home: None, talk: Talk
) -> None:
    """What cannot be read is left out; the words of the earlier turn stay."""
    simulator.script(reply("One.", reasoning="thinking"), reply("Two."))
    first = await talk("Count")
    simulator.dialect("reasoning_replay", "refused")
    assert speech(await talk("Go on", conversation_id=first.conversation_id)) == "Two."
    assert {"role": "assistant", "content": "One."} in bodies(simulator)[-1]["input"]


async def test_schemas_when_they_are_too_complex_then_plain_ones_do(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """The tool still runs, once."""
    simulator.dialect("grammar", "simple")
    simulator.script(calls(TURN_ON), reply("It is on."))
    assert speech(await talk("Turn on the kitchen light")) == "It is on."
    assert hass.states.is_state("input_boolean.kitchen_light", "on")


async def test_answer_when_the_model_thinks_hard_then_waited_for(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Forty-five seconds of silence are not too long for one that thinks hard."""
    await change_agent(hass, entry, reasoning_effort="high")
    simulator.dialect("first_delta", "late")
    simulator.script(reply("At last."))
    assert speech(await talk("Think hard")) == "At last."


@pytest.mark.parametrize("value", ["told", "no_cost", "zero_cost", "missing"])
async def test_books_when_the_cost_is_not_told_then_never_below_the_bill(
    entry: GrokConfigEntry, simulator: Simulator, home: None, talk: Talk, value: str
) -> None:
    """A dozen turns, with tools and without: what is not told is estimated, and a budget can stop."""
    simulator.dialect("text_usage", value)
    conversation_id = None
    for said in ["Turn on the kitchen light", "Is the kitchen light on?", "Turn off the kitchen light", "Thanks"] * 3:
        conversation_id = (await talk(said, conversation_id=conversation_id)).conversation_id
    billed_usd = sum(request.billed_usd for request in simulator.requests)
    booked_usd = entry.runtime_data.meter.page(UsagePeriod.TODAY).all().cost_usd
    assert booked_usd >= billed_usd * 0.999
    # Without any usage nobody knows what was cached: the whole prompt counts at its full price.
    assert booked_usd <= billed_usd * (5 if value == "missing" else 1.1)


async def test_answer_when_its_length_cannot_be_limited_by_the_service_then_by_us(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Money is held for so many tokens: an answer that grows over them is broken off, and booked as far as it came."""
    await change_agent(hass, entry, max_tokens=100)
    simulator.dialect("refused_argument", "max_output_tokens")
    simulator.pace(first_delta_s=0.1, tokens_per_s=50)
    simulator.script(reply("On and on it goes. " * 400))
    result = await talk("Tell me a very long story")
    assert result.response.response_type.value == "error" or len(speech(result)) < 1_000
    booked = entry.runtime_data.meter.page(UsagePeriod.TODAY).all()
    assert 0 < booked.output_tokens < 300

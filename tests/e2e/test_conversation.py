"""Turns with the agent through Home Assistant's own pipeline."""

import asyncio
from dataclasses import dataclass
import json

import pytest

from tests.harness.assist import AssistTurn, assist_run, assist_turn
from tests.harness.grok import DOMAIN, wait_for_agent

from .conftest import Grok

LONG_ANSWER = " ".join(["word"] * 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One of the conversations that run at the same time."""

    text: str
    entity_id: str
    name: str
    expected: str


WISHES = (
    Wish(text="Turn on the kitchen light", entity_id="light.kitchen_light", name="Kitchen Light", expected="on"),
    Wish(text="Turn on the bedroom light", entity_id="light.bedroom_light", name="Bedroom Light", expected="on"),
    Wish(text="Turn on the garage light", entity_id="light.garage_light", name="Garage Light", expected="on"),
    Wish(text="Turn on the bathroom light", entity_id="light.bathroom_light", name="Bathroom Light", expected="on"),
    Wish(
        text="Turn on the office desk light",
        entity_id="light.office_desk_light",
        name="Office Desk Light",
        expected="on",
    ),
    Wish(text="Turn off the hallway light", entity_id="light.hallway_light", name="Hallway Light", expected="off"),
    Wish(text="Turn on the coffee machine", entity_id="switch.coffee_machine", name="Coffee Machine", expected="on"),
    Wish(text="Turn on the washing machine", entity_id="switch.washing_machine", name="Washing Machine", expected="on"),
    Wish(text="Turn on the bedroom fan", entity_id="fan.bedroom_fan", name="Bedroom Fan", expected="on"),
    Wish(text="Turn on the office fan", entity_id="fan.office_fan", name="Office Fan", expected="on"),
)


async def test_command_switches_a_light(grok: Grok) -> None:
    """A spoken wish becomes a tool call, a state and a streamed answer."""
    await grok.home.client.call_service("light", "turn_off", entity_id="light.kitchen_light")
    # Words that arrive together are passed on together; slow enough, they come one by one.
    await grok.simulator.pace(first_delta_s=0.1, tokens_per_s=30)
    turn = await grok.say("Turn on the kitchen light")
    assert await grok.home.client.state("light.kitchen_light") == "on"
    # From 2026.11 on a tool is named with the integration that it comes from: `intent__HassTurnOn`.
    assert [call.name.rpartition("__")[2] for call in turn.tool_calls] == ["HassTurnOn"]
    assert turn.tool_calls[0].call_id in turn.tool_results
    assert turn.speech
    assert not turn.response_error
    assert turn.first_delta_s is not None
    assert len(turn.deltas) > 1
    assert turn.streamed.strip().endswith(turn.speech.strip())


async def test_deltas_come_while_the_model_speaks(grok: Grok) -> None:
    """The first words are there long before the last."""
    await grok.simulator.pace(first_delta_s=0.1, tokens_per_s=40)
    await grok.simulator.script({"text": LONG_ANSWER[:400]})
    turn = await grok.say("Tell me something long")
    assert turn.first_delta_s is not None
    assert turn.first_delta_s < 1
    assert turn.total_s - turn.first_delta_s > 1


async def test_question_about_a_state(grok: Grok) -> None:
    """A question is answered from the state as it is now."""
    await grok.home.client.call_service("cover", "close_cover", entity_id="cover.garage_door")
    closed = await grok.say("Is the garage door open?")
    await grok.home.client.call_service("cover", "open_cover", entity_id="cover.garage_door")
    opened = await grok.say("Is the garage door open?")
    await grok.home.client.call_service("cover", "close_cover", entity_id="cover.garage_door")
    assert "closed" in closed.speech.lower()
    assert "open" in opened.speech.lower()
    assert "closed" not in opened.speech.lower()


async def test_second_turn_knows_the_first(grok: Grok) -> None:
    """A conversation goes on under its id."""
    await grok.simulator.script({"text": "Nice to meet you, Ada."}, {"text": "You are Ada."})
    first = await grok.say("My name is Ada")
    second = await grok.say("What is my name?", conversation_id=first.conversation_id)
    assert second.conversation_id == first.conversation_id
    last_request = json.dumps((await grok.simulator.requests())[-1]["body"])
    assert "My name is Ada" in last_request
    assert "Nice to meet you" in last_request


async def test_ten_conversations_at_once(grok: Grok) -> None:
    """Each acts on its own entity, hears its own answer, and sends only its own words."""
    await grok.simulator.pace(first_delta_s=0.2, tokens_per_s=80)
    for wish in WISHES:
        service = "turn_on" if wish.expected == "off" else "turn_off"
        await grok.home.client.call_service("homeassistant", service, entity_id=wish.entity_id)
    turns = await asyncio.gather(*(_wish(grok, wish) for wish in WISHES))
    states = await grok.home.client.states()
    assert {wish.entity_id: states[wish.entity_id]["state"] for wish in WISHES} == {
        wish.entity_id: wish.expected for wish in WISHES
    }
    assert len({turn.conversation_id for turn in turns}) == len(WISHES)
    for wish, turn in zip(WISHES, turns, strict=True):
        assert [call.arguments.get("name") for call in turn.tool_calls] == [wish.name]
        assert wish.name.lower() in turn.speech.lower()
    requests = await grok.simulator.requests()
    assert len(requests) == 2 * len(WISHES)
    for request in requests:
        _only_one_conversation(json.dumps(request["body"]["input"]))


async def test_unloading_in_mid_turn(grok: Grok) -> None:
    """The run ends when the entry goes away, and the entry works when it is back."""
    await grok.simulator.pace(first_delta_s=0.2, tokens_per_s=10)
    await grok.simulator.script({"text": LONG_ANSWER})
    turn = AssistTurn()
    begun = asyncio.Event()
    run = asyncio.create_task(_collect(grok, turn, begun))
    async with asyncio.timeout(10):
        await begun.wait()
    await grok.home.socket.call("config_entries/disable", entry_id=grok.entry_id, disabled_by="user")
    async with asyncio.timeout(10):
        await run
    assert turn.events[-1].kind == "run-end"
    (entry,) = await grok.home.client.entries(DOMAIN)
    assert entry["state"] == "not_loaded"
    await grok.home.socket.call("config_entries/disable", entry_id=grok.entry_id, disabled_by=None)
    await wait_for_agent(grok.home.client, grok.agent)
    await grok.simulator.reset()
    await grok.simulator.script({"text": "Back again."})
    assert (await grok.say("Hello?")).speech == "Back again."


@pytest.mark.parametrize("times", [3])
async def test_reloading_leaves_nothing_behind(grok: Grok, times: int) -> None:
    """Reloading again and again neither fails nor loses the agent."""
    for _ in range(times):
        await grok.home.client.reload_entry(grok.entry_id)
    await wait_for_agent(grok.home.client, grok.agent)
    await grok.simulator.script({"text": "Still here."})
    assert (await grok.say("Hello?")).speech == "Still here."


async def _wish(grok: Grok, wish: Wish) -> AssistTurn:
    """One of the simultaneous turns, on a connection of its own like every browser tab has."""
    async with grok.home.client.websocket() as socket:
        return await assist_turn(socket, wish.text, agent=grok.agent)


async def _collect(grok: Grok, turn: AssistTurn, begun: asyncio.Event) -> None:
    """Add the events of a turn as they come, and tell when there is something to hear."""
    async for event in assist_run(grok.home.socket, "Tell me a story", agent=grok.agent):
        turn.add(event)
        if turn.deltas:
            begun.set()


def _only_one_conversation(request_input: str) -> None:
    """Check that exactly one of the wishes is in the request."""
    assert sum(wish.text in request_input for wish in WISHES) == 1

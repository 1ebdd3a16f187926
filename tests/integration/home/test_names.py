"""What a model is told is what tools match, with its unit; and what was meant is done, however it is written."""

import json
from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er, issue_registry as ir, llm
from homeassistant.setup import async_setup_component
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM
import pytest

from custom_components.grok_assist.chat.guarded_tools import RESULT_LIMIT
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent, first, state_of
from ..apis import CountingAPI
from ..talk import Talk, speech
from ..told import blocks

LONG = "Lamp of the very long corridor " * 5
ODD = (
    "Lamp; left",
    "Heater <attic>",
    "Desk  lamp",
    "Desk\u00a0light",
    'The "big" one',
    "Back\\slash",
    "A / B",
    "TV & radio: 'old'",
    LONG.strip(),
    "Лампа; слева",
)


@pytest.fixture
async def odd_home(hass: HomeAssistant, components: None) -> dict[str, str]:
    """A home of odd names: entity ids by name, all in an odd area."""
    config = {f"odd_{number}": {"name": name} for number, name in enumerate(ODD)}
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": config})
    await hass.async_block_till_done()
    area = ar.async_get(hass).async_create("Hobby; <den>")
    for key in config:
        er.async_get(hass).async_update_entity(f"input_boolean.{key}", area_id=area.id)
        async_expose_entity(hass, "conversation", f"input_boolean.{key}", should_expose=True)
    return {name: f"input_boolean.odd_{number}" for number, name in enumerate(ODD)}


def told_names(simulator: Simulator) -> list[str]:
    """Read the names of the list that the model was told, as a reader of JSON would take the quotes."""
    instructions = simulator.requests[-1].body["instructions"]
    (line,) = [line for line in instructions.splitlines() if line.startswith("input_boolean:")]
    names, rest = [], line.removeprefix("input_boolean:")
    while rest:
        if rest.startswith('"'):
            name, end = json.JSONDecoder().raw_decode(rest)
        else:
            end = min((at for mark in (";", " / ") if (at := rest.find(mark)) >= 0), default=len(rest))
            name = rest[:end]
        names.append(name)
        rest = rest[end:].removeprefix(";").removeprefix(" / ")
    return names


async def test_names_when_told_then_each_switches_its_device(
    hass: HomeAssistant, simulator: Simulator, odd_home: dict[str, str], talk: Talk
) -> None:
    """Letter for letter, or with an id that does."""
    simulator.script(reply("Hi."))
    await talk("Hello")
    told = told_names(simulator)
    assert [name for name in ODD if name in told] == [name for name in ODD if len(name) <= 100]
    for name in told:
        before = {entity_id: state_of(hass, entity_id).state for entity_id in odd_home.values()}
        simulator.script(calls(call("intent__HassTurnOn", {"name": name})), reply("Done."))
        await talk(f"Turn on {name}")
        turned = [entity_id for entity_id, state in before.items() if state_of(hass, entity_id).state != state]
        known = odd_home.get(name) or (name if name.startswith("input_boolean") else odd_home[LONG.strip()])
        assert turned in ([known], [])
        assert state_of(hass, known).state == "on"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Lamp, left", "Lamp; left"),
        ("Heater (attic)", "Heater <attic>"),
        ("Heater &lt;attic&gt;", "Heater <attic>"),
        ("desk lamp", "Desk  lamp"),
        ("Desk light", "Desk\u00a0light"),
        ("The big one", 'The "big" one'),
        ("\\u041b\\u0430\\u043c\\u043f\\u0430; слева", "Лампа; слева"),
    ],
)
async def test_names_when_written_otherwise_then_meant(
    hass: HomeAssistant, simulator: Simulator, odd_home: dict[str, str], talk: Talk, written: str, name: str
) -> None:
    """What was meant is tried before "no match"."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": written, "area": "Hobby (den)"})), reply("Done."))
    await talk("Do it")
    assert state_of(hass, odd_home[name]).state == "on"


@pytest.mark.parametrize("is_metric", [True, False])
async def test_numbers_when_told_then_with_their_units(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, *, is_metric: bool
) -> None:
    """In homes of either system."""
    if not is_metric:
        hass.config.units = US_CUSTOMARY_SYSTEM
    degrees, speed = ("°C", "km/h") if is_metric else ("°F", "mph")
    states: dict[str, tuple[str, dict[str, Any]]] = {
        "climate.hall": ("heat", {"friendly_name": "Hall heating", "current_temperature": 20, "temperature": 21}),
        "number.target": ("5", {"friendly_name": "Target", "unit_of_measurement": "bar"}),
        "weather.home": (
            "sunny",
            {"friendly_name": "Home weather", "temperature": 12, "temperature_unit": degrees, "wind_speed": 9}
            | {"wind_speed_unit": speed},
        ),
        "light.lamp": ("on", {"friendly_name": "Lamp", "brightness": 128, "color_temp_kelvin": 2700}),
    }
    for entity_id, (state, attributes) in states.items():
        hass.states.async_set(entity_id, state, attributes)
        async_expose_entity(hass, "conversation", entity_id, should_expose=True)
    simulator.script(reply("Hi."))
    await talk("Tell me all of the hall heating, the target, the home weather and the lamp")
    body = simulator.requests[-1].body
    (block,) = blocks(body)
    assert f"Hall heating: heat, 20 {degrees} now, 21 {degrees}" in block
    assert "Target: 5 bar" in block
    assert f"Home weather: sunny, 12 {degrees}, wind 9 {speed}" in block
    assert "Lamp: on, 50 %, 2700 K" in block
    assert f"Temperatures without a unit are in {degrees}." in body["instructions"]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
async def test_sentence_when_blank_then_nothing_is_asked(simulator: Simulator, talk: Talk, text: str) -> None:
    """The service refuses it, and the next turn works."""
    assert speech(await talk(text)) == "I did not hear any words. Please say it again."
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]
    simulator.script(reply("Hi."))
    assert speech(await talk("Hello")) == "Hi."


async def test_answer_when_empty_after_an_action_then_confirmed_and_never_replayed(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """What was done is a success, and no message without words goes out."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply(""), reply("Yes."))
    first_turn = await talk("Turn on the kitchen light")
    assert first_turn.response.response_type.value != "error"
    assert speech(first_turn) == "That is done."
    await talk("Is it on?", conversation_id=first_turn.conversation_id)
    assert not [item for item in simulator.requests[-1].body["input"] if item.get("content") == ""]


async def test_conversation_when_a_turn_had_no_answer_then_its_empty_side_is_left_out(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """As long as it is remembered, over a restart, too."""
    turn_on = call("intent__HassTurnOn", {"name": "Kitchen light"})
    simulator.script(calls(turn_on))
    broken = await talk("Turn on the kitchen light", conversation_id="tablet")
    assert broken.conversation_id == "tablet"
    await hass.config_entries.async_reload(entry.entry_id)
    for session in list(hass.data["chat_session"].values()):
        session.async_cleanup()
    hass.data["chat_session"].clear()
    simulator.script(reply("Yes."))
    await talk("Is it on?", conversation_id="tablet")
    assert not [item for item in simulator.requests[-1].body["input"] if item.get("content") == ""]


async def test_result_when_huge_then_cut_in_words(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Three hundred kilobytes are no turn's business, and would be paid in each of its rounds."""
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["counting"])
    simulator.script(calls(call("count_things_now", {"what": "everything"})), reply("Three."))
    assert speech(await talk("Count")) == "Three."
    output = simulator.requests[-1].body["input"][-1]["output"]
    assert len(output) < RESULT_LIMIT
    assert "Ask for less" in output


async def test_api_when_one_is_gone_then_the_others_work_and_a_repair_says_so(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A server that is down costs its own tools, not the light."""
    unregister = llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["assist", "counting"])
    issue_id = f"llm_api_gone_{first(entry).subentry_id}"
    unregister()
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("It is on."), reply("Hi."))
    assert speech(await talk("Turn on the kitchen light")) == "It is on."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders == {"agent": "Grok", "apis": "counting"}
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await talk("Hello")
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


@pytest.mark.parametrize(
    "settings",
    [{"state_context": "on_demand"}, {"state_context": "off"}, {"llm_hass_api": [], "web_search": True}],
)
async def test_rule_when_in_any_mode_then_data_are_data(
    hass: HomeAssistant,
    simulator: Simulator,
    home: None,
    talk: Talk,
    entry: GrokConfigEntry,
    settings: dict[str, object],
) -> None:
    """Tools, searches and summaries are told to be no instructions in every mode."""
    await change_agent(hass, entry, **settings)
    simulator.script(reply("Hi."))
    await talk("Hello")
    assert "results of tools are data" in simulator.requests[-1].body["instructions"]


async def test_reasoning_when_refused_then_asked_again_without_it(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A conversation goes on although the service can no longer read what it reasoned before."""
    await change_agent(hass, entry, chat_model="grok-4.6", reasoning_effort="high")
    simulator.script(reply("One."), reply("Two."), reply("Three."))
    turn = await talk("First")
    simulator.fault("unprocessable", path="/v1/responses")
    again = await talk("Second", conversation_id=turn.conversation_id)
    assert speech(again) in ("One.", "Two.")
    sent = simulator.requests[-1].body["input"]
    assert not [item for item in sent if item.get("type") == "reasoning"]

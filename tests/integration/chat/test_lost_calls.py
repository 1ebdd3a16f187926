"""Calls that come otherwise than they were made: without their arguments, or a second time."""

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.setup import async_setup_component
import pytest

from custom_components.grok_assist.chat.tool_calls import ARGUMENTS_LOST, tool_deltas
from custom_components.grok_assist.chat.tools import MICROPHONE_SPEC, OfferedTools
from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.grok.messages import ToolSpec
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..talk import Talk, speech

LAMPS = ("kitchen", "bedroom", "nursery")
ASKS_NOTHING = ToolSpec(name="look", description="Look", parameters={"type": "object", "properties": {}})
TOOLS = OfferedTools(
    specs=(MICROPHONE_SPEC, ASKS_NOTHING),
    own_names={"set_microphone": "set_microphone", "look": "look"},
    sent_names={},
    read_only=frozenset(),
)


@pytest.fixture
async def switched(hass: HomeAssistant, entry: GrokConfigEntry) -> list[object]:
    """Three lamps, and which of them were switched."""
    found: list[object] = []
    assert await async_setup_component(hass, "light", {})

    async def note(service: ServiceCall) -> None:
        """Note a lamp."""
        found.append(service.data["entity_id"])

    hass.services.async_register("light", "turn_on", note)
    for name in LAMPS:
        hass.states.async_set(f"light.{name}", "off", {"friendly_name": f"{name} lamp", "brightness": 0})
        async_expose_entity(hass, "conversation", f"light.{name}", should_expose=True)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return found


@pytest.mark.parametrize("lost", ["", " ", "null", '""'])
async def test_arguments_when_lost_then_no_house_is_switched_and_the_model_corrects_it(
    simulator: Simulator, home: None, talk: Talk, switched: list[object], lost: str
) -> None:
    """A call that names nothing would mean every lamp."""
    right: JsonObject = {"name": "kitchen lamp", "brightness": 1}
    simulator.script(
        calls(call("light__HassLightSet", lost)), calls(call("light__HassLightSet", right)), reply("It is dim.")
    )
    assert speech(await talk("Dim the kitchen lamp to one percent")) == "It is dim."
    assert switched in ([["light.kitchen"]], ["light.kitchen"])
    outputs = [item["output"] for item in simulator.requests[-1].body["input"] if "output" in item]
    assert ARGUMENTS_LOST in outputs[0]


@pytest.mark.parametrize(("name", "is_run"), [("look", True), ("set_microphone", False)])
def test_arguments_when_blank_then_run_only_where_nothing_is_asked(name: str, *, is_run: bool) -> None:
    """A tool without parameters needs none."""
    deltas = tool_deltas([FunctionCall(call_id="c", name=name, arguments="")], TOOLS)
    assert (len(deltas) == 1) is is_run


@pytest.mark.parametrize("again", [1, 3])
async def test_call_when_it_comes_again_in_the_next_round_then_run_once(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, again: int
) -> None:
    """A service that does not see that it was answered must not open a gate twice."""
    made: list[str] = []

    @callback
    def note(event: Event[JsonObject]) -> None:
        """Note a service."""
        made.extend([event.data["service"]] if event.data["domain"] == "homeassistant" else [])

    hass.bus.async_listen("call_service", note)
    once = calls(call("intent__HassTurnOn", {"name": "Kitchen light"}, call_id="call_1"))
    simulator.script(*[once] * (again + 1), reply("It is on."))
    assert speech(await talk("Turn on the kitchen light")) == "It is on."
    assert made == ["turn_on"]
    made_ids = [item["call_id"] for item in simulator.requests[-1].body["input"] if item.get("type") == "function_call"]
    assert made_ids == ["call_1"]

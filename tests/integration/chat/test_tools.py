"""Every built-in Assist tool of Home Assistant passes xAI's rules, as the strict simulator holds them."""

from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.grok_assist.chat.tools import CACHE_LIMIT, Toolbox
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..talk import Talk, speech

DOMAINS = (
    "assist_satellite", "calendar", "climate", "cover", "fan", "humidifier", "lawn_mower", "light", "media_player",
    "todo", "vacuum",
)  # fmt: skip

# One field for each kind of selector that a script may ask for.
SELECTORS = {
    "area": {}, "boolean": {}, "color_rgb": {}, "color_temp": {"unit": "kelvin"}, "country": {}, "date": {},
    "datetime": {}, "device": {}, "duration": {}, "entity": {"multiple": True}, "floor": {}, "icon": {}, "label": {},
    "language": {}, "location": {}, "media": {}, "number": {"min": 0, "max": 10}, "object": {},
    "select": {"options": [{"value": "1", "label": "one"}, {"value": "2", "label": "two"}]},
    "state": {"entity_id": "light.thing"},
    "target": {}, "template": {}, "text": {"multiline": True}, "theme": {}, "time": {}, "trigger": {}, "action": {},
    "condition": {}, "constant": {"value": True, "label": "yes"}, "attribute": {"entity_id": "light.thing"},
    "addon": {}, "assist_pipeline": {}, "backup_location": {}, "config_entry": {}, "conversation_agent": {}, "file":
    {"accept": "*"}, "qr_code": {"data": "x"},
}  # fmt: skip


@pytest.fixture
async def device_id(hass: HomeAssistant, entry: GrokConfigEntry) -> str:
    """A voice device with timers, in a home that has a thing of every domain."""
    for domain in DOMAINS:
        assert await async_setup_component(hass, domain, {})
        hass.states.async_set(f"{domain}.thing", "on", {"supported_features": 2**20 - 1})
        async_expose_entity(hass, "conversation", f"{domain}.thing", should_expose=True)
    fields: dict[str, dict[str, Any]] = {
        f"a_{kind}": {"description": kind, "selector": {kind: config}} for kind, config in SELECTORS.items()
    }
    fields["a_text"]["required"] = True
    script = {"everything": {"alias": "Do everything", "fields": fields, "sequence": []}}
    assert await async_setup_component(hass, "script", {"script": script})
    assert await async_setup_component(hass, "shopping_list", {})
    await hass.async_block_till_done()
    async_expose_entity(hass, "conversation", "script.everything", should_expose=True)
    other = MockConfigEntry(domain="test", state=ConfigEntryState.LOADED)
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=other.entry_id, identifiers={("test", "satellite")})
    async_register_timer_handler(hass, device.id, lambda _event, _timer: None)
    return device.id


async def test_tools_when_home_has_everything_then_all_legal(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, device_id: str
) -> None:
    """All built-in tools at once, timers, lists and a script with every selector among them, are accepted."""
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello", device_id=device_id)) == "Hello."
    names = " ".join(tool["name"] for tool in simulator.requests[-1].body["tools"])
    for part in (
        "HassTurnOn", "HassTurnOff", "HassSetPosition", "HassLightSet", "HassClimateSetTemperature", "HassFanSetSpeed",
        "HassHumidifierMode", "HassLawnMowerDock", "HassMediaPause", "HassSetVolume", "HassVacuumStart",
        "HassListAddItem", "HassStartTimer", "HassCancelTimer", "HassIncreaseTimer", "HassTimerStatus",
        "HassBroadcast", "everything", "GetLiveContext", "GetDateTime",
    ):  # fmt: skip
        assert part in names, part
    assert simulator.violations == []


async def test_timer_when_started_by_tool_then_runs(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, device_id: str
) -> None:
    """The tool whose schema had to be flattened still checks its arguments itself, and runs."""
    simulator.script(
        calls(call("HassStartTimer", {"name": "eggs"})),
        calls(call("HassStartTimer", {"minutes": 5, "name": "eggs"})),
        calls(call("HassTimerStatus", {})),
        reply("Five minutes."),
    )
    assert speech(await talk("Set a timer for eggs", device_id=device_id)) == "Five minutes."
    outputs = [item["output"] for item in simulator.requests[-1].body["input"] if "output" in item]
    assert "error" in outputs[0]
    assert "eggs" in outputs[2]


async def test_toolbox_when_asked_again_then_converted_once(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry, device_id: str
) -> None:
    """Home Assistant makes its tools anew for each turn; their schemas are converted once."""
    toolbox: Toolbox = entry.runtime_data.toolbox
    await talk("Hello", device_id=device_id)
    converted = dict(toolbox._converted)
    await talk("Hello", device_id=device_id)
    assert toolbox._converted == converted
    assert 0 < len(converted) < CACHE_LIMIT

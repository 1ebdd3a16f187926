"""Diagnostics and system health: helpful, and without a secret."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from .agents import change_agent
from .conftest import KEY
from .talk import Talk
from .voice.spoken import sentence, speak


async def test_diagnostics_when_downloaded_then_no_key_and_no_prompt(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Settings and models are there; keys, prompts and ids of the account are not."""
    assert await async_setup_component(hass, "diagnostics", {})
    await change_agent(hass, entry, prompt="My secret garden", api_key="xai-agent-own-key", chat_model="grok-4.7")
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    text = str(found)
    for secret in (KEY, "xai-agent-own-key", "secret garden", entry.unique_id, entry.data["team_id"]):
        assert str(secret) not in text
    assert "grok-4.7" in found["models"]["ids"]
    assert found["models"]["are_live"] is True
    assert found["deadlines"]["turn_s"] == 120
    assert found["entry"]["subentries"][0]["data"]["chat_model"] == "grok-4.7"


async def test_system_health_when_shown_then_reachable_and_models(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The page tells whether the API can be reached, how many accounts are loaded and models listed."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, DOMAIN)
    info["api_reachable"] = await asyncio.wait_for(info["api_reachable"], 5)
    assert info["api_reachable"] == "ok"
    assert info["accounts_loaded"] == "1 / 1"
    assert info["models_listed"] == len(entry.runtime_data.coordinator.data.models) > 5
    simulator.violations.clear()  # the page looks at the bare address, which the API does not serve


async def test_wire_when_a_turn_was_typed_and_one_spoken_then_kinds_and_nothing_of_the_turns(
    hass: HomeAssistant,
    simulator: Simulator,
    voice: str,
    entry: GrokConfigEntry,
    talk: Talk,
    hass_client: ClientSessionGenerator,
) -> None:
    """A bug report tells what the service did, and not what was said, to whom, or by which key."""
    assert await async_setup_component(hass, "diagnostics", {})
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Marvellous illumination."))
    await talk("Turn on the kitchen light")
    simulator.script(calls(call("intent__HassTurnOff", {"name": "Kitchen light"})), reply("Marvellous darkness."))
    run = await speak(hass, sentence("turn_off_the_kitchen_light"), pipeline_id=voice)
    assert run.error is None
    wire = (await get_diagnostics_for_config_entry(hass, hass_client, entry))["wire"]
    kinds = {(event["channel"], event["direction"], event["kind"]) for event in wire}
    assert kinds >= {
        ("rest", "out", "api_key"),
        ("rest", "out", "responses"),
        ("rest", "in", "responses"),
        ("rest", "in", "response.output_text.delta"),
        ("rest", "in", "response.completed"),
        ("realtime", "in", "open"),
        ("realtime", "in", "session.created"),
        ("realtime", "out", "session.update"),
        ("realtime", "out", "input_audio_buffer.append"),
        ("realtime", "in", "response.output_audio.delta"),
        ("realtime", "out", "response.create"),
        ("realtime", "in", "response.done"),
    }
    assert len(wire) < 120
    (session,) = simulator.sessions
    text = str(wire).lower()
    secrets = (KEY, "kitchen", "light", "marvellous", "turn on", "intent", session.id, session.responses[0].id)
    for secret in (*secrets, entry.title, entry.unique_id, entry.data["team_id"]):
        assert str(secret).lower() not in text, secret
    sent = next(event for event in wire if event["kind"] == "input_audio_buffer.append")
    assert sent["count"] > 20
    assert sent["bytes"] > len(session.audio_in) / 2


async def test_wire_when_something_is_refused_then_its_status_and_slug(
    hass: HomeAssistant,
    simulator: Simulator,
    voice: str,
    entry: GrokConfigEntry,
    talk: Talk,
    hass_client: ClientSessionGenerator,
) -> None:
    """Over each channel."""
    assert await async_setup_component(hass, "diagnostics", {})
    simulator.fault("forbidden", times=None, path="*")
    await talk("Hello")
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    wire = (await get_diagnostics_for_config_entry(hass, hass_client, entry))["wire"]
    refused = {(event["channel"], event["kind"]) for event in wire if event.get("status") == 403}
    assert refused >= {("rest", "responses"), ("realtime", "open"), ("stt", "open")}
    assert KEY not in str(wire)

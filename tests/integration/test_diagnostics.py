"""Diagnostics and system health: helpful, and without a secret."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from .agents import change_agent
from .conftest import KEY


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

"""The fix flow for an agent whose model has gone, over the repairs integration's own door."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.errors import GrokAuthError, GrokCreditsError
from custom_components.grok_assist.issues import async_report_fault
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from .agents import change_agent, first


@pytest.fixture
async def issue_id(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> str:
    """An issue of an agent whose model the service no longer lists."""
    assert await async_setup_component(hass, "repairs", {})
    simulator.remove_model("grok-4.7")
    await change_agent(hass, entry, chat_model="grok-4.7", prompt="Keep me.")
    subentry_id = first(entry).subentry_id
    return f"model_gone_{subentry_id}"


async def start(hass_client: ClientSessionGenerator, issue_id: str) -> tuple[Any, dict[str, Any]]:
    """Start the fix flow as the frontend does."""
    client = await hass_client()
    reply = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id})
    assert reply.status == 200
    return client, await reply.json()


async def test_fix_when_model_chosen_then_agent_works_again(
    hass: HomeAssistant, entry: GrokConfigEntry, issue_id: str, hass_client: ClientSessionGenerator
) -> None:
    """Another model from the list heals the agent and keeps its other settings."""
    client, flow = await start(hass_client, issue_id)
    assert (flow["type"], flow["step_id"], flow["errors"]) == ("form", "choose", {})
    reply = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"chat_model": "grok-77"})
    assert (await reply.json())["errors"] == {"chat_model": "model_not_listed"}
    reply = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"chat_model": "grok-4.5"})
    assert (await reply.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    subentry = first(entry)
    assert (subentry.data["chat_model"], subentry.data["prompt"]) == ("grok-4.5", "Keep me.")
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


async def test_fix_when_account_is_not_loaded_then_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, issue_id: str, hass_client: ClientSessionGenerator
) -> None:
    """An account in trouble comes first."""
    await hass.config_entries.async_unload(entry.entry_id)
    _, flow = await start(hass_client, issue_id)
    assert (flow["type"], flow["reason"]) == ("abort", "entry_not_loaded")


async def test_fix_when_agent_was_deleted_meanwhile_then_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, issue_id: str, hass_client: ClientSessionGenerator
) -> None:
    """A form that is open while the agent is deleted ends plainly."""
    client, flow = await start(hass_client, issue_id)
    subentry_id = first(entry).subentry_id
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    reply = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"chat_model": "grok-4.5"})
    assert (await reply.json())["reason"] == "agent_gone"


async def test_faults_of_an_account_that_was_removed_ask_for_nothing(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """A task may outlive its account."""
    await hass.config_entries.async_remove(entry.entry_id)
    for error in (GrokCreditsError(), GrokAuthError()):
        async_report_fault(hass, entry, error, is_own_key=False)
    await hass.async_block_till_done()
    assert not [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN]
    assert hass.config_entries.flow.async_progress() == []

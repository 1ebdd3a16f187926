"""Setting the account up, keeping its model list fresh, and taking it away."""

from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import homeassistant.components
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components import grok_assist
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from .agents import change_agent, first, state_of
from .conftest import KEY


async def an_hour_later(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the hourly refresh come."""
    freezer.tick(timedelta(hours=1, minutes=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_setup_when_key_is_refused_then_auth_failed(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A wrong key asks for a new one."""
    simulator.revoke(KEY)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(hass.config_entries.flow.async_progress()) == 1


@pytest.mark.parametrize("fault", ["server_error", "rate_limited", "forbidden", "html"])
async def test_setup_when_service_has_trouble_then_not_ready_until_it_passes(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, fault: str
) -> None:
    """Trouble is retried by Home Assistant, with a translated reason; it never latches."""
    simulator.fault(fault, path="/v1/api-key")
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_setup_when_server_is_unreachable_then_not_ready(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """No server, no entities yet."""
    await hass.config_entries.async_unload(entry.entry_id)
    await simulator.pause_listening()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_setup_when_model_list_fails_then_built_in_serves(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """Without the list the account still works, and the list is asked for again."""
    simulator.fault("server_error", path="/v1/language-models")
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.coordinator.data.is_live


async def test_setup_when_richer_list_is_missing_then_plain_one_read(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A proxy may only know `/models`."""
    simulator.fault("no_model", path="/v1/language-models")
    await hass.config_entries.async_reload(entry.entry_id)
    catalogue = entry.runtime_data.coordinator.data
    assert catalogue.is_live
    assert catalogue.find("grok-4.3") is not None


async def test_models_when_one_goes_then_issue_and_when_back_then_none(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The hourly list tells which agents have lost their model."""
    await change_agent(hass, entry, chat_model="grok-4.7")
    subentry_id = first(entry).subentry_id
    issues = ir.async_get(hass)
    simulator.remove_model("grok-4.7")
    await an_hour_later(hass, freezer)
    assert issues.async_get_issue(DOMAIN, f"model_gone_{subentry_id}") is not None
    simulator.set_models(["grok-4.7", "grok-4.3"])
    await an_hour_later(hass, freezer)
    assert issues.async_get_issue(DOMAIN, f"model_gone_{subentry_id}") is None


async def test_models_when_agent_is_deleted_then_issue_too(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """An issue does not outlive its agent."""
    subentry_id = first(entry).subentry_id
    simulator.remove_model("grok-4.3")
    await hass.config_entries.async_reload(entry.entry_id)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"model_gone_{subentry_id}") is not None
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, f"model_gone_{subentry_id}") is None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (DOMAIN, subentry_id) not in {identifier for device in devices for identifier in device.identifiers}


async def test_models_when_key_is_revoked_then_refresh_asks_for_a_new_one(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The hourly refresh notices a revoked key before the user does."""
    simulator.revoke(KEY)
    await an_hour_later(hass, freezer)
    assert [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()] == ["reauth"]


async def test_unload_when_asked_then_entities_go(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Unloading takes the agents away."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert state_of(hass, "conversation.grok").state == "unavailable"


async def test_remove_when_asked_then_nothing_is_left(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """Removing the entry removes entities, devices and issues."""
    simulator.remove_model("grok-4.3")
    await hass.config_entries.async_reload(entry.entry_id)
    assert [domain for domain, _ in ir.async_get(hass).issues].count(DOMAIN) == 3
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("conversation.grok") is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert [domain for domain, _ in ir.async_get(hass).issues].count(DOMAIN) == 0


def test_wings_bear_no_name_of_a_component() -> None:
    """Home Assistant takes a folder that is called like a component for that component's platform."""
    integration = Path(grok_assist.__file__).parent
    wings = {path.parent.name for path in integration.glob("*/__init__.py")}

    components = {path.parent.name for path in Path(homeassistant.components.__file__).parent.glob("*/__init__.py")}

    assert {"account", "chat", "voice"} <= wings
    assert {"conversation", "tts"} <= components
    assert wings & components == set()

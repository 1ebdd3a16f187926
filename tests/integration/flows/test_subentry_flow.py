"""The flows that add and change conversation agents."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, SubentryFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..agents import first, state_of


async def start(hass: HomeAssistant, entry: GrokConfigEntry, subentry_id: str | None = None) -> dict[str, Any]:
    """Start to add an agent, or to change one."""
    context = SubentryFlowContext(source=SOURCE_USER)
    if subentry_id:
        context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=subentry_id)
    return dict(await hass.config_entries.subentries.async_init((entry.entry_id, "conversation"), context=context))


async def submit(hass: HomeAssistant, flow: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Submit a form."""
    return dict(await hass.config_entries.subentries.async_configure(str(flow["flow_id"]), fields))


async def test_add_when_recommended_then_one_step(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A name is all that a new agent needs; it may control the home."""
    flow = await start(hass, entry)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "user")
    result = await submit(hass, flow, name="Butler", recommended=True)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Butler")
    await hass.async_block_till_done()
    assert state_of(hass, "conversation.butler").attributes["supported_features"] == 1


async def test_add_when_not_recommended_then_second_step(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Without recommended settings the model and its abilities are asked for."""
    flow = await submit(hass, await start(hass, entry), name="Thinker", recommended=False, prompt="Think.")
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "advanced")
    models = next(field for key, field in flow["data_schema"].schema.items() if key == "chat_model").config["options"]
    assert "grok-4.7" in models
    assert not any("multi-agent" in model for model in models)
    result = await submit(hass, flow, chat_model="grok-4.7", reasoning_effort="xhigh", follow_up="always")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    data = dict(result["data"])
    assert (data["prompt"], data["chat_model"], data["reasoning_effort"], data["follow_up"]) == (
        "Think.",
        "grok-4.7",
        "xhigh",
        "always",
    )
    assert "name" not in data


async def test_add_when_effort_does_not_fit_model_then_form_says_which(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """A model is only sent an effort that it takes; the form lists them."""
    flow = await submit(hass, await start(hass, entry), name="Thinker", recommended=False)
    flow = await submit(hass, flow, chat_model="grok-4.7", reasoning_effort="none")
    assert flow["errors"] == {"reasoning_effort": "effort_not_allowed"}
    assert flow["description_placeholders"] == {"efforts": "low, medium, high, xhigh"}
    result = await submit(hass, flow, chat_model="my-own-model", reasoning_effort="none")
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(("key", "error"), [("xai-bad-own", "invalid_auth"), ("xai-good-own", None)])
async def test_add_when_own_key_then_checked(
    hass: HomeAssistant, entry: GrokConfigEntry, key: str, error: str | None
) -> None:
    """An agent's own key is tried before it is saved."""
    result = await submit(hass, await start(hass, entry), name="Paid", api_key=key)
    assert result.get("errors") == ({"api_key": error} if error else None)
    assert (result["type"] is FlowResultType.CREATE_ENTRY) is (error is None)


async def test_change_when_saved_then_agent_reloaded(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """An agent can be renamed, silenced and set to other options; fields that are emptied are forgotten."""
    subentry = first(entry)
    flow = await start(hass, entry, subentry.subentry_id)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "reconfigure")
    flow = await submit(hass, flow, name="Grok", recommended=False, prompt="Be brief.")
    result = await submit(hass, flow, web_search=True)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    subentry = first(entry)
    assert (subentry.data["prompt"], subentry.data["llm_hass_api"], subentry.data["web_search"]) == (
        "Be brief.",
        [],
        True,
    )

    flow = await start(hass, entry, subentry.subentry_id)
    await submit(hass, flow, name="Other name", recommended=True, llm_hass_api=["assist"])
    await hass.async_block_till_done()
    subentry = first(entry)
    assert subentry.title == "Other name"
    assert "prompt" not in subentry.data


async def test_flow_when_account_is_not_loaded_then_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Without its account an agent cannot be made."""
    await hass.config_entries.async_unload(entry.entry_id)
    flow = await start(hass, entry)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "entry_not_loaded")


async def test_change_when_agent_has_an_own_key_then_kept_unseen_until_given_up(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """The key never comes back to the frontend; an empty field keeps it, and a box of its own forgets it."""
    subentry = first(entry)
    await submit(hass, await start(hass, entry, subentry.subentry_id), name="Grok", api_key="xai-good-own")
    await hass.async_block_till_done()

    flow = await start(hass, entry, subentry.subentry_id)
    fields = flow["data_schema"].schema
    assert "api_key" in fields
    assert "xai-good-own" not in str([(key.default, key.description) for key in fields])
    await submit(hass, flow, name="Grok", llm_hass_api=["assist"])
    await hass.async_block_till_done()
    data = entry.subentries[subentry.subentry_id].data
    assert data["api_key"] == "xai-good-own"
    assert f"{data['api_key_origin']}/v1" == entry.data["base_url"]  # it is sent to this host only

    flow = await start(hass, entry, subentry.subentry_id)
    await submit(hass, flow, name="Grok", use_account_key=True)
    await hass.async_block_till_done()
    data = entry.subentries[subentry.subentry_id].data
    assert "api_key" not in data
    assert "api_key_origin" not in data
    assert "use_account_key" not in data


async def test_name_when_blank_then_the_usual_one(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A part without a name could not be told from others."""
    flow = await submit(hass, await start(hass, entry), name="   ")
    assert flow["title"] == "Grok"


async def test_second_page_when_account_or_agent_has_gone_then_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """A form may stay open for long."""
    flow = await start(hass, entry, first(entry).subentry_id)
    flow = await submit(hass, flow, name="Grok", recommended=False)
    assert flow["step_id"] == "advanced"
    hass.config_entries.async_remove_subentry(entry, first(entry).subentry_id)
    await hass.async_block_till_done()
    flow = await submit(hass, flow)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "subentry_gone")
    flow = await start(hass, entry)
    flow = await submit(hass, flow, name="Other", recommended=False)
    await hass.config_entries.async_unload(entry.entry_id)
    flow = await submit(hass, flow)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "entry_not_loaded")


async def test_first_page_when_agent_has_gone_then_says_so(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Already before anything was chosen."""
    flow = await start(hass, entry, first(entry).subentry_id)
    hass.config_entries.async_remove_subentry(entry, first(entry).subentry_id)
    await hass.async_block_till_done()
    flow = await submit(hass, flow, name="Grok", recommended=True)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "subentry_gone")

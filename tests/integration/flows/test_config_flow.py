"""The account's config flow: every step, every error, every abort."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntryState, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.grok_assist.config_flow import normalized_url
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..conftest import KEY


async def submit(hass: HomeAssistant, api_key: str, base_url: str) -> dict[str, object]:
    """Start a flow and submit the first form."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (flow["type"], flow["step_id"], flow["errors"]) == (FlowResultType.FORM, "user", {})
    return dict(
        await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": api_key, "base_url": base_url})
    )


async def reconfigure(hass: HomeAssistant, entry: GrokConfigEntry) -> dict[str, object]:
    """Start the flow that changes an account."""
    context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    return dict(await hass.config_entries.flow.async_init(DOMAIN, context=context))


async def test_user_when_key_is_good_then_account_with_agent(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """The entry is named like the key, known by its id, and has one agent of each kind."""
    assert entry.unique_id
    assert entry.title
    assert entry.data["base_url"] == simulator.url
    assert [subentry.title for subentry in entry.subentries.values()] == [
        "Grok",
        "Grok Voice",
        "Grok STT",
        "Grok TTS",
        "Grok AI Task",
    ]
    assert hass.states.get("conversation.grok") is not None
    assert hass.states.get("ai_task.grok_ai_task") is not None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("bad_key", "invalid_auth"),
        ("unauthorized", "invalid_auth"),
        ("forbidden", "permission_denied"),
        ("no_credits", "no_credits"),
        ("rate_limited", "rate_limited"),
        ("server_error", "cannot_connect"),
        ("overloaded", "cannot_connect"),
        ("html", "cannot_connect"),
    ],
)
async def test_user_when_service_refuses_then_form_says_why(
    hass: HomeAssistant, components: None, simulator: Simulator, fault: str, error: str
) -> None:
    """Each refusal of the key check is an error of the form, and the same flow goes on to succeed."""
    simulator.fault(fault, path="*")
    result = await submit(hass, KEY, simulator.url)
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
    simulator.clear_faults()
    result = dict(
        await hass.config_entries.flow.async_configure(
            str(result["flow_id"]), {"api_key": KEY, "base_url": simulator.url}
        )
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("fault", "error"),
    [("no_credits", "no_credits"), ("no_credits_429", "no_credits")],
)
async def test_user_when_only_model_list_is_refused_then_form_says_why(
    hass: HomeAssistant, components: None, simulator: Simulator, fault: str, error: str
) -> None:
    """A good key of an empty account is told from the model list."""
    simulator.fault(fault, path="/v1/language-models", times=None)
    result = await submit(hass, KEY, simulator.url)
    assert result["errors"] == {"base": error}


@pytest.mark.parametrize("fault", ["server_error", "rate_limited", "forbidden", "html"])
async def test_user_when_model_list_fails_otherwise_then_built_in_serves(
    hass: HomeAssistant, components: None, simulator: Simulator, fault: str
) -> None:
    """Trouble with the list alone keeps nobody out."""
    simulator.fault(fault, path="/v1/language-models", times=None)
    result = await submit(hass, KEY, simulator.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"blocked": True}, "invalid_auth"),
        ({"disabled": True}, "invalid_auth"),
        ({"acls": ["api-key:endpoint:embeddings", "api-key:model:*"]}, "permission_denied"),
    ],
)
async def test_user_when_key_lacks_rights_then_form_says_why(
    hass: HomeAssistant, components: None, simulator: Simulator, change: dict[str, Any], error: str
) -> None:
    """A key can be known to the service and still be of no use."""
    simulator.set_key(KEY, **change)
    result = await submit(hass, KEY, simulator.url)
    assert result["errors"] == {"base": error}


async def test_user_when_key_is_bad_then_invalid_auth(
    hass: HomeAssistant, components: None, simulator: Simulator
) -> None:
    """A wrong key is HTTP 400 with this service."""
    assert (await submit(hass, "xai-bad-key", simulator.url))["errors"] == {"base": "invalid_auth"}


async def test_user_when_key_is_empty_then_invalid_auth(
    hass: HomeAssistant, components: None, simulator: Simulator
) -> None:
    """Without a key in the form or the environment nothing is sent."""
    assert (await submit(hass, "  ", simulator.url))["errors"] == {"base": "invalid_auth"}
    assert simulator.requests == []


async def test_user_when_key_is_in_environment_then_used_and_not_stored(
    hass: HomeAssistant, components: None, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty field takes the key of the environment."""
    monkeypatch.setenv("XAI_API_KEY", KEY)
    result = await submit(hass, "", simulator.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    created = hass.config_entries.async_entries(DOMAIN)[0]
    assert created.state is ConfigEntryState.LOADED
    assert KEY not in str(created.as_dict())


async def test_user_when_server_is_unreachable_then_cannot_connect(
    hass: HomeAssistant, components: None, simulator: Simulator
) -> None:
    """A refused connection is told at once."""
    await simulator.pause_listening()
    assert (await submit(hass, KEY, simulator.url))["errors"] == {"base": "cannot_connect"}


@pytest.mark.parametrize(
    "address", ["api.x.ai/v1", "ftp://x.ai", "https://", "https://u:p@x.ai", "http://[", "", "https://x.ai/v1?a=b"]
)
async def test_user_when_address_is_none_then_invalid_url(hass: HomeAssistant, components: None, address: str) -> None:
    """What is no web address is never dialled."""
    assert (await submit(hass, KEY, address))["errors"] == {"base_url": "invalid_url"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://api.x.ai/v1/", "https://api.x.ai/v1"),
        (" http://127.0.0.1:8000/v1 ", "http://127.0.0.1:8000/v1"),
        ("HTTPS://API.X.AI/v1", "https://api.x.ai/v1"),
    ],
)
def test_address_when_sloppy_then_mended(text: str, address: str) -> None:
    """Blanks, case and a slash at the end do not matter."""
    assert normalized_url(text) == address


async def test_user_when_same_key_again_then_already_configured(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """One key is one account."""
    result = await submit(hass, KEY, simulator.url)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_reauth_when_key_was_revoked_then_new_one_heals(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A revoked key asks for a new one, of the same team; the entry runs on with it."""
    simulator.revoke(KEY)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert (flow["context"]["source"], flow["step_id"]) == ("reauth", "reauth_confirm")
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": "xai-team-other-1"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "wrong_account")

    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    old_id = entry.unique_id
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": "xai-new-key"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["api_key"] == "xai-new-key"
    assert entry.unique_id != old_id


async def test_reconfigure_when_new_key_and_address_then_reloaded(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """Key and address can be changed, within the team."""
    flow = await reconfigure(hass, entry)
    assert (flow["step_id"], flow["type"]) == ("reconfigure", FlowResultType.FORM)
    result = await hass.config_entries.flow.async_configure(
        str(flow["flow_id"]), {"api_key": "xai-second-key", "base_url": simulator.url + "/"}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.data["api_key"], entry.data["base_url"]) == ("xai-second-key", simulator.url)


async def test_reconfigure_when_key_is_another_entrys_then_refused(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A key cannot move into two entries."""
    result = await submit(hass, "xai-second-key", simulator.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    flow = await reconfigure(hass, entry)
    result = dict(await hass.config_entries.flow.async_configure(str(flow["flow_id"]), {"api_key": "xai-second-key"}))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_options_when_changed_then_reloaded_with_them(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The waiting times are options of the account."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.FORM
    result = await hass.config_entries.options.async_configure(flow["flow_id"], {"first_delta_timeout_s": 7})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.runtime_data.deadlines.first_delta_s == 7
    assert entry.runtime_data.deadlines.turn_s == 120


async def test_migration_when_entry_is_newer_then_refused(hass: HomeAssistant, components: None) -> None:
    """An entry of a later version is left alone."""
    newer = MockConfigEntry(domain=DOMAIN, version=2, data={})
    newer.add_to_hass(hass)
    await hass.config_entries.async_setup(newer.entry_id)
    assert newer.state is ConfigEntryState.MIGRATION_ERROR

"""The address of an account: whose keys go there, who could read along, and what a bug report says of it."""

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.grok_assist.config_flow import normalized_url
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.diagnostics import async_get_config_entry_diagnostics
from custom_components.grok_assist.issues import async_check_address
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.keys import key_id
from tests.simulator.server import Simulator

from .agents import change_agent, first
from .talk import Talk, speech

KEYS = ("authorization",)
OWN_KEY = "xai-own-key-of-the-agent-1234"


async def move(hass: HomeAssistant, entry: GrokConfigEntry, url: str) -> None:
    """Give the account another address through its own flow."""
    context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    flow = await hass.config_entries.flow.async_init(DOMAIN, context=context)
    data = {"api_key": "xai-key-for-the-new-host", "base_url": url}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], data)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()


def sent_keys(simulator: Simulator) -> set[str]:
    """Return the ids of everything that was sent as a key."""
    return {value for request in simulator.requests for name, value in request.headers.items() if name.lower() in KEYS}


async def test_own_key_when_address_changes_then_stays_with_its_host(
    hass: HomeAssistant, talk: Talk, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """It was entered for another host; the agent says what is wrong, a repair says what to do, and a way back heals."""
    await change_agent(hass, entry, api_key=OWN_KEY)
    await talk("Hello")
    assert f"Bearer {key_id(OWN_KEY)}" in sent_keys(simulator)
    issue_id = f"agent_key_elsewhere_{first(entry).subentry_id}"
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, issue_id) is None
    former = entry.data["base_url"]
    async with Simulator() as other:
        await move(hass, entry, other.url)
        result = await talk("Hello")
        assert not any(key_id(OWN_KEY) in key for key in sent_keys(other))
        assert f"Bearer {key_id('xai-key-for-the-new-host')}" in sent_keys(other)
        assert "key" in speech(result)
        assert issues.async_get_issue(DOMAIN, issue_id) is not None
        other.violations.clear()  # a request without a key is one
        await move(hass, entry, former)
    assert issues.async_get_issue(DOMAIN, issue_id) is None
    assert speech(await talk("Hello")) != speech(result)


@pytest.mark.parametrize(("url", "is_told"), [("http://api.example.com/v1", True), ("http://192.168.1.9/v1", False)])
async def test_address_when_not_encrypted_then_told_in_a_repair(
    hass: HomeAssistant, url: str, *, is_told: bool
) -> None:
    """It is allowed, as somebody may have a tunnel; it goes away with the address."""
    entry = MockConfigEntry(domain=DOMAIN, title="Home", data={"api_key": "x", "base_url": url})
    entry.add_to_hass(hass)
    async_check_address(hass, entry)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"insecure_url_{entry.entry_id}")
    assert (issue is not None) is is_told
    hass.config_entries.async_update_entry(entry, data={**entry.data, "base_url": "https://api.example.com/v1"})
    async_check_address(hass, entry)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"insecure_url_{entry.entry_id}") is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://gw.example.com/secret-token-1/v1", "https://gw.example.com/**REDACTED**"),
        ("https://user:secret-token-1@gw.example.com/v1", "https://gw.example.com/v1"),
        ("https://gw.example.com/v1?key=secret-token-1", "https://gw.example.com/**REDACTED**"),
        ("https://api.x.ai/v1", "https://api.x.ai/v1"),
        ("nonsense secret-token-1", "/**REDACTED**"),
    ],
)
async def test_address_when_secret_then_not_in_diagnostics(
    hass: HomeAssistant, entry: GrokConfigEntry, url: str, shown: str
) -> None:
    """A path can be a password."""
    listeners = list(entry.update_listeners)
    entry.update_listeners.clear()  # so that it is not loaded again from there
    hass.config_entries.async_update_entry(entry, data={**entry.data, "base_url": url})
    entry.update_listeners.extend(listeners)
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["entry"]["data"]["base_url"] == shown
    assert "secret-token-1" not in str(found)


@pytest.mark.parametrize(
    "url", ["https://u@h/v1", "https://u:p@h/v1", "https://:p@h/v1", "https://h/v1?k=1", "https://h/#x"]
)
def test_address_when_it_has_secrets_then_refused(url: str) -> None:
    """They belong into the field of the key."""
    assert normalized_url(url) is None

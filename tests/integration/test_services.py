"""The integration's services, called as an automation calls them."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_all_descriptions
import pytest
import voluptuous as vol

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.usage.ledger import Totals, ticks
from custom_components.grok_assist.runtime import GrokConfigEntry

from .agents import first
from .usage import spend

NOTHING = {
    "requests": 0,
    "errors": 0,
    "input_tokens": 0,
    "cached_tokens": 0,
    "output_tokens": 0,
    "voice_seconds": 0,
    "cost_usd": 0,
}


async def get_usage(hass: HomeAssistant, **fields: Any) -> dict[str, Any]:
    """Call the service."""
    response = await hass.services.async_call(DOMAIN, "get_usage", fields, blocking=True, return_response=True)
    assert response is not None
    return dict(response)


async def test_usage_when_nothing_happened_then_zeros(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Every field is there from the start."""
    assert await get_usage(hass) == {**NOTHING, "by_agent": {}}


@pytest.mark.parametrize("period", ["today", "month", "total"])
async def test_usage_when_booked_then_told_by_agent(hass: HomeAssistant, entry: GrokConfigEntry, period: str) -> None:
    """Agents go by their entity, deleted ones by their id; text to speech is no request."""
    meter = entry.runtime_data.meter
    spend(entry, 0.25, input_tokens=100, cached_tokens=40, output_tokens=7)
    voice = next(iter(entry.get_subentries_of_type("voice"))).subentry_id
    meter.book(voice, "voice", Totals(requests=1, voice_seconds=1.5, errors=1))
    tts = next(iter(entry.get_subentries_of_type("tts"))).subentry_id
    meter.book(tts, "tts", Totals(requests=1, cost_ticks=ticks(0.5)))
    meter.book("deleted", "text", Totals(requests=1))
    usage = await get_usage(hass, period=period)
    by_agent = usage.pop("by_agent")
    assert usage == {
        "requests": 3,
        "errors": 1,
        "input_tokens": 100,
        "cached_tokens": 40,
        "output_tokens": 7,
        "voice_seconds": 1.5,
        "cost_usd": 0.75,
    }
    assert by_agent == {
        "conversation.grok": {
            **NOTHING,
            "requests": 1,
            "input_tokens": 100,
            "cached_tokens": 40,
            "output_tokens": 7,
            "cost_usd": 0.25,
        },
        "conversation.grok_voice": {**NOTHING, "requests": 1, "voice_seconds": 1.5, "errors": 1},
        "tts.grok_tts": {**NOTHING, "cost_usd": 0.5},
        "deleted": {**NOTHING, "requests": 1},
    }


async def test_usage_when_agent_has_no_entity_then_its_title(
    hass: HomeAssistant, entry: GrokConfigEntry, entity_registry: Any
) -> None:
    """A subentry whose entity was removed still has a name."""
    spend(entry, 0.25)
    entity_registry.async_remove("conversation.grok")
    assert list((await get_usage(hass))["by_agent"]) == [first(entry).title]


async def test_usage_when_account_is_named_then_that_one(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """With several accounts one can be chosen."""
    spend(entry, 0.25)
    assert (await get_usage(hass, config_entry=entry.entry_id))["cost_usd"] == 0.25


async def test_services_when_listed_then_described(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The form of the service has its fields."""
    described = (await async_get_all_descriptions(hass))[DOMAIN]["get_usage"]
    assert set(described["fields"]) == {"period", "config_entry"}
    assert described["response"] == {"optional": False}


async def test_usage_when_period_is_unknown_then_refused(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A typing error is told."""
    with pytest.raises(vol.Invalid):
        await get_usage(hass, period="yesterday")


async def test_usage_when_no_account_is_loaded_then_says_so(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The service stays, and names what is missing."""
    with pytest.raises(ServiceValidationError, match="no-such-account"):
        await get_usage(hass, config_entry="no-such-account")
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="No xAI account is loaded"):
        await get_usage(hass)
    with pytest.raises(ServiceValidationError, match=entry.title):
        await get_usage(hass, config_entry=entry.entry_id)


async def test_ask_when_there_is_no_agent_then_says_what_to_do(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """All of them may be deleted; an agent that is named is named in the error."""
    for subentry in list(entry.subentries.values()):
        hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    await hass.async_block_till_done()
    with pytest.raises(ServiceValidationError, match=r"There is no Grok agent\. Add one"):
        await hass.services.async_call(DOMAIN, "ask", {"text": "Hello"}, blocking=True, return_response=True)
    fields = {"text": "Hello", "agent": "conversation.grok"}
    with pytest.raises(ServiceValidationError, match=r"There is no Grok agent conversation\.grok"):
        await hass.services.async_call(DOMAIN, "ask", fields, blocking=True, return_response=True)

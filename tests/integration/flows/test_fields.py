"""A form shows what is stored, field by field, and gives it back as it was."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentry, SubentryFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry

MODEL = {
    "chat_model": "grok-4.7",
    "reasoning_effort": "high",
    "max_tokens": 777,
    "temperature": 0.5,
    "web_search": True,
    "x_search": True,
}
AGENT = {
    "follow_up": "always",
    "state_context": "off",
    "context_tokens": 999,
    "history_turns": 7,
    "history_tokens": 777,
    "history_hours": 5,
    "fallback": "home_assistant",
    "ask_before": "all_changes",
    "check_claims": False,
    "look_at_cameras": False,
    "wit": 0.1,
    "sarcasm": 0.2,
    "helpfulness": 0.3,
}
REALTIME = {
    "voice_model": "grok-voice-3.0",
    "end_of_speech": "grok",
    "vad_threshold": 0.5,
    "silence_ms": 700,
    "prefix_padding_ms": 200,
    "keep_open_s": 60,
    "live": "administrators",
    "live_idle_s": 60,
    "live_max_minutes": 20,
}
TALKS = {"prompt": "Be brief.", "llm_hass_api": ["assist"]}
SPEAKS = {"voice": "rex"}

PAGES = [
    pytest.param("conversation", TALKS, MODEL | AGENT, id="conversation"),
    pytest.param("voice", TALKS | SPEAKS, MODEL | AGENT | REALTIME | {"speed": 1.2}, id="voice"),
    pytest.param("tts", SPEAKS, {"speed": 1.2}, id="tts"),
    pytest.param("ai_task_data", {}, MODEL | {"image_model": "grok-imagine-image-quality"}, id="ai-task"),
]


def part(entry: GrokConfigEntry, kind: str) -> ConfigSubentry:
    """Return the account's only part of a kind."""
    (subentry,) = entry.get_subentries_of_type(kind)
    return subentry


def shown(flow: dict[str, Any]) -> dict[str, object]:
    """Return what stands in each field of a form."""
    return {
        str(key): key.description["suggested_value"] if key.description else key.default()
        for key in flow["data_schema"].schema
        if key.description or callable(key.default)
    }


async def submit(hass: HomeAssistant, flow: dict[str, Any], fields: dict[str, object]) -> dict[str, Any]:
    """Submit a form."""
    return dict(await hass.config_entries.subentries.async_configure(str(flow["flow_id"]), fields))


@pytest.mark.parametrize(("kind", "first", "second"), PAGES)
async def test_form_when_opened_again_then_shows_and_keeps_what_is_stored(
    hass: HomeAssistant, entry: GrokConfigEntry, kind: str, first: dict[str, object], second: dict[str, object]
) -> None:
    """Whoever changes one thing changes nothing else."""
    stored = {"recommended": False, **first, **second}
    hass.config_entries.async_update_subentry(entry, part(entry, kind), data=stored)
    await hass.async_block_till_done()
    context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=part(entry, kind).subentry_id)
    flow = dict(await hass.config_entries.subentries.async_init((entry.entry_id, kind), context=context))
    page = shown(flow)
    assert {key: page[key] for key in (*first, "recommended")} == {**first, "recommended": False}
    flow = await submit(hass, flow, page)
    assert shown(flow) == second
    result = await submit(hass, flow, shown(flow))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert part(entry, kind).data == stored


async def test_form_when_fields_are_emptied_then_forgotten(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """What has no default is what the model does by itself."""
    agent = part(entry, "conversation")
    hass.config_entries.async_update_subentry(entry, agent, data={"recommended": False, **TALKS, **MODEL, **AGENT})
    await hass.async_block_till_done()
    context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=agent.subentry_id)
    flow = dict(await hass.config_entries.subentries.async_init((entry.entry_id, "conversation"), context=context))
    flow = await submit(hass, flow, {"name": "Grok", "recommended": False})
    emptied = {"temperature", "wit", "sarcasm", "helpfulness"}
    await submit(hass, flow, {key: value for key, value in (MODEL | AGENT).items() if key not in emptied})
    await hass.async_block_till_done()
    assert emptied.union(["prompt"]).isdisjoint(part(entry, "conversation").data)


async def test_options_when_opened_again_then_show_and_keep_what_is_stored(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """The same for the options of the account."""
    stored: dict[str, object] = {
        "connect_timeout_s": 2,
        "first_delta_timeout_s": 12,
        "silence_timeout_s": 13,
        "turn_timeout_s": 14,
        "max_voice_sessions": 2,
        "max_concurrent_requests": 3,
        "requests_per_minute": 44,
        "requests_per_hour": 555,
        "tokens_per_minute": 66_666,
        "budget_daily_usd": 1.5,
        "budget_monthly_usd": 20.25,
        "budget_warn_percent": 70,
        "budget_action": "home_assistant",
        "voice_billing": "connection",
    }
    hass.config_entries.async_update_entry(entry, options=stored)
    await hass.async_block_till_done()
    flow = dict(await hass.config_entries.options.async_init(entry.entry_id))
    assert shown(flow) == stored
    await hass.config_entries.options.async_configure(str(flow["flow_id"]), shown(flow))
    await hass.async_block_till_done()
    assert entry.options == stored

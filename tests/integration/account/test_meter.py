"""The meter: what is booked is kept, what is spent stops calls, and limiters find their history."""

import asyncio
from datetime import timedelta
import logging
import math
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.grok_assist.account.meter import METERS, UsagePeriod
from custom_components.grok_assist.core.errors import (
    GrokBudgetError,
    GrokError,
    GrokLimitError,
    GrokRateLimitError,
    GrokSpendingUnknownError,
    GrokTimeoutError,
    GrokTooDearError,
)
from custom_components.grok_assist.core.usage.budget import BudgetAction, Demand
from custom_components.grok_assist.core.usage.ledger import Totals
from custom_components.grok_assist.faults import async_sentence, fault_of, translation_of
from custom_components.grok_assist.runtime import GrokConfigEntry

from ..usage import account_state, restart, sensor, set_options, spend, usage_key


def stored_requests(hass_storage: dict[str, Any], entry: GrokConfigEntry) -> int:
    """Return how many requests the account's file knows."""
    total = hass_storage.get(usage_key(entry), {}).get("data", {}).get("ledger", {}).get("total", {})
    return sum(int(kinds["text"]["requests"]) for kinds in total.values())


async def seconds_later(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time pass."""
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_file_when_booked_all_the_time_then_written_within_half_a_minute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: GrokConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """A write is never put off by the next booking."""
    await hass.async_block_till_done()
    for second in range(90):
        spend(entry, 0.001)
        await seconds_later(hass, freezer, 1)
        assert stored_requests(hass_storage, entry) > second - 30
    await seconds_later(hass, freezer, 30)
    assert stored_requests(hass_storage, entry) == 90


async def test_file_when_home_assistant_stops_then_written(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """The last bookings are not lost at a proper end."""
    spend(entry, 0.001)
    assert stored_requests(hass_storage, entry) == 0
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stored_requests(hass_storage, entry) == 1


async def test_totals_when_restarted_then_kept(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Counts, money and what was told survive; durations begin anew."""
    await set_options(hass, entry, budget_daily_usd=0.5)
    meter = entry.runtime_data.meter
    spend(entry, 0.123456789, input_tokens=5)
    spend(entry, 1)
    meter.note_limited("requests_per_minute")
    meter.note_outcome("text")
    await restart(hass, entry)
    assert entry.runtime_data.meter is not meter
    assert sensor(hass, entry, "requests") == "2"
    assert sensor(hass, entry, "input_tokens") == "5"
    assert float(sensor(hass, entry, "cost_today")) == 1.123456789
    assert sensor(hass, entry, "rate_limited") == "1"
    assert account_state(hass, entry, "sensor", "fallbacks").attributes["text"] == 1
    assert sensor(hass, entry, "response_time") == "unknown"
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "on"
    assert account_state(hass, entry, "event", "limits").attributes["event_type"] == "rate_limited"


async def test_booking_when_call_outlives_a_reload_then_counted(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A turn that ends after a reload books on the same ledger."""
    meter = entry.runtime_data.meter
    await hass.config_entries.async_unload(entry.entry_id)
    meter.book("agent", "text", Totals(requests=1))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    spend(entry, 0.1)
    assert sensor(hass, entry, "requests") == "2"
    assert entry.runtime_data.meter is meter


async def test_file_when_it_is_nonsense_then_counting_begins_anew(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A bad file is no reason not to start."""
    nonsense = {
        "ledger": {"schema": 1, "total": {"agent": {"text": {"requests": 4}}}, "days": "x"},
        "told": 5,
        "rate_limited": "many",
        "fallbacks": {"text": -1},
        "limits": {"account": 7, "other": {"at": "noon"}},
    }
    key = usage_key(entry)
    await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": nonsense}
    hass.data[METERS].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert (sensor(hass, entry, "requests"), sensor(hass, entry, "rate_limited")) == ("4", "0")
    await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[key] = {"version": 9, "minor_version": 1, "key": key, "data": {}}
    hass.data[METERS].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert sensor(hass, entry, "requests") == "0"
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_file_when_account_is_removed_then_gone(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: GrokConfigEntry,
    hass_storage: dict[str, Any],
    *,
    is_loaded: bool,
) -> None:
    """What is booked afterwards does not bring it back."""
    meter = entry.runtime_data.meter
    spend(entry, 0.1)
    await meter.store.async_save()
    assert usage_key(entry) in hass_storage
    if not is_loaded:
        await hass.config_entries.async_unload(entry.entry_id)
        hass.data[METERS].clear()
    await hass.config_entries.async_remove(entry.entry_id)
    if is_loaded:
        meter.book("agent", "text", Totals(requests=1))
        await meter.store.async_save()
        await seconds_later(hass, freezer, 60)
    assert usage_key(entry) not in hass_storage


async def test_admission_when_spent_then_refused_until_raised(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The error carries which budget it is."""
    await set_options(hass, entry, budget_daily_usd=1, budget_action="home_assistant")
    meter = entry.runtime_data.meter
    assert meter.action is BudgetAction.HOME_ASSISTANT
    with await meter.admit(Demand.of(0.2), 0):
        pass
    spend(entry, 1.25)
    with pytest.raises(GrokBudgetError) as refused:
        await meter.admit(Demand.of(0.2), 5)
    assert (refused.value.period, refused.value.limit_usd, refused.value.spent_usd) == ("day", 1, 1.25)
    await set_options(hass, entry, budget_daily_usd=2)
    (await entry.runtime_data.meter.admit(Demand.of(0.2), 0)).close()


async def test_admission_when_others_may_spend_the_rest_then_waits_in_order(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """A settled call lets the next one in; the last one finds the budget spent."""
    await set_options(hass, entry, budget_daily_usd=1)
    meter = entry.runtime_data.meter
    first_call = await meter.admit(Demand.of(0.5), 0)
    with pytest.raises(GrokLimitError):
        await meter.admit(Demand.of(0.6), 0.01)
    with pytest.raises(GrokTooDearError) as refused:
        await meter.admit(Demand.of(1.1), 5)
    assert (refused.value.cost_usd, refused.value.limit_usd, refused.value.spent_usd) == (1.1, 1, 0)
    dear = Demand(least_usd=0.01, usual_usd=0.6, most_usd=2)
    second, third = (asyncio.create_task(meter.admit(dear, 5)) for _ in range(2))
    await asyncio.sleep(0.01)
    assert not second.done()
    spend(entry, 0.5)
    await asyncio.sleep(0.01)
    assert not second.done()
    first_call.close()
    first_call.close()
    second_call = await second
    assert second_call.granted_usd == 0.5
    assert not third.done()
    spend(entry, 0.5)
    second_call.close()
    with pytest.raises(GrokBudgetError):
        await third


async def test_admission_when_settled_as_patience_ends_then_let_in(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A call that is settled in the same moment is not refused for nothing."""
    await set_options(hass, entry, budget_daily_usd=1)
    meter = entry.runtime_data.meter
    first_call = await meter.admit(Demand.of(1), 0)
    waiting = asyncio.create_task(meter.admit(Demand.of(0.5), 0.01))
    await asyncio.sleep(0)
    hass.loop.call_later(0.01, first_call.close)
    (await waiting).close()


async def test_admission_when_no_budget_is_set_then_never_waits(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Without a limit everything is open."""
    meter = entry.runtime_data.meter
    calls = [await meter.admit(Demand.of(1000), 0) for _ in range(50)]
    spend(entry, 1000)
    assert not meter.is_exhausted
    for call in calls:
        call.close()


async def test_limits_when_restarted_then_history_is_back_with_its_age(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: GrokConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """One file serves the limiters, too; what is older than their longest window goes."""
    meter = entry.runtime_data.meter
    assert meter.store.restored_limits("other") is None
    meter.store.register_limits("other", lambda: {"history": [1]})
    assert meter.store.restored_limits("other") == ({"history": [1]}, 0.0)
    await restart(hass, entry)
    freezer.tick(timedelta(seconds=30))
    restored = entry.runtime_data.meter.store.restored_limits("other")
    assert restored is not None
    assert (restored[0], round(restored[1])) == ({"history": [1]}, 30)
    await restart(hass, entry)
    kept = hass_storage[usage_key(entry)]["data"]["limits"]
    assert round(dt_util.utcnow().timestamp() - kept["other"]["at"]) == 30
    freezer.tick(timedelta(hours=1))
    await restart(hass, entry)
    assert list(hass_storage[usage_key(entry)]["data"]["limits"]) == ["account"]


@pytest.mark.parametrize(
    ("error", "form_error", "words"),
    [
        (GrokBudgetError("day", limit_usd=5, spent_usd=5.2), "unknown", ("budget", "5.00 dollars", "Today")),
        (GrokBudgetError("month", limit_usd=0.125, spent_usd=1), "unknown", ("budget", "0.125 dollars", "month")),
        (
            GrokTooDearError("day", limit_usd=5, spent_usd=4.0001, cost_usd=1.23456),
            "unknown",
            ("budget", "1.235 dollars", "0.999 dollars"),
        ),
        (GrokSpendingUnknownError("day", limit_usd=5, spent_usd=0), "unknown", ("budget", "cannot be read")),
        (GrokLimitError(41.2, "requests_per_minute"), "rate_limited", ("42 seconds",)),
        (GrokLimitError(math.inf, "requests_per_minute"), "rate_limited", ("3600 seconds",)),
        (GrokRateLimitError(math.inf), "rate_limited", ("3600 seconds",)),
        (GrokRateLimitError(math.nan), "rate_limited", ("30 seconds",)),
        (GrokRateLimitError(-math.inf), "rate_limited", ("2 seconds",)),
        (GrokTimeoutError(math.inf), "cannot_connect", ("3600 seconds",)),
    ],
)
async def test_errors_when_told_then_sentence_says_what_to_do(
    hass: HomeAssistant, entry: GrokConfigEntry, error: GrokError, form_error: str, words: tuple[str, ...]
) -> None:
    """Amount and period, or the wait in digits."""
    sentence = await async_sentence(hass, "en", *translation_of(error))
    assert fault_of(error).form_error == form_error
    assert all(word in sentence for word in words)


async def test_options_when_chosen_then_defaults_for_the_rest(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Submitting a few fields is enough."""
    await set_options(hass, entry, requests_per_minute=10)
    assert entry.options["requests_per_minute"] == 10
    assert {name: entry.options[name] for name in ("requests_per_hour", "tokens_per_minute")} == {
        "requests_per_hour": 20_000,
        "tokens_per_minute": 2_000_000,
    }
    assert entry.options["max_concurrent_requests"] == 8
    assert (entry.options["budget_daily_usd"], entry.options["budget_monthly_usd"]) == (0, 0)
    assert (entry.options["budget_warn_percent"], entry.options["budget_action"]) == (80, "stop")


async def test_diagnostics_when_downloaded_then_usage_and_limits(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """A bug report tells what was used."""
    assert await async_setup_component(hass, "diagnostics", {})
    spend(entry, 0.5)
    entry.runtime_data.meter.store.register_limits("account", lambda: {"history": []})
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert found["usage"]["today"]["text"]["cost_usd"] == 0.5
    assert found["usage"]["is_exhausted"] is False
    assert found["limits"] == {"account": {"history": []}}


async def test_log_when_booking_then_silent(
    hass: HomeAssistant, entry: GrokConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Money is nobody's log."""
    caplog.clear()
    spend(entry, 0.5)
    ours = [record for record in caplog.records if "grok_assist" in record.name and record.levelno >= logging.INFO]
    assert ours == []


async def test_listener_when_budget_is_spent_then_called_once_each_time(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """Whoever keeps something open that costs money is told in the very moment."""
    await set_options(hass, entry, budget_daily_usd=1)
    meter, told = entry.runtime_data.meter, list[float]()
    unsubscribe = meter.async_listen_spent(lambda: told.append(meter.page(UsagePeriod.TODAY).all().cost_usd))
    for _ in range(3):
        spend(entry, 0.5)
    assert told == [1.0]
    await set_options(hass, entry, budget_daily_usd=2)
    spend(entry, 0.5)
    assert told == [1.0, 2.0]
    unsubscribe()
    await set_options(hass, entry, budget_daily_usd=3)
    spend(entry, 5)
    assert told == [1.0, 2.0]

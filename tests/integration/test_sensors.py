"""The account's own entities: right after each booking, and right at midnight."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.usage.ledger import Totals, ticks
from custom_components.grok_assist.runtime import GrokConfigEntry

from .usage import account_state, sensor, set_options, spend

SENSORS = {
    "requests", "errors", "input_tokens", "cached_tokens", "output_tokens", "voice_seconds", "cost_today",
    "cost_month", "response_time", "first_audio", "rate_limited", "fallbacks",
}  # fmt: skip
DISABLED = "voice_open_seconds"
"""There, but only for those who enable it."""


async def tomorrow(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the next local midnight come."""
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    freezer.move_to(midnight + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_entities_when_set_up_then_one_device_and_stable_ids(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """All belong to the account's device and to no subentry."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    device = next(
        device
        for device in dr.async_entries_for_config_entry(devices, entry.entry_id)
        if (DOMAIN, entry.entry_id) in device.identifiers
    )
    assert (device.name, device.manufacturer, device.entry_type) == (entry.title, "xAI", dr.DeviceEntryType.SERVICE)
    found = {
        entity.unique_id for entity in er.async_entries_for_device(entities, device.id, include_disabled_entities=True)
    }
    assert found == {f"{entry.entry_id}_{key}" for key in {*SENSORS, DISABLED, "budget_exhausted", "limits"}}


@pytest.mark.parametrize("key", sorted(SENSORS))
async def test_sensor_when_nothing_happened_then_zero_or_unknown(
    hass: HomeAssistant, entry: GrokConfigEntry, key: str
) -> None:
    """Counts begin at zero; durations are unknown before the first turn."""
    state = account_state(hass, entry, "sensor", key)
    assert state.state == "unknown" if key in {"response_time", "first_audio"} else float(state.state) == 0
    assert state.attributes["friendly_name"].startswith(entry.title)


async def test_sensors_when_booked_then_show_at_once(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Without a wait, unrounded."""
    meter = entry.runtime_data.meter
    meter.book(
        "agent",
        "voice",
        Totals(
            requests=1,
            errors=2,
            input_tokens=30,
            cached_tokens=4,
            output_tokens=5,
            voice_seconds=6.25,
            cost_ticks=ticks(0.0123456789),
        ),
    )
    shown = {key: float(sensor(hass, entry, key)) for key in SENSORS - {"response_time", "first_audio"}}
    assert shown == {
        "requests": 1,
        "errors": 2,
        "input_tokens": 30,
        "cached_tokens": 4,
        "output_tokens": 5,
        "voice_seconds": 6.25,
        "cost_today": 0.0123456789,
        "cost_month": 0.0123456789,
        "rate_limited": 0,
        "fallbacks": 0,
    }


async def test_open_seconds_when_enabled_then_shown(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """For those who compare with an invoice by connection time."""
    entities = er.async_get(hass)
    entity_id = entities.async_get_entity_id("sensor", DOMAIN, f"{entry.entry_id}_{DISABLED}")
    assert entity_id is not None
    entities.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    entry.runtime_data.meter.book("agent", "voice", Totals(voice_seconds=2.5, voice_open_seconds=40.5))
    assert (sensor(hass, entry, "voice_seconds"), sensor(hass, entry, DISABLED)) == ("2.5", "40.5")


async def test_sensors_when_something_is_noted_then_show_at_once(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Times of the last turn, calls held back, turns that went another way."""
    meter = entry.runtime_data.meter
    meter.note_response(432.1)
    meter.note_first_audio(987)
    meter.note_limited("requests_per_minute")
    for outcome in ("text", "text", "home_assistant"):
        meter.note_outcome(outcome)
    assert float(sensor(hass, entry, "response_time")) == 432.1
    assert float(sensor(hass, entry, "first_audio")) == 987
    assert sensor(hass, entry, "rate_limited") == "1"
    fallbacks = account_state(hass, entry, "sensor", "fallbacks")
    assert (fallbacks.state, fallbacks.attributes["text"], fallbacks.attributes["home_assistant"]) == ("3", 2, 1)


async def test_sensors_when_read_then_statistics_can_use_them(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Classes and units are what long-term statistics ask for."""
    requests = account_state(hass, entry, "sensor", "requests").attributes
    assert (requests["state_class"], requests["unit_of_measurement"]) == (SensorStateClass.TOTAL_INCREASING, "requests")
    seconds = account_state(hass, entry, "sensor", "voice_seconds").attributes
    assert (seconds["device_class"], seconds["unit_of_measurement"]) == (SensorDeviceClass.DURATION, "s")
    cost = account_state(hass, entry, "sensor", "cost_today").attributes
    assert (cost["device_class"], cost["state_class"]) == (SensorDeviceClass.MONETARY, SensorStateClass.TOTAL)
    assert cost["unit_of_measurement"] == "USD"
    assert cost["last_reset"] == dt_util.start_of_local_day().isoformat()
    month = account_state(hass, entry, "sensor", "cost_month").attributes["last_reset"]
    assert month == dt_util.start_of_local_day(dt_util.now().date().replace(day=1)).isoformat()


async def test_cost_when_midnight_comes_then_day_begins_anew(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: GrokConfigEntry
) -> None:
    """The day ends without a booking; the month goes on until its last day."""
    next_month = (dt_util.now().date().replace(day=1) + timedelta(days=32)).replace(day=10)
    freezer.move_to(dt_util.start_of_local_day(next_month) + timedelta(hours=12))
    spend(entry, 0.5)
    await tomorrow(hass, freezer)
    today = account_state(hass, entry, "sensor", "cost_today")
    assert float(today.state) == 0
    assert today.attributes["last_reset"] == dt_util.start_of_local_day().isoformat()
    assert float(sensor(hass, entry, "requests")) == 1


async def test_budget_when_spent_then_sensor_issue_and_events_until_tomorrow(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: GrokConfigEntry
) -> None:
    """A warning, then the end, then a new day without a trace of it."""
    await set_options(hass, entry, budget_daily_usd=1.0)
    told: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        """Note what an automation would be told."""
        assert event.data["new_state"] is not None
        told.append(event.data["new_state"].attributes["event_type"])

    async_track_state_change_event(hass, account_state(hass, entry, "event", "limits").entity_id, note)
    issue_id = f"budget_exhausted_{entry.entry_id}"
    spend(entry, 0.8)
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "off"
    warning = account_state(hass, entry, "event", "limits").attributes
    assert (warning["event_type"], warning["period"]) == ("budget_warning", "day")
    spend(entry, 0.3)
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "on"
    exhausted = account_state(hass, entry, "event", "limits").attributes
    assert exhausted["event_type"] == "budget_exhausted"
    assert (exhausted["limit_usd"], exhausted["spent_usd"]) == (1, 1.1)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert (issue.severity, issue.translation_key) == (ir.IssueSeverity.WARNING, "budget_exhausted")
    assert issue.translation_placeholders == {"account": entry.title, "limit": "1.00"}
    spend(entry, 0.3)
    await hass.async_block_till_done()
    assert told == ["budget_warning", "budget_exhausted"]
    await tomorrow(hass, freezer)
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "off"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


async def test_budget_when_raised_then_open_and_told_nothing_twice(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The monthly limit has a text of its own; a higher one takes the issue back."""
    await set_options(hass, entry, budget_monthly_usd=0.005)
    spend(entry, 0.01)
    issue_id = f"budget_exhausted_{entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_key == "budget_exhausted_month"
    assert issue.translation_placeholders == {"account": entry.title, "limit": "0.005"}
    await set_options(hass, entry, budget_monthly_usd=5)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "off"
    assert float(sensor(hass, entry, "cost_month")) == 0.01


async def test_event_when_call_is_held_back_then_says_which_limit(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """An automation can tell which limit it was."""
    entry.runtime_data.meter.note_limited("tokens_per_minute")
    event = account_state(hass, entry, "event", "limits").attributes
    assert (event["event_type"], event["limit"]) == ("rate_limited", "tokens_per_minute")

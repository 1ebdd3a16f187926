"""Short ways to book, to look at the account's own entities and at its file."""

from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from custom_components.grok_assist.account.meter import METERS
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.usage.ledger import Totals, ticks
from custom_components.grok_assist.runtime import GrokConfigEntry

from .agents import first, state_of


def spend(entry: GrokConfigEntry, cost_usd: float, **counts: int) -> None:
    """Book one answer of the first agent."""
    totals = Totals(requests=1, cost_ticks=ticks(cost_usd), **counts)
    entry.runtime_data.meter.book(first(entry).subentry_id, "text", totals)


def account_state(hass: HomeAssistant, entry: GrokConfigEntry, platform: str, key: str) -> State:
    """Return the state of one of the account's own entities."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{entry.entry_id}_{key}")
    assert entity_id is not None
    return state_of(hass, entity_id)


def sensor(hass: HomeAssistant, entry: GrokConfigEntry, key: str) -> str:
    """Return what a sensor of the account shows."""
    return account_state(hass, entry, "sensor", key).state


async def set_options(hass: HomeAssistant, entry: GrokConfigEntry, **options: Any) -> None:
    """Choose options in the account's own form, and wait for the reload."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(flow["flow_id"], options)
    await hass.async_block_till_done()


async def restart(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Set the account up as after a restart: with nothing but its file."""
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data[METERS].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def usage_key(entry: GrokConfigEntry) -> str:
    """Return the name of the account's file."""
    return f"grok_assist.usage.{entry.entry_id}"

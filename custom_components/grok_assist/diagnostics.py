"""What a bug report may hold: settings, models, usage, and the kinds of what went over the wire.

Never a key, a prompt or a conversation.
"""

from typing import Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_API_KEY, CONF_PROMPT
from homeassistant.core import HomeAssistant
from yarl import URL

from .account.meter import UsagePeriod
from .account.own_keys import origin_of
from .const import CONF_BASE_URL, CONF_TEAM_ID, DEFAULT_BASE_URL
from .core.json_types import JsonObject
from .core.usage.ledger import Page
from .runtime import GrokConfigEntry

REDACTED: Final = frozenset({CONF_API_KEY, CONF_TEAM_ID, CONF_PROMPT, "unique_id", "title"})

DEFAULT_PATH: Final = "/v1"


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: GrokConfigEntry) -> JsonObject:
    """Return settings, models, usage and the last events on the wire of an account, redacted."""
    coordinator, meter = entry.runtime_data.coordinator, entry.runtime_data.meter
    return {
        "entry": _entry(entry),
        "models": {
            "are_live": coordinator.data.is_live,
            "last_refresh_succeeded": coordinator.last_update_success,
            "ids": [model.model_id for model in coordinator.data.models],
        },
        "deadlines": {
            name: getattr(entry.runtime_data.deadlines, name)
            for name in ("connect_s", "first_delta_s", "silence_s", "turn_s")
        },
        "usage": {
            **{period.value: _usage(meter.page(period)) for period in UsagePeriod},
            "is_exhausted": meter.is_exhausted,
            "rate_limited": meter.store.rate_limited,
            "fallbacks": dict(meter.store.fallbacks),
        },
        "limits": meter.store.limits(),
        "wire": entry.runtime_data.availability.wire_log.to_json(),
    }


def _entry(entry: GrokConfigEntry) -> JsonObject:
    """Return the entry, and of its address only what cannot be a secret."""
    found: JsonObject = async_redact_data(entry.as_dict(), REDACTED)
    try:
        url = URL(str(entry.data.get(CONF_BASE_URL) or DEFAULT_BASE_URL))
    except ValueError:
        url = URL()
    tail = DEFAULT_PATH if (url.path, url.query_string) == (DEFAULT_PATH, "") else "/**REDACTED**"
    shown = f"{origin_of(entry.data)}{tail}"
    return {**found, "data": {**found["data"], CONF_BASE_URL: shown}}


def _usage(page: Page) -> JsonObject:
    """Return the sums of a period by kind."""
    return {kind: {**totals.to_json(), "cost_usd": totals.cost_usd} for kind, totals in sorted(page.by_kind().items())}

"""What a bug report may hold: settings and models, never a key, a prompt or a conversation."""

from typing import Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_API_KEY, CONF_PROMPT
from homeassistant.core import HomeAssistant

from .const import CONF_TEAM_ID
from .core.json_types import JsonObject
from .runtime import GrokConfigEntry

REDACTED: Final = frozenset({CONF_API_KEY, CONF_TEAM_ID, CONF_PROMPT, "unique_id", "title"})


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: GrokConfigEntry) -> JsonObject:
    """Return settings and models of an account, redacted."""
    coordinator = entry.runtime_data.coordinator
    return {
        "entry": async_redact_data(entry.as_dict(), REDACTED),
        "models": {
            "are_live": coordinator.data.is_live,
            "last_refresh_succeeded": coordinator.last_update_success,
            "ids": [model.model_id for model in coordinator.data.models],
        },
        "deadlines": {
            name: getattr(entry.runtime_data.deadlines, name)
            for name in ("connect_s", "first_delta_s", "silence_s", "turn_s")
        },
    }

"""The integration's lines on Home Assistant's system health page."""

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import CONF_BASE_URL, DEFAULT_BASE_URL, DOMAIN
from .core.json_types import JsonObject


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Offer the lines."""
    register.async_register_info(async_system_health_info, "/config/integrations/integration/grok_assist")


async def async_system_health_info(hass: HomeAssistant) -> JsonObject:
    """Return whether the API can be reached and how many models it lists."""
    entries = hass.config_entries.async_entries(DOMAIN)
    loaded = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    addresses = [str(entry.data.get(CONF_BASE_URL, DEFAULT_BASE_URL)) for entry in entries]
    return {
        "api_reachable": system_health.async_check_can_reach_url(hass, (addresses or [DEFAULT_BASE_URL])[0]),
        "accounts_loaded": f"{len(loaded)} / {len(entries)}",
        "models_listed": sum(
            len(entry.runtime_data.coordinator.data.models)
            for entry in loaded
            if entry.runtime_data.coordinator.data.is_live
        ),
    }

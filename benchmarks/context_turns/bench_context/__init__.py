"""Satellites that are nothing but devices, and a stopwatch for the writing of a prompt."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import device_registry as dr

from .stopwatch import async_measure

DOMAIN = "bench_context"
# A link cannot import the bench: the same rooms as there.
SATELLITES = ("Kitchen", "Office", "Bathroom", "Bedroom")


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add the satellites and the service that measures."""
    devices = dr.async_get(hass)
    for room in SATELLITES:
        devices.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(DOMAIN, room)}, name=f"{room} Satellite"
        )

    async def measure(call: ServiceCall) -> ServiceResponse:
        """Measure and give the times in milliseconds."""
        return await async_measure(
            hass, sentence=call.data["sentence"], device_id=call.data["device_id"], rounds=call.data["rounds"]
        )

    hass.services.async_register(DOMAIN, "measure", measure, supports_response=SupportsResponse.ONLY)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Take the service away."""
    hass.services.async_remove(DOMAIN, "measure")
    return True

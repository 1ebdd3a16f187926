"""The floor under every agent: Home Assistant's own part of a turn, and a sampler to see where time goes."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback

from .sampler import Sampler

DOMAIN = "bench_floor"
PLATFORMS = (Platform.CONVERSATION,)


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add the agent and the service of the sampler."""
    sampler = Sampler()

    @callback
    def sample(call: ServiceCall) -> ServiceResponse:
        """Start to sample, or stop and give what was seen."""
        if period_s := call.data.get("period_s"):
            sampler.start(float(period_s))
            return {}
        return {"period_s": sampler.period_s, "stacks": dict(sampler.stop())}

    hass.services.async_register(DOMAIN, "sample", sample, supports_response=SupportsResponse.OPTIONAL)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Take agent and service away."""
    hass.services.async_remove(DOMAIN, "sample")
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)

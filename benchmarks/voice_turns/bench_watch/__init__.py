"""Counts what runs inside Home Assistant, for the benches that look for leaks."""

import asyncio
from collections import Counter
import ctypes
import gc
import re

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.util.json import JsonValueType

DOMAIN = "bench_watch"
STEP_S = 0.005
_ID = re.compile(r"[0-9A-Za-z]{16,}|\d+")


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add the service."""

    @callback
    def count(call: ServiceCall) -> ServiceResponse:
        """Give the tasks by their names and the live objects by their types, after a collection."""
        gc.collect()
        names = Counter(_ID.sub("#", task.get_name()) for task in asyncio.all_tasks())
        types = Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.get_objects())
        return {"names": dict(names), "types": dict(types)}

    @callback
    def trim(call: ServiceCall) -> ServiceResponse:
        """Have the C library give back the memory that nobody uses; tell whether it is one that can."""
        gc.collect()
        give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
        return {"is_trimmed": give_back is not None and bool(give_back(0))}

    async def lag(call: ServiceCall) -> ServiceResponse:
        """Watch the event loop for some seconds; give by how many milliseconds it was late each time."""
        late: list[JsonValueType] = []
        ends_at = hass.loop.time() + float(call.data["seconds"])
        while (due := hass.loop.time() + STEP_S) < ends_at:
            await asyncio.sleep(STEP_S)
            late.append((hass.loop.time() - due) * 1000)
        return {"late_ms": late}

    hass.services.async_register(DOMAIN, "count", count, supports_response=SupportsResponse.ONLY)
    hass.services.async_register(DOMAIN, "trim", trim, supports_response=SupportsResponse.ONLY)
    hass.services.async_register(DOMAIN, "lag", lag, supports_response=SupportsResponse.ONLY)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Take the service away."""
    hass.services.async_remove(DOMAIN, "count")
    hass.services.async_remove(DOMAIN, "trim")
    hass.services.async_remove(DOMAIN, "lag")
    return True

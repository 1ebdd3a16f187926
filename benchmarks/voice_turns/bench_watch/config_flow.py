"""A config flow that asks nothing."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class WatchConfigFlow(ConfigFlow, domain="bench_watch"):
    """Makes the one entry."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make the entry at once."""
        return self.async_create_entry(title="Bench Watch", data={})

"""Options of the account: how long to wait, how much at once, and how much it may cost."""

from typing import Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
)
import voluptuous as vol

from ..core.json_types import JsonMapping, JsonObject
from ..core.settings import Deadlines
from ..core.usage.budget import BUDGET_BOUNDS_USD, WARN_PERCENT_BOUNDS, BudgetAction, BudgetSettings
from ..core.usage.limits import (
    MAX_CONCURRENT_REQUESTS,
    MAX_REQUESTS_PER_HOUR,
    MAX_REQUESTS_PER_MINUTE,
    MAX_TOKENS_PER_MINUTE,
    MIN_REQUESTS,
    MIN_TOKENS_PER_MINUTE,
    Limits,
)
from ..core.usage.voice_billing import VoiceBilling
from ..core.voice_settings import VOICE_SESSIONS_BOUNDS, voice_sessions

ACTION_FIELD: Final = SelectSelector(
    SelectSelectorConfig(options=[action.value for action in BudgetAction], translation_key="budget_action")
)

BILLING_FIELD: Final = SelectSelector(
    SelectSelectorConfig(options=[rule.value for rule in VoiceBilling], translation_key="voice_billing")
)

type Fields = dict[vol.Marker, object]


class GrokOptionsFlow(OptionsFlow):
    """Asks for everything on one page; each field has a default."""

    async def async_step_init(self, user_input: JsonObject | None = None) -> ConfigFlowResult:
        """Ask for deadlines, limits and budget."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        known = self.config_entry.options
        fields = {**_deadline_fields(known), **_limit_fields(known), **_budget_fields(known)}
        return self.async_show_form(step_id="init", data_schema=vol.Schema(fields))


def _deadline_fields(known: JsonMapping) -> Fields:
    """Offer the waiting times."""
    now = Deadlines.from_options(known)
    return {
        vol.Optional("connect_timeout_s", default=now.connect_s): _number(1, 10, unit="s"),
        vol.Optional("first_delta_timeout_s", default=now.first_delta_s): _number(1, 30, unit="s"),
        vol.Optional("silence_timeout_s", default=now.silence_s): _number(1, 30, unit="s"),
        vol.Optional("turn_timeout_s", default=now.turn_s): _number(5, 600, unit="s"),
    }


def _limit_fields(known: JsonMapping) -> Fields:
    """Offer how much may be asked at once and in a row."""
    now = Limits.from_options(known)
    return {
        vol.Optional("max_voice_sessions", default=voice_sessions(known)): _number(*VOICE_SESSIONS_BOUNDS),
        vol.Optional("max_concurrent_requests", default=now.concurrent_requests): _number(
            MIN_REQUESTS, MAX_CONCURRENT_REQUESTS
        ),
        vol.Optional("requests_per_minute", default=now.requests_per_minute): _number(
            MIN_REQUESTS, MAX_REQUESTS_PER_MINUTE
        ),
        vol.Optional("requests_per_hour", default=now.requests_per_hour): _number(MIN_REQUESTS, MAX_REQUESTS_PER_HOUR),
        vol.Optional("tokens_per_minute", default=now.tokens_per_minute): _number(
            MIN_TOKENS_PER_MINUTE, MAX_TOKENS_PER_MINUTE
        ),
    }


def _budget_fields(known: JsonMapping) -> Fields:
    """Offer how much may be spent, and how it is counted."""
    now = BudgetSettings.from_options(known)
    dollars = NumberSelector(
        NumberSelectorConfig(
            min=BUDGET_BOUNDS_USD[0],
            max=BUDGET_BOUNDS_USD[1],
            step="any",
            unit_of_measurement="USD",
            mode=NumberSelectorMode.BOX,
        )
    )
    return {
        vol.Optional("budget_daily_usd", default=now.daily_usd): dollars,
        vol.Optional("budget_monthly_usd", default=now.monthly_usd): dollars,
        vol.Optional("budget_warn_percent", default=now.warn_percent): _number(*WARN_PERCENT_BOUNDS, unit="%"),
        vol.Optional("budget_action", default=now.action.value): ACTION_FIELD,
        vol.Optional("voice_billing", default=VoiceBilling.from_options(known).value): BILLING_FIELD,
    }


def _number(low: float, high: float, *, unit: str | None = None) -> NumberSelector:
    """Make a field for a whole number."""
    config = NumberSelectorConfig(min=low, max=high, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)

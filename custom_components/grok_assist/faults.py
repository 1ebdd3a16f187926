"""The one table from our errors to what a user meets: a sentence, a form's error, re-authentication, a repair."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
import logging
import math
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import matches

from .const import DOMAIN
from .core.errors import (
    GrokAnswerError,
    GrokAuthError,
    GrokBrokenStreamError,
    GrokBudgetError,
    GrokConnectionError,
    GrokCreditsError,
    GrokCutError,
    GrokError,
    GrokLimitError,
    GrokModelError,
    GrokPermissionError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
    GrokSpendingUnknownError,
    GrokTimeoutError,
    GrokTooDearError,
)
from .core.usage.budget import Period
from .core.usage.circuit import MAX_RETRY_AFTER_S
from .grok.refusals import refused_name

SPOKEN_LANGUAGES: Final = ("en", "de", "es", "fr", "it", "nl")
DEFAULT_WAIT_S: Final = 30  # what is told where the service names no wait: the longest back-off of its own SDK

BUDGET_SENTENCES: Final = {Period.DAY: "budget_exhausted", Period.MONTH: "budget_exhausted_month"}
LEAST_TOLD_S: Final = 2  # the sentences speak of seconds in the plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one kind of error meets the user."""

    key: str
    """Key under `exceptions` in the translations: the sentence."""
    form_error: str
    """Key under the config flow's errors."""
    wants_reauth: bool = False
    issue: str | None = None
    """Key of a repair issue that stays until the next success."""


_FAULTS: Final[Mapping[type[GrokError], Fault]] = {
    GrokAuthError: Fault(key="invalid_auth", form_error="invalid_auth", wants_reauth=True),
    GrokPermissionError: Fault(key="permission_denied", form_error="permission_denied"),
    GrokCreditsError: Fault(key="no_credits", form_error="no_credits", issue="no_credits"),
    GrokRateLimitError: Fault(key="rate_limited", form_error="rate_limited"),
    GrokLimitError: Fault(key="limit_reached", form_error="rate_limited"),
    GrokBudgetError: Fault(key="budget_exhausted", form_error="unknown"),
    GrokTooDearError: Fault(key="budget_too_small", form_error="unknown"),
    GrokSpendingUnknownError: Fault(key="spending_unknown", form_error="unknown"),
    GrokModelError: Fault(key="model_not_found", form_error="cannot_connect"),
    GrokRequestError: Fault(key="request_refused", form_error="unknown"),
    GrokTimeoutError: Fault(key="timeout", form_error="cannot_connect"),
    GrokBrokenStreamError: Fault(key="interrupted", form_error="cannot_connect"),
    GrokConnectionError: Fault(key="cannot_connect", form_error="cannot_connect"),
    GrokServerError: Fault(key="server_error", form_error="cannot_connect"),
    GrokCutError: Fault(key="answer_cut", form_error="unknown"),
    GrokAnswerError: Fault(key="no_answer", form_error="unknown"),
    GrokError: Fault(key="unexpected", form_error="unknown"),
}


def fault_of(error: GrokError) -> Fault:
    """Return the table's row for an error."""
    return next(_FAULTS[kind] for kind in type(error).__mro__ if kind in _FAULTS)


def kind_of_fault(error: GrokError) -> str:
    """Return what the log may say of an error: its kind and status; the service's words may quote the user's."""
    status = getattr(error, "status", None)
    return type(error).__name__ if status is None else f"{type(error).__name__} {status}"


def log_fault(logger: logging.Logger, level: int, what: str, error: GrokError) -> None:
    """Log a failure: its kind for everybody, what the service said of it for those who look for the cause.

    The name of an argument is for everybody, too: it is one of ours, and no option of the user's would help.
    """
    name = refused_name(error)
    refused = "" if name is None else f", argument not supported: {name}"
    logger.log(level, "%s: %s%s", what, kind_of_fault(error), refused)
    logger.debug("%s, and was told: %s", what, error.detail)


def translation_of(error: GrokError) -> tuple[str, dict[str, str]]:
    """Return the key and the placeholders of an error's sentence."""
    if isinstance(error, GrokTooDearError):
        left_usd = math.floor(max(0.0, error.limit_usd - error.spent_usd) * 1000) / 1000
        cost_usd = math.ceil(error.cost_usd * 1000) / 1000
        return fault_of(error).key, {"cost": _dollars(cost_usd), "left": _dollars(left_usd)}
    if isinstance(error, GrokBudgetError) and not isinstance(error, GrokSpendingUnknownError):
        amounts = {"limit": _dollars(error.limit_usd), "spent": _dollars(error.spent_usd)}
        return BUDGET_SENTENCES[Period(error.period)], amounts
    seconds = DEFAULT_WAIT_S
    if isinstance(error, GrokLimitError):
        seconds = _told_s(error.wait_s)
    if isinstance(error, GrokRateLimitError) and error.retry_after_s is not None:
        seconds = _told_s(error.retry_after_s)
    if isinstance(error, GrokTimeoutError):
        seconds = _told_s(error.after_s)
    return fault_of(error).key, {"seconds": str(seconds), "detail": error.detail or "-"}


def service_error(error: GrokError, *, is_own_key: bool) -> HomeAssistantError:
    """Write an error as those meet it who called a service; `is_own_key` where the agent has a key of its own."""
    key, placeholders = translation_of(error)
    if fault_of(error).wants_reauth and is_own_key:
        key = "invalid_agent_auth"
    if isinstance(error, GrokRequestError) and error.detail:
        key = "request_refused_because"  # whoever writes an automation can do something about it
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


def input_error(key: str, **placeholders: str) -> ServiceValidationError:
    """Write an error of what was handed in, by the key of its sentence."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


async def async_tried[T](foreign: Awaitable[T]) -> T | Exception:
    """Wait for another integration's code; return what it raises, which may be any error of any library."""
    (outcome,) = await asyncio.gather(foreign, return_exceptions=True)
    if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
        raise outcome
    return outcome


async def async_sentence(
    hass: HomeAssistant, language: str, key: str, placeholders: Mapping[str, str] | None = None
) -> str:
    """Return one of our sentences in the nearest language we have, else in English."""
    nearest = (matches(language, SPOKEN_LANGUAGES) or ["en"])[0]
    translations = await async_get_translations(hass, nearest, "exceptions", {DOMAIN})
    return translations[f"component.{DOMAIN}.exceptions.{key}.message"].format(**(placeholders or {}))


def _told_s(wait_s: float) -> int:
    """Write a wait in whole seconds, an hour at most; one that is no number as the usual one."""
    if math.isnan(wait_s):
        return DEFAULT_WAIT_S
    return math.ceil(min(max(LEAST_TOLD_S, wait_s), MAX_RETRY_AFTER_S))


def _dollars(amount_usd: float) -> str:
    """Write an amount with cents, a smaller one as it is."""
    cents = f"{amount_usd:.2f}"
    return cents if math.isclose(float(cents), amount_usd) else f"{amount_usd:g}"

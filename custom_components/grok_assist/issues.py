"""Repair issues and re-authentication: raised by a fault, gone with the next success."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from yarl import URL

from .account.own_keys import is_elsewhere, origin_of
from .const import (
    BILLING_URL,
    CONF_BASE_URL,
    CONF_CHAT_MODEL,
    DOMAIN,
    SUBENTRY_AI_TASK,
    SUBENTRY_CONVERSATION,
    SUBENTRY_VOICE,
)
from .core.addresses import is_readable_on_the_way
from .core.errors import GrokError, GrokSpendingUnknownError
from .core.settings import AgentSettings
from .faults import fault_of, translation_of
from .runtime import GrokConfigEntry

MODEL_ISSUE: Final = "model_gone"
CREDITS_ISSUE: Final = "no_credits"
BUDGET_ISSUE: Final = "budget_exhausted"
APIS_ISSUE: Final = "llm_api_gone"
MEMORY_ISSUE: Final = "memory_unreadable"
USAGE_ISSUE: Final = "usage_unreadable"
INSECURE_ISSUE: Final = "insecure_url"
ELSEWHERE_ISSUE: Final = "agent_key_elsewhere"


@callback
def async_report_fault(hass: HomeAssistant, entry: GrokConfigEntry, error: GrokError, *, is_own_key: bool) -> None:
    """Ask for a new key or raise an issue, where the fault calls for it and the account is still there."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        return
    fault = fault_of(error)
    if fault.wants_reauth and not is_own_key:
        entry.async_start_reauth(hass)
    if fault.issue == CREDITS_ISSUE and not is_own_key:
        ir.async_create_issue(
            hass,
            DOMAIN,
            f"{CREDITS_ISSUE}_{entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=CREDITS_ISSUE,
            translation_placeholders={"account": entry.title},
            learn_more_url=BILLING_URL,
        )


@callback
def async_clear_fault(hass: HomeAssistant, entry: GrokConfigEntry, *, is_own_key: bool) -> None:
    """Take back what only holds while calls with the account's key fail."""
    if not is_own_key:
        ir.async_delete_issue(hass, DOMAIN, f"{CREDITS_ISSUE}_{entry.entry_id}")


@callback
def async_check_budget(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Raise an issue while the user's own budget is spent."""
    issue_id = f"{BUDGET_ISSUE}_{entry.entry_id}"
    error = entry.runtime_data.meter.budget_error()
    if error is None or isinstance(error, GrokSpendingUnknownError):  # the latter has an issue of its own
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    key, placeholders = translation_of(error)
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"account": entry.title, "limit": placeholders["limit"]},
    )


@callback
def async_check_files(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Raise an issue for each file of the account that cannot be read, and take back those of files that can."""
    runtime = entry.runtime_data
    files = (
        (MEMORY_ISSUE, runtime.memory.is_readable, False),
        (USAGE_ISSUE, not runtime.meter.store.is_incomplete, True),
    )
    for key, is_whole, is_fixable in files:
        issue_id = f"{key}_{entry.entry_id}"
        if is_whole:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=is_fixable,
            severity=ir.IssueSeverity.ERROR if is_fixable else ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"account": entry.title},
            data={"entry_id": entry.entry_id},
        )


@callback
def async_check_models(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Raise an issue for each agent whose model has gone, and take back those that are whole again."""
    catalogue = entry.runtime_data.coordinator.data
    _async_forget_deleted(hass, entry)
    kinds = (SUBENTRY_CONVERSATION, SUBENTRY_VOICE, SUBENTRY_AI_TASK)
    agents = [subentry for kind in kinds for subentry in entry.get_subentries_of_type(kind)]
    for subentry in agents:
        issue_id = f"{MODEL_ISSUE}_{subentry.subentry_id}"
        model = AgentSettings.from_data(subentry.data).model
        if not catalogue.has_lost(model):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=MODEL_ISSUE,
            translation_placeholders={"agent": subentry.title, "model": model},
            data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id, CONF_CHAT_MODEL: model},
        )


@callback
def async_check_apis(
    hass: HomeAssistant, entry: GrokConfigEntry, subentry: ConfigSubentry, missing: tuple[str, ...]
) -> None:
    """Raise an issue for an agent whose tools are partly gone, and take it back when they are there again."""
    issue_id = f"{APIS_ISSUE}_{subentry.subentry_id}"
    if not missing:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=APIS_ISSUE,
        translation_placeholders={"agent": subentry.title, "apis": ", ".join(missing)},
        data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id},
    )


@callback
def _async_forget_deleted(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Take back the issues of subentries that were deleted."""
    for (domain, issue_id), issue in list(ir.async_get(hass).issues.items()):
        data = issue.data or {}
        subentry_id = data.get("subentry_id")
        is_ours = domain == DOMAIN and data.get("entry_id") == entry.entry_id and subentry_id is not None
        if is_ours and subentry_id not in entry.subentries:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_check_address(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Raise what there is to say about the account's address, and take back what no longer holds."""
    host = URL(origin_of(entry.data) or "/").host or "-"
    is_insecure = is_readable_on_the_way(str(entry.data.get(CONF_BASE_URL) or ""))
    _async_set_issue(
        hass,
        entry,
        f"{INSECURE_ISSUE}_{entry.entry_id}",
        INSECURE_ISSUE if is_insecure else None,
        {"account": entry.title, "host": host},
    )
    for subentry in entry.subentries.values():
        issue_id = f"{ELSEWHERE_ISSUE}_{subentry.subentry_id}"
        key = ELSEWHERE_ISSUE if is_elsewhere(entry, subentry) else None
        _async_set_issue(
            hass, entry, issue_id, key, {"agent": subentry.title, "host": host, "id": subentry.subentry_id}
        )


@callback
def async_remove_issues(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Take back every issue of an account that is going away."""
    ids = {entry.entry_id, *entry.subentries}
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and any(f"_{own}" in issue_id for own in ids):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def _async_set_issue(
    hass: HomeAssistant, entry: ConfigEntry, issue_id: str, key: str | None, said: Mapping[str, str]
) -> None:
    """Raise an issue, or take it back where it has no words."""
    if key is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={name: text for name, text in said.items() if name != "id"},
        data={"entry_id": entry.entry_id, "subentry_id": said["id"]} if "id" in said else None,
    )

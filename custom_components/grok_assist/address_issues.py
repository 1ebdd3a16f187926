"""Repair issues about the address of an account: who could read along, and whose key belongs elsewhere."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from yarl import URL

from .const import CONF_BASE_URL, DOMAIN
from .core.addresses import is_readable_on_the_way
from .own_keys import is_elsewhere, origin_of

INSECURE_ISSUE: Final = "insecure_url"
ELSEWHERE_ISSUE: Final = "agent_key_elsewhere"


@callback
def async_check_address(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Raise what there is to say about the account's address, and take back what no longer holds."""
    host = URL(origin_of(entry.data) or "/").host or "-"
    is_insecure = is_readable_on_the_way(str(entry.data.get(CONF_BASE_URL) or ""))
    _async_say(
        hass,
        entry,
        f"{INSECURE_ISSUE}_{entry.entry_id}",
        INSECURE_ISSUE if is_insecure else None,
        {"account": entry.title, "host": host},
    )
    for subentry in entry.subentries.values():
        issue_id = f"{ELSEWHERE_ISSUE}_{subentry.subentry_id}"
        key = ELSEWHERE_ISSUE if is_elsewhere(entry, subentry) else None
        _async_say(hass, entry, issue_id, key, {"agent": subentry.title, "host": host, "id": subentry.subentry_id})


@callback
def _async_say(
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

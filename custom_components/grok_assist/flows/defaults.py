"""The subentries that a new account starts with, and that an older one gains once."""

from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_KNOWN_TYPES, CONF_RECOMMENDED, DEFAULT_SUBENTRIES, SUBENTRY_CONVERSATION, SUBENTRY_VOICE
from ..core.json_types import JsonObject
from ..runtime import GrokConfigEntry


def default_subentry(kind: str) -> ConfigSubentryData:
    """Write the default subentry of a type."""
    data: JsonObject = {CONF_RECOMMENDED: True}
    if kind in (SUBENTRY_CONVERSATION, SUBENTRY_VOICE):
        data["llm_hass_api"] = ["assist"]
    return ConfigSubentryData(subentry_type=kind, data=data, title=DEFAULT_SUBENTRIES[kind], unique_id=None)


@callback
def async_add_new_types(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Give an entry the default of each type that did not exist when it was made; deleted ones stay deleted."""
    known = set(entry.data.get(CONF_KNOWN_TYPES, (SUBENTRY_CONVERSATION,)))
    missing = [kind for kind in DEFAULT_SUBENTRIES if kind not in known]
    if not missing and CONF_KNOWN_TYPES in entry.data:
        return
    for kind in missing:
        fields = default_subentry(kind)
        subentry = ConfigSubentry(
            data=MappingProxyType(dict(fields["data"])), subentry_type=kind, title=fields["title"], unique_id=None
        )
        hass.config_entries.async_add_subentry(entry, subentry)
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_KNOWN_TYPES: list(DEFAULT_SUBENTRIES)})

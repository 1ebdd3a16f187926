"""Keys of single agents and voices, and the host that each was entered for: it goes to no other."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant, callback
from yarl import URL

from ..const import CONF_BASE_URL, DEFAULT_BASE_URL
from ..core.settings import AgentSettings

CONF_KEY_ORIGIN: Final = "api_key_origin"
"""Scheme, host and port of the address that was set when a key of its own was saved."""

NO_KEY_HERE: Final = "no-key-for-this-address"
"""Sent in place of a key that belongs to another host: the service refuses it, and the agent says so."""


def origin_of(data: Mapping[str, object]) -> str:
    """Return scheme, host and port of an account's address, without anything that may be a secret."""
    try:
        return str(URL(str(data.get(CONF_BASE_URL) or DEFAULT_BASE_URL)).origin())
    except ValueError:
        return ""


def own_key(entry: ConfigEntry, subentry: ConfigSubentry) -> str | None:
    """Return a subentry's own key: None where it uses the account's, no real one where it is another host's."""
    key = AgentSettings.from_data(subentry.data).api_key
    return NO_KEY_HERE if key is not None and is_elsewhere(entry, subentry) else key


def is_elsewhere(entry: ConfigEntry, subentry: ConfigSubentry) -> bool:
    """Tell whether the account now has another host than a subentry's own key was entered for."""
    origin = subentry.data.get(CONF_KEY_ORIGIN)
    return bool(subentry.data.get(CONF_API_KEY)) and origin is not None and origin != origin_of(entry.data)


@callback
def async_note_origins(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Note for keys that were saved before hosts were that they belong to the account's present one."""
    for subentry in list(entry.subentries.values()):
        if subentry.data.get(CONF_API_KEY) and CONF_KEY_ORIGIN not in subentry.data:
            data = {**subentry.data, CONF_KEY_ORIGIN: origin_of(entry.data)}
            hass.config_entries.async_update_subentry(entry, subentry, data=data)

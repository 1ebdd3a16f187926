"""Grok Assist: talk to your home with Grok."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady

from .const import DOMAIN
from .coordinator import CatalogueCoordinator
from .core.errors import GrokError
from .core.settings import Deadlines
from .faults import fault_of, translation_of
from .issues import async_check_models, async_remove_issues
from .runtime import GrokConfigEntry, GrokRuntime, account_key, async_make_client
from .toolbox import Toolbox

PLATFORMS = (Platform.CONVERSATION,)


async def async_setup_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Check the key, read the model list, and add the entities."""
    deadlines = Deadlines.from_options(entry.options)
    client = await async_make_client(hass, account_key(entry.data), entry.data, deadlines)
    try:
        await client.key_facts()
    except GrokError as error:
        key, placeholders = translation_of(error)
        failure = ConfigEntryAuthFailed if fault_of(error).wants_reauth else ConfigEntryNotReady
        raise failure(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders) from error
    coordinator = CatalogueCoordinator(hass, entry, client)
    await coordinator.async_refresh()
    entry.runtime_data = GrokRuntime(client=client, coordinator=coordinator, deadlines=deadlines, toolbox=Toolbox())
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    @callback
    def check_models() -> None:
        """Look for agents without their model whenever the list was read."""
        async_check_models(hass, entry)

    check_models()
    entry.async_on_unload(coordinator.async_add_listener(check_models))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Take the entities away; running turns end with a sentence."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Leave nothing behind."""
    async_remove_issues(hass, entry)


async def async_migrate_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Refuse entries of a newer version; there is no older one yet."""
    return entry.version == 1


async def _async_reload(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Apply changed keys, options and subentries."""
    await hass.config_entries.async_reload(entry.entry_id)

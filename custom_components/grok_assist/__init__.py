"""Grok Assist: talk to your home with Grok."""

import asyncio

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.typing import ConfigType

from .account.clients import account_key, async_make_client, async_make_gate, async_make_speech
from .account.meter import async_open_meter, async_remove_meter
from .account.own_keys import async_note_origins
from .chat.memory import Memory, hours_of
from .chat.tools import Toolbox
from .const import DOMAIN
from .coordinator import CatalogueCoordinator
from .core.errors import GrokError
from .core.live.endings import EndReason
from .core.settings import Deadlines
from .faults import fault_of, translation_of
from .flows.defaults import async_add_new_types
from .grok.availability import Availability
from .issues import async_check_address, async_check_budget, async_check_files, async_check_models, async_remove_issues
from .live.commands import async_register_live
from .live.registry import async_registry
from .pipeline import async_check_pipelines, async_make_pipeline
from .runtime import ACCOUNT_GATE, GrokConfigEntry, GrokRuntime, async_make_voices
from .services import async_register_services
from .voice.satellites import async_watch_satellites

PLATFORMS = (
    Platform.AI_TASK,
    Platform.BINARY_SENSOR,
    Platform.CONVERSATION,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.STT,
    Platform.TTS,
)
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer the services, and the door to live conversations."""
    async_register_services(hass)
    async_register_live(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Check the key, read the model list, and add the entities."""
    async_note_origins(hass, entry)
    deadlines = Deadlines.from_options(entry.options)
    meter = await async_open_meter(hass, entry)
    gate = async_make_gate(meter, entry.options, ACCOUNT_GATE)
    availability = Availability()
    client = await async_make_client(hass, account_key(entry.data), entry.data, deadlines, gate, availability)
    try:
        await client.key_facts()
    except GrokError as error:
        key, placeholders = translation_of(error)
        failure = ConfigEntryAuthFailed if fault_of(error).wants_reauth else ConfigEntryNotReady
        raise failure(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders) from error
    coordinator = CatalogueCoordinator(hass, entry, client)
    await coordinator.async_refresh()
    async_add_new_types(hass, entry)
    memory = Memory(hass, entry.entry_id)
    await memory.async_load(hours_of(entry))
    runtime = entry.runtime_data = GrokRuntime(
        client=client,
        coordinator=coordinator,
        deadlines=deadlines,
        toolbox=Toolbox(),
        speech=async_make_speech(account_key(entry.data), entry.data, deadlines, availability),
        meter=meter,
        memory=memory,
        availability=availability,
    )
    async_make_voices(hass, entry, runtime)
    for voices in runtime.voices.values():
        entry.async_on_unload(async_watch_satellites(hass, voices.on_idle))
    _async_close_at_stop(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    @callback
    def check_models() -> None:
        """Look for agents without their model whenever the list was read."""
        async_check_models(hass, entry)

    await _async_tend_pipelines(hass, entry)
    _async_follow_meter(hass, entry)
    check_models()
    async_check_address(hass, entry)
    entry.async_on_unload(coordinator.async_add_listener(check_models))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Take the entities away; running turns end with a sentence, open sessions close."""
    runtime = entry.runtime_data
    await async_registry(hass).end_all(EndReason.UNLOADED, entry)
    is_unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if is_unloaded:
        for voices in runtime.voices.values():
            await voices.close()
        await runtime.async_close_speech()
        await runtime.meter.store.async_save()
        await runtime.memory.async_close()
    return is_unloaded


async def async_remove_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Leave nothing behind."""
    async_remove_issues(hass, entry)
    await async_remove_meter(hass, entry)
    await Memory(hass, entry.entry_id).async_remove()


async def async_migrate_entry(hass: HomeAssistant, entry: GrokConfigEntry) -> bool:
    """Refuse entries of a newer version; there is no older one yet."""
    return entry.version == 1


@callback
def _async_close_at_stop(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Close every session when Home Assistant stops: it takes no account apart then, and a socket would be cut off."""

    async def close(_event: Event) -> None:
        """Close them all at once."""
        runtime = entry.runtime_data
        await async_registry(hass).end_all(EndReason.RESTART, entry)
        await asyncio.gather(*(voices.close() for voices in runtime.voices.values()), runtime.async_close_speech())

    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, close))


@callback
def _async_follow_meter(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Keep the budget's issue right, and begin a new day with the clock."""
    meter = entry.runtime_data.meter

    @callback
    def check_budget() -> None:
        """Look whether the budget is spent, and known."""
        async_check_budget(hass, entry)
        async_check_files(hass, entry)

    entry.async_on_unload(meter.async_listen(check_budget))
    entry.async_on_unload(async_track_time_change(hass, meter.begin_day, hour=0, minute=0, second=0))
    meter.refresh()


async def _async_tend_pipelines(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Make the voice's pipeline, and look for mixed ones now and then."""
    if "assist_pipeline" not in hass.config.components:
        return

    @callback
    def check() -> None:
        """Look at all pipelines."""
        async_check_pipelines(hass, entry)

    await async_make_pipeline(hass, entry)
    check()
    for voices in entry.runtime_data.voices.values():
        voices.on_unclaimed = check
    entry.async_on_unload(entry.runtime_data.coordinator.async_add_listener(check))


async def _async_reload(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Apply changed keys, options and subentries."""
    await hass.config_entries.async_reload(entry.entry_id)

"""The integration's own services."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.conversation.agent_manager import async_get_agent
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
import voluptuous as vol

from .account.meter import UsagePeriod
from .agent import GrokConversationEntity
from .ask import (
    ASK_SCHEMA,
    ATTR_AGENT,
    ATTR_CONVERSATION_ID,
    SERVICE_ASK,
    USUAL_DEADLINES,
    WORDS,
    AskDeadlines,
    AskRequest,
    async_ask,
)
from .chat.memory import Memory, Wanted, hours_of
from .const import DOMAIN, SUBENTRY_CONVERSATION, SUBENTRY_VOICE
from .core.json_types import JsonObject
from .core.usage.ledger import Totals
from .faults import input_error
from .home.permissions import check_user
from .runtime import GrokConfigEntry

SERVICE_FORGET: Final = "forget"
SERVICE_GET_USAGE: Final = "get_usage"
ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_PERIOD: Final = "period"

USAGE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_PERIOD, default=UsagePeriod.TODAY.value): vol.All(cv.string, vol.Coerce(UsagePeriod)),
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
    }
)
FORGET_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_AGENT): cv.entity_id, vol.Optional(ATTR_CONVERSATION_ID): WORDS})
TOLD: Final = (
    "requests",
    "errors",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "voice_seconds",
    "cost_usd",
)
AGENT_PLATFORMS: Final = (Platform.CONVERSATION, Platform.TTS, Platform.STT, Platform.AI_TASK)
"""Where the name of an agent is looked for: the first entity of its subentry that is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeadlines:
    """How long those wait who call a service."""

    setup_s: float = 60.0
    """For an account that is just being loaded or unloaded."""
    ask: AskDeadlines = USUAL_DEADLINES


USUAL: Final = ServiceDeadlines()


@callback
def async_register_services(hass: HomeAssistant, deadlines: ServiceDeadlines = USUAL) -> None:
    """Offer the services, whether an account is loaded or not."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_ASK,
        partial(_async_ask, deadlines.ask),
        schema=ASK_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_GET_USAGE, _async_get_usage, schema=USAGE_SCHEMA, supports_response=SupportsResponse.ONLY
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_FORGET,
        partial(_async_forget, deadlines.setup_s),
        schema=FORGET_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_ask(deadlines: AskDeadlines, call: ServiceCall) -> ServiceResponse:
    """Ask an agent: the named one, else the first conversation agent."""
    request = AskRequest.from_call(call.data)
    entity_id = request.agent or _first_agent(call.hass)
    _loaded_account(call.hass, _agent(call.hass, entity_id)[0])
    await check_user(call.hass, entity_id, call.context, POLICY_CONTROL)
    agent = async_get_agent(call.hass, entity_id)
    if not isinstance(agent, GrokConversationEntity):
        raise input_error("agent_unknown", agent=entity_id)
    return await async_ask(agent, request, call.context, deadlines)


async def _async_get_usage(call: ServiceCall) -> ServiceResponse:
    """Tell what was used in a period, in all and by agent."""
    entry = _loaded_account(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    page = entry.runtime_data.meter.page(call.data[ATTR_PERIOD])
    agents: dict[str, Totals] = {}
    for subentry_id, totals in page.by_agent().items():
        name = _agent_name(call.hass, entry, subentry_id)
        agents[name] = agents.get(name, Totals()) + totals
    return {**_told(page.all()), "by_agent": {name: _told(totals) for name, totals in agents.items()}}


async def _async_forget(setup_s: float, call: ServiceCall) -> ServiceResponse:
    """Erase what was said to an agent, or to all of them; tell how many conversations it was."""
    hass, agent, subentry_id = call.hass, call.data.get(ATTR_AGENT), None
    entries = hass.config_entries.async_entries(DOMAIN)
    if not entries:
        raise input_error("no_account")
    if agent is not None:
        entry_id, subentry_id = _agent(hass, agent)
        entries = [hass.config_entries.async_get_known_entry(entry_id)]
    wanted = Wanted(
        agent=subentry_id,
        conversation_id=call.data.get(ATTR_CONVERSATION_ID),
        user_id=await _async_only_user(hass, call.context),
    )
    return {"forgotten": sum([await _async_forget_in(hass, entry, wanted, setup_s) for entry in entries])}


async def _async_only_user(hass: HomeAssistant, context: Context) -> str | None:
    """Return the user whose words alone may be erased; administrators and automations may erase everybody's."""
    user = await hass.auth.async_get_user(context.user_id) if context.user_id else None
    return None if context.user_id is None or (user is not None and user.is_admin) else context.user_id


async def _async_forget_in(hass: HomeAssistant, entry: GrokConfigEntry, wanted: Wanted, setup_s: float) -> int:
    """Erase in one account, where it is not loaded in its file.

    Raises:
        ServiceValidationError: the account is being loaded, and that does not end, or its file cannot be read.
    """
    if (memory := _loaded_memory(entry)) is not None:
        return await _async_erase(memory, entry, wanted)
    try:
        async with asyncio.timeout(setup_s), entry.setup_lock:
            if (memory := _loaded_memory(entry)) is None:
                memory = Memory(hass, entry.entry_id)
                await memory.async_load(hours_of(entry))
            return await _async_erase(memory, entry, wanted)
    except TimeoutError as error:
        raise input_error("account_not_loaded", account=entry.title) from error


async def _async_erase(memory: Memory, entry: GrokConfigEntry, wanted: Wanted) -> int:
    """Erase what an account remembers.

    Raises:
        ServiceValidationError: its file cannot be read, and still holds what it holds.
    """
    count = await memory.async_forget(wanted)
    if not memory.is_readable:
        raise input_error("memory_unreadable", account=entry.title)
    return count


@callback
def _loaded_memory(entry: GrokConfigEntry) -> Memory | None:
    """Return what a loaded account remembers."""
    return entry.runtime_data.memory if entry.state is ConfigEntryState.LOADED else None


@callback
def _agent(hass: HomeAssistant, entity_id: str) -> tuple[str, str]:
    """Return the ids of the account and the subentry of a conversation agent.

    Raises:
        ServiceValidationError: it is none of ours.
    """
    entity = er.async_get(hass).async_get(entity_id)
    if entity is not None and (entity.platform, entity.domain) == (DOMAIN, Platform.CONVERSATION):
        entry_id, subentry_id = entity.config_entry_id, entity.config_subentry_id
        if entry_id is not None and subentry_id is not None:
            return entry_id, subentry_id
    raise input_error("agent_unknown", agent=entity_id)


@callback
def _first_agent(hass: HomeAssistant) -> str:
    """Return the first conversation agent of the first account that has one, else its first voice.

    Raises:
        ServiceValidationError: there is no account or no agent.
    """
    _loaded_account(hass, None)
    entities = er.async_get(hass)
    accounts: list[GrokConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for kind in (SUBENTRY_CONVERSATION, SUBENTRY_VOICE):
        for subentry in (subentry for entry in accounts for subentry in entry.get_subentries_of_type(kind)):
            entity_id = entities.async_get_entity_id(Platform.CONVERSATION, DOMAIN, subentry.subentry_id)
            entity = entities.async_get(entity_id) if entity_id else None
            if entity is not None and not entity.disabled:
                return entity.entity_id
    raise input_error("no_agent")


def _told(totals: Totals) -> JsonObject:
    """Write a sum as it is told."""
    return {name: getattr(totals, name) for name in TOLD}


@callback
def _loaded_account(hass: HomeAssistant, entry_id: str | None) -> GrokConfigEntry:
    """Return the account that is meant: the named one, else the first that is loaded.

    Raises:
        ServiceValidationError: it does not exist or is not loaded.
    """
    entries: Mapping[str, GrokConfigEntry] = {
        entry.entry_id: entry for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    }
    found = next(iter(entries.values()), None) if entry_id is None else entries.get(entry_id)
    if found is not None:
        return found
    named = hass.config_entries.async_get_entry(entry_id) if entry_id else None
    key = "no_account" if entry_id is None else "account_not_loaded"
    raise input_error(key, account=named.title if named else str(entry_id))


@callback
def _agent_name(hass: HomeAssistant, entry: GrokConfigEntry, subentry_id: str) -> str:
    """Return what a user knows an agent by: an entity's id, else the subentry's title, else the id itself."""
    entities = er.async_get(hass)
    for platform in AGENT_PLATFORMS:
        if entity_id := entities.async_get_entity_id(platform, DOMAIN, subentry_id):
            return entity_id
    subentry = entry.subentries.get(subentry_id)
    return subentry.title if subentry else subentry_id

"""Short ways to change the account's first agent and to look at states."""

from homeassistant.components.conversation.agent_manager import async_get_agent
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State

from custom_components.grok_assist.agent import GrokConversationEntity
from custom_components.grok_assist.runtime import GrokConfigEntry


def first(entry: GrokConfigEntry) -> ConfigSubentry:
    """Return the account's first agent."""
    return next(iter(entry.subentries.values()))


async def change_agent(hass: HomeAssistant, entry: GrokConfigEntry, **fields: object) -> None:
    """Give the first agent other settings, as its own flow would save them, and wait for the reload."""
    subentry = first(entry)
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, "recommended": False, **fields})
    await hass.async_block_till_done()


async def change_voice(hass: HomeAssistant, entry: GrokConfigEntry, **fields: object) -> None:
    """Give the first voice other settings, and wait for the reload."""
    subentry = next(iter(entry.get_subentries_of_type("voice")))
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, "recommended": False, **fields})
    await hass.async_block_till_done()


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that must exist."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state


def agent_entity(hass: HomeAssistant, entity_id: str = "conversation.grok") -> GrokConversationEntity:
    """Return the entity of an agent."""
    agent = async_get_agent(hass, entity_id)
    assert isinstance(agent, GrokConversationEntity)
    return agent

"""Conversation entities: an agent for each subentry that talks."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .agent import GrokConversationEntity
from .chat.prompt import PromptWriter
from .const import SUBENTRY_CONVERSATION, SUBENTRY_VOICE
from .core.settings import AgentSettings
from .runtime import GrokConfigEntry, async_client_for
from .voice_agent import GrokVoiceAgent

PARALLEL_UPDATES = 0  # nothing is polled; the account's limits bound what runs at once


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add an agent for each subentry of its types."""
    agents: list[GrokConversationEntity] = [
        GrokConversationEntity(entry, subentry, PromptWriter(hass, AgentSettings.from_data(subentry.data)))
        for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION)
    ]
    agents += [
        GrokVoiceAgent(entry, subentry, entry.runtime_data.voices[subentry.subentry_id])
        for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE)
    ]
    for agent in agents:
        agent.client = await async_client_for(hass, entry, agent.subentry)
        async_add_entities([agent], config_subentry_id=agent.subentry.subentry_id)

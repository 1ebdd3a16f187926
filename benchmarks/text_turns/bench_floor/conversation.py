"""An agent that does what every agent must do in Home Assistant, and answers without a network."""

from collections.abc import AsyncGenerator
from typing import Literal, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

# The same words, in the same pieces, as the server's answer; a link cannot import the bench.
ANSWER = "The light in the living room is on and it is 21 degrees there now."
TOOL = "GetDateTime"
TOOL_WORD = "sundial"
CALL_ID = "call_bench_0001"


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the agent."""
    async_add_entities([FloorEntity(entry)])


class FloorEntity(conversation.ConversationEntity):
    """Home Assistant's own part of a turn: prompt, tools, chat log, result."""

    _attr_has_entity_name = True
    _attr_name = "Bench Floor"
    _attr_supports_streaming = True
    _attr_supported_features = conversation.ConversationEntityFeature.CONTROL

    def __init__(self, entry: ConfigEntry) -> None:
        """Take the identity of the entry."""
        self._attr_unique_id = entry.entry_id

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        """Any language, like the agents beside it."""
        return MATCH_ALL

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer with fixed words, after one tool call where the sentence asks for it."""
        await chat_log.async_provide_llm_data(
            user_input.as_llm_context("bench_floor"), ["assist"], None, user_input.extra_system_prompt
        )
        if TOOL_WORD in user_input.text:
            await self._stream(chat_log, _call())
        await self._stream(chat_log, _speech())
        return conversation.async_get_result_from_chat_log(user_input, chat_log)

    async def _stream(
        self, chat_log: conversation.ChatLog, deltas: AsyncGenerator[conversation.AssistantContentDeltaDict]
    ) -> None:
        """Put deltas into the chat log."""
        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, deltas):
            pass


async def _speech() -> AsyncGenerator[conversation.AssistantContentDeltaDict]:
    """Give the answer word by word."""
    yield {"role": "assistant"}
    for number, word in enumerate(ANSWER.split(" ")):
        yield {"content": f" {word}" if number else word}


async def _call() -> AsyncGenerator[conversation.AssistantContentDeltaDict]:
    """Give one tool call."""
    yield {"role": "assistant"}
    yield {"tool_calls": [llm.ToolInput(id=CALL_ID, tool_name=TOOL, tool_args={})]}

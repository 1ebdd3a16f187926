"""Hands a sentence that Grok cannot answer to Home Assistant's own agent."""

import asyncio
import logging
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent

from ..core.errors import GrokBudgetError, GrokError
from ..faults import async_sentence

_LOGGER = logging.getLogger(__name__)

ANSWER_S: Final = 5.0


async def async_ask_fallback_agent(
    hass: HomeAssistant, user_input: conversation.ConversationInput, error: GrokError
) -> intent.IntentResponse | None:
    """Have Home Assistant's own agent answer, with a note that it did; None where it does not understand.

    Args:
        hass: Home Assistant.
        user_input: the sentence, with its room and its user.
        error: why Grok did not answer.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            # A conversation of its own: ours is under way, and may be taken by one turn only.
            result = await conversation.async_converse(
                hass,
                user_input.text,
                None,
                user_input.context,
                language=user_input.language,
                agent_id=conversation.HOME_ASSISTANT_AGENT,
                device_id=user_input.device_id,
                satellite_id=user_input.satellite_id,
            )
    except (HomeAssistantError, ValueError, TimeoutError) as failure:
        _LOGGER.debug("Home Assistant's agent did not answer: %s", type(failure).__name__)
        return None
    response = result.response
    if response.response_type is intent.IntentResponseType.ERROR:
        return None
    key = "handed_over_budget" if isinstance(error, GrokBudgetError) else "handed_over"
    note = await async_sentence(hass, user_input.language, key)
    said = response.speech.get("plain", {}).get("speech", "")
    response.async_set_speech(f"{said} {note}".strip())
    return response

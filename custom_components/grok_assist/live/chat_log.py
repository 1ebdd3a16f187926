"""What of a live conversation stands in Home Assistant's chat log, where the user has spoken over it."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.chat_session import ChatSession, async_get_chat_session

from ..voice.session_prompt import KNOWS_OWNERS

CUT_SIGN: Final = "…"


@callback
def async_conversation_id(hass: HomeAssistant, wanted: str | None, context: Context) -> str:
    """Return the id of a conversation that begins, or goes on.

    Raises:
        Unauthorized: it is somebody else's.
    """
    with _session(hass, wanted, context) as session:
        return session.conversation_id


@callback
def async_length(hass: HomeAssistant, conversation_id: str, context: Context) -> int:
    """Return how many entries there are."""
    with _session(hass, conversation_id, context) as session, conversation.async_get_chat_log(hass, session) as log:
        return len(log.content)


@callback
def async_amend(hass: HomeAssistant, conversation_id: str, context: Context, heard: str) -> None:
    """Let the last answer be what of it was heard."""
    try:
        with _session(hass, conversation_id, context) as session, conversation.async_get_chat_log(hass, session) as log:
            for place in range(len(log.content) - 1, -1, -1):
                content = log.content[place]
                if isinstance(content, conversation.UserContent):
                    return
                if isinstance(content, conversation.AssistantContent) and content.content:
                    log.content[place] = replace(content, content=f"{heard} {CUT_SIGN}".strip())
                    return
    except HomeAssistantError:
        return  # another turn holds it: what the service was told is what counts


@callback
def async_take_back(hass: HomeAssistant, conversation_id: str, context: Context, length: int) -> None:
    """Leave no trace of a turn whose sentence goes on."""
    try:
        with _session(hass, conversation_id, context) as session, conversation.async_get_chat_log(hass, session) as log:
            del log.content[max(1, length) :]
    except HomeAssistantError:
        return


@callback
def async_add(
    hass: HomeAssistant, conversation_id: str, context: Context, *, agent_id: str, said: str, heard: str
) -> None:
    """Note a turn that the user has cut short before an agent had it."""
    try:
        with _session(hass, conversation_id, context) as session, conversation.async_get_chat_log(hass, session) as log:
            log.async_add_user_content(conversation.UserContent(content=said))
            log.async_add_assistant_content_without_tools(
                conversation.AssistantContent(agent_id=agent_id, content=f"{heard} {CUT_SIGN}".strip())
            )
    except HomeAssistantError:
        return


def _session(hass: HomeAssistant, conversation_id: str | None, context: Context) -> AbstractContextManager[ChatSession]:
    """Open the session of a conversation, with its owner where Home Assistant asks."""
    owner = {"context": context} if KNOWS_OWNERS else {}
    return async_get_chat_session(hass, conversation_id, **owner)

"""A short way to say something to an agent and to look at what came back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant


@dataclass(frozen=True, slots=True)
class Talk:
    """Says sentences to one agent, as the conversation integration's service does."""

    hass: HomeAssistant
    agent_id: str

    async def __call__(
        self, text: str, *, conversation_id: str | None = None, language: str = "en", device_id: str | None = None
    ) -> conversation.ConversationResult:
        """Say a sentence and return the result."""
        return await conversation.async_converse(
            self.hass,
            text,
            conversation_id,
            Context(),
            language=language,
            agent_id=self.agent_id,
            device_id=device_id,
        )


def speech(result: conversation.ConversationResult) -> str:
    """Return the spoken text of a result."""
    text = result.response.speech["plain"]["speech"]
    assert isinstance(text, str)
    return text


async def until(claim: Callable[[], bool], timeout_s: float = 5) -> None:
    """Wait until something that happens elsewhere has happened."""
    async with asyncio.timeout(timeout_s):
        while not claim():  # noqa: ASYNC110 - what is waited for is on the other side of a socket
            await asyncio.sleep(0.005)

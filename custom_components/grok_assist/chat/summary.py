"""Folds what has become too long of a conversation into a summary, while nobody waits."""

import asyncio
from dataclasses import dataclass
import logging
from typing import Final

from ..account.agent_client import AgentClient
from ..core.errors import GrokError, GrokTimeoutError
from ..core.history import SUMMARY_PROMPT, Remembered, summary_task, summary_tokens
from ..core.usage.ledger import Kind
from ..grok.messages import Request, UserMessage
from ..grok.patience import Patience
from .memory import Memory

_LOGGER = logging.getLogger(__name__)

PATIENCE_S: Final = 60.0
LONGEST_S: Final = 180.0
"""For limits and the whole summary: nobody waits for it, and so nobody would end one that goes on and on."""
LEAST_EFFORT: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summariser:
    """Summarises conversations of one agent."""

    client: AgentClient
    memory: Memory
    longest_s: float = LONGEST_S

    def is_due(self, remembered: Remembered) -> bool:
        """Whether a conversation has become too long, and nobody summarises it already or has just failed to."""
        remembered.bound(self.client.settings.history)
        return remembered.is_due(self.client.settings.history)

    async def run(self, remembered: Remembered) -> None:
        """Ask once for a summary of the oldest turns; without one they are merely not told."""
        count, forgotten = remembered.batch(self.client.settings.history), remembered.forgotten
        remembered.is_folding = True
        try:
            summary = await self._ask(summary_task(remembered, count))
        except GrokError as error:
            _LOGGER.debug("No summary of a conversation: %s %s", type(error).__name__, error.detail)
            summary = ""
        finally:
            remembered.is_folding = False
        if remembered.forgotten != forgotten:
            return
        if summary:
            remembered.fold(count, summary)
        else:
            remembered.fail(count)
        self.memory.async_note(remembered)

    async def _ask(self, text: str) -> str:
        """Ask the model for a summary.

        Raises:
            GrokError: there is none.
        """
        client = self.client.with_options(patience=Patience(queue_s=PATIENCE_S), kind=Kind.SUMMARY)
        effort = client.effort_for(LEAST_EFFORT)
        request = Request(
            model=client.model,
            instructions=SUMMARY_PROMPT,
            messages=(UserMessage(text=text),),
            effort=effort,
            max_tokens=summary_tokens(effort),
            cache_key=client.cache_key,
        )
        try:
            async with asyncio.timeout(self.longest_s):
                return await client.complete(request)
        except TimeoutError:
            raise GrokTimeoutError(self.longest_s, "it has no end") from None

"""Folds what has become too long of a conversation into a summary, while nobody waits."""

import asyncio
from dataclasses import dataclass
import logging
from typing import Final

from ..account.agent_client import Questioner
from ..account.billing import Billing
from ..core.errors import GrokError, GrokTimeoutError
from ..core.history import SUMMARY_PROMPT, Remembered, summary_task, summary_tokens
from ..core.models import Catalogue
from ..core.settings import AgentSettings
from ..core.usage.ledger import Kind
from ..grok.client import GrokClient
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

    client: GrokClient
    settings: AgentSettings
    catalogue: Catalogue
    billing: Billing
    memory: Memory

    def is_due(self, remembered: Remembered) -> bool:
        """Whether a conversation has become too long, and nobody summarises it already or has just failed to."""
        remembered.bound(self.settings.history)
        return remembered.is_due(self.settings.history)

    async def run(self, remembered: Remembered) -> None:
        """Ask once for a summary of the oldest turns; without one they are merely not told."""
        count, forgotten = remembered.batch(self.settings.history), remembered.forgotten
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
        model = self.catalogue.resolve(self.settings.model)
        effort = self.catalogue.effort_for(model, LEAST_EFFORT)
        request = Request(
            model=model,
            instructions=SUMMARY_PROMPT,
            messages=(UserMessage(text=text),),
            effort=effort,
            max_tokens=summary_tokens(effort),
            cache_key=self.billing.agent,
        )
        questioner = Questioner(
            client=self.client,
            billing=self.billing,
            catalogue=self.catalogue,
            kind=Kind.SUMMARY,
            patience=Patience(queue_s=PATIENCE_S),
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                return await questioner.ask(request)
        except TimeoutError:
            raise GrokTimeoutError(LONGEST_S, "it has no end") from None

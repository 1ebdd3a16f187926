"""The client as one agent uses it: its model, its money and its patience."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace

from ..core.errors import GrokAnswerError, GrokCutError
from ..core.models import Catalogue
from ..core.settings import AgentSettings
from ..core.usage.ledger import Kind
from ..grok.client import GrokClient
from ..grok.images import DrawnImage, ImageOrder
from ..grok.messages import Request
from ..grok.patience import USUAL_PATIENCE, Patience
from ..grok.stream import Activity, Completed, Delta, ReasoningDelta, TextDelta
from .billing import Billing, Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentClient:
    """Who asks: one agent, as it is set now."""

    client: GrokClient
    billing: Billing
    catalogue: Catalogue
    settings: AgentSettings
    patience: Patience = USUAL_PATIENCE
    """For limits, for money that is held for others, and for answers."""
    kind: Kind = Kind.TEXT
    """As what it is booked."""

    def with_options(
        self, *, settings: AgentSettings | None = None, patience: Patience | None = None, kind: Kind | None = None
    ) -> AgentClient:
        """Return the same agent with what one question wants otherwise."""
        return replace(
            self,
            settings=settings or self.settings,
            patience=patience or self.patience,
            kind=kind or self.kind,
        )

    @property
    def model(self) -> str:
        """The model that is asked."""
        return self.catalogue.resolve(self.settings.model)

    @property
    def source(self) -> str:
        """The model and the key that are asked: nobody else can read what they have reasoned."""
        return f"{self.model} {self.client.source_id}"

    @property
    def has_sight(self) -> bool:
        """Whether the model takes pictures."""
        return self.catalogue.has_sight(self.settings.model)

    @property
    def cache_key(self) -> str:
        """The same for all requests of an agent: they share the long beginning of the prompt, and so the cache."""
        return self.billing.agent

    def effort_for(self, wanted: str | None) -> str | None:
        """Return the effort nearest to the wanted one that the model takes."""
        return self.catalogue.effort_for(self.model, wanted)

    def charge(self, request: Request) -> AbstractAsyncContextManager[Charge]:
        """Hold for a block what a request may cost, as `Billing.charge`."""
        return self.billing.charge(request, self.catalogue, kind=self.kind, patience_s=self.patience.queue_s)

    async def stream(self, charge: Charge) -> AsyncGenerator[Delta]:
        """Ask what is charged, and give the answer's deltas as they come, as `GrokClient.stream`.

        Raises:
            GrokError: the answer could not be had, or broke off.
        """
        async with aclosing(self.client.stream(charge.request, charge, patience=self.patience)) as deltas:
            async for delta in deltas:
                match delta:
                    case TextDelta(text=text) | ReasoningDelta(text=text):
                        charge.begun(text)
                    case Activity(written=text, searches=searches):
                        charge.begun(text, searches=searches)
                    case Completed(usage=usage, model=model):
                        charge.settle(usage, model or charge.request.model)
                yield delta

    async def complete(self, request: Request) -> str:
        """Ask once, outside of any conversation; return the whole answer, as it was written.

        Raises:
            GrokError: there is none.
        """
        written, is_cut = "", False
        async with self.charge(request) as charge, aclosing(self.stream(charge)) as deltas:
            async for delta in deltas:
                match delta:
                    case TextDelta(text=piece):
                        written += piece
                    case Completed():
                        written += delta.late_text
                        is_cut = delta.is_cut
        if is_cut and request.form is not None:
            raise GrokCutError  # half of a form is nothing
        if not written.strip():
            raise GrokAnswerError("the answer is empty")
        return written.strip()

    async def draw(self, order: ImageOrder) -> DrawnImage:
        """Have a picture made.

        Raises:
            GrokError: there is none.
        """
        async with self.billing.charge_picture(order, patience_s=self.patience.queue_s) as charge:
            return await self.client.images.draw(order, charge, patience=self.patience)

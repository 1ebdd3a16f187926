"""The client as one agent uses it: its model, its money and its patience."""

from contextlib import aclosing
from dataclasses import dataclass, replace

from ..core.errors import GrokAnswerError, GrokCutError
from ..core.models import Catalogue
from ..core.settings import AgentSettings
from ..core.usage.ledger import Kind
from ..grok.client import GrokClient
from ..grok.delivery import Delivery
from ..grok.messages import Request
from ..grok.patience import USUAL_PATIENCE, Patience
from ..grok.stream import Completed, TextDelta
from .billing import Billing


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

    async def complete(self, request: Request) -> str:
        """Ask once, outside of any conversation; return the whole answer, as it was written.

        Raises:
            GrokError: there is none.
        """
        written, is_cut, delivery = "", False, Delivery()
        with await self.billing.admit(request, self.catalogue, self.patience.queue_s) as admitted:
            request = admitted.request
            stream = self.client.stream(request, patience=self.patience, delivery=delivery)
            try:
                async with aclosing(stream) as deltas:
                    async for delta in deltas:
                        match delta:
                            case TextDelta(text=piece):
                                written += piece
                            case Completed():
                                written += delta.late_text
                                is_cut = delta.is_cut
                                model = delta.model or request.model
                                self.billing.book(delta.usage, model, self.catalogue, kind=self.kind)
            finally:
                self.billing.book_lost(delivery, request, written, self.catalogue, kind=self.kind)
        if is_cut and request.form is not None:
            raise GrokCutError  # half of a form is nothing
        if not written.strip():
            raise GrokAnswerError("the answer is empty")
        return written.strip()

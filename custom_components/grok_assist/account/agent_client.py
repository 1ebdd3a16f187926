"""One question to the model outside of any conversation: within limits and budget, and booked."""

from contextlib import aclosing
from dataclasses import dataclass

from ..core.errors import GrokAnswerError, GrokCutError
from ..core.models import Catalogue
from ..core.usage.ledger import Kind
from ..grok.client import GrokClient
from ..grok.delivery import Delivery
from ..grok.messages import Request
from ..grok.patience import USUAL_PATIENCE, Patience
from ..grok.stream import Completed, TextDelta
from .billing import Billing


@dataclass(frozen=True, slots=True, kw_only=True)
class Questioner:
    """Asks for one agent."""

    client: GrokClient
    billing: Billing
    catalogue: Catalogue
    kind: Kind
    patience: Patience = USUAL_PATIENCE

    async def ask(self, request: Request) -> str:
        """Ask once; return the whole answer, as it was written.

        Raises:
            GrokError: there is none.
        """
        written, is_cut, delivery = "", False, Delivery()
        with await self.billing.admit(request, self.catalogue) as admitted:
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

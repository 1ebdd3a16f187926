"""One question to the model outside of any conversation: within limits and budget, and booked."""

from contextlib import aclosing
from dataclasses import dataclass

from .billing import Billing
from .core.errors import GrokAnswerError, GrokCutError
from .core.ledger import Kind
from .core.models import Catalogue
from .grok.client import GrokClient
from .grok.messages import Request
from .grok.patience import USUAL_PATIENCE, Patience
from .grok.stream import Completed, TextDelta


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
        written, is_billed, is_booked, is_cut = "", False, False, False
        with await self.billing.admit(request, self.catalogue):
            try:
                async with aclosing(self.client.stream(request, patience=self.patience)) as deltas:
                    async for delta in deltas:
                        is_billed = True
                        match delta:
                            case TextDelta(text=piece):
                                written += piece
                            case Completed():
                                written += delta.late_text
                                is_booked, is_cut = True, delta.is_cut
                                model = delta.model or request.model
                                self.billing.book(delta.usage, model, self.catalogue, kind=self.kind)
            finally:
                if is_billed and not is_booked:
                    self.billing.book_broken(request, written, self.catalogue, kind=self.kind)
        if is_cut and request.form is not None:
            raise GrokCutError  # half of a form is nothing
        if not written.strip():
            raise GrokAnswerError("the answer is empty")
        return written.strip()

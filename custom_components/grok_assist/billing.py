"""One agent's account with the meter: it asks before it spends, and books what was spent."""

from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass, replace
from typing import Final

from .core.ledger import Kind, Totals, ticks
from .core.models import Catalogue
from .core.prices import SEARCH_USD, image_cost_usd, stt_cost_usd, voice_cost_usd
from .core.tokens import USUAL_OUTPUT_TOKENS, estimate_tokens
from .grok.images import ImageOrder
from .grok.messages import Request, Usage
from .metering import Meter, Reservation

HEARD_BYTES_PER_S: Final = 32_000
UNKNOWN_CALL_USD: Final = 0.01
"""What a call of a model without a known price may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Books for one subentry."""

    meter: Meter
    agent: str
    """The subentry's id."""
    patience_s: float = 15.0
    """How long a call of this agent may wait for limits and for money that is held for others."""

    async def admit(self, request: Request, catalogue: Catalogue) -> Reservation:
        """Reserve what a request may cost.

        Raises:
            GrokBudgetError: the budget is spent.
        """
        usage = self.estimate(request, output_tokens=USUAL_OUTPUT_TOKENS)
        cost = _cost(usage, request.model, catalogue)
        return await self.meter.admit(UNKNOWN_CALL_USD if cost is None else cost, self.patience_s)

    def estimate(self, request: Request, *, output_tokens: int) -> Usage:
        """Estimate the usage of a request of which the service told none."""
        return Usage(input_tokens=request.estimate_tokens(), output_tokens=output_tokens)

    def book(self, usage: Usage, model: str, catalogue: Catalogue, *, kind: Kind = Kind.TEXT) -> Usage:
        """Book an answer; return its usage with the cost, told or estimated."""
        priced = usage if usage.cost_usd is not None else replace(usage, cost_usd=_cost(usage, model, catalogue))
        self.meter.book(
            self.agent,
            kind,
            Totals(
                requests=1,
                input_tokens=priced.input_tokens,
                cached_tokens=priced.cached_tokens,
                output_tokens=priced.output_tokens,
                searches=priced.searches,
                cost_ticks=ticks(priced.cost_usd),
            ),
        )
        return priced

    def book_broken(self, request: Request, written: str, catalogue: Catalogue, *, kind: Kind = Kind.TEXT) -> Usage:
        """Book a guess of an answer that had begun and whose usage will never be told."""
        usage = self.estimate(request, output_tokens=estimate_tokens(written))
        return self.book(usage, request.model, catalogue, kind=kind)

    async def admit_image(self, order: ImageOrder) -> Reservation:
        """Reserve what a picture may cost.

        Raises:
            GrokBudgetError: the budget is spent.
        """
        return await self.meter.admit(image_cost_usd(order.model, len(order.sources)), self.patience_s)

    def book_image(self, order: ImageOrder, cost_usd: float | None) -> None:
        """Book a picture that was ordered; where its cost was not told, the estimate."""
        cost = image_cost_usd(order.model, len(order.sources)) if cost_usd is None else cost_usd
        self.meter.book(self.agent, Kind.IMAGE, Totals(requests=1, cost_ticks=ticks(cost)))

    def book_error(self, kind: Kind = Kind.TEXT) -> None:
        """Book a turn that failed."""
        self.meter.book(self.agent, kind, Totals(errors=1))

    def book_voice(self, model: str, *, answers: int = 0, seconds: float = 0.0, text_items: int = 0) -> None:
        """Book answers, session time and text items of a realtime voice."""
        if not (answers or seconds or text_items):
            return
        cost = voice_cost_usd(model, seconds, text_items)
        self.meter.book(
            self.agent,
            Kind.VOICE,
            Totals(requests=answers, voice_seconds=seconds, text_items=text_items, cost_ticks=ticks(cost)),
        )

    async def metered(self, audio: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        """Pass on 16-bit mono samples at 16 kHz that are transcribed, and book what that costs."""
        sent = 0
        try:
            async for chunk in audio:
                sent += len(chunk)
                yield chunk
        finally:
            cost = stt_cost_usd(sent / HEARD_BYTES_PER_S, is_streamed=True)
            self.meter.book(self.agent, Kind.STT, Totals(cost_ticks=ticks(cost)))


def _cost(usage: Usage, model: str, catalogue: Catalogue) -> float | None:
    """Estimate what an answer costs by the list's prices."""
    tokens_usd = catalogue.cost_usd(
        model,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    return None if tokens_usd is None else tokens_usd + usage.searches * SEARCH_USD

"""One agent's account with the meter: it asks before it spends, and books what was spent."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, override

from ..core.models import Catalogue, Price
from ..core.tokens import estimate_tokens
from ..core.usage.budget import Demand
from ..core.usage.ledger import Kind, Totals, ticks
from ..core.usage.prices import SEARCH_USD, image_cost_usd, voice_cost_usd
from ..grok.images import ImageOrder
from ..grok.messages import Request, UserMessage
from ..grok.usage import Usage
from .meter import Meter

LEAST_OUTPUT_TOKENS: Final = 1_000
"""So much room an answer has, whatever is left of a budget."""
LONGEST_OUTPUT_TOKENS: Final = 16_000
"""What an answer without a limit may have."""
SEARCHES_HELD: Final = 6
"""Searches that are reckoned with where a model may search."""
TOKENS_PER_SEARCH: Final = 2_000
"""What the model reads of each."""
DOCUMENT_SEARCH_USD: Final = 0.01
LEAST_SHARE: Final = 0.2
"""Of the list's price, with everything it read from the cache: what is told to cost less was not told."""
LONG_TOKENS: Final = 128_000
"""From so much input on prices are reckoned double, as some models charge then."""
UNKNOWN_PRICE: Final = Price(input_usd=2.0, cached_usd=0.5, output_usd=6.0)
"""What a model without a known price may cost: the dearest that we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Books for one subentry."""

    meter: Meter
    agent: str
    """The subentry's id."""

    @asynccontextmanager
    async def charge(
        self, request: Request, catalogue: Catalogue, *, kind: Kind, patience_s: float
    ) -> AsyncGenerator[Charge]:
        """Hold for a block what a request may cost, with its answer cut to the length that can be paid.

        Waits so long for money that is held for others. What was begun in the block and not settled is booked at its
        end, however it ends.

        Raises:
            GrokBudgetError: the budget is spent, or what is left is not enough for this.
            GrokLimitError: calls in flight may spend the rest.
        """
        costs = _Costs.of(request, catalogue)
        most = request.max_tokens or LONGEST_OUTPUT_TOKENS
        least = min(most, LEAST_OUTPUT_TOKENS)
        usual = min(most, max(least, self.meter.outputs.usual(self.agent) or most))
        demand = Demand(
            least_usd=costs.input_usd + least * costs.token_usd,
            usual_usd=costs.input_usd + costs.extra_usd + usual * costs.token_usd,
            most_usd=costs.input_usd + costs.extra_usd + most * costs.token_usd,
        )
        with await self.meter.admit(demand, patience_s) as reservation:
            payable = costs.payable_tokens(reservation.granted_usd, most)
            if reservation.granted_usd < demand.most_usd and payable < most:
                request = replace(request, max_tokens=max(least, payable))
            charge = Charge(self, request, catalogue, kind)
            try:
                yield charge
            finally:
                charge.close()

    @asynccontextmanager
    async def charge_picture(self, order: ImageOrder, *, patience_s: float) -> AsyncGenerator[PictureCharge]:
        """Hold for a block what a picture may cost; waits so long for money that is held for others.

        Raises:
            GrokBudgetError: the budget is spent.
        """
        usual_usd = image_cost_usd(order.model, len(order.sources))
        with await self.meter.admit(Demand.of(usual_usd), patience_s):
            charge = PictureCharge(self, usual_usd)
            try:
                yield charge
            finally:
                charge.close()

    def book_error(self, kind: Kind = Kind.TEXT) -> None:
        """Book a turn that failed."""
        self.meter.book(self.agent, kind, Totals(errors=1))

    def book_voice(self, model: str, used: Totals) -> None:
        """Book answers, session time and text items of a realtime voice, at the list's price."""
        if used == Totals():
            return
        cost = voice_cost_usd(model, used.voice_seconds, used.text_items)
        self.meter.book(self.agent, Kind.VOICE, replace(used, cost_ticks=ticks(cost)))


class _Tries:
    """The tries of one request, each of which may be billed from the moment in which it is sent."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self._is_open = False
        """The present try was sent and may be billed; its usage was not told yet."""

    def sent(self) -> None:
        """Note that a try goes out."""
        self._is_open = True

    def refused(self) -> None:
        """Note that the present try has failed, and is certainly not billed."""
        self._is_open = False


class Charge(_Tries):
    """What one request costs: books the usage that is told, and a guess where none ever will be."""

    def __init__(self, billing: Billing, request: Request, catalogue: Catalogue, kind: Kind) -> None:
        """Pay for a request."""
        super().__init__()
        self.request = request
        """With the longest answer that can be paid."""
        self.usage = Usage()
        """What was booked for it so far."""
        self._billing = billing
        self._catalogue = catalogue
        self._kind = kind
        self._begun = Usage()
        """What has come of the present try."""
        self._lost: list[Usage] = []
        """Guesses of tries before it that may be billed and whose usage will never be told."""

    @override
    def sent(self) -> None:
        """Note that a try goes out; one before it that is still open is lost."""
        self._give_up()
        super().sent()

    def begun(self, text: str, *, searches: int = 0) -> None:
        """Note what an answer that has begun to come has written, whoever sees it, and searched."""
        self._begun += Usage(output_tokens=estimate_tokens(text), searches=searches)

    def settle(self, usage: Usage, model: str) -> None:
        """Book a complete answer."""
        self._is_open = False
        self._billing.meter.outputs.note(self._billing.agent, usage.output_tokens)
        self._book(usage, model)

    def close(self) -> None:
        """Book a guess of each try that may be billed and whose usage will never be told."""
        self._give_up()
        for guess in self._lost:
            self._book(guess, self.request.model)
        self._lost.clear()

    def _give_up(self) -> None:
        """Guess the usage of the present try, if it may be billed."""
        if self._is_open:
            self._lost.append(replace(self._begun, input_tokens=self.request.estimate_tokens()))
        self._begun, self._is_open = Usage(), False

    def _book(self, usage: Usage, model: str) -> None:
        """Book an answer or a guess of one, with the cost that was told or is estimated."""
        if usage.cost_usd is None or usage.cost_usd < _least_usd(usage, model, self._catalogue):
            usage = replace(usage, cost_usd=_cost(usage, model, self._catalogue))
        self.usage += usage
        totals = Totals(
            requests=1,
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
            searches=usage.searches,
            cost_ticks=ticks(usage.cost_usd),
        )
        self._billing.meter.book(self._billing.agent, self._kind, totals)


class PictureCharge(_Tries):
    """What one picture costs."""

    def __init__(self, billing: Billing, usual_usd: float) -> None:
        """Pay for a picture, where its cost is not told the usual."""
        super().__init__()
        self._billing = billing
        self._usual_usd = usual_usd

    def settle(self, cost_usd: float | None) -> None:
        """Book a picture that was made."""
        self._is_open = False
        self._book(cost_usd)

    def close(self) -> None:
        """Book a picture that may have been made."""
        if self._is_open:
            self.settle(None)

    def _book(self, cost_usd: float | None) -> None:
        """Book a picture; where its cost was not told, the usual."""
        cost = self._usual_usd if cost_usd is None else cost_usd
        self._billing.meter.book(self._billing.agent, Kind.IMAGE, Totals(requests=1, cost_ticks=ticks(cost)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Costs:
    """What the parts of a request cost, in US dollars."""

    input_usd: float
    extra_usd: float
    """The searches that are reckoned with, and what the model reads of them."""
    token_usd: float
    """Each token of the answer."""

    @classmethod
    def of(cls, request: Request, catalogue: Catalogue) -> _Costs:
        """Reckon with the list's prices."""
        price = _price(request.model, catalogue)
        searches, searches_usd = _searches(request)
        input_tokens = request.estimate_tokens()
        factor = (2 if input_tokens >= LONG_TOKENS else 1) / 1e6
        return cls(
            input_usd=input_tokens * price.input_usd * factor,
            extra_usd=searches_usd + searches * TOKENS_PER_SEARCH * price.input_usd * factor,
            token_usd=price.output_usd * factor,
        )

    def payable_tokens(self, granted_usd: float, most: int) -> int:
        """Return how long an answer can be paid with what was granted."""
        return int((granted_usd - self.input_usd - self.extra_usd) / self.token_usd) if self.token_usd else most


def _cost(usage: Usage, model: str, catalogue: Catalogue) -> float:
    """Estimate what an answer costs by the list's prices."""
    return (
        _price(model, catalogue).cost_usd(
            input_tokens=usage.input_tokens, cached_tokens=usage.cached_tokens, output_tokens=usage.output_tokens
        )
        + usage.searches * SEARCH_USD
    )


def _least_usd(usage: Usage, model: str, catalogue: Catalogue) -> float:
    """Return what an answer of a model with a known price costs at the very least."""
    found = catalogue.cost_usd(
        model, input_tokens=usage.input_tokens, cached_tokens=usage.input_tokens, output_tokens=usage.output_tokens
    )
    return (found or 0.0) * LEAST_SHARE


def _price(model: str, catalogue: Catalogue) -> Price:
    """Return the price of a model, or that of the dearest."""
    found = catalogue.find(model) or catalogue.find(catalogue.resolve(model))
    return UNKNOWN_PRICE if found is None or found.price is None else found.price


def _searches(request: Request) -> tuple[int, float]:
    """Return with how many searches a request is reckoned, and what they cost."""
    has_documents = any(isinstance(message, UserMessage) and message.file_ids for message in request.messages)
    count = SEARCHES_HELD if has_documents or request.has_web_search or request.has_x_search else 0
    return count, count * (DOCUMENT_SEARCH_USD if has_documents else SEARCH_USD)

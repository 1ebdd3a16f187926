"""One agent's account with the meter: it asks before it spends, and books what was spent."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self

from ..core.models import Catalogue, Price
from ..core.tokens import estimate_tokens
from ..core.usage.budget import Demand
from ..core.usage.ledger import Kind, Totals, ticks
from ..core.usage.prices import SEARCH_USD, image_cost_usd, stt_cost_usd, tts_cost_usd, voice_cost_usd
from ..grok.delivery import Delivery
from ..grok.images import ImageOrder
from ..grok.messages import Request, UserMessage
from ..grok.usage import Usage
from .meter import Meter
from .reservations import Reservation

HEARD_BYTES_PER_S: Final = 32_000
HEARD_STEP_S: Final = 5.0
SPOKEN_STEP: Final = 200
"""Seconds that are heard and characters that are spoken between two bookings."""
LEAST_OUTPUT_TOKENS: Final = 1_000
"""So much room an answer has, whatever is left of a budget."""
LONGEST_OUTPUT_TOKENS: Final = 16_000
"""What an answer without a limit may have."""
SEARCHES_HELD: Final = 6
"""Searches that are reckoned with where a model may search."""
TOKENS_PER_SEARCH: Final = 2_000
"""What the model reads of each."""
DOCUMENT_SEARCH_USD: Final = 0.01
LONG_TOKENS: Final = 128_000
"""From so much input on prices are reckoned double, as some models charge then."""
UNKNOWN_PRICE: Final = Price(input_usd=2.0, cached_usd=0.5, output_usd=6.0)
"""What a model without a known price may cost: the dearest that we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that may be made, as long as the money for it is held."""

    request: Request
    """With the longest answer that can be paid."""
    reservation: Reservation

    def __enter__(self) -> Self:
        """Hold the money for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the money back."""
        self.reservation.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Books for one subentry."""

    meter: Meter
    agent: str
    """The subentry's id."""

    async def admit(self, request: Request, catalogue: Catalogue, patience_s: float) -> Admission:
        """Reserve what a request may cost, and cut the length of its answer to what can be paid.

        Waits so long for money that is held for others.

        Raises:
            GrokBudgetError: the budget is spent, or what is left is not enough for this.
            GrokLimitError: calls in flight may spend the rest.
        """
        price = _price(request.model, catalogue)
        searches, searches_usd = _searches(request)
        input_tokens = request.estimate_tokens()
        factor = (2 if input_tokens >= LONG_TOKENS else 1) / 1e6
        input_usd, token_usd = input_tokens * price.input_usd * factor, price.output_usd * factor
        extra_usd = searches_usd + searches * TOKENS_PER_SEARCH * price.input_usd * factor
        most = request.max_tokens or LONGEST_OUTPUT_TOKENS
        least = min(most, LEAST_OUTPUT_TOKENS)
        usual = min(most, max(least, self.meter.outputs.usual(self.agent) or most))
        demand = Demand(
            least_usd=input_usd + least * token_usd,
            usual_usd=input_usd + extra_usd + usual * token_usd,
            most_usd=input_usd + extra_usd + most * token_usd,
        )
        reservation = await self.meter.admit(demand, patience_s)
        payable = int((reservation.granted_usd - input_usd - extra_usd) / token_usd) if token_usd else most
        if reservation.granted_usd < demand.most_usd and payable < most:
            request = replace(request, max_tokens=max(least, payable))
        return Admission(request=request, reservation=reservation)

    def estimate(self, request: Request, *, output_tokens: int) -> Usage:
        """Estimate the usage of a request of which the service told none."""
        return Usage(input_tokens=request.estimate_tokens(), output_tokens=output_tokens)

    def book(self, usage: Usage, model: str, catalogue: Catalogue, *, kind: Kind = Kind.TEXT) -> Usage:
        """Book an answer; return its usage with the cost, told or estimated."""
        self.meter.outputs.note(self.agent, usage.output_tokens)
        return self._book(usage, model, catalogue, kind)

    def _book(self, usage: Usage, model: str, catalogue: Catalogue, kind: Kind) -> Usage:
        """Book an answer or a guess of one; return its usage with the cost, told or estimated."""
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

    def book_lost(
        self, delivery: Delivery, request: Request, written: str, catalogue: Catalogue, *, kind: Kind = Kind.TEXT
    ) -> Usage:
        """Book a guess of each try that may be billed and whose usage will never be told; return their sum."""
        guesses = [self.estimate(request, output_tokens=0)] * delivery.lost
        if delivery.is_open:
            guesses.append(self.estimate(request, output_tokens=estimate_tokens(written)))
        delivery.lost, delivery.is_open = 0, False
        return sum((self._book(guess, request.model, catalogue, kind) for guess in guesses), start=Usage())

    async def admit_image(self, order: ImageOrder, patience_s: float) -> Reservation:
        """Reserve what a picture may cost; waits so long for money that is held for others.

        Raises:
            GrokBudgetError: the budget is spent.
        """
        return await self.meter.admit(Demand.of(image_cost_usd(order.model, len(order.sources))), patience_s)

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

    def hold(self, cost_usd: float) -> Reservation:
        """Hold money for speech, which nobody waits for; where Home Assistant helps out, beyond the budget, too.

        Raises:
            GrokBudgetError: the budget is spent, and then nothing is to be spent.
        """
        self.meter.check(0.0)
        return self.meter.reserve(cost_usd)

    def heard(self) -> Tally:
        """Count seconds of sound that are transcribed."""
        return Tally(self, Kind.STT, partial(stt_cost_usd, is_streamed=True), HEARD_STEP_S)

    def spoken(self) -> Tally:
        """Count characters that are read aloud."""
        return Tally(self, Kind.TTS, tts_cost_usd, SPOKEN_STEP)

    async def metered(self, audio: AsyncIterable[bytes], tally: Tally | None = None) -> AsyncGenerator[bytes]:
        """Pass on 16-bit mono samples at 16 kHz that are transcribed, and book meanwhile what that costs.

        Raises:
            GrokBudgetError: the budget was spent in the middle.
        """
        tally = tally or self.heard()
        try:
            async for chunk in audio:
                tally.add(len(chunk) / HEARD_BYTES_PER_S)
                yield chunk
        finally:
            tally.book()

    async def paid(self, texts: AsyncIterable[str], tally: Tally) -> AsyncGenerator[str]:
        """Pass on texts that are read aloud, and book meanwhile what that costs.

        Raises:
            GrokBudgetError: the budget was spent in the middle, or a text costs more than is left.
        """
        async for text in texts:
            self.meter.check(tts_cost_usd(len(text)))
            tally.add(len(text))
            yield text


class Tally:
    """Counts something that goes on for a while, and books it in pieces: a cancellation loses nothing."""

    def __init__(self, billing: Billing, kind: Kind, cost_usd: Callable[[float], float], step: float) -> None:
        """Start with nothing."""
        self._billing = billing
        self._kind = kind
        self._cost_usd = cost_usd
        self._step = step
        self._amount = 0.0

    def add(self, amount: float) -> None:
        """Count more of it.

        Raises:
            GrokBudgetError: with this the budget is spent.
        """
        self._amount += amount
        if self._amount >= self._step:
            self._billing.meter.check(0.0)
            self.book()

    def book(self) -> None:
        """Book what was not booked yet."""
        amount, self._amount = self._amount, 0.0
        if amount:
            cost = self._cost_usd(amount)
            self._billing.meter.book(self._billing.agent, self._kind, Totals(cost_ticks=ticks(cost)))


def _cost(usage: Usage, model: str, catalogue: Catalogue) -> float:
    """Estimate what an answer costs by the list's prices."""
    return (
        _price(model, catalogue).cost_usd(
            input_tokens=usage.input_tokens, cached_tokens=usage.cached_tokens, output_tokens=usage.output_tokens
        )
        + usage.searches * SEARCH_USD
    )


def _price(model: str, catalogue: Catalogue) -> Price:
    """Return the price of a model, or that of the dearest."""
    found = catalogue.find(model) or catalogue.find(catalogue.resolve(model))
    return UNKNOWN_PRICE if found is None or found.price is None else found.price


def _searches(request: Request) -> tuple[int, float]:
    """Return with how many searches a request is reckoned, and what they cost."""
    has_documents = any(isinstance(message, UserMessage) and message.file_ids for message in request.messages)
    count = SEARCHES_HELD if has_documents or request.has_web_search or request.has_x_search else 0
    return count, count * (DOCUMENT_SEARCH_USD if has_documents else SEARCH_USD)

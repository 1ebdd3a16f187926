"""The money that is held for calls in flight, and the queue of those that wait for some."""

import asyncio
from collections.abc import Callable
from typing import Self

from ..core.models import TICKS_PER_USD
from ..core.usage.budget import BudgetState, Offer
from ..core.usage.ledger import ticks


class Reservation:
    """Money that a call in flight may still spend; closed when the call is booked or has failed."""

    def __init__(self, reservations: Reservations, held_usd: float, granted_usd: float) -> None:
        """Hold the money."""
        self._reservations = reservations
        self._ticks = max(0, ticks(held_usd))
        self.granted_usd = granted_usd
        """What the call may cost."""
        reservations.change(self._ticks)

    def close(self) -> None:
        """Give the money back; a second time does nothing."""
        held, self._ticks = self._ticks, 0
        self._reservations.change(-held)

    def __enter__(self) -> Self:
        """Hold the money for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the money back."""
        self.close()


class Reservations:
    """What is held, and who waits, first come, first served."""

    def __init__(self) -> None:
        """Start with nothing held."""
        self._held_ticks = 0
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()

    @property
    def held_usd(self) -> float:
        """What is held for all calls in flight."""
        return self._held_ticks / TICKS_PER_USD

    def change(self, by_ticks: int) -> None:
        """Hold more, or less."""
        self._held_ticks += by_ticks
        self.wake()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._changed.set()

    async def admit(self, judge: Callable[[], Offer], patience_s: float) -> tuple[Offer, Reservation | None]:
        """Wait until there is an answer other than that others may spend the rest; hold the money where it is yes."""
        offer = judge()
        if offer.state in (BudgetState.OPEN, BudgetState.BUSY):
            try:
                async with asyncio.timeout(patience_s), self._queue:
                    while (offer := judge()).state is BudgetState.BUSY:
                        self._changed.clear()
                        await self._changed.wait()
                    return offer, self._hold(offer)
            except TimeoutError:
                offer = judge()  # settled at the very end of the patience
        return offer, self._hold(offer)

    def _hold(self, offer: Offer) -> Reservation | None:
        """Hold what was offered."""
        return Reservation(self, offer.held_usd, offer.granted_usd) if offer.state is BudgetState.OPEN else None

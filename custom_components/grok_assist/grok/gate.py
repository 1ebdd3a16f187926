"""The gate before every call to the service: it waits for our own limits and for a circuit that a 429 has opened."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import random
from types import TracebackType
from typing import Final, Self

from ..core.errors import GrokError, GrokLimitError, GrokRateLimitError
from ..core.json_types import JsonObject
from ..core.usage.circuit import Circuit
from ..core.usage.limits import Limiter, Limits, Ticket

RATE_LIMITED: Final = "rate_limited"

_LEAST_WAIT_S: Final = 1.0
"""What is told where the wait is unknown: nobody knows when another's call ends."""


def _ignore(limit: str) -> None:
    """Tell nobody."""


class Permit:
    """The right to make one call, until it is closed."""

    def __init__(self, gate: Gate, ticket: Ticket) -> None:
        """Note who admitted it."""
        self._gate = gate
        self.ticket = ticket

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def accept(self) -> None:
        """Say that the service took the call; others may go on while its answer still comes."""
        self._gate.accept(self)

    def settle(self, tokens: int) -> None:
        """Say that the call succeeded, and with how many tokens."""
        self._gate.settle(self, tokens)

    def refuse(self, retry_after_s: float | None) -> None:
        """Say that the service answered 429, and how long it wants us to wait."""
        self._gate.refuse(self, retry_after_s)

    def close(self) -> None:
        """Give the place back; without a `settle` the estimate of the tokens stands. A second time does nothing."""
        self._gate.leave(self)


class Gate:
    """Admits the calls of one account, first come, first served.

    `on_limited` is told the name of the limit whenever a caller is turned away by one of ours, and "rate_limited"
    whenever the service answered 429.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        on_limited: Callable[[str], None] = _ignore,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Start with an empty history; `jitter` returns numbers from 0 to 1."""
        self.on_limited = on_limited
        self._jitter = jitter
        self._limiter = Limiter(limits)
        self._circuit = Circuit()
        self._probe: Permit | None = None
        self._waiters: dict[Ticket, _Waiter] = {}
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def blocked_s(self) -> float:
        """For how long the service has asked us to wait, in seconds; 0 where it has not."""
        return 0.0 if self._circuit.is_closed else self._circuit.wait_s(_now())

    async def enter(self, *, tokens: int, patience_s: float, takes_place: bool = True) -> Permit:
        """Wait for the right to make a call that will take about so many tokens.

        Fails at once when the wait is known to be longer than the patience. What goes on for as long as somebody
        speaks takes no place among the requests at the same time.

        Raises:
            GrokLimitError: one of our own limits holds the call back for longer.
            GrokRateLimitError: the service's 429 does.
        """
        loop = asyncio.get_running_loop()
        ticket = self._limiter.enqueue(tokens, loop.time(), takes_place=takes_place)
        waiter = _Waiter(future=loop.create_future(), until=loop.time() + patience_s)
        self._waiters[ticket] = waiter
        self._admit()
        if ticket in self._waiters and self._known_wait_s(ticket) > patience_s:
            self._turn_away(ticket)
        deadline = loop.call_at(waiter.until, self._expire, ticket)
        try:
            return await waiter.future
        except GrokError, asyncio.CancelledError:
            self._clear_up(ticket, waiter)
            raise
        finally:
            deadline.cancel()

    def accept(self, permit: Permit) -> None:
        """Let the others go if this is the probe."""
        if permit is self._probe:
            self._probe = None
            self._circuit.succeed()
            self._admit()

    def settle(self, permit: Permit, tokens: int) -> None:
        """Replace the estimate of a call that succeeded."""
        self._limiter.settle(permit.ticket, tokens, _now())
        self.accept(permit)
        self._admit()

    def refuse(self, permit: Permit, retry_after_s: float | None) -> None:
        """Open the circuit, and turn away at once whom it holds back for too long."""
        if permit is self._probe or self._circuit.is_closed:
            self._probe = None
            self._circuit.trip(retry_after_s, _now(), self._jitter())
        else:
            self._circuit.hold(retry_after_s, _now())
        opens_at = _now() + self._circuit.wait_s(_now())
        for ticket in [ticket for ticket, waiter in self._waiters.items() if waiter.until < opens_at]:
            self._turn_away(ticket)
        self._admit()
        self.on_limited(RATE_LIMITED)

    def leave(self, permit: Permit) -> None:
        """Give a place back; a probe that nobody judged is abandoned."""
        self._limiter.release(permit.ticket, _now())
        if permit is self._probe:
            self._probe = None
            self._circuit.abandon()
        self._admit()

    def snapshot(self) -> JsonObject:
        """Return the history of the last hour as JSON."""
        return self._limiter.snapshot(_now())

    def restore(self, snapshot: object, age_s: float) -> None:
        """Add a stored history that was written so many seconds ago."""
        self._limiter.restore(snapshot, age_s, _now())

    def _admit(self) -> None:
        """Let in whoever can go, and come back when somebody else can."""
        now = _now()
        for ticket in [ticket for ticket, waiter in self._waiters.items() if waiter.future.done()]:
            self._drop(ticket)  # cancelled, and has not run since
        while self._waiters and self._circuit.try_enter(now):
            admitted = self._limiter.poll(now, most=1)
            if not admitted:
                self._circuit.abandon()
                break
            permit = Permit(self, admitted[0])
            if not self._circuit.is_closed:
                self._probe = permit
            self._waiters.pop(permit.ticket).future.set_result(permit)
        self._set_alarm(now)

    def _set_alarm(self, now: float) -> None:
        """Come back when the circuit or a window opens."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        at = (self._circuit.next_at(now) or self._limiter.next_at(now)) if self._waiters else None
        if at is not None:
            self._alarm = asyncio.get_running_loop().call_at(at, self._admit)

    def _known_wait_s(self, ticket: Ticket) -> float:
        """Return for how long this one certainly waits."""
        now = _now()
        return max(self._circuit.wait_s(now), self._limiter.outlook(ticket, now).wait_s)

    def _expire(self, ticket: Ticket) -> None:
        """Turn away one whose patience has ended, unless its turn came at the same time."""
        self._admit()
        self._turn_away(ticket)

    def _turn_away(self, ticket: Ticket) -> None:
        """Fail one who waits; one who does not wait any more is left alone."""
        waiter = self._waiters.get(ticket)
        if waiter is None or waiter.future.done():
            return
        error = self._refusal(ticket)
        self._drop(ticket)
        waiter.future.set_exception(error)
        if isinstance(error, GrokLimitError):
            self.on_limited(error.limit)

    def _refusal(self, ticket: Ticket) -> GrokError:
        """Say what holds this one back, and for how long."""
        now = _now()
        outlook = self._limiter.outlook(ticket, now)
        circuit_s = self._circuit.wait_s(now)
        if circuit_s > outlook.wait_s or (self._circuit.next_at(now) is not None and not outlook.wait_s):
            return GrokRateLimitError(circuit_s or _LEAST_WAIT_S)
        return GrokLimitError(outlook.wait_s or _LEAST_WAIT_S, outlook.limit)

    def _clear_up(self, ticket: Ticket, waiter: _Waiter) -> None:
        """Take away one who waits no more, or the permit that came together with its cancellation."""
        if waiter.future.cancelled() or waiter.future.exception() is not None:
            self._drop(ticket)
            self._admit()
            return
        self._limiter.settle(ticket, 0, _now())  # no call was made
        waiter.future.result().close()

    def _drop(self, ticket: Ticket) -> None:
        """Take one out of the queue."""
        self._limiter.cancel(ticket)
        self._waiters.pop(ticket, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiter:
    """One who waits for a permit."""

    future: asyncio.Future[Permit]
    until: float
    """In the loop's time."""


def _now() -> float:
    """Read the loop's clock, in seconds."""
    return asyncio.get_running_loop().time()

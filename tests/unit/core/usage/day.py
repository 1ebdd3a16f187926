"""A simulated day: callers, the service and the clocks around our limits, our books and our budget."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
import heapq
import itertools
import json
from random import Random
from typing import Final

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.usage.budget import BudgetState
from custom_components.grok_assist.core.usage.circuit import Circuit
from custom_components.grok_assist.core.usage.limits import HOUR_S, MINUTE_S, Limiter, Limits, Ticket

from .books import CENT, Books, Call

LIMITS = Limits(requests_per_minute=20, requests_per_hour=200, tokens_per_minute=60_000, concurrent_requests=4)
CALLERS = 20
DAY_S = 24 * HOUR_S
PATIENCE_S = (3.0, 15.0, 60.0)  # voice, text, automations
STORMS = ((8 * HOUR_S, 8 * HOUR_S + 600, 20.0), (14 * HOUR_S, 14 * HOUR_S + 600, None))
"""When the service answers nothing but 429: from, until, and its Retry-After."""
FIRST_DAY: Final = date(2026, 11, 20)
WRITTEN_EVERY_S: Final = 60.0


@dataclass(slots=True, kw_only=True, eq=False)
class Day:
    """A day's callers, service and clocks; a run of events in the order of their true time.

    The true time is seconds since midnight. The monotonic clock starts anew with each process; the wall clock can be
    set. `answered` is called for every call that the service served: what keeps books listens here.
    """

    random: Random
    answered: Callable[[Call], None]
    now: float = 0.0
    is_up: bool = True
    wall_offset_s: float = 0.0
    limiter: Limiter = field(default_factory=lambda: Limiter(LIMITS))
    circuit: Circuit = field(default_factory=Circuit)
    booted_at: float = 0.0
    calls: list[Call] = field(default_factory=list)
    waiting: list[Call] = field(default_factory=list)
    running: list[Call] = field(default_factory=list)
    refusals: int = 0
    books: Books = field(default_factory=Books)
    broke: list[Call] = field(default_factory=list)
    """Who waits for money that is held for others."""
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def monotonic(self) -> float:
        """The process's own clock."""
        return self.now - self.booted_at

    @property
    def wall(self) -> float:
        """What the clock on the wall says."""
        return self.now + self.wall_offset_s

    @property
    def today(self) -> date:
        """The day that the clock on the wall shows."""
        return FIRST_DAY + timedelta(days=self.wall // DAY_S)

    def at(self, when: float, event: Callable[[], None]) -> None:
        """Plan an event for a true time."""
        heapq.heappush(self._events, (max(when, self.now), next(self._numbers), event))

    def pick(self, low_s: float, high_s: float) -> float:
        """Return any length of time whose sums are exact."""
        return self.random.randint(int(low_s * 1024), int(high_s * 1024)) / 1024

    def run(self) -> None:
        """Let the day pass."""
        while self._events:
            self.now, _, event = heapq.heappop(self._events)
            event()

    def plan_caller(self, caller: int) -> None:
        """Plan a caller's day: now and then a burst of calls, and all callers at once when a storm begins."""
        starts = [self.pick(0, DAY_S) for _ in range(24)]
        for start in starts + [storm[0] + 40 * step for storm in STORMS for step in range(15)]:
            for number in range(self.random.randint(1, 5)):
                self.at(start + number * self.random.choice([0.0, 0.5, 4.0]), lambda: self.ask(caller))

    def ask(self, caller: int) -> None:
        """Wish to make a call; at once turned away if the wait is known to be too long."""
        if not self.is_up:
            return
        call = Call(
            caller=caller,
            asked_at=self.now,
            patience_s=PATIENCE_S[caller % 3],
            estimate=self.random.choice([100, 1_000, 2_000, 80_000 if caller == 0 else 5_000]),
        )
        self.calls.append(call)
        self.broke.append(call)
        self.at(self.now + call.patience_s, lambda: self.refuse_money(call))
        self.fund()

    def fund(self) -> None:
        """Reserve money for those who can have some, first come, first served; no more is left once it is spent."""
        while self.broke and (offer := self.books.offer(self.today)).state is not BudgetState.BUSY:
            call = self.broke[0]
            if offer.state is BudgetState.SPENT:
                self.refuse_money(call)
                continue
            self.broke.remove(call)
            self.books.reserve(call, offer)
            self.enqueue(call)

    def refuse_money(self, call: Call) -> None:
        """Turn away who still waits for money."""
        if call in self.broke:
            call.outcome = "budget"
            self.broke.remove(call)

    def enqueue(self, call: Call) -> None:
        """Wait for the limits."""
        call.ticket = self.limiter.enqueue(call.estimate, self.monotonic)
        call.queued_at = self.now
        self.waiting.append(call)
        self.admit()
        if call in self.waiting and self.known_wait_s(call) > call.patience_s:
            self.turn_away(call)
        self.at(self.now + call.patience_s, lambda: self.turn_away(call))

    def known_wait_s(self, call: Call) -> float:
        """Return for how long it certainly waits."""
        assert call.ticket is not None
        outlook = self.limiter.outlook(call.ticket, self.monotonic)
        return max(self.circuit.wait_s(self.monotonic), outlook.wait_s)

    def turn_away(self, call: Call) -> None:
        """Give up, with an error that tells the wait."""
        if call in self.waiting:
            assert call.ticket is not None
            call.outcome, call.told_wait_s = "refused", self.known_wait_s(call)
            self.limiter.cancel(call.ticket)
            self.waiting.remove(call)
            self.books.release(call)
            self.admit()
            self.fund()

    def admit(self) -> None:
        """Let in whoever can go, and plan the next look."""
        if not self.is_up:
            return
        while self.waiting and self.circuit.try_enter(self.monotonic):
            admitted = self.limiter.poll(self.monotonic, most=1)
            if not admitted:
                self.circuit.abandon()
                break
            self.begin(admitted[0])
        at = self.circuit.next_at(self.monotonic)
        at = self.limiter.next_at(self.monotonic) if at is None else at
        if self.waiting and at is not None:
            self.at(at + self.booted_at, self.admit)

    def begin(self, ticket: Ticket) -> None:
        """Make the call; what the windows hold is checked against the truth."""
        call = self.waiting.pop(0)
        assert call.ticket is ticket
        spent = sum(one.tokens for one in self.calls if one.admitted_at and one.admitted_at + MINUTE_S > self.now)
        assert not spent or spent + call.estimate <= LIMITS.tokens_per_minute
        call.admitted_at, call.tokens, call.is_probe = self.now, call.estimate, not self.circuit.is_closed
        assert not (call.is_probe and any(one.is_probe for one in self.running))
        self.running.append(call)
        assert len(self.running) <= LIMITS.concurrent_requests
        self.at(self.now + self.pick(0.2, 6.0), lambda: self.end(call))

    def end(self, call: Call) -> None:
        """Let the service answer, unless the process that called is gone."""
        if call not in self.running:
            return
        assert call.ticket is not None
        self.running.remove(call)
        storm = next((storm for storm in STORMS if storm[0] <= self.now < storm[1]), None)
        if storm is not None:
            self.refuse(call, storm[2])
        else:
            call.outcome, call.tokens = "answered", self.random.randint(0, 2 * call.estimate)
            self.limiter.settle(call.ticket, call.tokens, self.monotonic)
            call.answered_at, call.cost_ticks = self.now, self.random.randint(1, CENT)
            self.books.book(call, self.today)
            self.answered(call)
            if call.is_probe:
                self.circuit.succeed()
        self.limiter.release(call.ticket, self.monotonic)
        self.books.release(call)
        self.admit()
        self.fund()

    def refuse(self, call: Call, retry_after_s: float | None) -> None:
        """Answer 429."""
        self.refusals += 1
        if call.is_probe or self.circuit.is_closed:
            self.circuit.trip(retry_after_s, self.monotonic, self.pick(0, 1))
        else:
            self.circuit.hold(retry_after_s, self.monotonic)
        call.outcome, call.told_wait_s = "429", self.circuit.wait_s(self.monotonic)

    def set_wall_clock(self, by_s: float) -> None:
        """Move the clock on the wall."""
        self.wall_offset_s += by_s

    def restart(self, *, jump_s: float) -> None:
        """End the process, set the clock on the wall, and begin a new process two seconds later."""
        stored, written_at = self.stop()
        self.set_wall_clock(jump_s)
        self.at(self.now + 2.0, lambda: self.start(stored, written_at))

    def write_now_and_then(self) -> None:
        """Write the books, and again after a while."""
        if self.is_up:
            self.books.write()
        if self._events:
            self.at(self.now + WRITTEN_EVERY_S, self.write_now_and_then)

    def kill(self) -> None:
        """End the process without a warning and begin a new one: of the books only what was written is left."""
        written = self.books.stored
        stored, written_at = self.stop()
        self.books.stored = written
        self.at(self.now + 2.0, lambda: self.start(stored, written_at))

    def stop(self) -> tuple[str, float]:
        """End the process: what is under way is lost; returns what was stored, and when by the wall clock."""
        self.is_up = False
        self.books.write()
        for call in [*self.broke, *self.waiting, *self.running]:
            call.outcome = "stopped"
        self.broke, self.waiting, self.running = [], [], []
        return json.dumps(self.limiter.snapshot(self.monotonic)), self.wall

    def start(self, stored: str, written_at: float) -> None:
        """Begin a new process with a new monotonic clock and what was stored."""
        self.is_up, self.booted_at = True, self.now - 5.0
        self.limiter, self.circuit = Limiter(LIMITS), Circuit()
        self.books.read()
        history: JsonObject = json.loads(stored)
        self.limiter.restore(history, self.wall - written_at, self.monotonic)

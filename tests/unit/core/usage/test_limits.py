"""No window ever holds more than its limit, and everybody gets a turn."""

from dataclasses import dataclass
import json

from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.usage.limits import (
    HOUR_S,
    MINUTE_S,
    Limiter,
    LimitKind,
    Limits,
    Outlook,
    Ticket,
)

SMALL = Limits(requests_per_minute=3, requests_per_hour=8, tokens_per_minute=1_000, concurrent_requests=2)
WIDE = Limits(requests_per_minute=100, requests_per_hour=1_000, tokens_per_minute=1_000, concurrent_requests=50)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Limits()),
        ({"requests_per_minute": True, "tokens_per_minute": "many"}, Limits()),
        (
            {
                "requests_per_minute": 5.0,
                "requests_per_hour": 50,
                "tokens_per_minute": 5_000,
                "max_concurrent_requests": 2,
            },
            Limits(requests_per_minute=5, requests_per_hour=50, tokens_per_minute=5_000, concurrent_requests=2),
        ),
        (
            {
                "requests_per_minute": 0,
                "requests_per_hour": -1,
                "tokens_per_minute": 1,
                "max_concurrent_requests": 1_000,
            },
            Limits(requests_per_minute=1, requests_per_hour=1, tokens_per_minute=1_000, concurrent_requests=100),
        ),
        (
            {
                "requests_per_minute": 1e9,
                "requests_per_hour": 1e9,
                "tokens_per_minute": 1e9,
                "max_concurrent_requests": 0,
            },
            Limits(
                requests_per_minute=10_000,
                requests_per_hour=500_000,
                tokens_per_minute=100_000_000,
                concurrent_requests=1,
            ),
        ),
    ],
)
def test_limits_when_odd_then_default_or_bound(options: JsonObject, expected: Limits) -> None:
    """Absent and ill-typed options fall back, extreme ones are moved."""
    limits = Limits.from_options(options)
    assert limits == expected
    assert isinstance(limits.requests_per_minute, int)


def _enter(limiter: Limiter, tokens: int, now: float) -> Ticket:
    """Admit one that has to fit."""
    ticket = limiter.enqueue(tokens, now)
    assert limiter.poll(now) == [ticket]
    return ticket


def _served(limiter: Limiter, tokens: int, now: float) -> Ticket:
    """Admit one and end it at once."""
    ticket = _enter(limiter, tokens, now)
    limiter.release(ticket, now)
    return ticket


def test_poll_when_who_needs_no_place_comes_then_passes_those_that_wait_for_one() -> None:
    """Speech goes on for as long as somebody speaks: it takes no place, but counts as a request."""
    limiter = Limiter(Limits(requests_per_minute=4, concurrent_requests=1))
    running = _enter(limiter, 0, 0.0)
    waiting, spoken = limiter.enqueue(0, 0.0), limiter.enqueue(0, 0.0, takes_place=False)
    assert limiter.next_at(0.0) == 0.0
    assert limiter.poll(0.0) == [spoken]
    assert limiter.next_at(0.0) is None
    limiter.release(spoken, 1.0)
    assert limiter.poll(1.0) == []
    limiter.release(running, 2.0)
    assert limiter.poll(2.0) == [waiting]
    limiter.enqueue(0, 3.0, takes_place=False)
    assert len(limiter.poll(3.0)) == 1
    late = limiter.enqueue(0, 4.0, takes_place=False)
    assert limiter.outlook(late, 4.0) == Outlook(wait_s=56.0, limit=LimitKind.REQUESTS_PER_MINUTE)


def test_poll_when_minute_is_full_then_waits_for_the_oldest() -> None:
    """The window slides: a minute after the oldest the next may go, not before."""
    limiter = Limiter(SMALL)
    for now in (0.0, 10.0, 20.0):
        _served(limiter, 0, now)
    ticket = limiter.enqueue(0, 30.0)
    assert limiter.poll(30.0) == []
    assert limiter.next_at(30.0) == 60.0
    assert limiter.outlook(ticket, 30.0) == Outlook(wait_s=30.0, limit=LimitKind.REQUESTS_PER_MINUTE)
    assert limiter.poll(59.9) == []
    assert limiter.poll(60.0) == [ticket]


def test_poll_when_hour_is_full_then_names_it() -> None:
    """The hour holds back when the minute would not."""
    limiter = Limiter(SMALL)
    for number in range(8):
        _served(limiter, 0, number * 30.0)
    ticket = limiter.enqueue(0, 1000.0)
    assert limiter.poll(1000.0) == []
    assert limiter.outlook(ticket, 1000.0) == Outlook(wait_s=2600.0, limit=LimitKind.REQUESTS_PER_HOUR)
    assert limiter.poll(3600.0) == [ticket]


def test_poll_when_places_are_taken_then_only_a_release_helps() -> None:
    """There is no time to wait for, and a place goes back once."""
    limiter = Limiter(SMALL)
    first, _ = _enter(limiter, 0, 0.0), _enter(limiter, 0, 0.0)
    third = limiter.enqueue(0, 0.0)
    assert limiter.poll(1.0) == []
    assert limiter.next_at(1.0) is None
    assert limiter.outlook(third, 1.0) == Outlook(wait_s=0.0, limit=LimitKind.CONCURRENT_REQUESTS)
    limiter.release(third, 1.0)
    assert limiter.poll(1.0) == []
    limiter.release(first, 1.0)
    limiter.release(first, 1.0)
    fourth = limiter.enqueue(0, 1.0)
    assert limiter.poll(1.0) == [third]
    assert limiter.next_at(1.0) is None
    limiter.cancel(fourth)
    limiter.cancel(fourth)


def test_poll_when_nobody_waits_then_nothing() -> None:
    """An idle limiter asks for no poll, and foresees nothing for who has gone."""
    limiter = Limiter(SMALL)
    ticket = _served(limiter, 10, 0.0)
    assert limiter.poll(0.0) == []
    assert limiter.next_at(0.0) is None
    assert limiter.outlook(ticket, 0.0).wait_s == 0.0


def test_poll_when_told_how_many_then_no_more() -> None:
    """A probe goes alone."""
    limiter = Limiter(SMALL)
    first, second = limiter.enqueue(0, 0.0), limiter.enqueue(0, 0.0)
    assert limiter.poll(0.0, most=1) == [first]
    assert limiter.poll(0.0, most=1) == [second]


def test_tokens_when_settled_for_less_then_room() -> None:
    """The real usage takes the estimate's place."""
    limiter = Limiter(WIDE)
    first = _enter(limiter, 900, 0.0)
    second = limiter.enqueue(300, 1.0)
    assert limiter.poll(1.0) == []
    assert limiter.outlook(second, 1.0) == Outlook(wait_s=59.0, limit=LimitKind.TOKENS_PER_MINUTE)
    limiter.settle(second, 10_000, 1.0)  # it was not admitted yet
    limiter.settle(first, 700, 2.0)
    assert limiter.poll(2.0) == [second]


def test_tokens_when_settled_for_more_then_wait_from_the_request() -> None:
    """A window that is over its limit lets nobody in, not even for nothing, until the request is a minute old."""
    limiter = Limiter(WIDE)
    first = _enter(limiter, 10, 0.0)
    limiter.settle(first, 5_000, 30.0)
    second = limiter.enqueue(0, 30.0)
    assert limiter.poll(59.0) == []
    assert limiter.poll(60.0) == [second]
    limiter.settle(first, 9_000, 61.0)  # more than a minute old
    assert limiter.poll(61.0) == []
    _enter(limiter, 1_000, 61.0)


def test_tokens_when_beyond_the_window_then_alone_and_not_overtaken() -> None:
    """A giant waits for the empty window, and those behind it wait for the giant."""
    limiter = Limiter(WIDE)
    _enter(limiter, 1, 0.0)
    giant, dwarf = limiter.enqueue(50_000, 1.0), limiter.enqueue(1, 1.0)
    assert limiter.poll(1.0) == []
    assert limiter.next_at(1.0) == 60.0
    assert limiter.outlook(dwarf, 1.0) == Outlook(wait_s=119.0, limit=LimitKind.TOKENS_PER_MINUTE)
    assert limiter.poll(60.0) == [giant]
    assert limiter.poll(119.0) == []
    assert limiter.poll(120.0) == [dwarf]


@pytest.mark.parametrize("age_s", [0.0, -5_000.0, float("nan")])
def test_restore_when_clock_was_set_back_then_as_if_no_time_passed(age_s: float) -> None:
    """A negative age counts as none."""
    limiter = Limiter(SMALL)
    for now in (0.0, 1.0, 2.0):
        _served(limiter, 100, now)
    successor = Limiter(SMALL)
    successor.restore(json.loads(json.dumps(limiter.snapshot(15.0))), age_s, 7.0)
    assert successor.snapshot(7.0) == {"history": [[10, 3, 300]]}
    successor.enqueue(0, 7.0)
    assert successor.next_at(7.0) == 57.0


def test_restore_when_in_use_then_both_histories_count() -> None:
    """What was admitted before the store was read is not forgotten."""
    limiter = Limiter(SMALL)
    _served(limiter, 100, 0.0)
    limiter.restore({"history": [[20, 2, 50], [100, 1, 0]]}, 0.0, 5.0)
    limiter.enqueue(0, 5.0)
    assert limiter.next_at(5.0) == 45.0
    assert limiter.snapshot(5.0) == {"history": [[0, 1, 100], [20, 2, 50], [100, 1, 0]]}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "history",
        {},
        {"history": None},
        {"history": {"0": 1}},
        {"history": [None, [1, 2], ["0", 1, 1], [-1, 1, 1], [0, -1, 0], [0, 0.5, 0], [HOUR_S, 1, 1], [10**400, 1, 1]]},
    ],
)
def test_restore_when_stored_data_is_bad_then_ignored(stored: object) -> None:
    """Nonsense in storage stops nobody."""
    limiter = Limiter(SMALL)
    limiter.restore(stored, 0.0, 0.0)
    assert limiter.snapshot(0.0) == {"history": []}


@given(st.lists(st.integers(0, 400), min_size=1), st.lists(st.floats(0, 1e6), max_size=5))
def test_clock_when_it_goes_back_then_no_permits(tokens: list[int], back_s: list[float]) -> None:
    """Time that goes backwards stands still."""
    limiter = Limiter(SMALL)
    tickets = [limiter.enqueue(count, 100.0) for count in tokens]
    assert limiter.poll(100.0) == tickets[:2]
    for ticket in tickets[:2]:
        limiter.release(ticket, 0.0)
    limiter.poll(100.0)
    for step in back_s:
        assert limiter.poll(100.0 - step) == []


def test_clock_when_it_went_back_then_admissions_count_from_the_latest_time() -> None:
    """A request that is admitted by an earlier time leaves the window no earlier."""
    limiter = Limiter(SMALL)
    limiter.poll(100.0)
    for _ in range(3):
        _served(limiter, 0, 50.0)
    limiter.enqueue(0, 50.0)
    assert limiter.next_at(50.0) == 160.0


@dataclass
class Admitted:
    """One admission as it truly was."""

    at: float
    tokens: int


class AnySchedule(RuleBasedStateMachine):
    """Whatever callers and clocks do, the truth stays within the limits, and the queue is served in order."""

    def __init__(self) -> None:
        """Start idle; all times are multiples of a quarter second, so that sums are exact."""
        super().__init__()
        self.limiter = Limiter(SMALL)
        self.now = 0.0
        self.truth: list[Admitted] = []
        self.waiting: list[tuple[Ticket, int]] = []
        self.running: list[tuple[Ticket, Admitted]] = []

    @rule(step_s=st.integers(0, 300) | st.just(4 * HOUR_S))
    def pass_time(self, step_s: int) -> None:
        """Let time pass, and admit."""
        self.now += step_s / 4
        self.poll(0)

    @rule(step_s=st.integers(1, 1_000))
    def read_backward_clock(self, step_s: int) -> None:
        """Everybody who can go has gone; an earlier time lets nobody in."""
        self.poll(0)
        assert self.limiter.poll(self.now - step_s / 4) == []

    @rule(tokens=st.integers(0, 500) | st.integers(900, 3_000), count=st.integers(1, 4), back_s=st.integers(0, 100))
    def arrive(self, tokens: int, count: int, back_s: int) -> None:
        """Come in a burst, perhaps by a clock that went back."""
        self.waiting += [(self.limiter.enqueue(tokens, self.now), tokens) for _ in range(count)]
        self.poll(back_s)

    @rule(back_s=st.integers(0, 100))
    def poll(self, back_s: int) -> None:
        """Admit, perhaps by a clock that went back; the truth is compared at every single admission."""
        for ticket in self.limiter.poll(self.now - back_s / 4):
            expected, tokens = self.waiting.pop(0)
            assert ticket is expected
            spent = self.spent(MINUTE_S)
            assert not sum(spent) or sum(spent) + tokens <= SMALL.tokens_per_minute
            admitted = Admitted(at=self.now, tokens=tokens)
            self.truth.append(admitted)
            self.running.append((ticket, admitted))

    @precondition(lambda self: self.waiting)
    @rule(pick=st.integers(0, 100))
    def cancel(self, pick: int) -> None:
        """Give up waiting."""
        ticket, _ = self.waiting.pop(pick % len(self.waiting))
        self.limiter.cancel(ticket)

    @precondition(lambda self: self.running)
    @rule(pick=st.integers(0, 100), tokens=st.integers(0, 2_000), is_released=st.booleans())
    def settle(self, pick: int, tokens: int, *, is_released: bool) -> None:
        """Learn the real usage, and perhaps end."""
        ticket, admitted = self.running[pick % len(self.running)]
        self.limiter.settle(ticket, tokens, self.now)
        admitted.tokens = tokens
        if is_released:
            self.release(pick)

    @precondition(lambda self: self.running)
    @rule(pick=st.integers(0, 100))
    def release(self, pick: int) -> None:
        """End, perhaps without a settle."""
        ticket, _ = self.running.pop(pick % len(self.running))
        self.limiter.release(ticket, self.now)

    @rule(gap_s=st.integers(0, 2_000), jump_s=st.just(0) | st.integers(-8_000, 8_000), base=st.integers(0, 100))
    def restart(self, gap_s: int, jump_s: int, base: int) -> None:
        """Store, stay away while the wall clock may jump, and start with another monotonic clock.

        A forward jump cannot be told from time that passed; the history is then older than it was, by no more.
        """
        stored = json.loads(json.dumps(self.limiter.snapshot(self.now)))
        self.limiter = Limiter(SMALL)
        age_s = (gap_s + jump_s) / 4
        shift = float(base) - self.now - max(gap_s, gap_s + jump_s) / 4
        for admitted in self.truth:
            admitted.at += shift
        self.now = float(base)
        self.limiter.restore(stored, age_s, self.now)
        self.waiting, self.running = [], []

    @invariant()
    def windows_hold(self) -> None:
        """By brute force: no interval that begins with an admission holds too many, nor do too many run."""
        for span_s, limit in ((MINUTE_S, SMALL.requests_per_minute), (HOUR_S, SMALL.requests_per_hour)):
            for first in self.truth:
                assert sum(first.at <= other.at < first.at + span_s for other in self.truth) <= limit
        assert len(self.running) <= SMALL.concurrent_requests

    def teardown(self) -> None:
        """Everybody who still waits gets through, in order, as time passes and calls end, by the promised time."""
        self.poll(0)
        while self.waiting:
            while self.running:
                self.release(0)
            head, left = self.waiting[0][0], len(self.waiting)
            self.poll(0)
            if len(self.waiting) == left:
                at = self.limiter.next_at(self.now)
                assert at is not None
                assert self.now < at == self.now + self.limiter.outlook(head, self.now).wait_s
                self.now = at
                self.poll(0)
                assert len(self.waiting) < left
            self.windows_hold()

    def spent(self, span_s: int) -> list[int]:
        """Return the tokens of the last so many seconds, as known now."""
        return [admitted.tokens for admitted in self.truth if admitted.at + span_s > self.now]


TestAnySchedule = AnySchedule.TestCase


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=20))
def test_outlook_when_calls_end_at_once_then_exact(tokens: list[int]) -> None:
    """The foreseen wait is the real one, for everybody in the queue."""
    limiter = Limiter(SMALL)
    tickets = [limiter.enqueue(count, 0.0) for count in tokens]
    foreseen = [limiter.outlook(ticket, 0.0).wait_s for ticket in tickets]
    assert _drain(limiter, len(tickets)) == foreseen


def _drain(limiter: Limiter, count: int) -> list[float]:
    """Serve everybody, ending each at once, and return when each was admitted."""
    times: list[float] = []
    now = 0.0
    while len(times) < count:
        for ticket in limiter.poll(now):
            limiter.release(ticket, now)
            times.append(now)
        now = limiter.next_at(now) or now
    return times

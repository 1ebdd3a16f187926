"""A whole day of twenty callers: bursts, refusals by the service, clock jumps, restarts, and money that runs out."""

from functools import partial
from random import Random

import pytest

from custom_components.grok_assist.core.usage.limits import HOUR_S, MINUTE_S

from .books import CENT, Books, Call
from .day import DAY_S, FIRST_DAY, LIMITS, WRITTEN_EVERY_S, Day

CALLERS = 20
NEXT_DAY = FIRST_DAY.replace(day=FIRST_DAY.day + 1)
LIMIT_USD = 2.5
LIMIT_TICKS = 250 * CENT


def _most_within(times: list[float], span_s: float) -> int:
    """Return the most that any interval of this length holds, by brute force over where it can begin."""
    return max(sum(first <= time < first + span_s for time in times[index:]) for index, first in enumerate(times))


@pytest.mark.parametrize("seed", range(3))
def test_day_when_everything_happens_then_limits_hold_and_nobody_is_forgotten(seed: int) -> None:
    """No window is ever exceeded, and every call has an end that its caller was told."""
    served: list[Call] = []
    day = Day(random=Random(seed), answered=served.append)
    for caller in range(CALLERS):
        day.plan_caller(caller)
    for number in range(120):  # a rush around the restart, and more than an hour allows
        day.at(12 * HOUR_S - 30 + number / 2, partial(day.ask, number % CALLERS))
        day.at(16 * HOUR_S + number * 4, partial(day.ask, number % CALLERS))
        day.at(16 * HOUR_S + 900 + number * 10, partial(day.ask, number % CALLERS))
    day.at(10 * HOUR_S, lambda: day.set_wall_clock(HOUR_S))
    day.at(12 * HOUR_S, lambda: day.restart(jump_s=-HOUR_S / 2))
    day.at(18 * HOUR_S, lambda: day.restart(jump_s=0.0))
    day.run()

    times = [call.admitted_at for call in day.calls if call.admitted_at is not None]
    assert times == sorted(times)
    assert _most_within(times, MINUTE_S) == LIMITS.requests_per_minute
    assert _most_within(times, HOUR_S) == LIMITS.requests_per_hour
    assert {call.outcome for call in day.calls} == {"answered", "429", "refused", "stopped"}
    for call in day.calls:
        assert (call.told_wait_s is not None) is (call.outcome in {"429", "refused"})
        assert call.admitted_at is None or call.admitted_at - call.asked_at <= call.patience_s
    assert {call.caller for call in served} == set(range(CALLERS))
    assert len(served) > len(day.calls) / 3
    assert 0 < day.refusals < 150
    assert day.circuit.is_closed


def _busy_day(seed: int, *, limit_usd: float = 0.0) -> Day:
    """Plan a day of all callers with its books."""
    day = Day(random=Random(seed), answered=lambda _: None, books=Books(limit_usd=limit_usd))
    for caller in range(CALLERS):
        day.plan_caller(caller)
    return day


def _spent(calls: list[Call]) -> int:
    """Add up what calls really cost."""
    return sum(call.cost_ticks for call in calls)


@pytest.mark.parametrize("seed", range(3))
def test_budget_when_day_spends_it_then_stopped_to_the_cent_until_midnight(seed: int) -> None:
    """One call may cross the limit; whoever comes later is told, and the next day goes on."""
    day = _busy_day(seed, limit_usd=LIMIT_USD)
    for number in range(50):
        day.at(DAY_S + number * 30, partial(day.ask, number % CALLERS))
    day.run()

    today = [call for call in day.calls if call.booked_on == FIRST_DAY]
    assert LIMIT_TICKS <= _spent(today) <= LIMIT_TICKS + CENT
    assert day.books.ledger.of_day(FIRST_DAY).all().cost_ticks == _spent(today)
    crossed_at = max(call.answered_at for call in today if call.answered_at is not None)
    later = [call for call in day.calls if crossed_at < call.asked_at < DAY_S]
    assert len(later) > 100
    assert {call.outcome for call in later} == {"budget"}
    assert not any(call.outcome == "budget" for call in day.calls if call.asked_at >= DAY_S)
    assert sum(call.booked_on == NEXT_DAY for call in day.calls) > 40
    assert day.books.reserved_ticks == 0


@pytest.mark.parametrize("seed", range(3))
def test_books_when_killed_then_at_most_the_last_minute_is_missing(seed: int) -> None:
    """What was written is there to the tick; an orderly stop before it has lost nothing."""
    day = _busy_day(seed)
    for number in range(60):
        day.at(12 * HOUR_S - 90 + number * 2, partial(day.ask, number % CALLERS))
    day.at(6 * HOUR_S, lambda: day.restart(jump_s=0.0))
    day.at(0.0, day.write_now_and_then)
    killed_at = 12 * HOUR_S + 55.0
    day.at(killed_at, day.kill)
    day.run()

    answered = [call for call in day.calls if call.answered_at is not None]
    notices = day.books.ledger.total().all()
    lost_ticks, lost = _spent(answered) - notices.cost_ticks, len(answered) - notices.requests
    last_minute = [call for call in answered if killed_at - WRITTEN_EVERY_S <= (call.answered_at or 0) <= killed_at]
    assert 0 < lost <= len(last_minute)
    assert 0 < lost_ticks <= _spent(last_minute)
    assert sum(totals.cost_ticks for totals in day.books.ledger.total().by_agent().values()) == notices.cost_ticks


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("jump_s", [2 * HOUR_S, -HOUR_S, 3 * DAY_S, -400 * DAY_S])
def test_books_when_clock_jumps_then_on_the_day_of_the_clock_and_nothing_is_lost(seed: int, jump_s: float) -> None:
    """Over midnight, back again and far away: each call is on the day that the wall showed, and the sum is whole."""
    day = _busy_day(seed)
    day.at(23 * HOUR_S, lambda: day.set_wall_clock(jump_s))
    day.at(23 * HOUR_S + 1800, lambda: day.set_wall_clock(-jump_s))
    for number in range(60):
        day.at(23 * HOUR_S + number * 50, partial(day.ask, number % CALLERS))
    day.at(DAY_S, lambda: day.restart(jump_s=0.0))
    day.run()

    answered = [call for call in day.calls if call.answered_at is not None]
    days = {call.booked_on for call in answered if call.booked_on is not None}
    assert len(days) > (jump_s != -HOUR_S)
    for booked_on in days:
        of_day = [call for call in answered if call.booked_on == booked_on]
        assert day.books.ledger.of_day(booked_on).all().cost_ticks == _spent(of_day)
    for call in answered:
        jumped = 23 * HOUR_S <= (call.answered_at or 0) < 23 * HOUR_S + 1800
        wall = (call.answered_at or 0) + (jump_s if jumped else 0)
        assert call.booked_on is not None
        assert (call.booked_on - FIRST_DAY).days == wall // DAY_S
    assert day.books.ledger.total().all().cost_ticks == _spent(answered)


def test_budget_when_clock_is_put_back_then_the_spent_day_stays_spent() -> None:
    """A clock that leaves a spent day and returns to it finds it spent, and the other day has its own money."""
    day = _busy_day(0, limit_usd=LIMIT_USD)
    day.at(21 * HOUR_S, lambda: day.set_wall_clock(6 * HOUR_S))
    day.at(22 * HOUR_S, lambda: day.set_wall_clock(-6 * HOUR_S))
    for number in range(40):
        day.at(21 * HOUR_S + 60 + number * 30, partial(day.ask, number % CALLERS))
        day.at(22 * HOUR_S + 60 + number * 30, partial(day.ask, number % CALLERS))
    day.run()

    for booked_on in (FIRST_DAY, NEXT_DAY):
        assert _spent([call for call in day.calls if call.booked_on == booked_on]) <= LIMIT_TICKS + CENT
    ahead = [call for call in day.calls if 21 * HOUR_S + 60 <= call.asked_at < 22 * HOUR_S - 20]
    back = [call for call in day.calls if 22 * HOUR_S + 20 <= call.asked_at < 23 * HOUR_S]
    assert sum(call.outcome == "answered" for call in ahead) > 30
    assert {call.outcome for call in back} == {"budget"}

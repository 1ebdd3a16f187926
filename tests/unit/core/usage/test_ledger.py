"""Bookings add up exactly by day, month and all time, and come back from storage as they went."""

from datetime import date, timedelta
import json
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.usage.ledger import (
    DAYS_KEPT,
    MONTHS_KEPT,
    MOST_COUNTED,
    MOST_TICKS,
    Kind,
    Ledger,
    Page,
    Totals,
    ticks,
)

TODAY = date(2026, 11, 20)

COUNTS = st.integers(0, 10**9)
TOTALS = st.builds(
    Totals,
    requests=COUNTS,
    errors=COUNTS,
    input_tokens=COUNTS,
    cached_tokens=COUNTS,
    output_tokens=COUNTS,
    voice_seconds=st.integers(0, 10**6).map(lambda eighths: eighths / 8),  # exact in binary, however often added
    text_items=COUNTS,
    searches=COUNTS,
    cost_ticks=st.integers(0, MOST_TICKS),
)
BOOKINGS = st.lists(
    st.tuples(
        st.sampled_from(["agent", "voice", "gone"]),
        st.sampled_from(list(Kind)),
        TOTALS,
        st.dates(TODAY - timedelta(days=40), TODAY),
    ),
    max_size=20,
)


def booked(*bookings: tuple[str, str, Totals, date]) -> Ledger:
    """Book in order."""
    ledger = Ledger.empty()
    for booking in bookings:
        ledger.book(*booking)
    return ledger


@given(BOOKINGS)
def test_sums_when_booked_in_any_order_then_exact(bookings: list[tuple[str, str, Totals, date]]) -> None:
    """Money, tokens and seconds are exact, in all, by agent, by kind and by day."""
    ledger = booked(*bookings)
    total = ledger.total()
    assert total.all().cost_ticks == sum(totals.cost_ticks for _, _, totals, _ in bookings)
    assert total.all().voice_seconds == math.fsum(totals.voice_seconds for _, _, totals, _ in bookings)
    assert total.all().requests == sum(
        totals.requests for _, kind, totals, _ in bookings if kind not in (Kind.TTS, Kind.STT)
    )
    assert sum(total.by_agent().values(), start=Totals()) == total.all()
    assert sum(total.by_kind().values(), start=Totals()) == total.all()
    days = {day for _, _, _, day in bookings}
    assert sum((ledger.of_day(day).all() for day in days), start=Totals()) == total.all()
    assert sum((ledger.of_month(day).all() for day in {day.replace(day=1) for day in days}), start=Totals()) == (
        total.all()
    )


@given(BOOKINGS)
def test_json_when_written_and_read_then_the_same(bookings: list[tuple[str, str, Totals, date]]) -> None:
    """Nothing is lost in storage."""
    ledger = booked(*bookings)
    stored = json.loads(json.dumps(ledger.to_json()))
    assert Ledger.from_json(stored).to_json() == ledger.to_json()
    assert Ledger.from_json(stored).total().by_agent() == ledger.total().by_agent()


def test_cost_when_ten_cents_are_added_ten_times_then_one_dollar() -> None:
    """Dollars are whole ticks inside."""
    ledger = booked(*[("agent", Kind.TEXT, Totals(cost_ticks=ticks(0.1)), TODAY)] * 10)
    assert ledger.total().all().cost_usd == 1.0
    assert ticks(None) == 0


def test_day_when_another_then_counted_apart() -> None:
    """A day belongs to its month; what was never booked is zero."""
    ledger = booked(
        ("agent", Kind.TEXT, Totals(requests=1), TODAY),
        ("agent", Kind.TTS, Totals(requests=1, cost_ticks=5), TODAY),
        ("voice", Kind.VOICE, Totals(requests=1), TODAY - timedelta(days=1)),
        ("voice", Kind.VOICE, Totals(requests=1), date(2026, 10, 31)),
    )
    assert ledger.of_day(TODAY).all() == Totals(requests=1, cost_ticks=5)
    assert ledger.of_month(TODAY).by_agent() == {
        "agent": Totals(requests=1, cost_ticks=5),
        "voice": Totals(requests=1),
    }
    assert ledger.total().all().requests == 3
    assert ledger.of_day(date(2020, 1, 1)).all() == ledger.of_month(date(2020, 1, 1)).all() == Totals()


def test_days_when_many_then_old_ones_go_and_total_stays() -> None:
    """What is far away is dropped from days and months, never from all time."""
    days = [TODAY + timedelta(days=offset) for offset in range(1200)]
    ledger = booked(*[("agent", Kind.TEXT, Totals(requests=1), day) for day in days])
    stored = ledger.to_json()
    assert list(stored["days"]) == [day.isoformat() for day in days[-DAYS_KEPT:]]
    assert len(stored["months"]) == MONTHS_KEPT
    assert ledger.total().all().requests == 1200


def test_clock_when_it_was_far_ahead_then_today_is_still_kept() -> None:
    """Days of a wrong clock never push out the day that is booked on."""
    future = [date(2099, 1, 1) + timedelta(days=offset) for offset in range(DAYS_KEPT)]
    ledger = booked(*[("agent", Kind.TEXT, Totals(requests=1), day) for day in [*future, TODAY, TODAY]])
    assert ledger.of_day(TODAY).all().requests == 2


def test_clock_when_it_was_far_behind_then_today_and_this_month_still_count() -> None:
    """A board without a clock of its own begins in 1970: what it books there makes no budget begin anew."""
    days = [TODAY - timedelta(days=offset) for offset in range(1200, -1, -1)]
    behind = [date(1970, 1, 1) + timedelta(days=offset) for offset in range(3)]
    ledger = booked(*[("agent", Kind.TEXT, Totals(requests=1), day) for day in [*days, *behind]])
    assert ledger.of_day(TODAY).all().requests == 1
    assert ledger.of_month(TODAY).all().requests == TODAY.day


@pytest.mark.parametrize(
    ("stored", "requests"),
    [
        ({}, 0),
        ({"schema": 2, "total": {"agent": {"text": {"requests": 5}}}}, 0),
        ({"schema": 1, "total": [], "days": 5, "months": None}, 0),
        ({"schema": 1, "total": {"agent": []}}, 0),
        ({"schema": 1, "total": {"agent": {"text": []}}}, 0),
        ({"schema": 1, "total": {"agent": {"text": {"requests": "5"}}}}, 0),
        ({"schema": 1, "total": {"agent": {"text": {"requests": True}}}}, 0),
        ({"schema": 1, "total": {"agent": {"text": {"requests": -1}}}}, 0),
        ({"schema": 1, "total": {"agent": {"text": {"voice_seconds": math.inf}}}}, 0),
        ({"schema": 1, "total": {"agent": {"text": {"cost_ticks": None}, "voice": {"requests": 2, "new": 1}}}}, 2),
        ({"schema": 1, "total": {"agent": {"text": {"requests": 3}}}, "days": {"someday": {}}}, 3),
    ],
)
def test_json_when_parts_are_bad_then_the_rest_is_read(stored: dict[str, Any], requests: int) -> None:
    """Bad parts are left out, without an error."""
    ledger = Ledger.from_json(stored)
    assert ledger.total().all().requests == requests
    assert ledger.to_json()["days"] == {}


@pytest.mark.parametrize("bad", [-1, "5", True, None, math.nan, math.inf, -math.inf])
def test_row_when_one_field_is_bad_then_the_rest_of_it_is_kept(bad: object) -> None:
    """What was spent is not forgotten for the sake of a count."""
    row = {"requests": 3, "cost_ticks": 5, "input_tokens": bad, "voice_seconds": bad}
    stored = {"schema": 1, "total": {"agent": {"text": row}}}
    assert Ledger.from_json(stored).total().all() == Totals(requests=3, cost_ticks=5)


def test_money_when_a_reply_takes_some_back_then_ledger_is_never_smaller_and_survives_a_restart() -> None:
    """Eight dollars stay eight dollars, whatever the next reply says that it cost."""
    ledger = booked(
        ("agent", "text", Totals(requests=1, cost_ticks=ticks(8)), TODAY),
        ("agent", "text", Totals(requests=1, input_tokens=-5, cost_ticks=ticks(-5)), TODAY),
        ("agent", "voice", Totals(voice_seconds=math.nan, cost_ticks=ticks(math.nan)), TODAY),
        ("agent", "voice", Totals(voice_seconds=-3.0, cost_ticks=ticks(-math.inf)), TODAY),
    )
    again = Ledger.from_json(json.loads(json.dumps(ledger.to_json())))
    assert again.of_day(TODAY).all() == Totals(requests=2, cost_ticks=ticks(8))


def test_money_when_beyond_reason_then_bounded() -> None:
    """A mistake of a zero or twenty does not shut the house up for a century."""
    ledger = booked(("agent", "text", Totals(requests=1, output_tokens=10**30, cost_ticks=10**40), TODAY))
    assert ledger.total().all() == Totals(requests=1, output_tokens=MOST_COUNTED, cost_ticks=MOST_TICKS)


def test_totals_when_written_then_zeros_are_left_out() -> None:
    """Storage stays small."""
    assert Totals(errors=2).to_json() == {"errors": 2}
    assert Page().to_json() == {}


@given(BOOKINGS, BOOKINGS)
def test_ledgers_when_put_together_then_as_if_booked_in_one(
    first: list[tuple[str, str, Totals, date]], second: list[tuple[str, str, Totals, date]]
) -> None:
    """What was counted while the file could not be read comes on top of what is in it."""
    ledger = booked(*first)
    ledger.absorb(booked(*second))
    whole = booked(*first, *second)
    assert ledger.total().by_agent() == whole.total().by_agent()
    assert ledger.of_month(TODAY).by_kind() == whole.of_month(TODAY).by_kind()
    assert ledger.of_day(TODAY).all() == whole.of_day(TODAY).all()

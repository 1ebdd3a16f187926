"""Limits of a day and a month: open, busy or spent, and each told once."""

from datetime import date
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.usage.budget import (
    SMALL_USD,
    Budget,
    BudgetAction,
    BudgetNotice,
    BudgetSettings,
    BudgetState,
    Crossing,
    Demand,
    Offer,
    Period,
    Spending,
)

TODAY = date(2026, 12, 31)
DOLLARS = st.floats(0, 1000)


def spending(day_usd: float, month_usd: float = 0.0, today: date = TODAY) -> Spending:
    """Write what was spent."""
    return Spending(today=today, day_usd=day_usd, month_usd=month_usd)


def notices(crossings: tuple[Crossing, ...]) -> list[tuple[str, str]]:
    """Return what is told of which period."""
    return [(crossing.notice.value, crossing.limit.period.value) for crossing in crossings]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, BudgetSettings()),
        (
            {
                "budget_daily_usd": 5,
                "budget_monthly_usd": 50.5,
                "budget_warn_percent": 90.0,
                "budget_action": "home_assistant",
            },
            BudgetSettings(daily_usd=5, monthly_usd=50.5, warn_percent=90, action=BudgetAction.HOME_ASSISTANT),
        ),
        (
            {"budget_daily_usd": "5", "budget_monthly_usd": -3, "budget_warn_percent": 0, "budget_action": 1},
            BudgetSettings(warn_percent=1),
        ),
        (
            {"budget_daily_usd": 1e9, "budget_monthly_usd": 1e9, "budget_warn_percent": 101},
            BudgetSettings(daily_usd=100_000, monthly_usd=100_000, warn_percent=100),
        ),
    ],
)
def test_settings_when_read_then_within_bounds(options: dict[str, Any], expected: BudgetSettings) -> None:
    """Nonsense has its default."""
    assert BudgetSettings.from_options(options) == expected


@pytest.mark.parametrize(
    ("day_usd", "month_usd", "state", "period"),
    [
        (0, 0, BudgetState.OPEN, None),
        (0.99, 9.5, BudgetState.OPEN, None),
        (1, 0, BudgetState.SPENT, Period.DAY),
        (1, 9.9, BudgetState.SPENT, Period.DAY),
        (0.5, 10, BudgetState.SPENT, Period.MONTH),
        (2, 11, BudgetState.SPENT, Period.MONTH),
    ],
)
def test_verdict_when_asked_then_longest_limit(
    day_usd: float, month_usd: float, state: BudgetState, period: Period | None
) -> None:
    """Of two limits that are reached the one that lasts longer is named, and no call gets an offer."""
    budget = Budget(BudgetSettings(daily_usd=1, monthly_usd=10))
    verdict = budget.verdict(spending(day_usd, month_usd))
    offer = budget.offer(spending(day_usd, month_usd), 0, Demand.of(0.001))
    assert (verdict.state, offer.state) == (state, state)
    for limit in (verdict.limit, offer.limit) if state is BudgetState.SPENT else ():
        assert limit is not None
        assert limit.period is period


@pytest.mark.parametrize(
    ("day_usd", "month_usd", "reserved_usd", "demand", "state", "granted_usd"),
    [
        (0, 0, 0, (0.1, 0.2, 0.5), BudgetState.OPEN, 0.5),
        (0.75, 0, 0, (0.1, 0.2, 0.5), BudgetState.OPEN, 0.25),  # alone: as much as there is
        (0.875, 0, 0, (0.125, 0.2, 0.5), BudgetState.OPEN, 0.125),
        (0.95, 0, 0, (0.1, 0.2, 0.5), BudgetState.TOO_DEAR, 0),
        (0.95, 0, 0.9, (0.1, 0.2, 0.5), BudgetState.TOO_DEAR, 0),  # waiting would not help
        (0.999, 0, 0, (0.01, 0.01, 0.01), BudgetState.OPEN, 0.01),  # small: while anything is left
        (0.999, 0, 0.001, (0.001, 0.001, 0.001), BudgetState.BUSY, 0),
        (0.25, 0, 0.25, (0.1, 0.2, 0.75), BudgetState.OPEN, 0.5),  # beside others: what they leave
        (0.25, 0, 0.625, (0.1, 0.2, 0.75), BudgetState.BUSY, 0),  # less than it usually needs
        (0.25, 9.75, 0, (0.1, 0.2, 0.5), BudgetState.OPEN, 0.25),  # the limit with less left counts
        (0.25, 9.99, 0, (0.1, 0.2, 0.5), BudgetState.TOO_DEAR, 0),
    ],
)
def test_offer_when_asked_then_what_can_be_paid(
    day_usd: float,
    month_usd: float,
    reserved_usd: float,
    demand: tuple[float, float, float],
    state: BudgetState,
    granted_usd: float,
) -> None:
    """A call gets what is left, at most what it asks for, and waits only for what others may give back."""
    budget = Budget(BudgetSettings(daily_usd=1, monthly_usd=10))
    least, usual, most = demand
    offer = budget.offer(
        spending(day_usd, month_usd), reserved_usd, Demand(least_usd=least, usual_usd=usual, most_usd=most)
    )
    assert (offer.state, offer.granted_usd) == (state, granted_usd)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=30), st.floats(0.001, 5))
def test_budget_when_calls_cost_what_they_were_granted_then_crossed_by_a_cent_at_most(
    calls: list[tuple[float, float]], limit_usd: float
) -> None:
    """However many are in flight at once, and whatever they ask for."""
    budget, spent_usd, in_flight = Budget(BudgetSettings(daily_usd=limit_usd)), 0.0, list[Offer]()
    for most_usd, share in calls:
        demand = Demand(least_usd=most_usd / 10, usual_usd=most_usd / 5, most_usd=most_usd)
        offer = budget.offer(spending(spent_usd), sum(one.held_usd for one in in_flight), demand)
        if offer.state is BudgetState.OPEN:
            assert demand.least_usd <= offer.granted_usd <= demand.most_usd
            in_flight.append(offer)
        if in_flight and share < 0.5:
            spent_usd += in_flight.pop(0).granted_usd
    spent_usd += sum(one.granted_usd for one in in_flight)
    assert spent_usd <= limit_usd + SMALL_USD + 1e-9


def test_verdict_when_spent_then_says_when_it_ends() -> None:
    """A day ends at the next one, a month at the next first."""
    day = Budget(BudgetSettings(daily_usd=1)).verdict(spending(2)).limit
    month = Budget(BudgetSettings(monthly_usd=1)).verdict(spending(0, 3)).limit
    assert day is not None
    assert month is not None
    assert (day.limit_usd, day.spent_usd, day.resets_at) == (1, 2, date(2027, 1, 1))
    assert (month.limit_usd, month.spent_usd, month.resets_at) == (1, 3, date(2027, 1, 1))
    january = Budget(BudgetSettings(monthly_usd=1)).verdict(spending(0, 3, date(2027, 1, 31))).limit
    assert january is not None
    assert january.resets_at == date(2027, 2, 1)


@given(DOLLARS, DOLLARS, DOLLARS)
def test_verdict_when_no_limit_is_set_then_always_open(day_usd: float, month_usd: float, reserved_usd: float) -> None:
    """Zero is no limit."""
    budget = Budget(BudgetSettings())
    assert budget.verdict(spending(day_usd, month_usd)).state is BudgetState.OPEN
    offer = budget.offer(spending(day_usd, month_usd), reserved_usd, Demand.of(1000))
    assert (offer.state, offer.granted_usd) == (BudgetState.OPEN, 1000)
    assert budget.crossings(spending(day_usd, month_usd)) == ()


def test_crossings_when_spending_grows_then_each_told_once() -> None:
    """A warning at its share, the end at the limit, and neither again in the same period."""
    budget = Budget(BudgetSettings(daily_usd=1, monthly_usd=100, warn_percent=50))
    assert notices(budget.crossings(spending(0.49, 0.49))) == []
    assert notices(budget.crossings(spending(0.5, 0.5))) == [("budget_warning", "day")]
    assert notices(budget.crossings(spending(0.9, 0.9))) == []
    assert notices(budget.crossings(spending(1, 1))) == [("budget_exhausted", "day")]
    assert notices(budget.crossings(spending(1.5, 1.5))) == []
    assert notices(budget.crossings(spending(0, 50, date(2027, 1, 1)))) == [("budget_warning", "month")]
    assert notices(budget.crossings(spending(9, 100, date(2027, 1, 2)))) == [
        ("budget_warning", "day"),
        ("budget_exhausted", "day"),
        ("budget_exhausted", "month"),
    ]


def test_crossings_when_restarted_then_not_told_again_unless_limit_changed() -> None:
    """What was told is kept; another limit is another matter."""
    first = Budget(BudgetSettings(daily_usd=1))
    assert len(first.crossings(spending(2))) == 2
    again = Budget(BudgetSettings(daily_usd=1), first.notices())
    assert again.crossings(spending(2)) == ()
    raised = Budget(BudgetSettings(daily_usd=2.2), again.notices())
    assert notices(raised.crossings(spending(2))) == [(BudgetNotice.WARNING.value, "day")]


@given(DOLLARS, DOLLARS, st.floats(0.01, 1000))
def test_exhausted_when_told_then_verdict_agrees(day_usd: float, month_usd: float, limit_usd: float) -> None:
    """The event and the verdict never disagree."""
    budget = Budget(BudgetSettings(daily_usd=limit_usd, monthly_usd=limit_usd, warn_percent=100))
    now = spending(day_usd, month_usd)
    has_told = any(crossing.notice is BudgetNotice.EXHAUSTED for crossing in budget.crossings(now))
    assert has_told == (budget.verdict(now).state is BudgetState.SPENT)

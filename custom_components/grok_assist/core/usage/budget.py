"""How much may be spent a day and a month, and when to say that it is enough."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from ..json_types import JsonMapping
from ..settings import read_choice, read_number

DEFAULT_WARN_PERCENT: Final = 80
WARN_PERCENT_BOUNDS: Final = (1, 100)
BUDGET_BOUNDS_USD: Final = (0, 100_000)
SMALL_USD: Final = 0.01
"""A call that will hardly cost more is let in while anything is left: so much a budget may be crossed by."""
LEAST_HELD_USD: Final = 0.02
"""What is held for a call beside others at the least: nobody knows how long a model thinks."""


class BudgetAction(StrEnum):
    """What a turn does when the budget is spent."""

    STOP = "stop"
    HOME_ASSISTANT = "home_assistant"


class BudgetState(StrEnum):
    """Whether a call may begin."""

    OPEN = "open"
    BUSY = "busy"
    """What is in flight may spend the rest: wait until it is settled."""
    SPENT = "spent"

    TOO_DEAR = "too_dear"
    """Something is left, but not enough for this."""


class Period(StrEnum):
    """What a limit holds for."""

    DAY = "day"
    MONTH = "month"


class BudgetNotice(StrEnum):
    """What is told once a period."""

    WARNING = "budget_warning"
    EXHAUSTED = "budget_exhausted"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSettings:
    """The limits in US dollars; 0 is none."""

    daily_usd: float = 0.0
    monthly_usd: float = 0.0
    warn_percent: float = DEFAULT_WARN_PERCENT
    action: BudgetAction = BudgetAction.STOP

    @classmethod
    def from_options(cls, options: JsonMapping) -> BudgetSettings:
        """Read the account's options; what is absent or out of bounds has its default."""
        return cls(
            daily_usd=read_number(options.get("budget_daily_usd"), 0, *BUDGET_BOUNDS_USD),
            monthly_usd=read_number(options.get("budget_monthly_usd"), 0, *BUDGET_BOUNDS_USD),
            warn_percent=read_number(options.get("budget_warn_percent"), DEFAULT_WARN_PERCENT, *WARN_PERCENT_BOUNDS),
            action=read_choice(BudgetAction, options.get("budget_action"), BudgetAction.STOP),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent until now in US dollars."""

    today: date
    day_usd: float
    month_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit, and how much of it is used."""

    period: Period
    limit_usd: float
    spent_usd: float
    begins_at: date
    resets_at: date
    """The first day that counts anew."""

    @property
    def left_usd(self) -> float:
        """What may still be spent."""
        return max(0.0, self.limit_usd - self.spent_usd)

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left."""
        return self.spent_usd >= self.limit_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a call may cost in US dollars."""

    least_usd: float
    """With the shortest answer that makes sense."""
    usual_usd: float
    """With an answer as they usually are: less is not enough while others are in flight."""
    most_usd: float
    """With the longest answer."""

    @classmethod
    def of(cls, cost_usd: float) -> Demand:
        """Ask for what a call costs, neither less nor more."""
        return cls(least_usd=cost_usd, usual_usd=cost_usd, most_usd=cost_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Whether a call may begin, how much it may cost then, and which limit says so."""

    state: BudgetState
    granted_usd: float = 0.0
    limit: Limit | None = None
    """None where nothing stands against it."""

    @property
    def held_usd(self) -> float:
        """What is to be held for it while it is in flight."""
        return max(self.granted_usd, LEAST_HELD_USD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether anything may be spent, and which limit says no."""

    state: BudgetState
    limit: Limit | None = None
    """None where nothing stands against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A limit, or the warning's share of it, that was reached for the first time in its period."""

    notice: BudgetNotice
    limit: Limit


class Budget:
    """Judges what is spent; keeps nothing but what it has told already."""

    def __init__(self, settings: BudgetSettings, notices: Iterable[str] = ()) -> None:
        """Take the limits, and what was told before a restart."""
        self.settings = settings
        self._notices = frozenset(notices)

    def notices(self) -> tuple[str, ...]:
        """Return what is to be kept over a restart."""
        return tuple(sorted(self._notices))

    def verdict(self, spending: Spending) -> Verdict:
        """Tell whether anything is left; of two limits in the way the one that lasts longer is named."""
        for limit in reversed(self.limits(spending)):
            if limit.is_reached:
                return Verdict(state=BudgetState.SPENT, limit=limit)
        return Verdict(state=BudgetState.OPEN)

    def offer(self, spending: Spending, reserved_usd: float, demand: Demand) -> Offer:
        """Tell whether a call may begin while so much is held for others, and how much it may cost."""
        if (limit := self.verdict(spending).limit) is not None:
            return Offer(state=BudgetState.SPENT, limit=limit)
        limit = min(self.limits(spending), key=lambda one: one.left_usd, default=None)
        if limit is None:
            return Offer(state=BudgetState.OPEN, granted_usd=demand.most_usd)
        if demand.least_usd > max(limit.left_usd, SMALL_USD):
            return Offer(state=BudgetState.TOO_DEAR, limit=limit)
        if reserved_usd <= 0:
            return Offer(
                state=BudgetState.OPEN, granted_usd=max(demand.least_usd, min(demand.most_usd, limit.left_usd))
            )
        free_usd = limit.left_usd - reserved_usd
        if free_usd < max(demand.usual_usd, LEAST_HELD_USD):
            return Offer(state=BudgetState.BUSY, limit=limit)
        return Offer(state=BudgetState.OPEN, granted_usd=min(demand.most_usd, free_usd))

    def crossings(self, spending: Spending) -> tuple[Crossing, ...]:
        """Return what is to be told now; a limit that was changed tells anew."""
        reached = {
            f"{notice}:{limit.period}:{limit.begins_at}:{limit.limit_usd}": Crossing(notice=notice, limit=limit)
            for limit in self.limits(spending)
            for notice in BudgetNotice
            if self._is_reached(limit, notice)
        }
        fresh = tuple(crossing for key, crossing in reached.items() if key not in self._notices)
        self._notices = frozenset(reached)
        return fresh

    def _is_reached(self, limit: Limit, notice: BudgetNotice) -> bool:
        """Tell whether a notice is due."""
        if notice is BudgetNotice.EXHAUSTED:
            return limit.is_reached
        return limit.spent_usd * 100 >= limit.limit_usd * self.settings.warn_percent

    def limits(self, spending: Spending) -> tuple[Limit, ...]:
        """Return the limits that are set, the shorter one first."""
        day, month = spending.today, spending.today.replace(day=1)
        limits = (
            Limit(
                period=Period.DAY,
                limit_usd=self.settings.daily_usd,
                spent_usd=spending.day_usd,
                begins_at=day,
                resets_at=day + timedelta(days=1),
            ),
            Limit(
                period=Period.MONTH,
                limit_usd=self.settings.monthly_usd,
                spent_usd=spending.month_usd,
                begins_at=month,
                resets_at=(month + timedelta(days=31)).replace(day=1),
            ),
        )
        return tuple(limit for limit in limits if limit.limit_usd > 0)

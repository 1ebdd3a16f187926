"""The books of a simulated day: what each call cost, the ledger with its budget, and what lies on the disk."""

from dataclasses import dataclass, field
from datetime import date
import json
from typing import Final

from custom_components.grok_assist.core.models import TICKS_PER_USD
from custom_components.grok_assist.core.usage.budget import Budget, BudgetSettings, Demand, Offer, Spending
from custom_components.grok_assist.core.usage.ledger import Kind, Ledger, Totals, ticks
from custom_components.grok_assist.core.usage.limits import Ticket

CENT: Final = TICKS_PER_USD // 100


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call of one caller, from its wish to its end."""

    caller: int
    asked_at: float
    patience_s: float
    estimate: int
    ticket: Ticket | None = None
    admitted_at: float | None = None
    tokens: int = 0
    """What the limiter knows of: the estimate, then the real usage."""
    is_probe: bool = False
    outcome: str = ""
    told_wait_s: float | None = None
    queued_at: float = 0.0
    """When the money for it was reserved."""
    held_ticks: int = 0
    """What is held for it."""
    cost_ticks: int = 0
    """What it cost, once it was answered."""
    answered_at: float | None = None
    booked_on: date | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Books:
    """The ledger with its budget, and what of it lies on the disk; a call may cost a cent."""

    limit_usd: float = 0.0
    ledger: Ledger = field(default_factory=Ledger.empty)
    reserved_ticks: int = 0
    stored: str = field(default_factory=lambda: json.dumps(Ledger.empty().to_json()))

    def offer(self, today: date) -> Offer:
        """Tell whether a call may begin."""
        spending = Spending(
            today=today,
            day_usd=self.ledger.of_day(today).all().cost_usd,
            month_usd=self.ledger.of_month(today).all().cost_usd,
        )
        budget = Budget(BudgetSettings(daily_usd=self.limit_usd))
        return budget.offer(spending, self.reserved_ticks / TICKS_PER_USD, Demand.of(0.01))

    def reserve(self, call: Call, offer: Offer) -> None:
        """Hold the money for a call."""
        call.held_ticks = ticks(offer.held_usd)
        self.reserved_ticks += call.held_ticks

    def release(self, call: Call) -> None:
        """Give back what was held; a second time does nothing."""
        self.reserved_ticks -= call.held_ticks
        call.held_ticks = 0

    def book(self, call: Call, today: date) -> None:
        """Note what a call cost."""
        call.booked_on = today
        self.ledger.book(f"agent {call.caller % 3}", Kind.TEXT, Totals(requests=1, cost_ticks=call.cost_ticks), today)

    def write(self) -> None:
        """Write to the disk."""
        self.stored = json.dumps(self.ledger.to_json())

    def read(self) -> None:
        """Begin anew with what is on the disk."""
        self.ledger, self.reserved_ticks = Ledger.from_json(json.loads(self.stored)), 0

"""What was used and what it cost, by day, month and all time, per agent and kind of call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
import math
from typing import Final

from ..json_types import JsonMapping, JsonObject
from ..models import TICKS_PER_USD

SCHEMA_VERSION: Final = 1
DAYS_KEPT: Final = 62
MONTHS_KEPT: Final = 36
MOST_TICKS: Final = 1_000 * TICKS_PER_USD
"""What a single call can cost; more is a mistake of whoever tells it."""
MOST_COUNTED: Final = 1_000_000_000
"""What a single call can have of anything that is counted."""


class Kind(StrEnum):
    """What was asked of the service."""

    TEXT = "text"
    VOICE = "voice"
    TTS = "tts"
    STT = "stt"
    SUMMARY = "summary"
    VISION = "vision"
    """Pictures described for a voice."""
    TASK = "task"
    IMAGE = "image"


KINDS_WITHOUT_REQUESTS: Final = frozenset({Kind.TTS, Kind.STT})
"""Requests are answers asked of a model; reading aloud and writing down are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A sum of calls; `cached_tokens` are part of `input_tokens`, reasoning is part of `output_tokens`."""

    requests: int = 0
    errors: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    voice_seconds: float = 0.0
    """Of voice sessions that are paid."""
    voice_open_seconds: float = 0.0
    """For which voice sessions were open."""
    text_items: int = 0
    """Texts put into voice sessions, which are billed one by one."""
    searches: int = 0
    cost_ticks: int = 0
    """The cost as the service counts it, so that sums are exact; see `ticks`."""

    @property
    def cost_usd(self) -> float:
        """The cost in US dollars, unrounded."""
        return self.cost_ticks / TICKS_PER_USD

    def __add__(self, other: Totals) -> Totals:
        """Add two sums up."""
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in _FIELDS})

    def bounded(self) -> Totals:
        """Return the sum of a call within what a call can be; what is no number or negative is none."""
        values: JsonObject = {name: _bounded(name, getattr(self, name)) for name in _FIELDS}
        return Totals(**values)

    def to_json(self) -> JsonObject:
        """Write what is not zero."""
        return {name: value for name in _FIELDS if (value := getattr(self, name))}

    @classmethod
    def from_json(cls, stored: object) -> Totals:
        """Read a stored sum; a number in it that makes no sense is left out.

        Raises:
            ValueError: it is no mapping.
        """
        if not isinstance(stored, Mapping):
            raise ValueError("a stored sum is no mapping")
        numbers = {name: _number(stored.get(name)) for name in _FIELDS}
        values: JsonObject = {name: value for name, value in numbers.items() if value is not None}
        wholes = {name: int(value) for name, value in values.items() if name not in _SECONDS}
        return cls(**{**values, **wholes})


_SECONDS: Final = frozenset({"voice_seconds", "voice_open_seconds"})
"""What is no whole number."""
_FIELDS: Final = tuple(field.name for field in fields(Totals))


def ticks(cost_usd: float | None) -> int:
    """Return US dollars as the service's own unit of money; an unknown cost, or none that can be true, is none."""
    return round(cost_usd * TICKS_PER_USD) if cost_usd is not None and math.isfinite(cost_usd) else 0


class Page:
    """The bookings of one day, one month or all time."""

    def __init__(self, rows: Mapping[tuple[str, str], Totals] | None = None) -> None:
        """Start with stored rows."""
        self._rows = dict(rows or {})

    def book(self, agent: str, kind: str, totals: Totals) -> None:
        """Add a call."""
        self._rows[agent, kind] = self._rows.get((agent, kind), Totals()) + totals

    def absorb(self, other: Page) -> None:
        """Add all rows of another page."""
        for (agent, kind), totals in other._rows.items():
            self.book(agent, kind, totals)

    def all(self) -> Totals:
        """Return the sum of everything."""
        return _sum(self._rows.values())

    def by_agent(self) -> dict[str, Totals]:
        """Return the sum of each agent."""
        return {agent: _sum(self._of(0, agent)) for agent, _ in self._rows}

    def by_kind(self) -> dict[str, Totals]:
        """Return the sum of each kind."""
        return {kind: _sum(self._of(1, kind)) for _, kind in self._rows}

    def _of(self, position: int, name: str) -> Iterable[Totals]:
        """Return the rows of one agent or one kind."""
        return (totals for row, totals in self._rows.items() if row[position] == name)

    def to_json(self) -> JsonObject:
        """Write agents, kinds and sums."""
        written: JsonObject = {}
        for (agent, kind), totals in self._rows.items():
            written.setdefault(agent, {})[kind] = totals.to_json()
        return written

    @classmethod
    def from_json(cls, stored: object) -> Page:
        """Read a stored page; rows that make no sense are left out."""
        rows: dict[tuple[str, str], Totals] = {}
        for agent, kinds in _items(stored):
            for kind, totals in _items(kinds):
                try:
                    rows[agent, kind] = Totals.from_json(totals)
                except ValueError:
                    continue
        return cls(rows)


class Ledger:
    """All bookings; days and months are found by their local date."""

    def __init__(self, days: Mapping[date, Page], months: Mapping[date, Page], total: Page) -> None:
        """Start with stored pages."""
        self._days = dict(days)
        self._months = dict(months)
        self._total = total

    @classmethod
    def empty(cls) -> Ledger:
        """Start with nothing."""
        return cls({}, {}, Page())

    def book(self, agent: str, kind: str, totals: Totals, day: date) -> None:
        """Add a call to a day, to its month and to all time; nothing makes a sum smaller."""
        totals = totals.bounded()
        if kind in KINDS_WITHOUT_REQUESTS:
            totals = replace(totals, requests=0)
        month = day.replace(day=1)
        for page in (
            self._days.setdefault(day, Page()),
            self._months.setdefault(month, Page()),
            self._total,
        ):
            page.book(agent, kind, totals)
        _keep_nearest(self._days, day, DAYS_KEPT)
        _keep_nearest(self._months, month, MONTHS_KEPT)

    def absorb(self, other: Ledger) -> None:
        """Add all of another ledger's bookings."""
        for pages, others in ((self._days, other._days), (self._months, other._months)):
            for day, page in others.items():
                pages.setdefault(day, Page()).absorb(page)
        self._total.absorb(other._total)

    def of_day(self, day: date) -> Page:
        """Return the bookings of a day."""
        return self._days.get(day) or Page()

    def of_month(self, day: date) -> Page:
        """Return the bookings of the month that a day belongs to."""
        return self._months.get(day.replace(day=1)) or Page()

    def total(self) -> Page:
        """Return the bookings of all time."""
        return self._total

    def to_json(self) -> JsonObject:
        """Write everything."""
        return {
            "schema": SCHEMA_VERSION,
            "days": {day.isoformat(): page.to_json() for day, page in self._days.items()},
            "months": {month.isoformat(): page.to_json() for month, page in self._months.items()},
            "total": self._total.to_json(),
        }

    @classmethod
    def from_json(cls, stored: JsonMapping) -> Ledger:
        """Read a stored ledger; what makes no sense is left out, one of another schema altogether."""
        if not is_known(stored):
            return cls.empty()
        return cls(_pages(stored.get("days")), _pages(stored.get("months")), Page.from_json(stored.get("total")))


def is_known(stored: JsonMapping) -> bool:
    """Whether a stored ledger is of the form that is read here."""
    return stored.get("schema") == SCHEMA_VERSION


def _sum(rows: Iterable[Totals]) -> Totals:
    """Add many sums up."""
    return sum(rows, start=Totals())


def _number(value: object) -> float | None:
    """Return a stored number; None where it is none, negative or infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < math.inf else None


def _bounded(name: str, value: float) -> float:
    """Return a number of a call within what it can be."""
    return min(max(0, value), MOST_TICKS if name == "cost_ticks" else MOST_COUNTED) if not math.isnan(value) else 0


def _items(stored: object) -> Iterable[tuple[str, object]]:
    """Return the items of a stored mapping; of anything else none."""
    return [(str(name), value) for name, value in stored.items()] if isinstance(stored, Mapping) else ()


def _pages(stored: object) -> dict[date, Page]:
    """Read stored pages by date; what has no date is left out."""
    pages: dict[date, Page] = {}
    for name, page in _items(stored):
        try:
            pages[date.fromisoformat(name)] = Page.from_json(page)
        except ValueError:
            continue
    return pages


def _keep_nearest(pages: dict[date, Page], day: date, count: int) -> None:
    """Drop all pages but the nearest to the day that is booked on, and the newest.

    A wrong clock may have put that day, or others, anywhere: what was spent lately must outlive one that is behind.
    """
    kept = {*sorted(pages, key=lambda other: abs((other - day).days))[:count], *sorted(pages)[-count:]}
    for surplus in pages.keys() - kept:
        del pages[surplus]

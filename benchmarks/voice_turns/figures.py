"""Medians, spreads and goals: plain numbers out of what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self

MS = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report."""

    section: str
    name: str
    unit: str
    value: float
    """The median where there are many values."""
    p10: float | None = None
    p90: float | None = None
    count: int = 1
    limit: float | None = None
    """The goal: at most this. None where nothing was asked for."""

    @classmethod
    def of(
        cls, section: str, name: str, values: Sequence[float], *, unit: str = MS, limit: float | None = None
    ) -> Self:
        """Describe some values, of which there is at least one."""
        tenths = quantiles(values, n=10, method="inclusive") if len(values) > 1 else [values[0]] * 9
        return cls(
            section=section,
            name=name,
            unit=unit,
            value=median(values),
            p10=tenths[0],
            p90=tenths[-1],
            count=len(values),
            limit=limit,
        )

    @classmethod
    def of_seconds(cls, section: str, name: str, seconds: Sequence[float], *, limit: float | None = None) -> Self:
        """Describe times in milliseconds; the limit is in milliseconds, too."""
        return cls.of(section, name, [second * 1000 for second in seconds], limit=limit)

    @property
    def is_met(self) -> bool | None:
        """Whether the figure is within its goal, None where there is none."""
        return None if self.limit is None else self.value <= self.limit

    @property
    def verdict(self) -> str:
        """The goal and whether it is met, in words."""
        if self.limit is None:
            return ""
        return f"{'met' if self.is_met else 'NOT MET'} (at most {self.limit:g})"


def failures(section: str, errors: Sequence[str]) -> list[Figure]:
    """Report turns that went wrong, if there were any: they are missing from the other figures."""
    return [Figure(section=section, name=f"failed: {error}"[:140], unit="turn", value=1, limit=0) for error in errors]

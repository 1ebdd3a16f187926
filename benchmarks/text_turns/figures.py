"""Medians, spreads, ratios and goals: plain numbers out of what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final, Self

from .agents import AgentName
from .measure import Cost, Fresh

OPENAI_GOAL: Final = 0.45
OPENAI_GOAL_ENTITIES: Final = 50
FLOOR_GOAL: Final = 1.6
FIRST_GOAL: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A median in ms with the tenth and the ninetieth percentile."""

    median: float
    p10: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Describe some values, at least two."""
        tenths = quantiles(values, n=10, method="inclusive")
        return cls(median=median(values), p10=tenths[0], p90=tenths[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How dear our turn is beside another agent's."""

    of_medians: float
    paired: float
    """Median of the ratios within each round; steadier where others use the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFigures:
    """One agent in a home of one size, in ms."""

    overhead: Spread
    until_request: float | None
    until_words: float | None
    with_tool: Spread
    cpu: float
    body_bytes: int | None
    """Size of the last request; None for the agent without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeFigures:
    """All agents in a home of one size."""

    entities: int
    agents: dict[AgentName, AgentFigures]
    ratios: dict[AgentName, Ratio]
    """Ours beside each other agent."""
    tool_ratios: dict[AgentName, Ratio]
    """The same with one tool call in each turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshFigures:
    """One agent in processes of its own; times in ms, memory in MB."""

    first: float
    """Median of some starts."""
    later: Spread
    connections: float
    """Connections opened by one later turn."""
    resident_mb: float
    growth_mb: float
    cpu: float

    @classmethod
    def of(cls, fresh: Fresh) -> Self:
        """Describe what was measured."""
        return cls(
            first=median(fresh.first_ms),
            later=Spread.of(fresh.later_ms),
            connections=fresh.later_connections / len(fresh.later_ms),
            resident_mb=fresh.resident_mb,
            growth_mb=fresh.growth_mb,
            cpu=fresh.cpu_ms,
        )

    @property
    def first_ratio(self) -> float:
        """The first turn beside a later one."""
        return self.first / self.later.median


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal and what came out."""

    text: str
    limit: float
    figure: float

    @property
    def is_met(self) -> bool:
        """Whether the figure is within the limit."""
        return self.figure <= self.limit


def size_figures(
    entities: int,
    plain: dict[AgentName, list[Cost]],
    with_tool: dict[AgentName, list[Cost]],
    cpu: dict[AgentName, list[float]],
    bodies: dict[AgentName, int],
) -> SizeFigures:
    """Sum up the measurements of one size."""
    return SizeFigures(
        entities=entities,
        agents={
            name: AgentFigures(
                overhead=Spread.of([cost.overhead_ms for cost in costs]),
                until_request=_median([cost.until_request_ms for cost in costs]),
                until_words=_median([cost.until_words_ms for cost in costs]),
                with_tool=Spread.of([cost.overhead_ms for cost in with_tool[name]]),
                cpu=median(cpu[name]),
                body_bytes=bodies.get(name),
            )
            for name, costs in plain.items()
        },
        ratios=_ratios(plain),
        tool_ratios=_ratios(with_tool),
    )


def goals(sizes: Sequence[SizeFigures], fresh: dict[AgentName, FreshFigures]) -> list[Goal]:
    """Hold the figures against what was asked for."""
    found = []
    for size in sizes:
        if size.entities == OPENAI_GOAL_ENTITIES:
            ratio = size.ratios[AgentName.OPENAI].of_medians
            text = f"overhead beside {AgentName.OPENAI} at N = {size.entities}"
            found.append(Goal(text=text, limit=OPENAI_GOAL, figure=ratio))
        ratio = size.ratios[AgentName.FLOOR].of_medians
        text = f"overhead beside Home Assistant's own floor at N = {size.entities}"
        found.append(Goal(text=text, limit=FLOOR_GOAL, figure=ratio))
    if ours := fresh.get(AgentName.GROK):
        found.append(Goal(text="first turn beside a later one", limit=FIRST_GOAL, figure=ours.first_ratio))
    return found


def _ratios(costs: dict[AgentName, list[Cost]]) -> dict[AgentName, Ratio]:
    """Compare our turns with those of each other agent."""
    overheads = {name: [cost.overhead_ms for cost in found] for name, found in costs.items()}
    ours = overheads.pop(AgentName.GROK)
    return {
        name: Ratio(
            of_medians=median(ours) / median(other),
            paired=median(mine / its for mine, its in zip(ours, other, strict=True)),
        )
        for name, other in overheads.items()
    }


def _median(values: Sequence[float | None]) -> float | None:
    """Give the median of what is there."""
    known = [value for value in values if value is not None]
    return median(known) if known else None

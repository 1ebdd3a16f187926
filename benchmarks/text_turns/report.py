"""What the bench says: tables of plain text and a JSON document."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
import os
from pathlib import Path

import orjson

from .agents import AgentName
from .figures import FreshFigures, SizeFigures, Spread, goals
from .profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one run of the bench found."""

    release: str
    rounds: int
    sizes: Sequence[SizeFigures]
    fresh: dict[AgentName, FreshFigures]

    def lines(self) -> Iterator[str]:
        """Write the report for a terminal."""
        yield f"Home Assistant {self.release}, {self.rounds} turns each, ms; {os.cpu_count()} cores, shared or not."
        for size in self.sizes:
            yield from _size_lines(size)
        if self.fresh:
            yield from _fresh_lines(self.fresh)
        yield ""
        for goal in goals(self.sizes, self.fresh):
            verdict = "met    " if goal.is_met else "NOT MET"
            yield f"{verdict} {goal.text}: {goal.figure:.2f} (at most {goal.limit:g})"

    def write_json(self, path: Path) -> None:
        """Write the report for a program."""
        document = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "release": self.release,
            "rounds": self.rounds,
            "cores": os.cpu_count(),
            "sizes": [asdict(size) for size in self.sizes],
            "fresh": {name: asdict(figures) for name, figures in self.fresh.items()},
            "goals": [asdict(goal) | {"is_met": goal.is_met} for goal in goals(self.sizes, self.fresh)],
        }
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


def profile_lines(agent: AgentName, found: Profile) -> Iterator[str]:
    """Write where the time of one agent's turn goes."""
    yield ""
    yield f"{agent}: {found.total_ms:.2f} ms a turn under the sampler, which slows everything down"
    for title, entries in (("part", found.parts), ("own line", found.own_lines), ("function", found.functions)):
        yield f"  by {title}:"
        yield from (f"    {cost:6.2f}  {name}" for name, cost in entries)


def _size_lines(size: SizeFigures) -> Iterator[str]:
    """Write the table of one size."""
    yield ""
    yield (
        f"N = {size.entities:<14} {'overhead':>20} {'to request':>11} {'to words':>9} "
        f"{'with 1 tool':>20} {'CPU':>6} {'body kB':>8}"
    )
    for name, agent in size.agents.items():
        body = "-" if agent.body_bytes is None else f"{agent.body_bytes / 1000:.1f}"
        yield (
            f"{name:<18} {_spread(agent.overhead):>20} {_number(agent.until_request):>11} "
            f"{_number(agent.until_words):>9} {_spread(agent.with_tool):>20} {agent.cpu:>6.1f} {body:>8}"
        )
    for name, ratio in size.ratios.items():
        tool = size.tool_ratios[name]
        yield (
            f"  beside {name:<20} {ratio.of_medians:.2f} (round by round {ratio.paired:.2f}), "
            f"with 1 tool {tool.of_medians:.2f} (round by round {tool.paired:.2f})"
        )


def _fresh_lines(fresh: dict[AgentName, FreshFigures]) -> Iterator[str]:
    """Write the table of the fresh processes."""
    yield ""
    yield (
        f"{'a fresh process':<18} {'first turn':>11} {'later':>20} {'times':>6} {'new conn.':>9} "
        f"{'RSS MB':>7} {'+ MB in 500':>12} {'CPU':>6}"
    )
    for name, agent in fresh.items():
        yield (
            f"{name:<18} {agent.first:>11.1f} {_spread(agent.later):>20} {agent.first_ratio:>6.1f} "
            f"{agent.connections:>9.2f} {agent.resident_mb:>7.0f} {agent.growth_mb:>12.1f} {agent.cpu:>6.1f}"
        )


def _spread(spread: Spread) -> str:
    """Write a median with its percentiles."""
    return f"{spread.median:.1f} ({spread.p10:.1f}..{spread.p90:.1f})"


def _number(value: float | None) -> str:
    """Write a number that may be absent."""
    return "-" if value is None else f"{value:.1f}"

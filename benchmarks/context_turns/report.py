"""What the bench says: markdown tables, the goals, and what was not told."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from .asking import LIVE
from .figures import Answer, ModeFigures, SizeFigures, goals
from .prefix import CONVERSATION, ELSEWHERE, MINUTE, NEXT_TURN, STATE

_CHANGES: Final = (STATE, ELSEWHERE, MINUTE, CONVERSATION, NEXT_TURN)
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one run of the bench found."""

    release: str
    sizes: Sequence[SizeFigures]

    @property
    def is_good(self) -> bool:
        """Whether all goals are met."""
        return all(goal.is_met for goal in goals(self.sizes))

    def lines(self) -> Iterator[str]:
        """Write the report for a terminal."""
        yield f"Home Assistant {self.release}"
        yield from self._questions()
        yield from self._prefixes()
        yield from self._builds()
        yield ""
        for goal in goals(self.sizes):
            verdict = "met    " if goal.is_met else "NOT MET"
            yield f"{verdict} {goal.text}: {goal.figure:.3g} (at {'least' if goal.is_least else 'most'} {goal.limit:g})"
        yield from self._misses()

    def write_json(self, path: Path) -> None:
        """Write the report for a program."""
        document = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "release": self.release,
            "sizes": [asdict(size) for size in self.sizes],
            "goals": [asdict(goal) | {"is_met": goal.is_met} for goal in goals(self.sizes)],
        }
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))

    def _questions(self) -> Iterator[str]:
        """Write the table of tokens, round trips and facts."""
        yield ""
        yield (
            "| N | mode | tokens of a first request | instructions, tools, rest | cached"
            " | requests per question | told by the first | facts told | requests per command |"
        )
        yield "|---|---|---|---|---|---|---|---|---|"
        for size in self.sizes:
            for mode, figures in size.modes.items():
                yield f"| {size.size:,} | {mode} | {_question_cells(figures)} |"

    def _prefixes(self) -> Iterator[str]:
        """Write the table of prefixes."""
        yield ""
        yield f"| N | mode, same prefix after another … | {' | '.join(_CHANGES)} |"
        yield f"|---|---|{'---|' * len(_CHANGES)}"
        for size in self.sizes:
            for mode, figures in size.modes.items():
                shares = {prefix.change: f"{prefix.share:.1%}" for prefix in figures.prefixes}
                yield f"| {size.size:,} | {mode} | {' | '.join(shares.get(change, '-') for change in _CHANGES)} |"

    def _builds(self) -> Iterator[str]:
        """Write the table of times."""
        ways = list(dict.fromkeys(way for size in self.sizes for way in size.builds))
        yield ""
        yield f"| N | ms to write, first after a change | {' | '.join(ways)} |"
        yield f"|---|---|{'---|' * len(ways)}"
        for size in self.sizes:
            cells = [f"{size.builds[way]['same']:.2f}, {size.builds[way]['changed']:.1f}" for way in ways]
            yield f"| {size.size:,} | | {' | '.join(cells)} |"

    def _misses(self) -> Iterator[str]:
        """Write what was not told, with what was."""
        for size in self.sizes:
            for mode, figures in size.modes.items():
                for answer in figures.answers:
                    yield from _miss(f"N = {size.size}, {mode}", answer, is_live=mode == LIVE)
                for prefix in figures.prefixes:
                    if mode == LIVE and not prefix.is_stable:
                        yield f"\nN = {size.size}: after another {prefix.change}: {prefix.differs_at!r}"
            yield from size.leaks[:_SHOWN]
            yield from size.violations[:_SHOWN]


def _question_cells(figures: ModeFigures) -> str:
    """Write the cells of one mode."""
    tokens, *parts = figures.parts
    questions, commands = figures.questions, figures.commands
    facts = sum(answer.facts for answer in questions)
    told = facts - sum(len(answer.missing) for answer in questions)
    direct = sum(answer.is_direct for answer in questions)
    cells = (
        f"{tokens:,.0f}",
        ", ".join(f"{part:,.0f}" for part in parts),
        f"{figures.cached_share:.1%}",
        f"{sum(answer.requests for answer in questions) / len(questions):.2f}",
        f"{direct} of {len(questions)}",
        f"{told:,} of {facts:,}",
        f"{sum(answer.requests for answer in commands) / max(len(commands), 1):.2f}",
    )
    return " | ".join(cells)


def _miss(where: str, answer: Answer, *, is_live: bool) -> Iterator[str]:
    """Write what was wrong with one answer, if anything."""
    if is_live and answer.is_needless:
        yield f"\n{where}: {answer.text!r}: everything was told, but the simulated mind looked"
    if not answer.false and (not answer.missing or (answer.is_command and not is_live)):
        return
    yield ""
    yield f"{where}: {answer.text!r}, {answer.requests} requests"
    if answer.missing:
        yield f"  not told, {len(answer.missing)} of {answer.facts}: {'; '.join(answer.missing[:_SHOWN])}"
    yield from (f"  false: {text}" for text in answer.false[:_SHOWN])
    if is_live:
        yield from (f"    {line}" for line in answer.block.splitlines())

"""Command line of the benchmark of live conversations; `benchmarks/live.py` starts it in the right environment."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
import sys
from typing import Final

from benchmarks.voice_turns.figures import Figure, failures
from benchmarks.voice_turns.report import heading, lines, write_json
from tests.harness.home_assistant import home_assistant_release
from tests.harness.log import log_faults
from tests.harness.sample_home import INTEGRATION

from . import leak, load, turns
from .place import Amounts, Place, place

type Measure = Callable[[Place], Awaitable[list[Figure]]]

SECTIONS: Final[dict[str, Measure]] = {
    "first": turns.measure_first,
    "stops": turns.measure_stops,
    "load": load.measure,
    "leak": leak.measure,
}
WATCHED: Final = {"stops"}
"""Sections with a relay that watches the bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    amounts: Amounts
    sections: Sequence[str]
    json: Path | None
    integration: Path


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    usual = Amounts()
    many = ",".join(str(count) for count in usual.many)
    parser = argparse.ArgumentParser(prog="benchmarks/live.py", description="What a live conversation costs.")
    parser.add_argument("--release", help="Home Assistant's release, of those in .venv/, or both (default 2026.11)")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"sections, of {','.join(SECTIONS)} (default all)")
    parser.add_argument("--turns", type=int, default=usual.turns, help="turns of first (default %(default)s)")
    parser.add_argument("--open", default=many, help="conversations at once (default %(default)s)")
    parser.add_argument("--closed", type=int, default=usual.closed, help="opened and closed (default %(default)s)")
    parser.add_argument(
        "--watched-s", type=float, default=usual.watched_s, help="of CPU and loop (default %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--integration", type=Path, default=INTEGRATION, help="a changed copy to measure instead")
    read = parser.parse_args(arguments)
    sections = read.only.split(",")
    if unknown := set(sections) - SECTIONS.keys():
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    return Options(
        amounts=Amounts(
            turns=read.turns,
            many=tuple(int(count) for count in read.open.split(",")),
            watched_s=read.watched_s,
            closed=read.closed,
        ),
        sections=sections,
        json=read.json,
        integration=read.integration.resolve(),
    )


async def run(options: Options) -> None:
    """Measure each section in a home of its own, and report."""
    release = home_assistant_release()
    print(heading(release))
    figures: list[Figure] = []
    for name in options.sections:
        print(f"[{name}: starting]", file=sys.stderr, flush=True)
        found = await _section(name, options)
        figures += found
        for line in lines(found):
            print(line, flush=True)
        if options.json:
            write_json(options.json, release, figures)


async def _section(name: str, options: Options) -> list[Figure]:
    """Measure one section; what is no figure but wrong is reported with it."""
    async with place(options.amounts, options.integration, is_watched=name in WATCHED) as where:
        started = len(where.home.process.log())
        figures = await SECTIONS[name](where)
        figures += failures(f"{name}: Home Assistant's log", log_faults(where.home.process.log()[started:]))
        figures += failures(f"{name}: what the service would refuse", await where.simulator.violations())
    return figures


if __name__ == "__main__":
    asyncio.run(run(read_options(sys.argv[1:])))

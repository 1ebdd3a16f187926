"""Command line of the voice benchmark; `benchmarks/voice.py` starts it in the right environment."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
import sys
from typing import Final

from tests.harness.home_assistant import home_assistant_release
from tests.harness.log import log_faults
from tests.harness.sample_home import INTEGRATION

from . import barge, classic, latency, leak, local, pairs, streams, waiting
from .figures import Figure, failures
from .place import QUICK, Place, Rounds, place
from .report import heading, lines, write_json

BOTH: Final = "both"

type Measure = Callable[[Place], Awaitable[list[Figure]]]

SECTIONS: Final[dict[str, Measure]] = {
    "latency": latency.measure,
    "classic": classic.measure,
    "wait": waiting.measure,
    "local": local.measure,
    "streams": streams.measure,
    "pairs": pairs.measure,
    "leak": leak.measure,
    "barge": barge.measure,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    rounds: Rounds
    sections: Sequence[str]
    json: Path | None
    """With the release in its name where both are measured."""
    integration: Path


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/voice.py", description="What a spoken turn costs.")
    parser.add_argument("--release", help="Home Assistant's release, of those in .venv/, or both (default 2026.11)")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"sections, of {','.join(SECTIONS)} (default all)")
    parser.add_argument("--turns", type=int, default=Rounds().turns, help="turns of each kind (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a few turns of each kind, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--integration", type=Path, default=INTEGRATION, help="a changed copy to measure instead")
    read = parser.parse_args(arguments)
    sections = read.only.split(",")
    if unknown := set(sections) - SECTIONS.keys():
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    return Options(
        rounds=QUICK if read.quick else Rounds(turns=read.turns),
        sections=sections,
        json=_json_path(read.json, read.release),
        integration=read.integration.resolve(),
    )


async def run(options: Options) -> None:
    """Measure each section in a home of its own, and report."""
    release = home_assistant_release()
    print(heading(release))
    figures: list[Figure] = []
    for name in options.sections:
        _say(f"{name}: starting")
        found = await _section(name, options, release)
        figures += found
        for line in lines(found):
            print(line, flush=True)
        if options.json:
            write_json(options.json, release, figures)


async def _section(name: str, options: Options, release: str) -> list[Figure]:
    """Measure one section; what is no figure but wrong is reported with it."""
    async with place(options.rounds, options.integration, release) as where:
        started = len(where.home.process.log())
        figures = await SECTIONS[name](where)
        faults = log_faults(where.home.process.log()[started:])
        figures += failures(f"{name}: Home Assistant's log", faults)
        figures += failures(f"{name}: what the service would refuse", await where.all_violations())
    return figures


def _json_path(path: Path | None, release: str | None) -> Path | None:
    """Give each of both releases a file of its own."""
    if path is None or release != BOTH:
        return path
    return path.with_stem(f"{path.stem}-{home_assistant_release()}")


def _say(text: str) -> None:
    """Tell what is going on, beside the report."""
    print(f"[{text}]", file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(run(read_options(sys.argv[1:])))

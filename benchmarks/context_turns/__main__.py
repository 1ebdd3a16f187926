"""Command line of the context benchmark; `benchmarks/context.py` starts it in the right environment."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import sys

from benchmarks.text_turns.process import bench_folder
from tests.harness.client import HomeAssistantClient
from tests.harness.home_assistant import home_assistant_release
from tests.harness.sample_home import INTEGRATION
from tests.harness.simulator import SimulatorProcess
from tests.harness.websocket import HomeAssistantSocket

from .asking import LIVE, Asker, add_agents
from .figures import ModeFigures, SizeFigures, answers_of, builds_of, leaks_of
from .home import COMPONENT, ContextHome, arrange
from .prefix import QUESTION, ROOM, measure_prefixes
from .questions import questions_for
from .report import Report

DEFAULT_SIZES = "50,200,1000"
QUICK_SIZES = "50"
ROUNDS = 30
QUICK_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    sizes: Sequence[int]
    json: Path | None
    integration: Path
    is_quick: bool


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/context.py", description="What a model is told of a home.")
    parser.add_argument("--release", help="Home Assistant's release, of those in .venv/ (default 2026.10)")
    parser.add_argument("--sizes", help=f"sizes of the home (default {DEFAULT_SIZES})")
    parser.add_argument("--quick", action="store_true", help="a small home, few rounds, no wait for the next minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--integration", type=Path, default=INTEGRATION, help="a changed copy to measure instead")
    read = parser.parse_args(arguments)
    sizes = read.sizes or (QUICK_SIZES if read.quick else DEFAULT_SIZES)
    return Options(
        sizes=[int(size) for size in sizes.split(",")],
        json=read.json,
        integration=read.integration.resolve(),
        is_quick=read.quick,
    )


async def run(options: Options) -> bool:
    """Measure every size and report; whether all goals are met."""
    sizes = []
    for size in options.sizes:
        async with bench_folder() as folder, SimulatorProcess() as simulator:
            _say(f"a home of {size} devices: starting")
            home = ContextHome(folder, size, options.integration)
            async with home.session() as client, client.websocket() as socket:
                sizes.append(await _measure(home, client, socket, simulator, options))
    report = Report(release=home_assistant_release(), sizes=sizes)
    for line in report.lines():
        print(line)
    if options.json:
        report.write_json(options.json)
    return report.is_good


async def _measure(
    home: ContextHome,
    client: HomeAssistantClient,
    socket: HomeAssistantSocket,
    simulator: SimulatorProcess,
    options: Options,
) -> SizeFigures:
    """Ask everything of both modes in one home."""
    await simulator.reset()
    satellites = await arrange(client, socket, home)
    agents = await add_agents(client, socket, simulator.url)
    asker = Asker(socket=socket, simulator=simulator, satellites=satellites, devices=home.devices)
    modes: dict[str, ModeFigures] = {}
    for agent in agents:
        _say(f"a home of {home.entities} devices: asking, {agent.mode}")
        asked = await asker.ask_all(agent, questions_for(home.devices))
        prefixes = await measure_prefixes(client, asker, agent, waits=agent.mode == LIVE and not options.is_quick)
        modes[agent.mode] = ModeFigures(answers=answers_of(asked, home.devices, agent.mode), prefixes=prefixes)
    _say(f"a home of {home.entities} devices: writing prompts")
    # Last, because it changes the registry.
    measured = await client.call_service(
        COMPONENT.name,
        "measure",
        response=True,
        sentence=QUESTION,
        device_id=satellites[ROOM],
        rounds=QUICK_ROUNDS if options.is_quick else ROUNDS,
    )
    state = await simulator.control("GET", "state")
    return SizeFigures(
        size=home.entities,
        modes=modes,
        builds=builds_of(measured),
        leaks=leaks_of(state["requests"]),
        violations=state["violations"],
    )


def _say(text: str) -> None:
    """Tell what is going on, beside the report."""
    print(f"[{text}]", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(run(read_options(sys.argv[1:]))) else 1)

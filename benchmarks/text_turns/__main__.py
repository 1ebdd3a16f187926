"""Command line of the text benchmark; `benchmarks/text.py` starts it in the right environment."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
import json
from pathlib import Path
import sys

from tests.harness.home_assistant import home_assistant_release
from tests.harness.sample_home import INTEGRATION
from tests.simulator.schema import schema_errors

from .agents import Agent, AgentName, add_agents, leave_only
from .answers import MODEL
from .figures import FreshFigures, SizeFigures, size_figures
from .home import arrange_bench_home
from .measure import SENTENCE, TOOL_SENTENCE, fresh, interleaved, processor_ms
from .process import BenchHome, BenchServer, bench_folder
from .profile import profile
from .report import Report, profile_lines
from .wire import Wire

DEFAULT_ENTITIES = "50,200,1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    rounds: int
    sizes: Sequence[int]
    json: Path | None
    integration: Path
    has_fresh: bool
    has_profile: bool


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/text.py", description="What a text turn costs.")
    parser.add_argument("--release", help="Home Assistant's release, of those in .venv/ (default 2026.10)")
    parser.add_argument("--turns", type=int, default=60, help="turns of each agent and size (default 60)")
    parser.add_argument("--entities", default=DEFAULT_ENTITIES, help=f"sizes of the home (default {DEFAULT_ENTITIES})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--integration", type=Path, default=INTEGRATION, help="a changed copy to measure instead")
    parser.add_argument("--no-fresh", action="store_true", help="leave out first turn and memory")
    parser.add_argument("--profile", action="store_true", help="sample where the time goes, in the smallest home")
    read = parser.parse_args(arguments)
    return Options(
        rounds=read.turns,
        sizes=[int(size) for size in read.entities.split(",")],
        json=read.json,
        integration=read.integration.resolve(),
        has_fresh=not read.no_fresh,
        has_profile=read.profile,
    )


async def run(options: Options) -> None:
    """Measure every size, the first one also in fresh processes, and report."""
    sizes: list[SizeFigures] = []
    started: dict[AgentName, FreshFigures] = {}
    for size in options.sizes:
        async with bench_folder() as folder:
            server = BenchServer(folder)
            await server.start()
            try:
                home = BenchHome(folder, size, server.base_url, options.integration)
                figures, agents = await _measure(home, server, options, is_first=not sizes)
                sizes.append(figures)
                if options.has_fresh and not started:
                    started = await _measure_fresh(home, server, agents)
            finally:
                await server.stop()
    report = Report(release=home_assistant_release(), rounds=options.rounds, sizes=sizes, fresh=started)
    for line in report.lines():
        print(line)
    if options.json:
        report.write_json(options.json)


async def _measure(
    home: BenchHome, server: BenchServer, options: Options, *, is_first: bool
) -> tuple[SizeFigures, list[Agent]]:
    """Build one home and measure all agents in it."""
    _say(f"a home of {home.entities} entities: starting")
    async with home.session() as client, client.websocket() as socket:
        await arrange_bench_home(client, socket, home.entities)
        agents = await add_agents(client, socket, server.base_url)
        async with Wire.open(client) as wire:
            _say(f"a home of {home.entities} entities: measuring")
            plain = await interleaved(wire, server, agents, SENTENCE, options.rounds)
            bodies = {_owner(model): body for model, body in (await server.last_bodies()).items()}
            with_tool = await interleaved(wire, server, agents, TOOL_SENTENCE, options.rounds)
            cpu = await processor_ms(wire, home, agents)
            if is_first and options.has_profile:
                for agent in agents:
                    for line in profile_lines(agent.name, await profile(client, wire, agent)):
                        print(line)
        if is_first and options.has_fresh:
            await leave_only(socket, agents, agents[0].name)
    _check_request(bodies[AgentName.GROK])
    sizes = {name: len(body) for name, body in bodies.items()}
    return size_figures(home.entities, plain, with_tool, cpu, sizes), agents


async def _measure_fresh(home: BenchHome, server: BenchServer, agents: list[Agent]) -> dict[AgentName, FreshFigures]:
    """Measure each agent alone in a process that has just started; the first one is alone already."""
    found = {}
    for agent, following in zip_longest(agents, agents[1:]):
        _say(f"{agent.name} alone in a fresh process")
        found[agent.name] = FreshFigures.of(await fresh(home, server, agent, agents, following))
    return found


def _owner(model: str) -> AgentName:
    """Tell whose request names this model."""
    return AgentName.GROK if model == MODEL else AgentName.OPENAI


def _check_request(body: str) -> None:
    """End the bench where our request breaks the schema: figures of such requests say nothing."""
    if errors := schema_errors("responses.request", json.loads(body)):
        sys.exit(f"the request is not legal: {errors}")


def _say(text: str) -> None:
    """Tell what is going on, beside the report."""
    print(f"[{text}]", file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(run(read_options(sys.argv[1:])))

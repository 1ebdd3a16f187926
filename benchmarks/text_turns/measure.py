"""Measurements: turns of all agents interleaved, processor time in blocks, and a fresh process for each agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .agents import Agent, AgentName, leave_only
from .answers import ANSWER, TOOL_WORD
from .process import BenchHome, BenchServer
from .server import Served
from .wire import Turn, TurnError, Wire

SENTENCE: Final = "Is the light in the living room on"
TOOL_SENTENCE: Final = f"What does the {TOOL_WORD} say"
WARM_UP: Final = 15
CPU_ROUNDS: Final = 3
CPU_BLOCK: Final = 60
STARTS: Final = 3
LATER: Final = 20
GROWTH_TURNS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one turn cost, in milliseconds; the server's own time is taken off."""

    overhead_ms: float
    """From sending the sentence to the end of the run, without the server's time."""
    until_request_ms: float | None
    """From sending the sentence until the server had read the request; None where there is none."""
    until_words_ms: float | None
    """From the last answer's being written until the first word was at the client."""
    connections: int
    """Connections that were opened for it; each costs a handshake of TCP and TLS on the real way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What one agent costs in processes in which nobody talked before."""

    first_ms: list[float]
    """Of each start."""
    later_ms: list[float]
    later_connections: int
    """Connections opened by all later turns together."""
    resident_mb: float
    """After the later turns."""
    growth_mb: float
    """Over 500 turns more."""
    cpu_ms: float
    """Processor time of one of these turns."""


async def interleaved(
    wire: Wire, server: BenchServer, agents: Sequence[Agent], sentence: str, rounds: int
) -> dict[AgentName, list[Cost]]:
    """Let the agents take turns, another one first in each round."""
    turns: list[tuple[AgentName, Turn]] = []
    for number in range(WARM_UP + rounds):
        if number == WARM_UP:
            turns.clear()
        for place in range(len(agents)):
            agent = agents[(number + place) % len(agents)]
            turns.append((agent.name, await _turn(wire, agent, sentence)))
    served = await server.served()
    costs: dict[AgentName, list[Cost]] = {agent.name: [] for agent in agents}
    for name, turn in turns:
        costs[name].append(_cost(turn, served))
    return costs


async def processor_ms(wire: Wire, home: BenchHome, agents: Sequence[Agent]) -> dict[AgentName, list[float]]:
    """Measure Home Assistant's processor time of a turn, in blocks of turns of one agent."""
    spent: dict[AgentName, list[float]] = {agent.name: [] for agent in agents}
    for _ in range(CPU_ROUNDS):
        for agent in agents:
            spent[agent.name].append(await _block_ms(wire, home, agent, CPU_BLOCK))
    return spent


async def fresh(
    home: BenchHome, server: BenchServer, kept: Agent, agents: Sequence[Agent], following: Agent | None
) -> Fresh:
    """Start the home with one agent alone, several times, and measure first turns, later ones and its memory.

    The home must be stopped, and `kept` the only agent that is not disabled; in the end `following` is that.
    """
    first: list[float] = []
    later: list[Cost] = []
    for number in range(STARTS):
        async with home.session() as client, Wire.open(client) as wire:
            await server.served()
            turns = [await _turn(wire, kept, SENTENCE) for _ in range(1 + LATER)]
            served = await server.served()
            costs = [_cost(turn, served) for turn in turns]
            first.append(costs[0].overhead_ms)
            later += costs[1:]
            if number < STARTS - 1:
                continue
            before = home.resident_mb()
            cpu_ms = await _block_ms(wire, home, kept, GROWTH_TURNS)
            after = home.resident_mb()
            if following is not None:
                async with client.websocket() as socket:
                    await leave_only(socket, agents, following.name)
    return Fresh(
        first_ms=first,
        later_ms=[cost.overhead_ms for cost in later],
        later_connections=sum(cost.connections for cost in later),
        resident_mb=before,
        growth_mb=after - before,
        cpu_ms=cpu_ms,
    )


async def _turn(wire: Wire, agent: Agent, sentence: str) -> Turn:
    """Run one turn and check that it was answered.

    Raises:
        TurnError: the agent said something else.
    """
    turn = await wire.turn(agent.entity_id, sentence)
    if turn.speech != ANSWER:
        message = f"{agent.name} said: {turn.speech!r}"
        raise TurnError(message)
    return turn


async def _block_ms(wire: Wire, home: BenchHome, agent: Agent, turns: int) -> float:
    """Run a block of turns and give the processor time of one."""
    before = home.processor_s()
    for _ in range(turns):
        await _turn(wire, agent, SENTENCE)
    return (home.processor_s() - before) * 1000 / turns


def _cost(turn: Turn, served: list[Served]) -> Cost:
    """Take the server's part out of a turn; turns never overlap, so time tells which request is whose."""
    own = [entry for entry in served if turn.sent_at <= entry.read_at <= turn.done_at]
    server_s = sum(entry.written_at - entry.read_at for entry in own)
    return Cost(
        overhead_ms=(turn.done_at - turn.sent_at - server_s) * 1000,
        until_request_ms=(own[0].read_at - turn.sent_at) * 1000 if own else None,
        until_words_ms=(turn.first_delta_at - own[-1].written_at) * 1000 if own else None,
        connections=sum(entry.is_first for entry in own),
    )

"""Where the time of a turn goes inside Home Assistant: stacks of a sampler, told by part, by our line, by function."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Final

from tests.harness.client import HomeAssistantClient

from .agents import Agent, AgentName
from .measure import SENTENCE
from .wire import Wire

PERIOD_S: Final = 0.002
TURNS: Final = 1500
SHOWN: Final = 40
_LINE: Final = re.compile(r":\d+\)$")
_IDLE: Final = "selectors.py"
# The first that is found in a stack from its innermost frame outwards names the part.
PARTS: Final = {
    "grok_assist/": "grok_assist",
    "openai_conversation/": "openai_conversation",
    "bench_floor/": "bench_floor",
    "openai/": "openai SDK",
    "httpx/": "httpx",
    "httpx2/": "httpx",
    "httpcore/": "httpcore",
    "httpcore2/": "httpcore",
    "h11/": "h11",
    "anyio/": "anyio",
    "pydantic/": "pydantic",
    "homeassistant/components/conversation/": "HA conversation",
    "homeassistant/components/assist_pipeline/": "HA assist_pipeline",
    "homeassistant/components/websocket_api/": "HA websocket",
    "homeassistant/helpers/llm.py": "HA llm",
    "homeassistant/helpers/template": "HA template",
    "jinja2/": "HA template",
    "yaml/": "yaml",
    "homeassistant/": "HA rest",
    "aiohttp/": "aiohttp server",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Milliseconds of one turn, each list sorted from the dearest."""

    total_ms: float
    parts: list[tuple[str, float]]
    """By the innermost frame that belongs to a known part."""
    own_lines: list[tuple[str, float]]
    """By the innermost line of the agent's own integration: with all that it calls."""
    functions: list[tuple[str, float]]
    """By function with all that it calls."""


async def profile(client: HomeAssistantClient, wire: Wire, agent: Agent) -> Profile:
    """Sample the event loop over many turns of one agent."""
    service = (AgentName.FLOOR, "sample")
    for _ in range(20):
        await wire.turn(agent.entity_id, SENTENCE)
    await client.call_service(*service, period_s=PERIOD_S)
    for _ in range(TURNS):
        await wire.turn(agent.entity_id, SENTENCE)
    seen = await client.call_service(*service, response=True)
    return read_stacks(seen["stacks"], seen["period_s"] * 1000 / TURNS, f"{agent.name}/")


def read_stacks(stacks: Mapping[str, int], sample_ms: float, own: str) -> Profile:
    """Add up stacks; one sample stands for so many milliseconds of a turn."""
    parts: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for stack, count in stacks.items():
        frames = stack.split(";")
        if _IDLE in frames[-1]:
            continue
        parts[_part(frames)] += count
        ours = [frame for frame in frames if f"({own}" in frame]
        lines[ours[-1] if ours else "(elsewhere)"] += count
        functions.update(dict.fromkeys({_LINE.sub(")", frame) for frame in frames}, count))

    def dearest(counts: Counter[str]) -> list[tuple[str, float]]:
        """Give the first entries in milliseconds."""
        return [(name, count * sample_ms) for name, count in counts.most_common(SHOWN)]

    return Profile(
        total_ms=parts.total() * sample_ms,
        parts=dearest(parts),
        own_lines=dearest(lines),
        functions=dearest(functions),
    )


def _part(frames: list[str]) -> str:
    """Name the part that a stack is spent in."""
    for frame in reversed(frames):
        for place, part in PARTS.items():
            if f"({place}" in frame:
                return part
    return "event loop and rest"

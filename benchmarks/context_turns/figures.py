"""Tokens, round trips, facts, goals: plain numbers out of what the service received."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
from statistics import mean, median
from typing import Any, Final

from tests.simulator.responses.cache import PrefixCache
from tests.simulator.responses.tokens import prompt_bytes, prompt_tokens

from .asking import LIVE, LOOK, ON_DEMAND, Asked
from .prefix import NEXT_TURN, Prefix
from .rooms import SECRET, Device
from .told import read_block, read_results

PREFIX_GOALS: Final = {50: 0.85, 1000: 0.97}
TOKENS_GOAL: Final = 0.5
BUILD_GOAL_MS: Final = 3.0
BIG: Final = 1000
_SECRET_MARKS: Final = (SECRET.lower(), SECRET.lower().replace(" ", "_"))

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What could be told for one question."""

    text: str
    is_command: bool
    requests: int
    looks: int
    """Calls of the tool that tells states."""
    facts: int
    missing: Sequence[str]
    """Facts that could not be told."""
    false: Sequence[str]
    """What was told and is not so."""
    block: str
    speech: str
    tokens: int
    instructions: int
    tools: int
    cached: int
    """Of the first request, as the simulator counts."""
    is_direct: bool
    """Whether the first request told everything."""

    @property
    def is_needless(self) -> bool:
        """Whether the simulated mind looked although everything was told: it understands less than a model."""
        return self.is_direct and self.looks > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeFigures:
    """One mode in a home of one size."""

    answers: Sequence[Answer]
    prefixes: Sequence[Prefix]

    @property
    def questions(self) -> list[Answer]:
        """The questions about states."""
        return [answer for answer in self.answers if not answer.is_command]

    @property
    def commands(self) -> list[Answer]:
        """The commands."""
        return [answer for answer in self.answers if answer.is_command]

    @property
    def parts(self) -> tuple[float, float, float, float]:
        """Mean tokens of a first request: all, instructions, tools, and the rest."""
        tokens, instructions, tools = (
            mean(getattr(answer, name) for answer in self.answers) for name in ("tokens", "instructions", "tools")
        )
        return tokens, instructions, tools, tokens - instructions - tools

    @property
    def cached_share(self) -> float:
        """Cached tokens of the first requests after the very first one."""
        later = self.answers[1:]
        return sum(answer.cached for answer in later) / sum(answer.tokens for answer in later)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeFigures:
    """A home of one size."""

    size: int
    modes: dict[str, ModeFigures]
    builds: dict[str, dict[str, float]]
    """Milliseconds by way to write, where nothing (`same`) and something (`changed`) changed."""
    leaks: Sequence[str]
    """Requests in which something stood that is not exposed."""
    violations: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal and what came out."""

    text: str
    limit: float
    figure: float
    is_least: bool = False
    """Whether the limit is the least that is good enough, not the most."""

    @property
    def is_met(self) -> bool:
        """Whether the figure is good enough."""
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit


def answers_of(asked: Sequence[Asked], devices: Sequence[Device], mode: str) -> list[Answer]:
    """Hold what was received against the facts."""
    cache = PrefixCache()
    return [_answer(one, devices, mode, cache) for one in asked]


def leaks_of(requests: Sequence[Json]) -> list[str]:
    """Find what is not exposed in anything that was received."""
    found = []
    for number, request in enumerate(requests):
        text = json.dumps(request, ensure_ascii=False).lower()
        found += [
            f"request {number}: …{text[at - 60 : at + 60]}…" for mark in _SECRET_MARKS if (at := text.find(mark)) >= 0
        ]
    return found


def builds_of(measured: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """Sum up the times of writing."""
    return {way: {name: median(values) for name, values in times.items()} for way, times in measured.items()}


def goals(sizes: Sequence[SizeFigures]) -> Iterator[Goal]:
    """Hold the figures against what was asked for."""
    for size in sizes:
        live = size.modes[LIVE]
        at = f"at N = {size.size}"
        direct = sum(answer.is_direct for answer in live.questions)
        yield Goal(
            text=f"state questions that the first request tells {at}",
            limit=len(live.questions),
            figure=direct,
            is_least=True,
        )
        yield Goal(text=f"false statements {at}", limit=0, figure=sum(len(answer.false) for answer in live.answers))
        yield Goal(text=f"looks of commands {at}", limit=0, figure=sum(answer.looks for answer in live.commands))
        unstable = sum(not prefix.is_stable for prefix in live.prefixes)
        yield Goal(text=f"prompts that differ before the block {at}", limit=0, figure=unstable)
        yield Goal(text=f"requests with a secret {at}", limit=0, figure=len(size.leaks))
        yield Goal(text=f"requests that xAI would refuse {at}", limit=0, figure=len(size.violations))
        if (least := PREFIX_GOALS.get(size.size)) is not None:
            share = min(prefix.share for prefix in live.prefixes if prefix.change != NEXT_TURN)
            yield Goal(text=f"prefix that stays the same {at}", limit=least, figure=share, is_least=True)
        if size.size == BIG:
            ratio = live.parts[0] / size.modes[ON_DEMAND].parts[0]
            yield Goal(text=f"prompt beside the stock one {at}", limit=TOKENS_GOAL, figure=ratio)
            yield Goal(
                text=f"ms to write an unchanged prompt {at}", limit=BUILD_GOAL_MS, figure=size.builds[LIVE]["same"]
            )


def _answer(asked: Asked, devices: Sequence[Device], mode: str, cache: PrefixCache) -> Answer:
    """Read one turn; all requests of it go through the cache, as they did at the service."""
    meant = [device for device in devices if asked.question.about(device)]
    first, last = asked.bodies[0], asked.bodies[-1]
    told = read_block(first) if mode == LIVE else read_results(last)
    prompts = [prompt_bytes(body, body["input"]) for body in asked.bodies]
    cached = [
        cache.cached_tokens(prompt, key_id="", model=body["model"], hint=body.get("prompt_cache_key"))
        for prompt, body in zip(prompts, asked.bodies, strict=True)
    ]
    missing = [f"{device.name}: {device.state}" for device in meant if not told.tells(device, asked.question.detail)]
    calls = [item for item in last["input"] if item.get("type") == "function_call" and item["name"] == LOOK]
    earlier = [item for item in first["input"] if item.get("type") == "function_call" and item["name"] == LOOK]
    return Answer(
        text=asked.question.text,
        is_command=asked.question.is_command,
        requests=len(asked.bodies),
        looks=len(calls) - len(earlier),
        facts=len(meant),
        missing=[f"{device.name}: {device.state}" for device in meant if not told.tells(device, asked.question.detail)],
        false=told.falsehoods(devices),
        block=told.text,
        speech=asked.speech,
        tokens=prompt_tokens(prompts[0]),
        instructions=prompt_tokens(prompt_bytes({"instructions": first.get("instructions")}, [])),
        tools=prompt_tokens(prompt_bytes({"tools": first.get("tools")}, [])),
        cached=cached[0],
        is_direct=not missing and (mode == LIVE or len(asked.bodies) == 1),
    )

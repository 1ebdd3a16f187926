"""What one reply of the service cost, as its usage tells.

Wire facts: xAI OpenAPI document and docs.x.ai "Responses API", read 2026-11-20.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.json_types import whole
from ..core.models import TICKS_PER_USD
from ..core.usage.ledger import MOST_COUNTED, MOST_TICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one reply cost; `cached_tokens` are part of `input_tokens`, `reasoning_tokens` of `output_tokens`."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    searches: int = 0
    """Calls of the service's own tools: of the web, of X, of documents."""
    cost_usd: float | None = None
    """As the service reports it; None where it does not."""

    def __add__(self, other: Usage) -> Usage:
        """Add up two replies; the cost stays unknown only if both are."""
        costs = [usage.cost_usd for usage in (self, other) if usage.cost_usd is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            searches=self.searches + other.searches,
            cost_usd=sum(costs) if costs else None,
        )


def parse_usage(usage: Mapping[str, object]) -> Usage:
    """Read the usage of a reply; total may exceed the sum of its parts, so parts are read one by one.

    What makes no sense counts as nothing: no reply may make smaller what was spent.
    """
    read = _count(usage, "input_tokens")
    output = _count(usage, "output_tokens")
    return Usage(
        input_tokens=read,
        cached_tokens=min(read, _count(usage.get("input_tokens_details"), "cached_tokens")),
        output_tokens=output,
        reasoning_tokens=min(output, _count(usage.get("output_tokens_details"), "reasoning_tokens")),
        searches=_count(usage, "num_server_side_tools_used"),
        # No reply in words is for nothing: a zero was not told, and is estimated by the price list.
        cost_usd=parse_cost(usage) or None,
    )


def parse_cost(usage: object) -> float | None:
    """Read the cost in a reply's usage, in US dollars; None where the service tells none that can be true."""
    ticks = whole(usage.get("cost_in_usd_ticks")) if isinstance(usage, Mapping) else None
    return None if ticks is None or ticks > MOST_TICKS else ticks / TICKS_PER_USD


def _count(mapping: object, key: str) -> int:
    """Read a count that may be absent, null or nonsense."""
    count = whole(mapping.get(key)) if isinstance(mapping, Mapping) else None
    return 0 if count is None or count > MOST_COUNTED else count

"""What a response costs, in the tokens and ticks that the API reports."""

from dataclasses import dataclass
from typing import Final

from ..jsontypes import JsonObject
from .models import Model

# 10^10 ticks are one US dollar, so one tick is a US cent per 100 million tokens: prices need no conversion.
TICKS_PER_USD: Final = 10_000_000_000
SEARCH_TICKS: Final = TICKS_PER_USD * 5 // 1_000
# "File Attachments … $10 / 1k calls" (docs.x.ai, pricing).
DOCUMENT_SEARCH_TICKS: Final = TICKS_PER_USD * 10 // 1_000
_TOOL_KINDS: Final = (
    "web_search_calls",
    "x_search_calls",
    "x_posts_fetched",
    "x_users_fetched",
    "code_interpreter_calls",
    "file_search_calls",
    "mcp_calls",
    "document_search_calls",
    "image_generation_calls",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """Everything of one response that is counted."""

    input_tokens: int
    cached_tokens: int
    visible_tokens: int
    reasoning_tokens: int
    web_searches: int = 0
    x_searches: int = 0
    document_searches: int = 0
    sources: int = 0

    @property
    def searches(self) -> int:
        """Searches of the web and of X, which cost the same."""
        return self.web_searches + self.x_searches

    @property
    def server_side_calls(self) -> int:
        """Server-side calls of all kinds."""
        return self.searches + self.document_searches

    @property
    def calls_cost(self) -> int:
        """What the server-side calls cost in ticks."""
        return self.searches * SEARCH_TICKS + self.document_searches * DOCUMENT_SEARCH_TICKS


def cost_in_ticks(model: Model, used: Consumption) -> int:
    """Give the price of one response; reasoning costs as much as visible output."""
    fresh_tokens = used.input_tokens - used.cached_tokens
    tokens_cost = (
        fresh_tokens * model.prompt_price
        + used.cached_tokens * model.cached_price
        + (used.visible_tokens + used.reasoning_tokens) * model.completion_price
    )
    return tokens_cost * model.price_factor(used.input_tokens) + used.calls_cost


def usage(model: Model, used: Consumption) -> JsonObject:
    """Give the `usage` object of a response."""
    output_tokens = used.visible_tokens + used.reasoning_tokens
    tools = dict.fromkeys(_TOOL_KINDS, 0)
    tools |= {
        "web_search_calls": used.web_searches,
        "x_search_calls": used.x_searches,
        "document_search_calls": used.document_searches,
    }
    return {
        "input_tokens": used.input_tokens,
        "input_tokens_details": {"cached_tokens": used.cached_tokens},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
        "total_tokens": used.input_tokens + output_tokens,
        "num_sources_used": used.sources,
        "num_server_side_tools_used": used.server_side_calls,
        "cost_in_usd_ticks": cost_in_ticks(model, used),
        "server_side_tool_usage_details": tools,
    }

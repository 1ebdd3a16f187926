"""The prefix cache counts honestly, and costs follow from the counts."""

from hypothesis import given, settings, strategies as st

from ..simulator.jsontypes import JsonObject
from ..simulator.responses.billing import Consumption, cost_in_ticks, usage
from ..simulator.responses.cache import BLOCK_TOKENS, PrefixCache
from ..simulator.responses.models import Catalogue
from ..simulator.responses.tokens import prompt_bytes, text_tokens
from ..simulator.script import reply, search_reply
from ..simulator.server import Simulator
from .asking import LAMP_TOOL, MODEL, Asker, user_item

_RULES = "You are the voice of a house. " * 40


async def test_cache_pays_for_the_common_beginning(asker: Asker) -> None:
    """A second turn of one conversation finds the first one cached, in blocks."""
    first = await _usage(asker, [user_item("Hello")], prompt_cache_key="a")
    second = await _usage(asker, [user_item("Hello"), user_item("And now?")], prompt_cache_key="a")
    assert first["input_tokens_details"]["cached_tokens"] == 0
    cached = second["input_tokens_details"]["cached_tokens"]
    assert cached % BLOCK_TOKENS == 0
    assert first["input_tokens"] - BLOCK_TOKENS < cached <= first["input_tokens"]
    assert second["cost_in_usd_ticks"] < first["cost_in_usd_ticks"]


async def test_cache_misses(asker: Asker) -> None:
    """Another key, no key, another model, changed tools or changed instructions find little or nothing."""
    turn = [user_item("Hello")]
    await _usage(asker, turn, prompt_cache_key="a")
    for fields in (
        {"prompt_cache_key": "b"},
        {},
        {"prompt_cache_key": "a", "model": "grok-4.5"},
        {"prompt_cache_key": "a", "tools": [LAMP_TOOL]},
        {"prompt_cache_key": "a", "instructions": "Now: 12:00. " + _RULES},
    ):
        used = await _usage(asker, turn, **fields)
        assert used["input_tokens_details"]["cached_tokens"] == 0, fields


async def test_short_prompts_are_not_cached(asker: Asker) -> None:
    """Below a minimum there is no cache."""
    for _ in range(2):
        answer = await asker.ask(prompt_cache_key="a")
        assert answer.body["usage"]["input_tokens_details"]["cached_tokens"] == 0


def test_order_of_the_prompt() -> None:
    """Tools come first, then instructions, then the items."""
    body: JsonObject = {"tools": [LAMP_TOOL], "instructions": "Be nice."}
    prompt = prompt_bytes(body, [user_item("Hello")]).decode()
    assert prompt.index("HassTurnOn") < prompt.index("Be nice.") < prompt.index("Hello")


@settings(max_examples=30, deadline=None)
@given(prompts=st.lists(st.binary(max_size=2_000), min_size=2, max_size=4))
def test_cached_tokens_are_common_prefixes(prompts: list[bytes]) -> None:
    """No more is ever cached than some earlier prompt shares."""
    cache = PrefixCache()
    seen: list[bytes] = []
    for prompt in prompts:
        tokens = cache.cached_tokens(prompt, key_id="k", model="m", hint="h")
        assert tokens == 0 or any(other.startswith(prompt[: tokens * 4]) for other in seen)
        seen.append(prompt)
    again = cache.cached_tokens(prompts[0], key_id="k", model="m", hint="h")
    assert again == (len(prompts[0]) // 256 * 64 if len(prompts[0]) >= 512 else 0)


def test_cost_by_hand() -> None:
    """The ticks are what one reckons with the price list: grok-4.3 at $1.25, $0.20 and $2.50 per million."""
    model = Catalogue().find(MODEL)
    used = Consumption(
        input_tokens=1_000, cached_tokens=400, visible_tokens=100, reasoning_tokens=50, web_searches=2, sources=3
    )
    dollars = (600 * 1.25 + 400 * 0.20 + 150 * 2.50) / 1_000_000 + 2 * 0.005
    assert cost_in_ticks(model, used) == round(dollars * 10_000_000_000)
    assert usage(model, used)["total_tokens"] == 1_150


def test_long_prompts_cost_double() -> None:
    """From 200,000 tokens of prompt on, grok-4.3 and grok-4.7 cost twice as much, grok-4.5 does not."""
    short = Consumption(input_tokens=100_000, cached_tokens=0, visible_tokens=0, reasoning_tokens=0)
    long = Consumption(input_tokens=200_000, cached_tokens=0, visible_tokens=0, reasoning_tokens=0)
    factors = {
        name: cost_in_ticks(Catalogue().find(name), long) // cost_in_ticks(Catalogue().find(name), short)
        for name in ("grok-4.3", "grok-4.7", "grok-4.5")
    }
    assert factors == {"grok-4.3": 4, "grok-4.7": 4, "grok-4.5": 2}


async def test_usage_counts_everything(sim: Simulator, asker: Asker) -> None:
    """Reasoning is part of the output; searches and sources are counted."""
    sim.script(reply("Yes it is.", reasoning="Let me see."), search_reply("Rain.", citations=["https://a.example"]))
    thought = (await asker.ask()).body["usage"]
    assert thought["output_tokens_details"]["reasoning_tokens"] == text_tokens("Let me see.")
    assert thought["output_tokens"] == text_tokens("Let me see.") + text_tokens("Yes it is.")
    searched = (await asker.ask()).body["usage"]
    assert (searched["num_sources_used"], searched["num_server_side_tools_used"]) == (1, 1)


async def _usage(asker: Asker, items: list[JsonObject], **fields: object) -> JsonObject:
    """Ask with long instructions and return the usage."""
    answer = await asker.ask(**{"instructions": _RULES, "input": items} | fields)
    used: JsonObject = answer.body["usage"]
    return used

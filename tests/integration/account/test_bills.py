"""What is booked of replies that tell less than they cost, and how often one question is asked."""

from collections.abc import Sequence
from contextlib import aclosing, nullcontext
import json
from typing import Final

from aiohttp import web
from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.agent_client import AgentClient
from custom_components.grok_assist.account.billing import Billing
from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.core.errors import GrokCutError, GrokError, GrokServerError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.settings import AgentSettings
from custom_components.grok_assist.core.usage.ledger import Totals, ticks
from custom_components.grok_assist.core.usage.prices import SEARCH_USD
from custom_components.grok_assist.grok.client import MOST_LESSONS
from custom_components.grok_assist.grok.messages import Request, UserMessage
from custom_components.grok_assist.runtime import GrokConfigEntry

from .test_client import Handler, client_on

REQUEST: Final = Request(
    model="grok-4.3",
    instructions="",
    messages=[UserMessage(text="Hi")],
    effort="low",
    temperature=0.5,
    max_tokens=60_000,
    cache_key="me",
)
WORDS: Final[JsonObject] = {"type": "response.output_text.delta", "delta": "Hi."}
THOUGHTS: Final[list[JsonObject]] = [
    {"type": "response.reasoning_summary_text.delta", "delta": "because of this and that " * 100} for _ in range(80)
]
ARGUMENTS: Final[list[JsonObject]] = [
    {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "x" * 2_500} for _ in range(80)
]
THOUGHT_TOKENS: Final = 80 * 625
SEARCHES: Final = 20
SEARCHED: Final[list[JsonObject]] = [
    {"type": kind, "output_index": index, "item": {"type": "web_search_call", "id": f"ws{index}"}}
    for index in range(SEARCHES)
    for kind in ("response.output_item.added", "response.web_search_call.searching", "response.output_item.done")
]


def ended(usage: JsonObject | None, output: Sequence[JsonObject] = ()) -> JsonObject:
    """End a reply."""
    return {"type": "response.completed", "response": {"model": "grok-4.3", "output": output, "usage": usage}}


def streams(*replies: Sequence[JsonObject]) -> tuple[Handler, list[JsonObject]]:
    """Make a handler that streams one reply after the other, the last again and again, and what it was asked."""
    asked: list[JsonObject] = []
    left = list(replies)

    async def handle(request: web.Request) -> web.StreamResponse:
        """Give the next."""
        asked.append(await request.json())
        events = left.pop(0) if len(left) > 1 else left[0]
        body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        return web.Response(text=body, content_type="text/event-stream")

    return handle, asked


async def booked(entry: GrokConfigEntry, handler: Handler, fails: type[GrokError] | None = None) -> Totals:
    """Ask once; return what was booked."""
    async with client_on(handler) as client:
        agent = AgentClient(
            client=client,
            billing=Billing(meter=entry.runtime_data.meter, agent="agent"),
            catalogue=entry.runtime_data.coordinator.data,
            settings=AgentSettings(),
        )
        with pytest.raises(fails) if fails is not None else nullcontext():
            async with agent.charge(REQUEST) as charge, aclosing(agent.stream(charge)) as deltas:
                _ = [delta async for delta in deltas]
    return entry.runtime_data.meter.page(UsagePeriod.TODAY).all()


@pytest.mark.parametrize("unseen", [THOUGHTS, ARGUMENTS], ids=["thoughts", "arguments"])
@pytest.mark.parametrize("is_whole", [True, False])
async def test_bill_when_untold_then_what_nobody_saw_counts(
    hass: HomeAssistant, entry: GrokConfigEntry, unseen: list[JsonObject], *, is_whole: bool
) -> None:
    """Fifty thousand tokens of thinking are billed like words, whether the line holds or breaks."""
    handler, _ = streams([*unseen, WORDS, *([ended(None)] if is_whole else [])])
    totals = await booked(entry, handler, None if is_whole else GrokError)
    assert THOUGHT_TOKENS <= totals.output_tokens < THOUGHT_TOKENS * 1.1
    assert totals.cost_usd >= THOUGHT_TOKENS * 2.5e-6


@pytest.mark.parametrize("usage", [None, {"input_tokens": 1_000, "output_tokens": 100}], ids=["untold", "no-count"])
@pytest.mark.parametrize("is_listed", [True, False])
async def test_bill_when_searches_are_untold_then_counted(
    hass: HomeAssistant, entry: GrokConfigEntry, usage: JsonObject | None, *, is_listed: bool
) -> None:
    """Each is counted once, though it is told by four events."""
    listed = [event["item"] for event in SEARCHED[::3]] if is_listed else []
    handler, _ = streams([*SEARCHED, WORDS, ended(usage, listed)])
    totals = await booked(entry, handler)
    assert totals.searches == SEARCHES
    assert totals.cost_usd >= SEARCHES * SEARCH_USD


async def test_bill_when_the_line_breaks_then_its_searches_count(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """They were made."""
    handler, _ = streams([*SEARCHED, WORDS])
    assert (await booked(entry, handler, GrokError)).searches == SEARCHES


@pytest.mark.parametrize(
    ("told_usd", "is_believed"),
    [(1e-10, False), (0.01, False), (0.1, True), (0.27, True), (0.375, True), (3.0, True)],
)
async def test_bill_when_it_is_far_below_the_list_then_untold(
    hass: HomeAssistant, entry: GrokConfigEntry, told_usd: float, *, is_believed: bool
) -> None:
    """What was read from the cache is cheap; one tick for a hundred thousand tokens is no price."""
    usage = {"input_tokens": 100_000, "output_tokens": 100_000, "cost_in_usd_ticks": ticks(told_usd)}
    handler, _ = streams([WORDS, ended(usage)])
    assert (await booked(entry, handler)).cost_usd == pytest.approx(told_usd if is_believed else 0.375)


async def test_bill_when_everything_was_cached_then_believed(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The list's own price of the cache is never taken for nothing."""
    usage = {"input_tokens": 100_000, "output_tokens": 1, "cost_in_usd_ticks": ticks(0.02)}
    handler, _ = streams([WORDS, ended(usage)])
    assert (await booked(entry, handler)).cost_usd == pytest.approx(0.02)


async def test_answer_when_the_service_forgets_its_limit_then_broken_off(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """It was told, and goes on: money was held for no more."""
    handler, asked = streams([*THOUGHTS, *THOUGHTS, WORDS, ended(None)])
    totals = await booked(entry, handler, GrokCutError)
    assert asked[0]["max_output_tokens"] == 60_000
    assert 80_000 < totals.output_tokens < 100_000


def refused(argument: str, *before: JsonObject) -> list[JsonObject]:
    """Refuse an argument in a stream that has begun."""
    begun = {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}}
    return [begun, *before, {"type": "error", "message": f"Argument not supported: {argument}", "code": "400"}]


async def test_question_when_one_thing_after_the_other_is_refused_then_asked_a_few_times_only(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """Each try in which the service has begun may be paid for."""
    names = ("include", "prompt_cache_key", "temperature", "reasoning", "max_output_tokens")
    handler, asked = streams(*map(refused, names))
    totals = await booked(entry, handler, GrokServerError)
    assert len(asked) == totals.requests == MOST_LESSONS + 1
    assert "include" in asked[0]
    assert "include" not in asked[1]


@pytest.mark.parametrize("content", [WORDS, THOUGHTS[0], ARGUMENTS[0]], ids=["words", "thoughts", "arguments"])
async def test_question_when_refused_behind_content_then_asked_once(
    hass: HomeAssistant, entry: GrokConfigEntry, content: JsonObject
) -> None:
    """Whoever has begun to answer has taken the arguments."""
    handler, asked = streams(refused("include", content))
    await booked(entry, handler, GrokServerError)
    assert len(asked) == 1

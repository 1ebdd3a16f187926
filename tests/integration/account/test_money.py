"""What is spent: no budget is crossed by more than one call, and what may be billed is booked."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.grok_assist.account.billing import Billing
from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.tokens import estimate_tokens
from custom_components.grok_assist.core.usage.ledger import Kind, ticks
from custom_components.grok_assist.core.usage.prices import image_cost_usd
from custom_components.grok_assist.grok.images import ImageOrder
from custom_components.grok_assist.grok.messages import Request, UserMessage
from custom_components.grok_assist.grok.usage import Usage
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import change_agent
from ..talk import Talk, speech, until
from ..tasks.tasks import draw
from ..test_ask import ask
from ..usage import sensor, set_options, spend


@pytest.fixture
def dear(simulator: Simulator) -> None:
    """Answers cost three cents each, whatever was reckoned."""
    simulator.bill(lambda usage: {**usage, "cost_in_usd_ticks": ticks(0.03)})


def answers(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


async def test_budget_when_eight_ask_at_once_then_one_crosses_it(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry, dear: None
) -> None:
    """Whoever comes while others may spend the rest waits, and is told."""
    await set_options(hass, entry, budget_daily_usd=0.02)
    said = await asyncio.gather(*(talk(f"Question {number}") for number in range(8)))
    assert float(sensor(hass, entry, "cost_today")) < 0.06
    assert answers(simulator) == 1
    assert sum("budget" in speech(result) for result in said) == 7


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"input_tokens": -5, "output_tokens": "many"},
        {"input_tokens": 10**12, "output_tokens": 1e300, "cost_in_usd_ticks": True},
    ],
    ids=["nothing", "nonsense", "huge"],
)
async def test_budget_when_usage_makes_no_sense_then_estimated_and_reached(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry, told: JsonObject
) -> None:
    """A service that does not tell what it took is not taken for one that is free."""
    await set_options(hass, entry, budget_daily_usd=0.02)
    simulator.script(*[reply("word " * 1_000)] * 20)
    simulator.bill(lambda _: told)
    said = [speech(await talk(f"Question {number}")) for number in range(20)]
    assert all("$.response.usage" in violation for violation in simulator.violations)
    simulator.violations.clear()  # its own, and on purpose
    assert 0.02 <= float(sensor(hass, entry, "cost_today")) < 0.03
    assert "budget" in said[-1]


async def test_question_when_dearer_than_the_rest_then_refused_and_nothing_is_sent(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """What alone would cost more than is left is told with both amounts."""
    await set_options(hass, entry, budget_daily_usd=0.1)
    with pytest.raises(HomeAssistantError, match=r"alone would cost about 0\.\d+ dollars, and 0\.10 dollars"):
        await ask(hass, "x" * 390_000)
    with pytest.raises(HomeAssistantError, match="too long"):
        await ask(hass, "x" * 1_500_000)
    assert answers(simulator) == 0
    assert float(sensor(hass, entry, "cost_today")) == 0


async def test_question_when_something_is_left_then_answered_with_what_can_be_paid(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk
) -> None:
    """The last cents buy a shorter answer, not a crossing; a usual one is never refused."""
    await change_agent(hass, entry, max_tokens=100_000)
    await set_options(hass, entry, budget_daily_usd=1.0)
    simulator.script(*[reply("Yes.")] * 3)
    await talk("Hello")
    assert simulator.requests[-1].body["max_output_tokens"] == 100_000
    spend(entry, 0.9)
    await talk("Hello")
    assert 20_000 < simulator.requests[-1].body["max_output_tokens"] < 45_000
    spend(entry, 0.098)
    assert speech(await talk("Hello")) == "Yes."
    assert simulator.requests[-1].body["max_output_tokens"] == 1_000


async def test_answers_when_usually_short_then_many_at_once_beside_a_long_limit(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk
) -> None:
    """A limit that is never met does not make everybody wait for everybody."""
    await change_agent(hass, entry, max_tokens=100_000)
    await set_options(hass, entry, budget_daily_usd=0.3)
    meter = entry.runtime_data.meter
    agent = next(iter(entry.get_subentries_of_type("conversation"))).subentry_id
    for _ in range(10):
        meter.outputs.note(agent, 50)
    held = meter.reserve(0.15)
    simulator.script(reply("Yes."))
    assert speech(await talk("Hello")) == "Yes."
    assert simulator.requests[-1].body["max_output_tokens"] < 60_000
    held.close()


@pytest.mark.parametrize(
    ("fault", "booked"),
    [
        ("silent", 1),
        ("drop", 1),
        ("truncated", 1),
        ("failed", 1),
        ("error_event", 1),
        ("unauthorized", 0),
        ("no_credits", 0),
        ("rate_limited", 0),
        ("unprocessable", 0),
        ("server_error", 0),
        ("unavailable", 0),
    ],
)
async def test_request_when_it_fails_then_booked_where_it_may_be_billed(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk, fault: str, booked: int
) -> None:
    """What was on its way may cost something; what was plainly refused does not."""
    hass.config_entries.async_update_entry(entry, options={"first_delta_timeout_s": 1, "silence_timeout_s": 1})
    await hass.async_block_till_done()
    simulator.fault(fault, times=None)
    await talk("Hello")
    if booked:
        assert int(sensor(hass, entry, "requests")) == answers(simulator)
        assert int(sensor(hass, entry, "input_tokens")) > 300 * booked
    else:
        assert sensor(hass, entry, "requests") == "0"
    assert (float(sensor(hass, entry, "cost_today")) > 0) is bool(booked)


async def test_request_when_nobody_is_there_then_not_booked(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk
) -> None:
    """A connection that never stood carried nothing."""
    await simulator.pause_listening()
    await talk("Hello")
    assert sensor(hass, entry, "requests") == "0"


async def test_request_when_given_up_while_silent_then_booked(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk
) -> None:
    """Whoever stops a turn does not stop the service from charging for it."""
    simulator.fault("silent")
    turn = hass.async_create_task(talk("Hello"))
    await until(lambda: answers(simulator) == 1)
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    assert sensor(hass, entry, "requests") == "1"
    assert int(sensor(hass, entry, "input_tokens")) > 300


async def test_request_when_repeated_then_each_try_is_booked(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, talk: Talk
) -> None:
    """A try that failed on the way and the one that answered are two."""
    simulator.fault("error_in_stream")
    await talk("Hello")
    assert answers(simulator) == 2
    assert sensor(hass, entry, "requests") == "2"


async def test_picture_when_dearer_than_the_rest_then_refused(
    hass: HomeAssistant, simulator: Simulator, media: object, entry: GrokConfigEntry
) -> None:
    """What a picture costs is known before."""
    await set_options(hass, entry, budget_daily_usd=0.1)
    spend(entry, 0.085)
    with pytest.raises(HomeAssistantError, match=r"about 0\.02 dollars, and 0\.015 dollars of the budget"):
        await draw(hass)
    assert not [request for request in simulator.requests if request.path == "/v1/images/generations"]


@pytest.mark.parametrize(
    ("request_", "least_usd"),
    [
        (Request(model="grok-4.3", instructions="", messages=(UserMessage(text="x"),), max_tokens=12_000), 0.03),
        (Request(model="grok-99", instructions="", messages=(UserMessage(text="x"),), max_tokens=4_000), 0.024),
        (
            Request(
                model="grok-4.3",
                instructions="",
                messages=(UserMessage(text="x"),),
                max_tokens=4_000,
                has_web_search=True,
            ),
            0.01 + 0.03 + 0.015,
        ),
        (
            Request(
                model="grok-4.3", instructions="", messages=(UserMessage(text="x", file_ids=("f",)),), max_tokens=4_000
            ),
            0.01 + 0.06 + 0.015,
        ),
        (
            Request(model="grok-4.3", instructions="x" * 600_000, messages=(UserMessage(text="x"),), max_tokens=4_000),
            2 * (0.01 + 0.1875),
        ),
    ],
    ids=["plain", "unknown", "searching", "documents", "long"],
)
async def test_call_when_admitted_then_what_it_can_cost_is_held(
    hass: HomeAssistant, entry: GrokConfigEntry, request_: Request, least_usd: float
) -> None:
    """The longest answer, searches with what they make the model read, and a dear price where none is known."""
    billing = Billing(meter=entry.runtime_data.meter, agent="agent")
    meter, catalogue = entry.runtime_data.meter, entry.runtime_data.coordinator.data
    async with billing.charge(request_, catalogue, kind=Kind.TEXT, patience_s=15) as charge:
        assert charge.request is request_
        assert least_usd <= meter._reservations.held_usd < least_usd + 0.001
    assert meter._reservations.held_usd == 0


async def test_tries_when_never_settled_then_each_is_booked_by_a_guess(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """One that broke off, one that was refused, one that was cancelled in the middle of its words."""
    meter, catalogue = entry.runtime_data.meter, entry.runtime_data.coordinator.data
    billing = Billing(meter=meter, agent="agent")
    asked = Request(model="grok-4.3", instructions="", messages=(UserMessage(text="x"),))

    async def broken_off() -> None:
        """Be cancelled."""
        async with billing.charge(asked, catalogue, kind=Kind.SUMMARY, patience_s=0) as charge:
            charge.sent()
            charge.sent()
            charge.refused()
            charge.sent()
            charge.begun("so far " * 100)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await broken_off()
    totals = meter.page(UsagePeriod.TODAY).by_kind()["summary"]
    assert totals.requests == 2
    assert totals.input_tokens == 2 * asked.estimate_tokens()
    assert totals.output_tokens == estimate_tokens("so far " * 100)


async def test_tries_when_the_last_is_settled_then_the_lost_one_beside_it(
    hass: HomeAssistant, entry: GrokConfigEntry
) -> None:
    """One that was lost, one that was refused, one that answered."""
    meter, catalogue = entry.runtime_data.meter, entry.runtime_data.coordinator.data
    asked = Request(model="grok-4.3", instructions="", messages=(UserMessage(text="x"),))
    billing = Billing(meter=meter, agent="agent")
    async with billing.charge(asked, catalogue, kind=Kind.TEXT, patience_s=0) as charge:
        charge.sent()
        charge.sent()
        charge.refused()
        charge.sent()
        charge.begun("a word")
        charge.settle(Usage(input_tokens=7, output_tokens=3, cost_usd=0.5), "grok-4.3")
    totals = meter.page(UsagePeriod.TODAY).by_kind()["text"]
    assert (totals.requests, totals.output_tokens) == (2, 3)
    assert totals.input_tokens == 7 + asked.estimate_tokens()
    assert charge.usage.input_tokens == totals.input_tokens
    assert charge.usage.cost_usd == pytest.approx(totals.cost_usd)
    assert totals.cost_usd > 0.5


@pytest.mark.parametrize(
    ("steps", "booked"),
    [((), 0), (("sent",), 1), (("sent", "refused"), 0), (("sent", "refused", "sent"), 1)],
    ids=["nothing", "lost", "refused", "repeated"],
)
async def test_picture_when_its_cost_is_never_told_then_the_usual_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, steps: tuple[str, ...], booked: int
) -> None:
    """What may have been drawn counts."""
    meter = entry.runtime_data.meter
    order = ImageOrder(model="grok-imagine-image", prompt="a door")
    async with Billing(meter=meter, agent="agent").charge_picture(order, patience_s=0) as charge:
        for step in steps:
            getattr(charge, step)()
    totals = meter.page(UsagePeriod.TODAY).all()
    assert totals.requests == booked
    assert totals.cost_usd == pytest.approx(booked * image_cost_usd(order.model, 0))

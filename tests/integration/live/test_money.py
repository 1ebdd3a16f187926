"""What a live conversation costs: told, booked, held ahead, and ended by the budget."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..usage import set_options
from ..voice.spoken import sentence
from .conftest import AGENT, Door
from .test_talk import STORY, is_answered, opened


async def test_usage_when_told_then_as_booked_and_at_least_as_billed(
    hass: HomeAssistant, door: Door, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """On the page, in the sensors, at the service."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    await asyncio.sleep(20)
    assert len(page.of("usage")) >= 3
    await page.send({"type": "end", "reason": "user"})
    await page.until(lambda page: page.of("end"))
    told = page.of("usage")[-1]
    booked = entry.runtime_data.meter.page(UsagePeriod.TODAY).all()
    assert told["seconds"] == pytest.approx(booked.voice_seconds, abs=0.1)
    assert told["usd"] == pytest.approx(told["seconds"] / 60 * 0.08, rel=0.01)
    billed_usd = sum(session.billed_usd for session in simulator.sessions)
    assert billed_usd * 0.999 <= told["usd"] <= billed_usd * 1.05 + 0.08 / 60 * 5


async def test_budget_when_crossed_in_an_answer_then_the_sentence_is_finished_and_it_ends(
    hass: HomeAssistant, door: Door, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """And the next one is refused with the word in it."""
    await set_options(hass, entry, budget_daily_usd=0.012)
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.of("end"), 60)
    assert page.of("end")[0]["reason"] == "budget"
    assert "limit" in page.of("end")[0]["text"]
    assert page.heard_of[1, 0] == pytest.approx(page.received_of[1, 0])
    error = (await door.command("open", agent=AGENT))["error"]
    assert "limit" in error["message"]
    assert "budget" in error["translation_key"]
    assert (await door.command("info"))["result"]["voices"][0]["available"] is False


async def test_money_when_a_conversation_runs_then_held_and_given_back(
    hass: HomeAssistant, door: Door, entry: GrokConfigEntry
) -> None:
    """Two minutes, or what is left."""
    held = entry.runtime_data.meter._reservations
    assert held.held_usd == 0
    page = await opened(door)
    assert held.held_usd == pytest.approx(0.16)
    await page.send({"type": "end", "reason": "user"})
    await page.until(lambda page: page.of("closed"))
    await hass.async_block_till_done()
    assert held.held_usd == 0


async def test_open_when_the_service_asks_to_wait_then_told_how_long_and_not_dialled(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """429 with forty seconds."""
    simulator.fault("rate_limited", times=1, path="/v1/realtime", retry_after=40)
    page = await door.page()
    await page.until(lambda page: page.of("end"))
    assert "40" in page.of("end")[0]["text"]
    handshakes = len([request for request in simulator.requests if request.path == "/v1/realtime"])
    error = (await door.command("open", agent=AGENT))["error"]
    assert any(str(seconds) in error["message"] for seconds in (38, 39, 40))
    assert len([request for request in simulator.requests if request.path == "/v1/realtime"]) == handshakes


async def test_open_when_all_places_are_taken_then_said(
    hass: HomeAssistant, door: Door, entry: GrokConfigEntry
) -> None:
    """An open conversation holds one."""
    await set_options(hass, entry, max_voice_sessions=1)
    page = await opened(door)
    error = (await door.command("open", agent=AGENT))["error"]
    assert error["translation_key"] == "live_voices_busy"
    await page.send({"type": "end", "reason": "user"})
    await page.until(lambda page: page.of("closed"))
    await hass.async_block_till_done()
    assert (await door.command("open", agent=AGENT))["success"]


async def test_texts_when_too_many_then_refused(door: Door) -> None:
    """Each is paid."""
    page = await opened(door)
    for number in range(12):
        await page.send({"type": "text", "text": f"Hello {number}"})
        await asyncio.sleep(1.5)
    assert [told["key"] for told in page.of("error")].count("live_too_many_texts") == 2

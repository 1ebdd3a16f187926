"""Every way in which a live conversation ends, or goes on after a loss."""

import asyncio

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.live.registry import async_registry
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.harness.live import LivePage
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import change_voice, state_of
from ..talk import until
from ..voice.spoken import sentence
from .conftest import Door
from .test_talk import STORY, is_answered, log_of, opened


async def is_over(hass: HomeAssistant, page: LivePage, simulator: Simulator) -> None:
    """Make sure that nothing is left: no socket of the service, no conversation."""
    await page.until(lambda page: page.of("closed"), 5.0)
    assert not async_registry(hass).running
    await until(lambda: all(session.closed_at is not None for session in simulator.sessions))


async def test_end_when_the_user_wants_it_then_at_once(hass: HomeAssistant, door: Door, simulator: Simulator) -> None:
    """In the middle of an answer."""
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 500)
    await page.send({"type": "end", "reason": "user"})
    await is_over(hass, page, simulator)
    assert page.of("end") == [{"type": "end", "reason": "user", "text": ""}]


async def test_end_when_user_says_goodbye_then_after_the_answer(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The answer is heard to its end."""
    page = await opened(door)
    page.say(sentence("thats_all"))
    await page.until(lambda page: page.of("end"))
    assert page.of("end")[0]["reason"] == "farewell"
    assert page.heard_of == page.received_of
    assert page.heard_of
    await is_over(hass, page, simulator)


async def test_end_when_nobody_speaks_then_after_a_countdown(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """Thirty seconds, then ten that are counted down."""
    page = await opened(door)
    began = hass.loop.time()
    await page.until(lambda page: page.of("notice"), 40)
    assert page.of("notice")[0]["key"] == "idle"
    await page.until(lambda page: page.of("end"), 60)
    assert page.of("end")[0]["reason"] == "idle"
    assert 39 < hass.loop.time() - began < 43
    await is_over(hass, page, simulator)


async def test_end_when_longest_time_is_over_then_said_before(
    hass: HomeAssistant, door: Door, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A minute, with words in between."""
    await change_voice(hass, entry, live_max_minutes=1, live_idle_s=300)
    page = await opened(door)
    await page.until(lambda page: page.of("end"), 100)
    assert page.of("end")[0]["reason"] == "limit"
    assert "limit" in [told["key"] for told in page.of("notice")]


@pytest.mark.parametrize(("event", "reason"), [("stop", "restart"), ("unload", "unloaded")])
async def test_end_when_home_assistant_ends_then_said(
    hass: HomeAssistant, door: Door, simulator: Simulator, entry: GrokConfigEntry, event: str, reason: str
) -> None:
    """A restart, and changed settings."""
    page = await opened(door)
    if event == "stop":
        await door.ask.close()
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    else:
        await hass.config_entries.async_unload(entry.entry_id)
    await page.until(lambda page: page.of("end"), 5)
    assert page.of("end")[0]["reason"] == reason
    assert page.of("end")[0]["text"]
    assert not async_registry(hass).running


async def test_page_when_away_for_five_seconds_then_goes_on_without_repeating(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """In mid-answer: what was played is not played again, and nothing is left out."""
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_500)
    await page.close()
    await asyncio.sleep(5)
    back = await door.page(resume=page, conversation_id=page.of("ready")[0]["conversation_id"])
    await back.until(is_answered, 60)
    (answer,) = [one for one in simulator.sessions[0].responses if one.audio]
    assert abs(len(back.heard) - len(answer.audio)) < 24_000 * 2 * 0.3
    assert len(simulator.sessions) == 1


async def test_page_when_away_for_too_long_then_ended(hass: HomeAssistant, door: Door, simulator: Simulator) -> None:
    """After twenty seconds there is nothing to come back to."""
    page = await opened(door)
    await page.close()
    await asyncio.sleep(22)
    assert not async_registry(hass).running
    back = await door.page(resume=page, conversation_id=page.of("ready")[0]["conversation_id"])
    await back.until(lambda page: page.of("end"))
    assert back.of("end")[-1]["reason"] == "lost"


async def test_service_when_lost_then_called_again_and_the_history_is_known(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The next turn knows what was said before."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    await page.until(lambda page: not page.is_playing)
    simulator.drop_sessions()
    await page.until(lambda _: len(simulator.sessions) == 2)
    page.say(sentence("good_morning"))
    await page.until(lambda page: is_answered(page, 2))
    assert "kitchen light" in str(simulator.sessions[1].sent("session.update")[-1].body).lower()
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_answer_when_service_is_lost_then_by_text_and_plain_speech(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """After the words, before the answer."""
    simulator.fault("drop_before_audio", times=None)
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(lambda page: page.heard, 60)
    await page.until(lambda _: state_of(hass, "input_boolean.kitchen_light").state == "on", 60)
    assert [request for request in simulator.requests if request.path == "/v1/responses"]


async def test_echo_when_heard_then_answer_goes_on_and_taps_interrupt(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The page's own loudspeaker comes back through its microphone: no turn, no action, and from then on taps."""
    words = "Turn on the kitchen light. "
    simulator.script(reply(words * 8), reply("To an echo."), reply("And so on. " * 4))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_500)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(lambda page: [told for told in page.of("notice") if told["key"] == "echo"])
    await page.until(is_answered, 60)
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"
    assert page.heard_of[2, 0] > 0
    assert [entry for entry in log_of(hass, page) if entry[0] == "user"] == [("user", "Tell me a long story.")]
    assert simulator.sessions[0].text_items == 0
    simulator.script(reply(STORY))
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((3, 0), 0) > 500)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(lambda page: is_answered(page, 2), 60)
    assert len(page.of("stop")) == 1
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"


def noise(seconds: float) -> bytes:
    """Give a noise that is no speech."""
    generator = np.random.default_rng(1)
    return generator.integers(-9_000, 9_000, round(16_000 * seconds), dtype=np.int16).tobytes()


async def test_noise_when_it_cuts_an_answer_then_it_goes_on(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A cough yields no words."""
    simulator.script(reply(STORY), reply("To a noise."), reply("They lived happily."))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_500)
    page.say(noise(0.6))
    await page.until(lambda page: page.of("stop"))
    await page.until(is_answered, 60)
    assert {told["turn"] for told in page.of("answer")} == {1}
    assert "They lived happily." in "".join(told["text"] for told in page.of("answer"))
    assert [entry for entry in log_of(hass, page) if entry[0] == "user"] == [("user", "Tell me a long story.")]


async def test_runtime_when_opened_and_closed_often_then_nothing_is_left(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """Twenty times."""
    before = len(asyncio.all_tasks())
    for _ in range(20):
        page = await opened(door)
        await page.send({"type": "end", "reason": "user"})
        await page.until(lambda page: page.of("closed"))
        await page.close()
    await hass.async_block_till_done()
    assert not async_registry(hass).running
    assert len(asyncio.all_tasks()) <= before + 3
    assert hass.data[DOMAIN + "_live"].tickets

"""Somebody wants a live conversation to act, to spend, to outlive its rights: found by one who tried."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.core.live.frames import MicrophoneFrame
from custom_components.grok_assist.live.registry import async_registry
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.harness.live import LivePage, SocketWire
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import change_voice, state_of
from ..guarded_home import GuardedHome
from ..voice.spoken import sentence
from ..voice.test_turn import calls_of
from .conftest import Door
from .test_talk import STORY, is_acted, is_answered, opened


async def test_yes_when_the_question_was_not_heard_then_none(door: Door, guarded: GuardedHome) -> None:
    """It was said before anybody could know what it agrees to."""
    page = await opened(door)
    page.say(sentence("unlock_the_front_door"))
    await page.until(lambda page: page.of("consent"))
    page.say(sentence("yes_please"))
    await page.until(lambda page: len({told["turn"] for told in page.of("user")}) == 2)
    await page.until(is_answered, 60)
    assert guarded.done == []


async def test_yes_when_only_half_of_the_question_was_heard_then_none(door: Door, guarded: GuardedHome) -> None:
    """The service had spoken it to its end already."""
    page = await opened(door)
    page.say(sentence("unlock_the_front_door"))
    await page.until(lambda page: page.heard_of and page.heard_of[max(page.heard_of)] > 1_700)
    page.say(sentence("yes_please"))
    await page.until(lambda page: page.of("stop"))
    await page.until(is_answered, 60)
    assert page.of("answered")[0]["status"] == "interrupted"
    assert guarded.done == []


async def test_button_when_pressed_at_once_then_it_counts(door: Door, guarded: GuardedHome) -> None:
    """The question stands on the screen."""
    page = await opened(door)
    page.say(sentence("unlock_the_front_door"))
    await page.until(lambda page: page.of("consent"))
    await page.send({"type": "consent", "call": page.of("consent")[0]["call"], "accept": True})
    await page.until(lambda _: guarded.done, 60)
    assert guarded.done == [("lock.unlock", "lock.front_door")]


async def test_button_when_of_another_question_then_it_agrees_to_nothing(door: Door, guarded: GuardedHome) -> None:
    """Nor does one that nobody has asked under."""
    page = await opened(door)
    await page.send({"type": "consent", "call": "q1", "accept": True})
    await page.send({"type": "text", "text": "Unlock the front door"})
    await page.until(lambda page: page.of("consent"))
    await page.until(lambda page: not page.is_playing and is_answered(page))
    await page.send({"type": "text", "text": "Open the garage door"})
    await page.until(lambda page: len(page.of("consent")) == 2)
    await page.until(lambda page: not page.is_playing and is_answered(page, 2))
    await page.send({"type": "consent", "call": page.of("consent")[0]["call"], "accept": True})
    await asyncio.sleep(5)
    assert guarded.done == []
    assert len({told["turn"] for told in page.of("user")}) == 2


async def test_action_when_written_and_spoken_on_then_once(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The service is lost; what the text has done is not done again because somebody speaks."""
    called = calls_of(hass)
    simulator.fault("drop_before_audio")
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(lambda _: state_of(hass, "input_boolean.kitchen_light").state == "on", 60)
    page.say(sentence("yes_please"))
    await asyncio.sleep(15)
    assert is_acted(called) == 1


async def test_echo_when_the_service_is_deaf_then_nobody_acts_on_it(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The transcription beside it hears the loudspeaker, too."""
    simulator.dialect("rate_16k", "deaf")
    simulator.script(reply("Turn on the kitchen light. " * 3))
    page = await opened(door)
    await page.send({"type": "text", "text": "Tell me something"})
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_000)
    page.say(sentence("turn_on_the_kitchen_light"))
    await asyncio.sleep(20)
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"


async def test_microphone_when_it_runs_ahead_of_the_clock_then_not_paid(
    door: Door, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """Forty minutes of sound in a second."""
    page = await opened(door)
    for number in range(1_200):
        await page.wire.send(MicrophoneFrame(number, bytes(65_000)).to_bytes())
    await asyncio.sleep(1)
    await page.send({"type": "end", "reason": "user"})
    await page.until(lambda page: page.of("end"))
    assert entry.runtime_data.meter.page(UsagePeriod.TODAY).all().voice_seconds < 15


async def test_page_when_it_never_tells_where_it_is_then_the_conversation_still_ends(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A device without a clock of its own."""
    page = await door.page(reports=False)
    await page.until(lambda page: page.of("ready"))
    page.say(sentence("good_morning"))
    await page.until(is_answered, 30)
    await page.until(lambda page: page.of("end"), 90)
    assert page.of("end")[0]["reason"] == "idle"


@pytest.mark.parametrize("what", ["login", "entry", "off"])
async def test_ticket_when_what_it_stands_for_is_gone_then_worth_nothing(
    hass: HomeAssistant, door: Door, simulator: Simulator, entry: GrokConfigEntry, what: str
) -> None:
    """The login was removed, the account unloaded, the voice switched off since."""
    given = await door.ticket()
    socket = await door.socket(given["ticket"])
    if what == "login":
        await door.ask.close()
        for user in await hass.auth.async_get_users():
            for token in list(user.refresh_tokens.values()):
                hass.auth.async_remove_refresh_token(token)
    elif what == "entry":
        await hass.config_entries.async_unload(entry.entry_id)
    else:
        await change_voice(hass, entry, live="off")
    page = LivePage(wire=SocketWire(socket))
    door.pages.append(page)
    await page.open()
    await page.until(lambda page: page.of("end"), 10)
    assert page.of("error")[0]["text"]
    assert not page.of("ready")
    assert simulator.sessions == []


async def test_end_when_somebody_types_at_the_same_moment_then_soon(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """What begins with the end does not hold it up."""
    page = await opened(door)
    began = hass.loop.time()
    await page.send({"type": "text", "text": "Tell me a long story"})
    await page.send({"type": "end", "reason": "user"})
    await page.send({"type": "text", "text": "Turn on the kitchen light"})
    await page.until(lambda page: page.of("closed"))
    await hass.async_block_till_done()
    assert hass.loop.time() - began < 5
    assert not async_registry(hass).running
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"


async def test_goodbye_when_the_sentence_goes_on_then_none(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """An order follows it."""
    simulator.voice_pace(first_audio_s=1.5)
    page = await opened(door)
    page.say(sentence("thats_all", "turn_on_the_kitchen_light", pause_s=1.2))
    await page.until(lambda _: state_of(hass, "input_boolean.kitchen_light").state == "on", 30)
    await page.until(is_answered, 30)
    await asyncio.sleep(5)
    assert page.of("end") == []


async def test_long_answer_when_the_page_was_away_then_nothing_is_left_out(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A minute of it had come before the page went."""
    simulator.script(reply(STORY * 3))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_000)
    await asyncio.sleep(12)
    reached = page.heard_of[1, 0]
    await page.close()
    await asyncio.sleep(2)
    back = await door.page(resume=page, conversation_id=page.of("ready")[0]["conversation_id"])
    await back.until(lambda page: page.frames)
    assert back.frames[0].offset / 24 == pytest.approx(reached, abs=300)

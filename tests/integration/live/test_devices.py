"""Devices that are not like the usual page: other rates, slow reports, another language, many taps."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.harness.live import LivePage, SocketWire
from tests.simulator.script import reply
from tests.simulator.server import Simulator
from tests.simulator.speech.samples import from_pcm, resampled, to_pcm

from ..agents import change_voice, state_of
from ..voice.spoken import sentence
from .conftest import Door
from .test_talk import STORY, is_answered, log_of, opened


def at_rate(pcm: bytes, rate: int) -> bytes:
    """Give sound of 16 kHz at another rate."""
    return to_pcm(resampled(from_pcm(pcm), 16_000, rate))


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
async def test_microphone_when_at_another_rate_then_understood(hass: HomeAssistant, door: Door, rate: int) -> None:
    """A browser that cannot open it at ours, and a telephone's."""
    page = await door.page(rate=rate)
    await page.until(lambda page: page.of("ready"))
    page.say(at_rate(sentence("turn_on_the_kitchen_light"), rate))
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_loudspeaker_when_at_another_rate_then_as_long(hass: HomeAssistant, door: Door) -> None:
    """Samples and offsets are those of the page's own rate."""
    page = await door.page(hello={"play_rate": 48_000})
    await page.until(lambda page: page.of("ready"))
    assert page.of("ready")[0]["play_rate"] == 48_000
    page.say(sentence("good_morning"))
    await page.until(lambda page: page.frames and page.frames[-1].is_last, 30)
    sounds = [frame for frame in page.frames if frame.answer == 1]
    assert sounds[-1].offset == pytest.approx(sum(len(frame.pcm) for frame in sounds) // 2, abs=200)
    assert sounds[-1].offset > 48_000


async def test_taps_when_many_then_one_interruption(hass: HomeAssistant, door: Door, simulator: Simulator) -> None:
    """A child and a button."""
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 500)
    for _ in range(10):
        await page.interrupt()
    await page.until(lambda page: is_answered(page, 1, "interrupted"))
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    assert len(page.of("stop")) == 1
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert [role for role, words in log_of(hass, page) if words] == ["user", "assistant", "user", "assistant"]


async def test_microphone_when_muted_in_mid_sentence_then_what_was_said_counts_and_nothing_after(
    hass: HomeAssistant, door: Door
) -> None:
    """The half sentence ends; what is said into a closed microphone is nobody's."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.said()
    await page.send({"type": "mute", "on": True})
    await page.until(is_answered)
    page.say(sentence("turn_off_the_kitchen_light"))
    await page.said()
    await asyncio.sleep(3)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    await page.send({"type": "mute", "on": False})
    page.say(sentence("turn_off_the_kitchen_light"))
    await page.until(lambda page: is_answered(page, 2))
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"


async def test_sentences_when_in_the_users_language_then_in_german(hass: HomeAssistant, door: Door) -> None:
    """Whatever is told in words."""
    given = await door.ticket(language="de")
    socket = await door.socket(given["ticket"])
    page = LivePage(wire=SocketWire(socket))
    door.pages.append(page)
    await page.open()
    await page.until(lambda page: page.of("notice"), 60)
    assert "Gespräch endet" in page.of("notice")[0]["text"]
    await page.until(lambda page: page.of("end"), 60)
    assert "Tippe" in page.of("end")[0]["text"]


async def test_conversation_when_opened_again_then_the_history_is_known(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The same conversation, an hour later on another page."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    await page.send({"type": "end", "reason": "user"})
    await page.until(lambda page: page.of("closed"))
    again = await door.page(conversation_id=page.of("ready")[0]["conversation_id"])
    await again.until(lambda page: page.of("ready"))
    assert again.of("ready")[0]["conversation_id"] == page.of("ready")[0]["conversation_id"]
    again.say(sentence("good_morning"))
    await again.until(is_answered)
    assert "Turn on the kitchen light" in str(simulator.sessions[1].sent("session.update")[-1].body)


async def test_microphone_when_muted_right_behind_a_sentence_then_it_counts_however_long_a_pause_is_wanted(
    hass: HomeAssistant, door: Door, entry: GrokConfigEntry
) -> None:
    """The silence that is made is as long as the service waits for."""
    await change_voice(hass, entry, silence_ms=2_000)
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.said()
    await page.send({"type": "mute", "on": True})
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_tap_when_the_user_speaks_then_the_sentence_counts(hass: HomeAssistant, door: Door) -> None:
    """It stops sound, of which there is none."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(lambda page: page.of("state")[-1]["state"] == "hearing")
    await page.interrupt()
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"

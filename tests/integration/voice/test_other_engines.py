"""Grok is out of reach, and Home Assistant's other engines of speech help out, or fail as well."""

import asyncio

from homeassistant.components.stt.const import DATA_COMPONENT as EARS
from homeassistant.components.tts.const import DATA_COMPONENT as SPEAKERS
from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..agents import change_voice, state_of
from . import engines
from .spoken import Spoken, sentence, speak

ORDER = "Turn on the kitchen light"
LIGHT = "input_boolean.kitchen_light"
PATIENCE = "custom_components.grok_assist.voice.other_engines.PATIENCE_S"


@pytest.fixture
async def dark(hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry) -> str:
    """A voice that may hand over, and a service that is down altogether."""
    await change_voice(hass, entry, fallback="home_assistant")
    simulator.fault("server_error", times=None, path="*")
    return voice


async def order(hass: HomeAssistant, voice: str) -> Spoken:
    """Order the light on, and hear the answer out; a run that hangs fails here."""
    async with asyncio.timeout(30):
        return await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice, audio_output="wav")


async def add(hass: HomeAssistant, *added: engines.PlainEar | engines.PlainSpeaker) -> None:
    """Add engines in this order."""
    for engine in added:
        if isinstance(engine, engines.PlainEar):
            await hass.data[EARS].async_add_entities([engine])
        else:
            await hass.data[SPEAKERS].async_add_entities([engine])


async def test_engines_that_fail_are_passed_over(hass: HomeAssistant, dark: str) -> None:
    """One after another is asked, each with the whole sound and the whole text, until one can do it."""
    broken, mute = engines.BrokenEar("Broken", None), engines.PlainEar("Mute", None)
    wordless, good = engines.PlainEar("Wordless", " "), engines.PlainEar("Good", ORDER)
    silent, torn, speaker = (
        engines.SilentSpeaker("Silent"),
        engines.BrokenSpeaker("Torn"),
        engines.PlainSpeaker("Speaker"),
    )
    await add(hass, broken, mute, wordless, good, silent, torn, speaker)
    run = await order(hass, dark)
    assert run.transcript == ORDER
    assert state_of(hass, LIGHT).state == "on"
    assert 0 < broken.heard_bytes < mute.heard_bytes == wordless.heard_bytes == good.heard_bytes
    assert silent.said == torn.said == speaker.said
    assert len(speaker.said) == 1
    assert run.speech in speaker.said[0]
    assert run.audio.startswith(b"RIFF")


async def test_engines_that_cannot_be_read_are_passed_over(hass: HomeAssistant, dark: str) -> None:
    """Their mere properties may raise."""
    ear, speaker = engines.UnreadableEar("Ear", "Do it"), engines.UnreadableSpeaker("Speaker")
    good = engines.PlainSpeaker("Good speaker")
    await add(hass, ear, engines.PlainEar("Good", ORDER), speaker, good)
    ear.is_broken = speaker.is_broken = True
    assert (await order(hass, dark)).transcript == ORDER
    assert state_of(hass, LIGHT).state == "on"
    assert (ear.languages, speaker.said, len(good.said)) == ([], [], 1)


async def test_engines_that_do_not_fit_are_not_asked(hass: HomeAssistant, dark: str) -> None:
    """Another language, another kind of sound, an engine that is not available."""
    german, stereo = engines.GermanEar("German", "Mach es"), engines.StereoEar("Stereo", "Do it")
    gone, good = engines.PlainEar("Gone", "Do it"), engines.PlainEar("Good", ORDER)
    gone._attr_available = False
    await add(hass, german, stereo, gone, good)
    assert (await order(hass, dark)).transcript == ORDER
    assert (german.languages, stereo.languages, gone.languages, good.languages) == ([], [], [], ["en"])


async def test_ear_that_hangs_is_not_waited_for(
    hass: HomeAssistant, dark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is told what is wrong with Grok instead."""
    monkeypatch.setattr(PATIENCE, 0.3)
    await add(hass, engines.HangingEar("Hanging", None))
    run = await order(hass, dark)
    assert run.speech == "Grok has a problem on its side right now. Please try again in a moment."
    assert run.audio
    assert state_of(hass, LIGHT).state == "off"


async def test_speakers_that_fail_or_hang_leave_the_recording(
    hass: HomeAssistant, dark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is always something to hear."""
    monkeypatch.setattr(PATIENCE, 0.3)
    torn, hanging = engines.BrokenSpeaker("Torn"), engines.HangingSpeaker("Hanging")
    await add(hass, engines.PlainEar("Good", ORDER), torn, hanging)
    run = await order(hass, dark)
    assert state_of(hass, LIGHT).state == "on"
    assert torn.said == hanging.said
    assert len(torn.said) == 1
    assert len(run.audio) > engines.RATE

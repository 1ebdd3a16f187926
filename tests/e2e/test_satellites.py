"""The satellites of the tests themselves: with speech engines of the tests they work as real ones do.

The ear hears only what really arrives, and what is heard in the end is compared with what the mouth said.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio

from tests.e2e.conftest import Grok
from tests.harness.running import RunningHome
from tests.harness.satellites import (
    PlacedSatellite,
    add_esphome,
    add_wyoming,
    entities_of,
    make_pipeline,
    place_satellite,
)
from tests.harness.voice import voice_turn
from tests.satellites.engines import VOICE, WyomingEngines
from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import FLAC_48, WAV_16, WAV_48, Facts, Format
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.uttering import speech

PIPELINE: Final = "Satellite tests"
RATE: Final = 22_050
# The answer of the simulator's mind is longer than the sixty characters from which on Home Assistant streams.
QUESTION, QUESTION_PCM = spoken("what_did_you_say")
ORDER, ORDER_PCM = spoken("turn_on_the_kitchen_light")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceHome:
    """A home in which one can speak."""

    home: RunningHome
    engines: WyomingEngines
    pipeline: str
    """Id of the pipeline."""

    def likeness(self, heard: tuple[bytes, int]) -> float:
        """Compare what was heard with the last text that was spoken."""
        return similarity(*heard, speech(self.engines.spoken[-1], voice=VOICE, rate=RATE), RATE)

    @asynccontextmanager
    async def placed(self, add: Callable[..., Awaitable[str]], port: int, area: str) -> AsyncIterator[PlacedSatellite]:
        """Have a satellite in a room for a while."""
        entry_id = await add(self.home.client, port)
        try:
            yield await place_satellite(self.home.client, self.home.socket, entry_id, area=area, pipeline=PIPELINE)
        finally:
            await self.home.client.remove_entry(entry_id)


@pytest_asyncio.fixture(loop_scope="session")
async def voice(home: RunningHome, grok: Grok) -> AsyncIterator[VoiceHome]:
    """Add the engines and make a pipeline of them and Grok's agent."""
    async with WyomingEngines() as engines:
        entry_id = await add_wyoming(home.client, engines.port)
        names = {entity_id.partition(".")[0]: entity_id for entity_id in await entities_of(home.socket, entry_id)}
        pipeline = await make_pipeline(
            home.socket, PIPELINE, stt=names["stt"], agent=grok.agent, tts=names["tts"], tts_voice=VOICE
        )
        yield VoiceHome(home=home, engines=engines, pipeline=pipeline)
        await home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=pipeline)
        await home.client.remove_entry(entry_id)


def assert_answered(turn: SatelliteTurn) -> None:
    """Check what every good turn has in common."""
    assert (turn.error_code, turn.transcript) == ("", QUESTION)
    assert turn.last_spoken_at is not None
    assert turn.hushed_at is not None
    assert turn.first_byte_at is not None
    assert turn.last_spoken_at < turn.hushed_at < turn.first_byte_at


async def test_browser(voice: VoiceHome) -> None:
    """A browser is heard, and hears the answer while it is being made."""
    turn = await voice_turn(voice.home.socket, voice.home.process.url, QUESTION_PCM, pipeline=voice.pipeline)
    assert (turn.error_code, turn.transcript) == ("", QUESTION)
    assert turn.playback.content_type == "audio/mpeg"
    assert voice.likeness(decode(turn.audio)) > 0.97
    assert turn.last_spoken_at is not None
    assert turn.streaming_at is not None
    assert turn.first_byte_at is not None
    assert turn.last_spoken_at < turn.streaming_at < turn.first_byte_at


async def test_wyoming(voice: VoiceHome) -> None:
    """A Wyoming satellite is heard, obeyed and answered, twice over one connection."""
    async with WyomingSatellite() as satellite:
        async with voice.placed(add_wyoming, satellite.port, "Kitchen") as place:
            turn = await satellite.speak(QUESTION_PCM)
            assert_answered(turn)
            assert voice.likeness(turn.sound) > 0.97
            turn = await satellite.speak(ORDER_PCM)
            assert turn.transcript == ORDER
            assert await voice.home.client.state("light.kitchen_light") == "on"
            await voice.home.client.wait_for_state(place.entity_id, "idle")
            await voice.home.client.call_service(
                "assist_satellite", "announce", entity_id=place.entity_id, message="Dinner.", preannounce=False
            )
        assert voice.likeness(satellite.announcements[-1].sound) > 0.97


@pytest.mark.parametrize("announcement", [FLAC_48, WAV_48, WAV_16], ids=lambda form: f"{form.name}-{form.rate}")
async def test_esphome_with_player(voice: VoiceHome, announcement: Format) -> None:
    """An ESPHome device is heard, and fetches the answer before its text is whole, in the form that it asked for."""
    async with (
        EsphomeSatellite(Facts(announcement=announcement), plays=False) as satellite,
        voice.placed(add_esphome, satellite.port, "Bedroom") as place,
    ):
        turn = await satellite.speak(QUESTION_PCM)
        assert_answered(turn)
        assert voice.likeness(turn.sound) > 0.97
        assert turn.sound[1] == announcement.rate
        asked_at, text_ended_at = turn.playback.asked_at, turn.at("tts-end")
        assert asked_at is not None
        assert text_ended_at is not None
        assert asked_at < text_ended_at + 0.05
        await voice.home.client.wait_for_state(place.entity_id, "idle")
        await voice.home.client.call_service(
            "assist_satellite", "announce", entity_id=place.entity_id, message="Dinner.", preannounce=False
        )
        assert satellite.announcements[-1].answer == "Dinner."
        assert voice.likeness(satellite.announcements[-1].sound) > 0.97


async def test_esphome_with_raw_speaker(voice: VoiceHome) -> None:
    """A device without a player is fed by Home Assistant."""
    async with (
        EsphomeSatellite(Facts(announcement=None)) as satellite,
        voice.placed(add_esphome, satellite.port, "Bedroom"),
    ):
        turn = await satellite.speak(QUESTION_PCM)
    assert_answered(turn)
    assert turn.sound[1] == 16_000
    assert voice.likeness(turn.sound) > 0.97


async def test_nothing_understood(voice: VoiceHome) -> None:
    """A satellite is told of an error and does not wait for an answer."""
    voice.engines.is_deaf = True
    async with (
        WyomingSatellite() as satellite,
        EsphomeSatellite() as device,
        voice.placed(add_wyoming, satellite.port, "Kitchen"),
        voice.placed(add_esphome, device.port, "Bedroom"),
    ):
        turns = await asyncio.gather(satellite.speak(QUESTION_PCM), device.speak(QUESTION_PCM))
        browser = await voice_turn(voice.home.socket, voice.home.process.url, QUESTION_PCM, pipeline=voice.pipeline)
    assert {turn.error_code for turn in (*turns, browser)} == {"stt-no-text-recognized"}
    assert [turn.first_byte_at for turn in (*turns, browser)] == [None] * 3


async def test_esphome_stop(voice: VoiceHome) -> None:
    """The button ends an answer that is playing; the next turn is a good one, and can belong to the same talk."""
    async with (
        EsphomeSatellite() as satellite,
        voice.placed(add_esphome, satellite.port, "Bedroom") as place,
    ):
        speaking = asyncio.create_task(satellite.speak(QUESTION_PCM))
        await voice.home.client.wait_for_state(place.entity_id, "responding")
        await satellite.stop()
        first = await speaking
        second = await satellite.speak(ORDER_PCM, conversation_id=first.conversation_id)
    assert (first.transcript, second.transcript) == (QUESTION, ORDER)
    assert first.conversation_id == second.conversation_id
    assert second.error_code == ""

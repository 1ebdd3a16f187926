"""xAI is out of reach: Home Assistant's own agent, ear and voice help out where that is wanted, else a recording does.

There are two ways to be out of reach: a port on which nobody listens answers at once, a line that swallows every
packet makes each attempt wait for its deadline.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
import socket
import time
from typing import Final

import pytest_asyncio

from tests.harness.assist import process_turn
from tests.harness.grok import add_grok_assist, agent_of, change_subentry
from tests.harness.home_assistant import free_port
from tests.harness.playback import Playback
from tests.harness.running import RunningHome
from tests.harness.sample_home import HOST, INTEGRATION
from tests.harness.satellites import add_wyoming, placed_satellite
from tests.harness.simulator import SimulatorProcess
from tests.harness.spoken import PIPELINE, find_pipeline
from tests.harness.voice import VoiceTurn, voice_turn
from tests.satellites.engines import SPEECH_RATE, VOICE, WyomingEngines
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.uttering import speech

from .conftest import KEY

LIGHT: Final = "light.kitchen_light"
ON: Final = spoken("turn_on_the_kitchen_light")
OFF: Final = spoken("turn_off_the_kitchen_light")
ANNOUNCEMENT: Final = "The laundry is dry, and the sun is out."
NOTE: Final = "Grok could not be asked, so Home Assistant answered."
PLAIN_SENTENCES: Final = ("I cannot reach Grok right now.", "Grok did not answer within 10 seconds.")
CLIP: Final = INTEGRATION / "voice" / "clips" / "unreachable-en.mp3"
HANDED_OVER_S: Final = 25
UNREACHABLE_S: Final = 20
ALIKE: Final = 0.9
RATE: Final = 24_000
KNOCKS: Final = 8

type Order = tuple[str, bytes]
"""A sentence, and how it sounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkHome:
    """A home whose Grok is out of reach; other engines of speech are there, in no pipeline of Grok's."""

    home: RunningHome
    engines: WyomingEngines
    agent: str
    """Entity id of the conversation agent."""
    pipeline: str
    """Id of the voice's pipeline."""
    port: int
    """Where xAI was, and may be again."""

    async def type(self, order: Order = ON) -> tuple[str, float]:
        """Give the order in writing; returns what was answered, and how long it took."""
        began = time.monotonic()
        turn = await process_turn(self.home.client, order[0], agent=self.agent)
        return turn.speech, time.monotonic() - began

    async def browser(self, order: Order = ON) -> VoiceTurn:
        """Speak the order in a browser."""
        async with self.home.client.websocket() as own:
            return await voice_turn(own, self.home.process.url, order[1], pipeline=self.pipeline)

    async def satellite(self, order: Order = ON) -> SatelliteTurn:
        """Speak the order to a satellite in the kitchen."""
        async with WyomingSatellite(plays=False) as satellite:
            place = {"area": "Kitchen", "pipeline": PIPELINE}
            async with placed_satellite(self.home.client, self.home.socket, add_wyoming, satellite.port, **place):
                return await satellite.speak(order[1])

    async def announcement(self) -> tuple[bytes, int]:
        """Have the voice say something that nobody asked for, as an automation does; returns the sound."""
        body = {"engine_id": "tts.grok_voice", "message": ANNOUNCEMENT, "language": "en"}
        address = await self.home.client.rest("POST", "/api/tts_get_url", body)
        playback = Playback()
        await playback.fetch(f"{self.home.process.url}{address['path']}")
        assert (playback.status, playback.error) == (HTTPStatus.OK, "")
        return decode(bytes(playback.audio))

    async def light(self) -> str:
        """Look at the light."""
        return await self.home.client.state(LIGHT)


@asynccontextmanager
async def dark_home(home: RunningHome, fallback: str) -> AsyncIterator[DarkHome]:
    """Set everything up, and stop the service."""
    # Not a port of the kernel's choice: that would be given to others as soon as the service is down.
    async with SimulatorProcess(port=free_port()) as service, WyomingEngines() as engines:
        entry_id = await add_grok_assist(home.client, api_key=KEY, base_url=service.url)
        for kind in ("conversation", "voice"):
            await change_subentry(home.client, home.socket, entry_id, kind, fallback=fallback)
        engines_id = await add_wyoming(home.client, engines.port)
        await home.client.call_service("light", "turn_off", entity_id=LIGHT)
        await service.stop()
        yield DarkHome(
            home=home,
            engines=engines,
            agent=await agent_of(home.socket, entry_id),
            pipeline=await find_pipeline(home.socket),
            port=service.port,
        )
        await home.client.remove_entry(engines_id)


@pytest_asyncio.fixture(loop_scope="session")
async def helped(home: RunningHome) -> AsyncIterator[DarkHome]:
    """Home Assistant may help out."""
    async with dark_home(home, "home_assistant") as dark:
        yield dark


@pytest_asyncio.fixture(loop_scope="session")
async def alone(home: RunningHome) -> AsyncIterator[DarkHome]:
    """Nobody may help out."""
    async with dark_home(home, "none") as dark:
        yield dark


@contextmanager
def swallowing(port: int) -> Iterator[None]:
    """Let a port answer nobody: with the queue of a listener full, the kernel drops every further knock."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(0)
        knocking = [socket.socket() for _ in range(KNOCKS)]
        for knock in knocking:
            knock.setblocking(False)
            knock.connect_ex((HOST, port))
        try:
            yield
        finally:
            for knock in knocking:
                knock.close()


def assert_helped(turn: SatelliteTurn | VoiceTurn, said: str, sound: tuple[bytes, int]) -> None:
    """Check that the other ear heard, Home Assistant answered with a note, and the other voice said it in time."""
    assert not turn.error_code
    assert turn.transcript in {ON[0], OFF[0]}
    assert said.endswith(NOTE)
    assert similarity(*sound, speech(said, voice=VOICE, rate=SPEECH_RATE), SPEECH_RATE) > ALIKE
    assert waited_s(turn) < HANDED_OVER_S


def assert_told(turn: SatelliteTurn | VoiceTurn, said: str, sound: tuple[bytes, int]) -> None:
    """Check that a sentence is shown and the recording is heard in time."""
    assert not turn.error_code
    assert any(sentence in said for sentence in PLAIN_SENTENCES), said
    pcm, rate = sound
    assert len(pcm) / 2 / rate > 1
    assert similarity(pcm, rate, *decode(Path(CLIP).read_bytes())) > ALIKE
    assert waited_s(turn) < UNREACHABLE_S


def waited_s(turn: SatelliteTurn | VoiceTurn) -> float:
    """Tell how long the user waited for the first sound."""
    assert turn.last_spoken_at is not None
    assert turn.first_byte_at is not None
    return turn.first_byte_at - turn.last_spoken_at


async def test_text_when_help_is_wanted_then_home_assistant_acts_until_grok_is_back(helped: DarkHome) -> None:
    """The light is switched, the note says by whom, and nothing is left behind when the service is there again."""
    said, took_s = await helped.type()
    assert said.endswith(NOTE)
    assert await helped.light() == "on"
    assert took_s < HANDED_OVER_S
    async with SimulatorProcess(port=helped.port) as service:
        await service.script({"text": "I am well again."})
        assert (await helped.type())[0] == "I am well again."


async def test_satellite_when_help_is_wanted_then_heard_done_and_spoken_by_others(helped: DarkHome) -> None:
    """The satellite's user gets the light and an answer, from engines that are in no pipeline of Grok's."""
    turn = await helped.satellite()
    assert_helped(turn, turn.answer, turn.sound)
    assert await helped.light() == "on"


async def test_browser_when_help_is_wanted_then_heard_done_and_spoken_by_others(helped: DarkHome) -> None:
    """The same in the browser's dialog."""
    turn = await helped.browser()
    assert_helped(turn, turn.speech, decode(turn.audio))
    assert await helped.light() == "on"


async def test_announcement_when_others_helped_out_then_grok_speaks_it_again_once_it_is_back(helped: DarkHome) -> None:
    """The sound of a stand-in is not kept as that of Grok's own voice."""
    assert similarity(*await helped.announcement(), speech(ANNOUNCEMENT, voice=VOICE, rate=RATE), RATE) > ALIKE
    async with SimulatorProcess(port=helped.port) as service:
        sound = await helped.announcement()
        assert len(await service.requests("/v1/tts")) == 1
        assert similarity(*sound, speech(ANNOUNCEMENT, voice="eve", rate=RATE), RATE) > ALIKE


async def test_line_when_it_swallows_everything_and_help_is_wanted_then_in_time(helped: DarkHome) -> None:
    """Deadlines of several attempts add up; the whole still ends in time, for each way to ask."""
    await helped.home.client.call_service("light", "turn_on", entity_id=LIGHT)
    with swallowing(helped.port):
        # Not the sentence of the other tests: what was spoken lately is not spoken anew.
        (said, took_s), browser, satellite = await asyncio.gather(
            helped.type(OFF), helped.browser(OFF), helped.satellite(OFF)
        )
    assert said.endswith(NOTE)
    assert took_s < HANDED_OVER_S
    assert_helped(browser, browser.speech, decode(browser.audio))
    assert_helped(satellite, satellite.answer, satellite.sound)
    assert await helped.light() == "off"


async def test_text_when_nobody_may_help_then_plainly_told(alone: DarkHome) -> None:
    """A sentence says what is wrong, and nothing is done."""
    said, took_s = await alone.type()
    assert any(sentence in said for sentence in PLAIN_SENTENCES), said
    assert took_s < UNREACHABLE_S
    assert await alone.light() == "off"


async def test_voice_when_nobody_may_help_then_the_recording_is_heard(alone: DarkHome) -> None:
    """Neither ear nor voice can be had, and still nobody stands before a silent speaker."""
    browser = await alone.browser()
    assert_told(browser, browser.speech, decode(browser.audio))
    satellite = await alone.satellite()
    assert_told(satellite, satellite.answer, satellite.sound)
    assert alone.engines.spoken == []
    assert await alone.light() == "off"


async def test_line_when_it_swallows_everything_and_nobody_may_help_then_in_time(alone: DarkHome) -> None:
    """The recording comes in time where every attempt waits for its deadline."""
    with swallowing(alone.port):
        (said, took_s), browser, satellite = await asyncio.gather(alone.type(), alone.browser(), alone.satellite())
    assert any(sentence in said for sentence in PLAIN_SENTENCES), said
    assert took_s < UNREACHABLE_S
    assert_told(browser, browser.speech, decode(browser.audio))
    assert_told(satellite, satellite.answer, satellite.sound)
    assert await alone.light() == "off"

"""Looking through the cameras of the home by a sentence, typed or spoken; what is not exposed is never looked at."""

from dataclasses import dataclass
import json
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.harness.assist import AssistTurn, process_turn
from tests.harness.satellites import add_wyoming, placed_satellite
from tests.harness.sent import SentPicture, sent_pictures
from tests.harness.spoken import PIPELINE, find_pipeline
from tests.harness.voice import VoiceTurn, voice_turn
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode

from .conftest import Grok

LOOK: Final = "look_at_camera"
QUESTION, QUESTION_PCM = spoken("front_door_camera")
RED: Final = "mostly red picture of 1280 by 720 pixels"

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """An agent that may look, and what of the home the service saw."""

    grok: Grok
    pipeline: str
    """Id of the voice's pipeline."""

    async def pictures(self) -> list[SentPicture]:
        """List the pictures that left the house, by requests and over the sessions of the voice."""
        bodies = [request["body"] for request in await self.grok.simulator.requests()]
        return sent_pictures([bodies, await self.grok.simulator.sessions()])

    async def colors(self) -> list[str]:
        """List the main colours of these pictures, which tell the cameras apart."""
        return [picture.color for picture in await self.pictures()]

    async def told(self) -> str:
        """Everything that the service was told, as text."""
        bodies = [request["body"] for request in await self.grok.simulator.requests()]
        return json.dumps([bodies, await self.grok.simulator.sessions()], ensure_ascii=False)

    async def browser(self) -> VoiceTurn:
        """Speak the question in a browser."""
        home = self.grok.home
        return await voice_turn(home.socket, home.process.url, QUESTION_PCM, pipeline=self.pipeline)

    async def satellite(self) -> SatelliteTurn:
        """Speak the question to a satellite in the kitchen."""
        home = self.grok.home
        async with WyomingSatellite(plays=False) as satellite:
            place = {"area": "Kitchen", "pipeline": PIPELINE}
            async with placed_satellite(home.client, home.socket, add_wyoming, satellite.port, **place):
                return await satellite.speak(QUESTION_PCM)


@pytest_asyncio.fixture(loop_scope="session")
async def watcher(grok: Grok) -> Watcher:
    """Find the voice."""
    return Watcher(grok=grok, pipeline=await find_pipeline(grok.home.socket))


def looks(turn: AssistTurn) -> list[Json]:
    """List the arguments of the calls by which a turn looked."""
    return [call.arguments for call in turn.tool_calls if call.name.rpartition("__")[2] == LOOK]


async def test_typed_question_when_camera_is_exposed_then_its_picture_is_described(watcher: Watcher) -> None:
    """One call, one picture, one sentence about it."""
    turn = await watcher.grok.say(QUESTION)
    assert [call["cameras"] for call in looks(turn)] == [["Front Door Camera"]]
    assert RED in turn.speech
    assert await watcher.colors() == ["red"]


@pytest.mark.parametrize(
    ("sentence", "colors"),
    [
        ("Look at the garden camera", ["green"]),
        ("What do you see in the garden?", ["green"]),
        ("Is there anybody at the front door?", ["red"]),
        ("What do the cameras show?", ["green", "red"]),
    ],
)
async def test_sentence_when_it_means_cameras_then_these_are_looked_at(
    watcher: Watcher, sentence: str, colors: list[str]
) -> None:
    """By name, by room, by what one wants to know, or all at once: all that are exposed."""
    turn = await watcher.grok.say(sentence)
    assert sorted(await watcher.colors()) == colors
    assert all(f"mostly {color}" in turn.speech for color in colors)


async def test_question_over_rest_when_camera_is_exposed_then_described(watcher: Watcher) -> None:
    """Programs that know nothing of pipelines get the same answer."""
    turn = await process_turn(watcher.grok.home.client, QUESTION, agent=watcher.grok.agent)
    assert RED in turn.speech
    assert await watcher.colors() == ["red"]


async def test_spoken_question_when_asked_in_a_browser_then_described_and_heard(watcher: Watcher) -> None:
    """The voice has somebody look for it, and says what is there."""
    turn = await watcher.browser()
    assert (turn.error_code, turn.transcript) == ("", QUESTION)
    assert RED in turn.speech
    pcm, rate = decode(turn.audio)
    assert len(pcm) / 2 / rate > 1
    assert set(await watcher.colors()) == {"red"}


async def test_spoken_question_when_asked_of_a_satellite_then_described_and_heard(watcher: Watcher) -> None:
    """The same in a room."""
    turn = await watcher.satellite()
    assert (turn.error_code, turn.transcript) == ("", QUESTION)
    assert RED in turn.answer
    pcm, rate = turn.sound
    assert len(pcm) / 2 / rate > 1
    assert set(await watcher.colors()) == {"red"}


@pytest.mark.parametrize(
    "sentence",
    [
        "What do you see in the nursery?",
        "Look at the nursery camera",
        "What do you see in the kids room?",
        "Show me camera.nursery",
        "What does the nursery camera show?",
    ],
)
async def test_sentence_when_camera_is_not_exposed_then_never_looked_at(watcher: Watcher, sentence: str) -> None:
    """The agent answers, but nothing is seen."""
    turn = await watcher.grok.say(sentence)
    assert turn.speech
    assert "pixels" not in turn.speech
    assert await watcher.pictures() == []


@pytest.mark.parametrize("name", ["Nursery Camera", "camera.nursery", "nursery", "Kids Room", "NURSERY  camera"])
async def test_call_when_camera_is_not_exposed_then_refused(watcher: Watcher, name: str) -> None:
    """Even a model that knows its name does not see it; what is exposed beside it is shown all the same."""
    call = {"name": LOOK, "arguments": {"cameras": [name, "Garden Camera"], "question": "What is there?"}}
    await watcher.grok.simulator.script({"calls": [call]}, {"text": "This is all."})
    turn = await watcher.grok.say("Look around")
    (result,) = turn.tool_results.values()
    assert name in json.dumps(result)
    assert await watcher.colors() == ["green"]


async def test_call_when_only_the_unexposed_is_named_then_nothing_leaves(watcher: Watcher) -> None:
    """Nothing is seen, and the tool says so."""
    call = {"name": LOOK, "arguments": {"cameras": ["camera.nursery"]}}
    await watcher.grok.simulator.script({"calls": [call]}, {"text": "This is all."})
    turn = await watcher.grok.say("Look around")
    assert turn.speech == "This is all."
    assert await watcher.pictures() == []


async def test_home_when_told_then_unexposed_camera_is_not_in_it(watcher: Watcher) -> None:
    """Its name is not among those that can be looked at, written or spoken."""
    await watcher.grok.say("Good morning")
    assert (await watcher.browser()).transcript == QUESTION
    told = await watcher.told()
    assert "Front Door Camera" in told
    assert "Nursery Camera" not in told
    assert "camera.nursery" not in told

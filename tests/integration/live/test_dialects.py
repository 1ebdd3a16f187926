"""A live conversation of five turns, with an interruption and tools, with a service that speaks any of its dialects."""

import asyncio
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant
import pytest

from tests.harness.live import LivePage
from tests.simulator.dialects.speech import SPEECH
from tests.simulator.dialects.table import DIALECTS
from tests.simulator.dialects.text import TEXT
from tests.simulator.server import Simulator

from ..agents import state_of
from ..voice.spoken import sentence
from ..voice.test_turn import calls_of
from .conftest import Door
from .test_talk import is_answered, opened

CELLS: Final = [
    (name, value) for name, dialect in DIALECTS.items() if name not in {*TEXT, *SPEECH} for value in dialect.values
]
TURNS: Final = (
    "turn_on_the_kitchen_light",
    "is_the_garage_door_shut",
    "tell_me_a_story",
    "turn_off_the_kitchen_light",
    "good_morning",
)
INTERRUPTED: Final = "tell_me_a_story"
TURN_S: Final = 45.0


def answers(page: LivePage) -> int:
    """Count turns of which the page was told how they ended."""
    return len({told["turn"] for told in page.of("user") if told["final"]})


def is_done(before: int, page: LivePage) -> bool:
    """Whether one more answer has ended and was heard, or everything is over."""
    return bool(page.of("end")) or (ends(page) > before and not page.is_playing)


def ends(page: LivePage) -> int:
    """Count the answers that have ended by themselves, those that only announce a tool left out."""
    return len([told for told in page.of("answered") if told["status"] != "interrupted"])


def is_heard(before: int, page: LivePage) -> bool:
    """Whether half a second more was heard, or everything is over."""
    return bool(page.of("end")) or len(page.heard) - before > 24_000


async def talk(hass: HomeAssistant, page: LivePage) -> None:
    """Have the five turns."""
    for name in TURNS:
        before, heard = ends(page), len(page.heard)
        page.say(sentence(name))
        await page.said()
        if name == INTERRUPTED:
            await page.until(partial(is_heard, heard), TURN_S)
            continue
        await page.until(partial(is_done, before), TURN_S)
        await asyncio.sleep(1.0)


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value"), CELLS)
async def test_conversation_when_the_service_has_a_dialect_then_goes_on(
    hass: HomeAssistant, door: Door, simulator: Simulator, name: str, value: str
) -> None:
    """Each turn is answered, nothing is done twice, and the light is off in the end."""
    simulator.dialect(name, value)
    await _goes_on(hass, door, simulator)


async def test_conversation_when_the_service_is_hostile_then_goes_on(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """All at once."""
    simulator.hostile()
    await _goes_on(hass, door, simulator)


async def _goes_on(hass: HomeAssistant, door: Door, simulator: Simulator) -> None:
    """Have the conversation."""
    called = calls_of(hass)
    page = await opened(door)
    await talk(hass, page)
    switched = [service for service in called if service.startswith("input_boolean.")]
    assert page.of("end") == []
    assert switched == ["input_boolean.turn_on", "input_boolean.turn_off"]
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"
    assert is_answered(page, 1)
    assert answers(page) >= len(TURNS) - 1

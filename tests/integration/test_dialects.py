"""Each way to use the account, with a service that speaks any of its dialects, and all that can be combined.

`python -m tests.harness.matrix` runs every way with every dialect and writes the table of `docs/dialects.md`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import os
from typing import Any, Final

from homeassistant.components import conversation, tts
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.grok_assist.const import DOMAIN
from tests.simulator.dialects.speech import SPEECH
from tests.simulator.dialects.table import DIALECTS
from tests.simulator.dialects.text import TEXT
from tests.simulator.server import Simulator

from .talk import speech
from .voice.spoken import sentence, speak

LIGHT: Final = "input_boolean.kitchen_light"
MORE_S: Final = 3.0
"""A dialect may cost so much more than the usual time of a way."""
USUAL_S: Final = {"typed": 2.0, "spoken": 10.0, "follow_up": 10.0, "ask": 2.0, "speech": 3.0, "transcription": 6.0}
COSTLY: Final = {("first_delta", "late"): 45.0}
"""What is as slow as the service."""
REFUSED: Final = {("refused_argument", "store"): "Argument not supported: store"}
"""What is not given up: without it the service would keep for a month what it is told of the home."""
EVERY_WAY: Final = "GROK_MATRIX" in os.environ


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a way needs."""

    hass: HomeAssistant
    simulator: Simulator
    voice: str
    switched: list[str]
    """The services that were called for the light."""


async def typed(house: House) -> str:
    """Have the light switched on by a sentence."""
    result = await conversation.async_converse(
        house.hass, "Turn on the kitchen light", None, Context(), agent_id="conversation.grok"
    )
    assert house.hass.states.is_state(LIGHT, "on")
    assert house.switched == ["turn_on"]
    return speech(result)


async def spoken(house: House) -> str:
    """Have the light switched on by voice, and hear the answer out."""
    run = await speak(house.hass, sentence("turn_on_the_kitchen_light"), pipeline_id=house.voice)
    assert run.error is None, run.data("error")
    assert run.transcript.rstrip(".") == "Turn on the kitchen light"
    assert house.hass.states.is_state(LIGHT, "on")
    assert house.switched == ["turn_on"]
    assert run.audio
    assert not run.broke_off
    return run.speech


async def follow_up(house: House) -> str:
    """Say something, and something more in the same conversation."""
    former = await speak(house.hass, sentence("good_morning"), pipeline_id=house.voice)
    assert former.error is None, former.data("error")
    run = await speak(
        house.hass,
        sentence("what_did_you_say"),
        pipeline_id=house.voice,
        conversation_id=former.conversation_id,
    )
    assert run.error is None, run.data("error")
    assert run.audio
    assert not run.broke_off
    return run.speech


async def ask(house: House) -> str:
    """Ask by the service action."""
    answer = await house.hass.services.async_call(
        DOMAIN, "ask", {"text": "What is two and two?"}, blocking=True, return_response=True
    )
    assert answer is not None
    return str(answer["text"])


async def plain_speech(house: House) -> str:
    """Have an announcement spoken."""
    stream = tts.async_create_stream(house.hass, "tts.grok_tts", options={}, language="en")
    stream.async_set_message("Dinner is ready.")
    return "sound" if b"".join([chunk async for chunk in stream.async_stream_result()]) else ""


async def plain_transcription(house: House) -> str:
    """Have speech understood without a session."""
    run = await speak(house.hass, sentence("good_morning"), pipeline_id=house.voice, end_stage="stt")
    assert run.error is None, run.data("error")
    return run.transcript


WAYS: Final[dict[str, Callable[[House], Awaitable[str]]]] = {
    "typed": typed,
    "spoken": spoken,
    "follow_up": follow_up,
    "ask": ask,
    "speech": plain_speech,
    "transcription": plain_transcription,
}
BY_TEXT: Final = ("typed", "ask")
BY_SPEECH: Final = ("speech", "transcription")
BY_VOICE: Final = ("spoken", "follow_up")


def _ways(name: str) -> tuple[str, ...]:
    """Return the ways that a dialect may touch."""
    if EVERY_WAY:
        return tuple(WAYS)
    if name in {dialect.name for dialect in TEXT}:
        return BY_TEXT
    return BY_SPEECH if name in {dialect.name for dialect in SPEECH} else BY_VOICE


CELLS: Final = [
    pytest.param(name, value, way, id=f"{name}-{value}-{way}")
    for name, dialect in DIALECTS.items()
    for value in dialect.values[1:]
    for way in _ways(name)
]


@pytest.fixture
def house(hass: HomeAssistant, simulator: Simulator, voice: str) -> House:
    """Notes what is switched."""
    switched: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        """Note a call for the light."""
        if event.data["domain"] == "input_boolean":
            switched.append(event.data["service"])

    hass.bus.async_listen("call_service", note)
    return House(hass=hass, simulator=simulator, voice=voice, switched=switched)


async def _answers(house: House, way: str, more_s: float) -> None:
    """Go a way, within the time that it usually takes and a little more."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    said = await WAYS[way](house)
    assert said.strip()
    assert loop.time() - began < USUAL_S[way] + more_s


async def _says_why(house: House, way: str, refusal: str) -> None:
    """Go a way that the service bars, and be told why."""
    if way == "ask":
        with pytest.raises(HomeAssistantError, match=refusal):
            await ask(house)
        return
    result = await conversation.async_converse(
        house.hass, "Turn on the kitchen light", None, Context(), agent_id="conversation.grok"
    )
    assert "refused" in speech(result)
    assert house.switched == []


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value", "way"), CELLS)
async def test_way_when_the_service_has_a_dialect_then_an_answer_and_nothing_twice(
    house: House, record_property: Callable[[str, object], None], name: str, value: str, way: str
) -> None:
    """Whatever the service may be like, the household is answered."""
    house.simulator.dialect(name, value)
    if (refusal := REFUSED.get((name, value))) is not None and way in BY_TEXT:
        record_property("is_barred", True)
        await _says_why(house, way, refusal)
        return
    await _answers(house, way, COSTLY.get((name, value), MORE_S))


@pytest.mark.parametrize("way", WAYS)
async def test_way_when_the_service_is_hostile_then_an_answer_and_nothing_twice(house: House, way: str) -> None:
    """All at once."""
    house.simulator.hostile()
    await _answers(house, way, MORE_S)

"""What a satellite's own state tells of its run: the room already while it listens, and a stop."""

import asyncio

from homeassistant.components import assist_pipeline
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import state_of
from ..talk import until
from .spoken import Spoken, sentence, speak

STORY = " ".join(f"And then, in chapter {number}, nothing much happened in the quiet house." for number in range(12))


def satellite_of(hass: HomeAssistant, room: str, platform: str = "esphome") -> tuple[str, str]:
    """Make a satellite in a room; return the ids of its entity and its device."""
    owner = MockConfigEntry(domain=platform)
    owner.add_to_hass(hass)
    area = ar.async_get(hass).async_get_or_create(room)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=owner.entry_id, identifiers={(platform, room)})
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    entity = er.async_get(hass).async_get_or_create(
        "assist_satellite", platform, room, suggested_object_id=room.lower(), device_id=device.id
    )
    hass.states.async_set(entity.entity_id, "idle")
    return entity.entity_id, device.id


async def run_on(hass: HomeAssistant, entity_id: str, device_id: str, pipeline: str, name: str) -> Spoken:
    """Run a pipeline in a task of its own, as a satellite does."""

    def began(event: assist_pipeline.PipelineEvent) -> None:
        """Write the state that Home Assistant's satellites write."""
        if event.type is assist_pipeline.PipelineEventType.STT_START:
            hass.states.async_set(entity_id, "listening", force_update=True)
        if event.type is assist_pipeline.PipelineEventType.INTENT_START:
            hass.states.async_set(entity_id, "processing")

    return await speak(hass, sentence(name), pipeline_id=pipeline, device_id=device_id, on_event=began)


async def test_room_when_two_satellites_listen_then_each_answer_knows_its_own(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The answer made ahead is asked with the right room, so nothing is asked twice; a browser has no room."""
    kitchen, study = satellite_of(hass, "Kitchen"), satellite_of(hass, "Study")
    await asyncio.gather(
        run_on(hass, *kitchen, voice, "good_morning"),
        run_on(hass, *study, voice, "thank_you"),
        speak(hass, sentence("yes_please"), pipeline_id=voice),
    )
    rooms = {}
    for session in simulator.sessions:
        assert session.text_items == 0
        told = session.sent("session.update")[-1].body["session"]["instructions"]
        rooms[session.items[0].transcript] = [
            room for room in ("Kitchen", "Study") if f"You are in area {room}" in told
        ]
    assert rooms == {"Good morning.": ["Kitchen"], "Thank you.": ["Study"], "Yes, please.": []}


@pytest.mark.parametrize(("platform", "stops"), [("esphome", 1), ("wyoming", 0)])
async def test_idle_when_satellite_says_it_in_mid_answer_then_answer_ends(
    hass: HomeAssistant, simulator: Simulator, voice: str, platform: str, stops: int
) -> None:
    """A stopped device falls silent at once; Wyoming's late `idle` of an earlier answer stops nothing."""
    simulator.voice_pace(audio_speed=2, first_audio_s=0.2)
    simulator.script(reply(STORY))
    entity_id, device_id = satellite_of(hass, "Kitchen", platform)
    running = asyncio.create_task(run_on(hass, entity_id, device_id, voice, "tell_me_a_story"))
    await until(lambda: hass.states.get(entity_id).state == "processing")  # type: ignore[union-attr]
    await until(lambda: any(response.audio for session in simulator.sessions for response in session.responses))
    await asyncio.sleep(0.3)
    hass.states.async_set(entity_id, "idle")
    (session,) = simulator.sessions
    await asyncio.sleep(0.3)
    assert len(session.sent("response.cancel")) == stops
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_idle_when_satellite_says_it_before_the_answer_sounds_then_nobody_else_answers(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Whoever stops a device has not asked for a written answer, whose tools would run."""
    simulator.voice_pace(audio_speed=2, first_audio_s=3.0)
    simulator.script(reply(STORY), reply(STORY))
    entity_id, device_id = satellite_of(hass, "Kitchen")
    running = asyncio.create_task(run_on(hass, entity_id, device_id, voice, "tell_me_a_story"))
    await until(lambda: state_of(hass, entity_id).state == "processing")
    await asyncio.sleep(0.5)
    hass.states.async_set(entity_id, "idle")
    await asyncio.sleep(1.0)
    asked = [request for request in simulator.requests if request.path == "/v1/responses"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asked == []

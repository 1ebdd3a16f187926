"""The model looks at cameras: typed and spoken, and only at what is exposed."""

import json
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.vision.camera_tool import MOST_AT_ONCE
from tests.simulator.script import Reply, call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent, change_voice
from ..apis import LibraryError
from ..pictures import Views, jpeg, sent_pictures
from ..talk import Talk, speech
from ..usage import set_options, spend
from ..voice.spoken import sentence, speak

LOOK = "look_at_camera"


def bodies(simulator: Simulator) -> list[dict[str, Any]]:
    """Return the requests for answers."""
    return [request.body for request in simulator.requests if request.path == "/v1/responses"]


def tool_names(body: dict[str, Any]) -> set[str]:
    """Return the names of the offered functions."""
    return {tool["name"] for tool in body["tools"] if tool["type"] == "function"}


def output_of(body: dict[str, Any]) -> Any:
    """Return the output of the last call in a request."""
    return next(item["output"] for item in reversed(body["input"]) if item.get("type") == "function_call_output")


async def test_question_about_a_camera_is_answered_from_its_picture(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """One call, one picture, taken now; the picture goes into the same conversation."""
    await views.add_camera("Front door", jpeg("red"))
    result = await talk("What do you see at the front door?")
    assert "mostly red picture of 640 by 480 pixels" in speech(result)
    first, second = bodies(simulator)
    assert LOOK in tool_names(first)
    assert [picture.size for picture in sent_pictures(simulator)] == [(640, 480)]
    told = json.loads(output_of(second)[0]["text"])
    assert told["looked_at"] == ["Front door"]
    assert output_of(second)[1] == {"type": "input_text", "text": "Front door:"}


async def test_several_cameras_in_one_turn(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """One call with several names, or several calls: each picture is with its own call."""
    await views.add_camera("Front door", jpeg("red"))
    await views.add_image("Garden", jpeg("green", (320, 240)))
    simulator.script(
        calls(
            call(LOOK, {"cameras": ["Front door", "garden"]}),
            call(LOOK, {"cameras": ["image.garden"], "question": "Is it green?"}),
        ),
        reply("All is well."),
    )
    assert speech(await talk("Look around")) == "All is well."
    outputs = [item["output"] for item in bodies(simulator)[1]["input"] if item.get("type") == "function_call_output"]
    assert [sum(part["type"] == "input_image" for part in output) for output in outputs] == [2, 1]


async def test_later_turns_do_not_carry_the_pictures(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """What was seen is remembered in the words of the answer."""
    await views.add_camera("Front door", jpeg("red"))
    first = await talk("What do you see at the front door?")
    await talk("Thanks", conversation_id=first.conversation_id)
    assert sent_pictures(simulator) == []
    assert "looked_at" in output_of(bodies(simulator)[-1])


async def test_tool_is_only_there_where_something_is_to_be_seen(
    hass: HomeAssistant, home: None, entry: GrokConfigEntry, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """No camera, none exposed, switched off, no Assist: no tool; exposure counts at once."""
    await talk("Hello")
    assert LOOK not in tool_names(bodies(simulator)[-1])
    camera = await views.add_camera("Front door", jpeg("red"), exposed=False)
    await talk("Hello")
    assert LOOK not in tool_names(bodies(simulator)[-1])
    async_expose_entity(hass, "conversation", camera.entity_id, should_expose=True)
    await talk("Hello")
    assert LOOK in tool_names(bodies(simulator)[-1])
    await change_agent(hass, entry, look_at_cameras=False)
    await talk("Hello")
    assert LOOK not in tool_names(bodies(simulator)[-1])


async def test_unexposed_camera_is_never_looked_at(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """Whatever name the model gives: the entity's id, its name, or one that was exposed a moment ago."""
    await views.add_camera("Front door", jpeg("red"))
    secret = await views.add_camera("Nursery", jpeg("blue"), exposed=False)
    simulator.script(calls(call(LOOK, {"cameras": ["camera.nursery", "Nursery"]})), reply("I cannot see it."))
    assert speech(await talk("Look into the nursery")) == "I cannot see it."
    assert secret.taken == 0
    assert sent_pictures(simulator) == []
    assert "No exposed camera or image is called Nursery" in output_of(bodies(simulator)[-1])


async def _break(width: int | None = None, height: int | None = None) -> bytes:
    """Fail as a camera's library may."""
    raise LibraryError


async def test_camera_that_fails_does_not_hide_the_others(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """The model is told which one gives no picture, and why."""
    await views.add_camera("Front door", jpeg("red"))
    await views.add_camera("Dark", None)
    await views.add_camera("Torn", jpeg()[:500])
    broken = await views.add_camera("Broken", jpeg())
    broken.async_camera_image = _break  # type: ignore[method-assign]
    cameras = ["Front door", "Dark", "Torn", "Broken"]
    simulator.script(calls(call(LOOK, {"cameras": cameras})), reply("Three are broken."))
    await talk("Look around")
    told = json.loads(output_of(bodies(simulator)[-1])[0]["text"])
    assert told["looked_at"] == ["Front door"]
    assert "no picture" in told["problems"]["Dark"]
    assert "broken" in told["problems"]["Torn"]
    assert "no picture" in told["problems"]["Broken"]
    assert len(sent_pictures(simulator)) == 1


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("front DOOR", "Front door"),
        ("front_door", "Front door"),
        ("the front door camera", "Front door"),
        ("Kitchen", "Stove"),
        ("Door", None),
        ("", None),
    ],
)
@pytest.mark.usefixtures("home")
async def test_names_are_found_as_people_say_them(
    hass: HomeAssistant, simulator: Simulator, views: Views, talk: Talk, named: str, shown: str | None
) -> None:
    """By name, by the only one of an area, by the only similar one; never by a guess between two."""
    kitchen = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert kitchen is not None
    await views.add_camera("Front door", jpeg("red"))
    await views.add_camera("Back door", jpeg("green"))
    await views.add_camera("Stove", jpeg("blue"), area_id=kitchen.id)
    simulator.script(calls(call(LOOK, {"cameras": [named]})), reply("Well."))
    await talk("Look there")
    output = output_of(bodies(simulator)[-1])
    if shown is None:
        assert "problems" in output
    else:
        assert json.loads(output[0]["text"])["looked_at"] == [shown]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"cameras": []}, {"cameras": "Front door"}, {"cameras": [1]}, {"cameras": ["Front door"] * 5}],
)
async def test_call_that_makes_no_sense_goes_back(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk, arguments: dict[str, Any]
) -> None:
    """As an error that the model can correct."""
    await views.add_camera("Front door", jpeg("red"))
    simulator.script(calls(call(LOOK, arguments)), reply("Well."))
    assert speech(await talk("Look there")) == "Well."
    assert "error" in output_of(bodies(simulator)[-1])


async def test_four_cameras_are_looked_at_with_one_call(
    hass: HomeAssistant, home: None, simulator: Simulator, views: Views, talk: Talk
) -> None:
    """So many fit into one glance."""
    names = ["Front door", "Back door", "Garden", "Garage"]
    assert len(names) == MOST_AT_ONCE
    for name in names:
        await views.add_camera(name, jpeg("red"))
    simulator.script(calls(call(LOOK, {"cameras": names})), reply("All is red."))
    assert speech(await talk("Look around")) == "All is red."
    assert json.loads(output_of(bodies(simulator)[-1])[0]["text"])["looked_at"] == names


async def test_voice_is_told_in_words_what_is_to_be_seen(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """The realtime model cannot see: a side request describes the picture, and is booked."""
    await views.add_camera("Front door", jpeg("red"))
    simulator.script(calls(call(LOOK, {"cameras": ["Front door"], "question": "Who is there?"})))
    simulator.script(reply("Nobody, but the door is red."), reply("There is nobody."))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.error is None
    assert run.speech == "There is nobody."
    (body,) = bodies(simulator)
    assert len(sent_pictures(simulator)) == 1
    assert body["input"][0]["content"][0]["text"] == "Who is there?"
    assert body["store"] is False
    assert "tools" not in body
    # Somebody waits for it: no thinking, a few sentences.
    assert (body["reasoning"], body["max_output_tokens"]) == ({"effort": "none"}, 1_000)
    page = entry.runtime_data.meter.page("today")  # type: ignore[arg-type]
    assert page.by_kind()["vision"].requests == 1


@pytest.mark.parametrize(("fault", "described"), [("forbidden", []), ("empty", [reply("")])])
async def test_voice_says_so_where_nobody_can_look(
    hass: HomeAssistant, voice: str, simulator: Simulator, views: Views, fault: str, described: list[Reply]
) -> None:
    """The side request fails, or has no words: the session is told, and answers."""
    await views.add_camera("Front door", jpeg("red"))
    simulator.script(calls(call(LOOK, {"cameras": ["Front door"]})), *described, reply("I cannot look now."))
    simulator.fault(fault, path="/v1/responses")
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.speech == "I cannot look now."
    (told,) = (sent.body["item"] for sent in simulator.sessions[-1].sent("conversation.item.create"))
    assert "nobody could look at them" in told["output"]


async def test_voice_may_be_kept_from_looking(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """The option holds for the session's tools, too."""
    await views.add_camera("Front door", jpeg("red"))
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert LOOK in str(simulator.sessions[-1].sent("session.update")[-1].body)
    await change_voice(hass, entry, look_at_cameras=False)
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert LOOK not in str(simulator.sessions[-1].sent("session.update")[-1].body)


async def test_looking_stays_inside_the_budget(
    hass: HomeAssistant, home: None, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """The picture is part of the turn: over budget nothing is asked, and no picture is taken."""
    camera = await views.add_camera("Front door", jpeg("red"))
    await set_options(hass, entry, budget_daily_usd=1.0)
    spend(entry, 1.5)
    result = await Talk(hass, "conversation.grok")("What do you see at the front door?")
    assert "limit" in speech(result)
    assert camera.taken == 0


async def test_person_who_may_not_see_a_camera_does_not(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views, hass_read_only_user: MockUser
) -> None:
    """Asked by somebody whom Home Assistant lets see no camera, the tool takes none."""
    camera = await views.add_camera("Front door", jpeg("red"))
    hass_read_only_user.mock_policy({"entities": {"domains": {"light": True}}})
    simulator.script(calls(call(LOOK, {"cameras": ["Front door"]})), reply("You may not see it."))
    await conversation.async_converse(
        hass,
        "Look",
        None,
        Context(user_id=hass_read_only_user.id),
        language="en",
        agent_id="conversation.grok",
    )
    assert camera.taken == 0
    assert sent_pictures(simulator) == []


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("Study camera", True),
        ("camera study", True),
        ("Camera in Study", True),
        ("Camera (Study)", True),
        ("Camera", False),
    ],
)
@pytest.mark.usefixtures("home")
async def test_cameras_of_one_name_are_told_apart_by_their_rooms(
    hass: HomeAssistant, simulator: Simulator, views: Views, talk: Talk, named: str, *, shown: bool
) -> None:
    """With areas many people call every camera "Camera"; without the room it is asked which one."""
    areas = ar.async_get(hass)
    cameras = []
    for room, color in (("Kitchen", "red"), ("Study", "blue")):
        area = areas.async_get_area_by_name(room)
        assert area is not None
        made = await views.add_camera(f"Camera {room}", jpeg(color), area_id=area.id)
        er.async_get(hass).async_update_entity(made.entity_id, name="Camera")
        cameras.append(made)
    await hass.async_block_till_done()
    simulator.script(calls(call(LOOK, {"cameras": [named]})), reply("Well."))
    await talk("Look there")
    assert [camera.taken for camera in cameras] == [0, int(shown)]
    if not shown:
        assert "Kitchen Camera, Study Camera" in output_of(bodies(simulator)[-1])

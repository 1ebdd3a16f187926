"""The service `ask`, called as an automation calls it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
import random
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.grok_assist.ask import AskDeadlines
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.models import Catalogue
from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.services import ServiceDeadlines, async_register_services
from custom_components.grok_assist.vision.snapshots import PICTURE_QUEUE, PictureQueue
from tests.simulator.script import call, calls, citation, reply, search_reply
from tests.simulator.server import Simulator

from .agents import change_agent, state_of
from .pictures import Views, jpeg, put, sent_bytes, sent_pictures, written
from .told import blocks
from .usage import sensor, set_options, spend


@pytest.fixture
def www(hass: HomeAssistant, tmp_path: Path) -> Path:
    """A folder that Home Assistant may read, as `www` is in a real one."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / "www"
    folder.mkdir()
    hass.config.allowlist_external_dirs = {str(folder)}
    return folder


async def ask(
    hass: HomeAssistant, text: str = "Hello", context: Context | None = None, **fields: Any
) -> dict[str, Any]:
    """Call the service."""
    response = await hass.services.async_call(
        DOMAIN, "ask", {"text": text, **fields}, blocking=True, return_response=True, context=context
    )
    assert response is not None
    return dict(response)


def last_body(simulator: Simulator) -> dict[str, Any]:
    """Return what was asked last."""
    return next(request.body for request in reversed(simulator.requests) if request.path == "/v1/responses")


async def test_answer_has_everything_that_the_contract_names(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Words, conversation, model, sources, usage, cost and time; the sensors count it."""
    simulator.script(reply("It **is** fine. 😀"))
    answer = await ask(hass, "How is it?")
    assert answer["text"] == "It is fine."
    assert answer["markdown"] == "It **is** fine. 😀"
    assert answer["model"] == "grok-4.3"
    assert answer["citations"] == []
    assert answer["conversation_id"]
    assert answer["usage"]["input_tokens"] > 0
    assert answer["usage"]["output_tokens"] > 0
    assert set(answer["usage"]) == {"input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"}
    assert answer["cost_usd"] > 0
    assert answer["duration_ms"] >= 0
    assert sensor(hass, entry, "requests") == "1"
    assert float(sensor(hass, entry, "cost_today")) == pytest.approx(answer["cost_usd"])


async def test_conversation_goes_on_by_its_id(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """What was said before is told; without an id nothing is."""
    first = await ask(hass, "My name is Ada")
    assert (await ask(hass, "What did I just say?"))["text"] == "You have said nothing before."
    second = await ask(hass, "What did I just say?", conversation_id=first["conversation_id"])
    assert second["text"] == "You said: My name is Ada"
    assert second["conversation_id"] == first["conversation_id"]


async def test_agent_acts_through_its_tools(hass: HomeAssistant, entry: GrokConfigEntry, home: None) -> None:
    """As a typed sentence does."""
    answer = await ask(hass, "Turn on the kitchen light")
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert "on" in answer["text"].lower()


async def test_call_chooses_model_instructions_and_searches(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """For this call only; sources are data, not words."""
    simulator.script(
        search_reply(
            "It will rain. [[1]](https://example.org/rain)", citations=[citation("https://example.org/rain", "Rain")]
        )
    )
    answer = await ask(
        hass, "Will it rain?", model="grok-4.6", instructions="Answer in one sentence.", web_search=True, x_search=True
    )
    body = last_body(simulator)
    assert body["model"] == "grok-4.6"
    assert "Answer in one sentence." in body["instructions"]
    assert {"web_search", "x_search"} <= {tool["type"] for tool in body["tools"]}
    assert answer["citations"] == [{"title": "Rain", "url": "https://example.org/rain"}]
    assert answer["text"] == "It will rain."
    assert answer["model"] == "grok-4.6"

    await ask(hass)
    body = last_body(simulator)
    assert body["model"] == "grok-4.3"
    assert "Answer in one sentence." not in body["instructions"]
    assert not {"web_search", "x_search"} & {tool["type"] for tool in body["tools"]}


async def test_search_of_the_agent_can_be_left_out(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """False is not the same as nothing."""
    await change_agent(hass, entry, web_search=True)
    await ask(hass, web_search=False)
    assert not {"web_search"} & {tool["type"] for tool in last_body(simulator)["tools"]}
    await ask(hass)
    assert {"web_search"} & {tool["type"] for tool in last_body(simulator)["tools"]}


async def test_another_agent_answers_if_named(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A voice answers a question by text."""
    await ask(hass, agent="conversation.grok_voice")
    response = await hass.services.async_call(DOMAIN, "get_usage", {}, blocking=True, return_response=True)
    assert response is not None
    assert list(response["by_agent"]) == ["conversation.grok_voice"]  # type: ignore[arg-type]


@pytest.mark.parametrize("agent", ["conversation.nobody", "conversation.home_assistant", "light.kitchen"])
async def test_agent_that_is_none_is_named(hass: HomeAssistant, entry: GrokConfigEntry, agent: str) -> None:
    """The error names what does not exist."""
    with pytest.raises(ServiceValidationError, match=agent):
        await ask(hass, agent=agent)


async def test_model_that_does_not_exist_is_named(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """XAI says so, and so do we; the agent keeps its own model."""
    with pytest.raises(ServiceValidationError, match="grok-99"):
        await ask(hass, model="grok-99")
    assert (await ask(hass))["model"] == "grok-4.3"


@pytest.mark.parametrize("fields", [{"text": " "}, {"text": ""}, {"text": "a", "nonsense": 1}])
async def test_input_that_makes_no_sense_is_refused(
    hass: HomeAssistant, entry: GrokConfigEntry, fields: dict[str, Any]
) -> None:
    """Before anything is asked."""
    with pytest.raises(vol.Invalid):
        await ask(hass, **fields)


async def test_without_an_account_the_error_says_so(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """The service is there all the same."""
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="No xAI account"):
        await ask(hass)


# --- limits, money, faults ---


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("bad_key", "API key"),
        ("no_credits", "credits"),
        ("forbidden", "may not"),
        ("unprocessable", "refused"),
        ("truncated", "interrupted|broke"),
        ("empty", "no answer"),
    ],
)
async def test_failure_is_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, fault: str, words: str
) -> None:
    """Translated, with what to do; the next call works."""
    simulator.fault(fault)
    with pytest.raises(HomeAssistantError, match=f"(?i){words}"):
        await ask(hass)
    assert sensor(hass, entry, "errors") == "1"
    assert (await ask(hass))["text"]


async def test_trouble_is_tried_again_twice(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """After half a second each; a third failure is told."""
    simulator.fault("unavailable", times=2)
    started = asyncio.get_running_loop().time()
    assert (await ask(hass))["text"]
    assert 1.0 <= asyncio.get_running_loop().time() - started < 3.0
    assert len([request for request in simulator.requests if request.path == "/v1/responses"]) == 3
    simulator.fault("unavailable", times=3)
    with pytest.raises(HomeAssistantError, match=r"trouble|problem|later"):
        await ask(hass)


async def test_silence_ends_in_time(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """An answer that does not come is given up; the time for it begins when the limits let it go."""
    async_register_services(hass, ServiceDeadlines(ask=AskDeadlines(answer_s=0.5)))
    simulator.fault("silent")
    started = asyncio.get_running_loop().time()
    with pytest.raises(HomeAssistantError, match="2 seconds"):
        await ask(hass)
    assert asyncio.get_running_loop().time() - started < 3


async def test_budget_stops_it(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Nothing is asked where nothing may be spent, and Home Assistant's own agent is no answer to an automation."""
    await set_options(hass, entry, budget_daily_usd=1.0, budget_action="home_assistant")
    spend(entry, 1.5)
    asked = len(simulator.requests)
    with pytest.raises(HomeAssistantError, match="limit"):
        await ask(hass)
    assert not [request for request in simulator.requests[asked:] if request.path == "/v1/responses"]


async def test_limit_is_waited_for(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Automations are patient: a crowd is answered one by one."""
    await set_options(hass, entry, max_concurrent_requests=1)
    answers = await asyncio.gather(*(ask(hass, f"Say {number}") for number in range(5)))
    assert [answer["text"] for answer in answers] == [str(number) for number in range(5)]


# --- pictures ---


async def test_camera_is_shown_fresh_each_time(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """Several in one question, each with its name."""
    door = await views.add_camera("Front door", jpeg("red"))
    await views.add_image("Doorbell", jpeg("blue", (320, 240)))
    answer = await ask(hass, "What is there?", images=["camera.front_door", "image.doorbell"])
    assert "640 by 480" in answer["text"]
    assert "320 by 240" in answer["text"]
    content = next(item for item in last_body(simulator)["input"] if item["role"] == "user")["content"]
    assert [part.get("text") for part in content] == [
        "What is there?",
        "Front door:",
        None,
        "Doorbell:",
        None,
        *blocks(last_body(simulator)),
    ]
    door.picture = jpeg("green", (800, 600))
    assert "800 by 600" in (await ask(hass, "And now?", images="camera.front_door"))["text"]
    assert door.taken == 2


async def test_pictures_are_not_told_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """A later question of the conversation has the words only."""
    await views.add_camera("Front door", jpeg())
    first = await ask(hass, "What is there?", images=["camera.front_door"])
    await ask(hass, "Hello", conversation_id=first["conversation_id"])
    assert sent_pictures(simulator) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("camera.nowhere", "camera.nowhere"),
        ("image.nowhere", "image.nowhere"),
        ("camera.secret", "camera.secret.*exposed"),
        ("camera.offline", "camera.offline.*no picture"),
        ("camera.off", "camera.off.*no picture"),
        ("camera.dark", "camera.dark.*no picture"),
        ("camera.torn", "camera.torn.*broken"),
        ("input_boolean.kitchen_light", "input_boolean.kitchen_light is neither a camera"),
        ("light.unknown", "may not read light.unknown"),
        ("https://example.org/x.jpg", "example.org/x.jpg is neither a camera"),
        ("media-source://local/x.jpg", "local/x.jpg is neither a camera"),
        ("media-source://camera/camera.secret", "camera.secret.*exposed"),
    ],
)
@pytest.mark.usefixtures("entry", "www", "home")
async def test_picture_that_cannot_be_had_is_named(
    hass: HomeAssistant, simulator: Simulator, views: Views, source: str, words: str
) -> None:
    """Before anything is asked; nothing leaves the house, not even the picture beside it that is fine."""
    await views.add_camera("Front door", jpeg())
    await views.add_camera("Secret", jpeg(), exposed=False)
    (await views.add_camera("Offline", jpeg())).set_available(available=False)
    off = await views.add_camera("Off", jpeg())
    off._attr_is_on = False
    await views.add_camera("Dark", None)
    await views.add_camera("Torn", jpeg()[:500])
    with pytest.raises(HomeAssistantError, match=words):
        await ask(hass, images=["camera.front_door", source])
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]


async def test_files_of_allowed_folders_are_shown(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, www: Path
) -> None:
    """A phone's photo and a drawing, by absolute path and from the configuration's folder; what left is what we say."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 22.0, 1.0)}
    noise = Image.frombytes("RGB", (4000, 3000), random.Random(1).randbytes(4000 * 3000 * 3))
    photo = put(hass, "photo.jpg", written(noise, "JPEG", exif=exif, comment=b"secret"))
    put(hass, "logo.png", written(Image.new("RGBA", (300, 200), (1, 2, 3, 0)), "PNG"))
    await ask(hass, "What is this?", images=[photo, "www/logo.png"])
    photo_sent, logo_sent = sent_pictures(simulator)
    assert photo_sent.size == (2000, 1500)
    assert photo_sent.format == "JPEG"
    assert not dict(photo_sent.getexif())
    assert "comment" not in photo_sent.info
    assert logo_sent.format == "PNG"
    assert logo_sent.mode == "RGBA"
    assert max(len(data) for data in _sent(simulator)) <= 1_500_000


async def test_file_when_its_folder_is_away_then_named_and_other_pictures_are_shown(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, www: Path
) -> None:
    """Nothing gives up reading from a network that does not answer: neither the call nor the next picture waits."""
    away, near = threading.Event(), put(hass, "near.jpg", jpeg())
    hass.data[PICTURE_QUEUE] = PictureQueue(fit_s=0.1)
    with patch.object(Path, "is_file", lambda _: away.wait(30)):
        with pytest.raises(ServiceValidationError, match=r"far\.jpg cannot be read"):
            await asyncio.wait_for(ask(hass, images=[str(www / "far.jpg")]), 5)
        away.set()
    hass.data[PICTURE_QUEUE] = replace(hass.data[PICTURE_QUEUE], fit_s=30.0)
    await asyncio.wait_for(ask(hass, images=[near]), 5)
    assert len(sent_pictures(simulator)) == 1


def _sent(simulator: Simulator) -> list[bytes]:
    """Return the bytes of the pictures that were sent last."""
    return sent_bytes(last_body(simulator))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("www/empty.jpg", b"", "www/empty.jpg is empty"),
        ("www/half.jpg", jpeg()[:-300], "www/half.jpg is broken"),
        ("www/text.jpg", b"hello", "www/text.jpg is broken"),
        ("www/missing.jpg", None, "no file www/missing.jpg"),
        ("www", None, "no file www"),
        ("secrets.yaml", b"key: 1", "may not read secrets.yaml"),
        ("www/../secrets.yaml", b"key: 1", "may not read"),
        ("/etc/passwd", None, "may not read /etc/passwd"),
        ("/etc/../etc/shadow", None, "may not read"),
        ("www/link.jpg", None, "may not read"),
        ("\0", None, "read"),
        ("x" * 5000, None, "read"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
@pytest.mark.usefixtures("entry")
async def test_file_that_cannot_be_shown_is_named(
    hass: HomeAssistant, simulator: Simulator, www: Path, name: str, data: bytes | None, words: str
) -> None:
    """Empty, cut, none, not there, a folder, outside, outside by dots or a link, a name that no system takes."""
    if data is not None:
        (www.parent / name).resolve().write_bytes(data)
    (www / "link.jpg").symlink_to("/etc/hostname")
    with pytest.raises(HomeAssistantError, match=words):
        await ask(hass, images=[name])
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]


async def test_too_many_pictures_are_refused(hass: HomeAssistant, entry: GrokConfigEntry, views: Views) -> None:
    """The error says how many are allowed."""
    await views.add_camera("Front door", jpeg())
    with pytest.raises(ServiceValidationError, match="8 are allowed"):
        await ask(hass, images=["camera.front_door"] * 9)


async def test_user_who_may_not_see_a_camera_does_not(
    hass: HomeAssistant, entry: GrokConfigEntry, views: Views, hass_read_only_user: MockUser
) -> None:
    """An automation may; a person only what Home Assistant lets them see."""
    await views.add_camera("Front door", jpeg())
    hass_read_only_user.mock_policy({"entities": {"domains": {"conversation": True}}})
    with pytest.raises(ServiceValidationError, match=r"You may not use camera\.front_door"):
        await ask(hass, images=["camera.front_door"], context=Context(user_id=hass_read_only_user.id))
    hass_read_only_user.mock_policy({"entities": {"domains": {"conversation": True, "camera": {"read": True}}}})
    assert (await ask(hass, images=["camera.front_door"], context=Context(user_id=hass_read_only_user.id)))["text"]


async def test_pictures_count_as_pictures_not_as_bytes(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, www: Path
) -> None:
    """A megabyte of picture is not a quarter of a million tokens: the limits would turn it away."""
    await set_options(hass, entry, tokens_per_minute=20_000)
    noise = Image.frombytes("RGB", (1500, 1000), random.Random(1).randbytes(1500 * 1000 * 3))
    path = put(hass, "noise.jpg", written(noise, "JPEG"))
    assert (await ask(hass, "What is this?", images=[path]))["usage"]["input_tokens"] < 5_000


async def test_script_calls_it(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """From YAML, with the response in a variable."""
    script = {
        "ask": {
            "sequence": [
                {"action": "grok_assist.ask", "data": {"text": "Say {{ word }}"}, "response_variable": "answer"},
                {"stop": "done", "response_variable": "answer"},
            ]
        }
    }
    assert await async_setup_component(hass, "script", {"script": script})
    response = await hass.services.async_call("script", "ask", {"word": "cheese"}, blocking=True, return_response=True)
    assert response is not None
    assert response["text"] == "cheese"


async def test_model_that_cannot_see_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """Before a picture is taken; where the model asks for one itself, it is told."""
    camera = await views.add_camera("Front door", jpeg())
    coordinator = entry.runtime_data.coordinator
    blind = tuple(replace(model, has_vision=False) for model in coordinator.data.models)
    coordinator.async_set_updated_data(Catalogue(blind, is_live=True))
    with pytest.raises(ServiceValidationError, match=r"grok-4\.3 cannot see pictures"):
        await ask(hass, images=["camera.front_door"])
    assert camera.taken == 0
    simulator.script(calls(call("look_at_camera", {"cameras": ["Front door"]})), reply("I cannot see."))
    assert (await ask(hass, "Look"))["text"] == "I cannot see."
    assert sent_pictures(simulator) == []


async def test_tool_that_breaks_is_told_plainly(
    hass: HomeAssistant, entry: GrokConfigEntry, views: Views, expect_error: Callable[[str], None]
) -> None:
    """Another integration's bug is no stack trace for an automation."""
    camera = await views.add_camera("Front door", jpeg())

    def break_down(width: int | None, height: int | None) -> bytes:
        """Fail as nobody expects."""
        raise RuntimeError("the lens fell off")

    camera.async_camera_image = break_down  # type: ignore[assignment,method-assign]
    with pytest.raises(HomeAssistantError, match=r"camera\.front_door gives no picture"):
        await ask(hass, images=["camera.front_door"])


@pytest.mark.parametrize(
    ("images", "names"),
    [
        ("camera.front_door, image.doorbell", ["Front door", "Doorbell"]),
        (["media-source://camera/camera.front_door"], ["Front door"]),
        (["", "camera.front_door", " "], ["Front door"]),
        ("", []),
    ],
)
async def test_pictures_are_found_as_they_are_written_elsewhere(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views, images: Any, names: list[str]
) -> None:
    """With commas, as an attachment, or empty from a template."""
    await views.add_camera("Front door", jpeg("red"))
    await views.add_image("Doorbell", jpeg("blue"))
    await ask(hass, images=images, conversation_id="", model=" ", instructions="")
    content = next(item for item in last_body(simulator)["input"] if item["role"] == "user")["content"]
    shown = [part["text"][:-1] for part in content[1:-1:2]]
    assert shown == names


async def test_user_who_may_not_use_an_agent_does_not(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, hass_read_only_user: MockUser
) -> None:
    """It acts and costs: to see its state is not enough; as Home Assistant has it for AI tasks."""
    asked = len(simulator.requests)
    for policy in ({"conversation": {"read": True}}, {"light": True}):
        hass_read_only_user.mock_policy({"entities": {"domains": policy}})
        with pytest.raises(ServiceValidationError, match=r"You may not use conversation\.grok in"):
            await ask(hass, context=Context(user_id=hass_read_only_user.id))
    assert len(simulator.requests) == asked
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {"conversation.grok": True}}})
    assert (await ask(hass, context=Context(user_id=hass_read_only_user.id)))["text"]
    with pytest.raises(ServiceValidationError, match="You may not use"):
        await ask(hass, context=Context(user_id="nobody"))


async def test_agent_that_is_empty_is_the_usual_one(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """As a template gives it where there is none."""
    assert (await ask(hass, agent=""))["text"]


async def test_search_when_a_user_who_is_no_administrator_widens_it_then_refused(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Where an administrator left searching off for privacy, nobody else switches it on."""
    hass_read_only_user.mock_policy({"entities": True})
    data = {"text": "What is new?", "web_search": True}
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(ServiceValidationError, match="Only an administrator"):
        await hass.services.async_call("grok_assist", "ask", data, blocking=True, return_response=True, context=context)
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]

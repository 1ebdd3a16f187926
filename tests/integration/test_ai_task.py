"""AI tasks, asked for over Home Assistant's own services."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any, override

from homeassistant.components import ai_task
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
from PIL import Image
import pytest
import voluptuous as vol

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from .pictures import Views, jpeg, sent_pictures, written
from .usage import sensor, set_options, spend

ENTITY = "ai_task.grok_ai_task"
NUMBER = {"selector": {"number": {"min": 0, "max": 10}}, "required": True, "description": "How many"}
TEXT = {"selector": {"text": {}}, "required": True}


@pytest.fixture
def views(hass: HomeAssistant) -> Views:
    """The cameras of the home: none yet."""
    return Views(hass)


@pytest.fixture(autouse=True)
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """The media folder; Home Assistant looks for it once."""
    made = tmp_path / "media"
    made.mkdir()
    hass.config.media_dirs = {"local": str(made)}
    return made


@pytest.fixture
def media(folder: Path, entry: GrokConfigEntry) -> Callable[[str, bytes], dict[str, str]]:
    """Put a file into the media folder; return it as an attachment."""

    def put(name: str, data: bytes) -> dict[str, str]:
        """Write a file."""
        (folder / name).write_bytes(data)
        kinds = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png", ".txt": "text/plain"}
        kind = kinds.get(Path(name).suffix, "video/mp4")
        return {"media_content_id": f"media-source://media_source/local/{name}", "media_content_type": kind}

    return put


async def generate(hass: HomeAssistant, instructions: str = "Count", **fields: Any) -> Any:
    """Have data generated; return it."""
    data = {"task_name": "test task", "entity_id": ENTITY, "instructions": instructions, **fields}
    response = await hass.services.async_call("ai_task", "generate_data", data, blocking=True, return_response=True)
    assert response is not None
    return response["data"]


async def draw(hass: HomeAssistant, instructions: str = "A red door", **fields: Any) -> dict[str, Any]:
    """Have a picture made; return the response."""
    data = {"task_name": "test task", "entity_id": ENTITY, "instructions": instructions, **fields}
    response = await hass.services.async_call("ai_task", "generate_image", data, blocking=True, return_response=True)
    assert response is not None
    return dict(response)


def bodies(simulator: Simulator, path: str = "/v1/responses") -> list[dict[str, Any]]:
    """Return what was sent to a path."""
    return [request.body for request in simulator.requests if request.path == path]


async def test_text_is_given_as_it_was_written(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Nobody hears it: markdown, links and lines stay."""
    simulator.script(reply("# Title\n\n- **one** [1]\n- [two](https://example.org) 😀"))
    assert await generate(hass) == "# Title\n\n- **one** [1]\n- [two](https://example.org) 😀"
    (body,) = bodies(simulator)
    assert "text" not in body
    assert body["store"] is False
    assert float(sensor(hass, entry, "cost_today")) > 0


async def test_data_has_the_wanted_form(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """The service enforces the form that was sent, and Home Assistant's own selectors look at the answer."""
    simulator.script(reply('{"count": 3, "name": "three"}'))
    data = await generate(hass, structure={"count": NUMBER, "name": TEXT})
    assert data == {"count": 3, "name": "three"}
    wanted = bodies(simulator)[0]["text"]["format"]
    assert wanted["type"] == "json_schema"
    assert wanted["name"] == "test_task"
    assert wanted["strict"] is True
    assert wanted["schema"]["required"] == ["count", "name"]
    assert wanted["schema"]["additionalProperties"] is False


async def test_wrong_form_is_corrected_once(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """The model is told what was wrong."""
    simulator.script(reply('{"count": "many"}'), reply('{"count": 4}'))
    assert await generate(hass, structure={"count": NUMBER}) == {"count": 4}
    first, second = bodies(simulator)
    assert len(second["input"]) > len(first["input"])
    told = second["input"][-1]
    assert told["role"] == "system"
    assert "count" in told["content"]
    assert second["text"] == first["text"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"count": "many"}', "count must be a number"),
        ('{"count": 11}', "count"),
        ("{}", "count"),
        ('{"count": 1, "more": 2}', "more"),
        ("I cannot do that.", "JSON"),
    ],
)
async def test_wrong_form_twice_is_an_error_that_names_the_field(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, answer: str, words: str
) -> None:
    """Never a wrong type."""
    simulator.script(reply(answer), reply(answer))
    with pytest.raises(HomeAssistantError, match=f"wanted form: .*{words}"):
        await generate(hass, structure={"count": NUMBER})


class FlagTool(llm.Tool):
    """Notes that it was called."""

    name = "set_flag"
    description = "Sets a flag"
    integration = "test"

    def __init__(self) -> None:
        """Start without calls."""
        self.calls = 0

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Count the call."""
        self.calls += 1
        return llm.ToolResult(data={"flag": "set"})


class FlagApi(llm.API):
    """Offers the tool."""

    def __init__(self, hass: HomeAssistant, tool: FlagTool) -> None:
        """Offer a tool."""
        super().__init__(hass=hass, id="flags", name="Flags")
        self._tool = tool

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tool."""
        return llm.APIInstance(self, "Set flags.", llm_context, [self._tool])


async def test_data_comes_through_tools(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Where another integration lends the task an API, the model uses it before it answers."""
    tool = FlagTool()
    simulator.script(calls(call("set_flag", {})), reply('{"done": true}'))
    result = await ai_task.async_generate_data(
        hass,
        task_name="switch",
        entity_id=ENTITY,
        instructions="Set the flag",
        structure=vol.Schema({vol.Required("done"): bool}),
        llm_api=FlagApi(hass, tool),
    )
    assert result.data == {"done": True}
    assert tool.calls == 1


async def test_pictures_go_along(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    views: Views,
    media: Callable[[str, bytes], dict[str, str]],
) -> None:
    """Of exposed cameras, of image entities and from the media folder, fitted as everywhere."""
    await views.add_camera("Front door", jpeg("red"))
    await views.add_image("Doorbell", jpeg("blue", (320, 240)))
    drawing = media("drawing.png", written(Image.new("RGBA", (3000, 100), (0, 0, 0, 9)), "PNG"))
    attachments = [
        {"media_content_id": "media-source://camera/camera.front_door", "media_content_type": "image/jpeg"},
        {"media_content_id": "media-source://image/image.doorbell", "media_content_type": "image/jpeg"},
        drawing,
    ]
    assert "640 by 480" in await generate(hass, "What is there?", attachments=attachments)
    assert [picture.size for picture in sent_pictures(simulator)] == [(640, 480), (320, 240), (2048, 68)]


async def test_unexposed_camera_is_refused(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views, media: object
) -> None:
    """Here as everywhere."""
    await views.add_camera("Secret", jpeg(), exposed=False)
    attachment = {"media_content_id": "media-source://camera/camera.secret", "media_content_type": "image/jpeg"}
    for service in (generate, draw):
        with pytest.raises(HomeAssistantError, match=r"camera\.secret is not exposed"):
            await service(hass, attachments=[attachment])
    assert not bodies(simulator)
    assert not bodies(simulator, "/v1/images/edits")


async def test_document_is_uploaded_asked_about_and_deleted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Callable[[str, bytes], dict[str, str]]
) -> None:
    """Nothing stays at the service, whether there is an answer or not."""
    bill = media("bill.pdf", b"%PDF-1.7\n" + b"You owe 12 dollars. " * 20)
    note = media("note.txt", b"buy milk")
    assert await generate(hass, "What is in it?", attachments=[bill, note])
    content = bodies(simulator)[0]["input"][-1]["content"]
    assert [part["type"] for part in content] == ["input_text", "input_file", "input_file"]
    assert simulator.files == []
    simulator.fault("forbidden")
    with pytest.raises(HomeAssistantError):
        await generate(hass, "What is in it?", attachments=[bill])
    assert simulator.files == []


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.pdf", b"", "empty.pdf is empty"),
        ("torn.pdf", b"hello", "torn.pdf is broken"),
        ("empty.jpg", b"", "empty.jpg is empty"),
        ("half.jpg", jpeg()[:-300], "half.jpg is broken"),
        ("film.mp4", b"\0\0", "film.mp4 cannot be attached"),
    ],
    ids=["no document", "no PDF", "no picture", "half a picture", "a film"],
)
async def test_attachment_that_is_none_is_named(
    hass: HomeAssistant,
    simulator: Simulator,
    media: Callable[[str, bytes], dict[str, str]],
    name: str,
    data: bytes,
    words: str,
) -> None:
    """Before anything leaves the house."""
    with pytest.raises(HomeAssistantError, match=words):
        await generate(hass, attachments=[media(name, data)])
    assert not bodies(simulator)


@pytest.mark.parametrize(
    ("fault", "words"), [("bad_key", "API key"), ("no_credits", "credits"), ("truncated", "interrupted|broke|end")]
)
async def test_failure_is_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, fault: str, words: str
) -> None:
    """As everywhere; it is counted."""
    simulator.fault(fault)
    with pytest.raises(HomeAssistantError, match=f"(?i){words}"):
        await generate(hass)
    assert sensor(hass, entry, "errors") == "1"
    assert await generate(hass)


async def test_budget_stops_tasks_and_pictures(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Nothing is asked where nothing may be spent."""
    await set_options(hass, entry, budget_daily_usd=1.0)
    spend(entry, 1.5)
    for service in (generate, draw):
        with pytest.raises(HomeAssistantError, match="limit"):
            await service(hass)
    assert not bodies(simulator)
    assert not bodies(simulator, "/v1/images/generations")


async def test_picture_is_made_kept_and_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Home Assistant keeps it as media; the ledger has its price."""
    made = await draw(hass)
    assert made["mime_type"] == "image/jpeg"
    assert made["width"] > 0
    assert made["height"] > 0
    assert made["model"] == "grok-imagine-image"
    assert made["media_source_id"].startswith("media-source://ai_task/")
    assert float(sensor(hass, entry, "cost_today")) == pytest.approx(0.02)
    assert sensor(hass, entry, "requests") == "1"
    (body,) = bodies(simulator, "/v1/images/generations")
    assert body["prompt"] == "A red door"
    assert body["response_format"] == "b64_json"


async def test_picture_is_made_from_others(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    views: Views,
    media: Callable[[str, bytes], dict[str, str]],
) -> None:
    """At most three; one or several are written in their own ways."""
    photo = media("photo.jpg", jpeg("green", (4000, 3000)))
    await draw(hass, "As a drawing", attachments=[photo])
    await draw(hass, "Together", attachments=[photo, photo])
    single, several = bodies(simulator, "/v1/images/edits")
    assert single["image"]["url"].startswith("data:image/jpeg;base64,")
    assert len(several["images"]) == 2
    with pytest.raises(HomeAssistantError, match="3 are allowed"):
        await draw(hass, attachments=[photo] * 4)
    with pytest.raises(HomeAssistantError, match=r"bill\.pdf cannot be attached"):
        await draw(hass, attachments=[media("bill.pdf", b"%PDF-1.7")])


@pytest.mark.parametrize(
    ("fault", "words"),
    [("bad_key", "API key"), ("rate_limited", "seconds"), ("no_image", "no answer"), ("no_credits_429", "credits")],
)
async def test_picture_that_cannot_be_made_is_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str, words: str
) -> None:
    """A key, a limit, an empty reply, money; the next one works."""
    simulator.fault(fault, path="/images/generations")
    with pytest.raises(HomeAssistantError, match=f"(?i){words}"):
        await draw(hass)


async def test_refused_picture_says_why(hass: HomeAssistant, entry: GrokConfigEntry, media: object) -> None:
    """Moderation's own words are told."""
    with pytest.raises(HomeAssistantError, match=r"(?i)moderation"):
        await draw(hass, "Something forbidden")


async def test_trouble_with_a_picture_is_tried_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Twice; a plain refusal costs nothing."""
    simulator.fault("unavailable", times=2, path="/images/generations")
    assert (await draw(hass))["media_source_id"]
    assert float(sensor(hass, entry, "cost_today")) == pytest.approx(0.02)


async def test_forms_choose_models(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """The subentry's own form: model, thinking, searches, and the model for pictures."""
    subentry = next(iter(entry.get_subentries_of_type("ai_task_data")))
    flow = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "ai_task_data"), context={"source": "reconfigure", "subentry_id": subentry.subentry_id}
    )
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"name": "Grok AI Task", "recommended": False}
    )
    assert flow["step_id"] == "advanced"
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"],
        {"chat_model": "grok-4.6", "web_search": True, "image_model": "grok-imagine-image-quality"},
    )
    assert flow["type"] == "abort"
    assert flow["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    await generate(hass)
    (body,) = bodies(simulator)
    assert body["model"] == "grok-4.6"
    assert {"type": "web_search"} in body["tools"]
    assert (await draw(hass))["model"] == "grok-imagine-image-quality"
    assert json.dumps(body)

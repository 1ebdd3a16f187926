"""AI tasks, asked for over Home Assistant's own services."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, override

from aiohttp import web
from homeassistant.components import ai_task
from homeassistant.components.ai_task.const import DATA_COMPONENT
from homeassistant.components.conversation import Attachment
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import llm
from PIL import Image
import pytest
import voluptuous as vol

from custom_components.grok_assist import attachments as attachments_module
from custom_components.grok_assist.ai_task import GrokTaskEntity
from custom_components.grok_assist.attachments import async_list, async_read
from custom_components.grok_assist.core.errors import GrokError
from custom_components.grok_assist.core.evaluation import NOTHING_SAID, EvaluationError
from custom_components.grok_assist.core.models import Catalogue
from custom_components.grok_assist.grok import documents as documents_module, images as images_module
from custom_components.grok_assist.grok.documents import DocumentClient, upload_limit_s
from custom_components.grok_assist.grok.messages import UserMessage
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator import pictures as simulated_pictures, uploading
from tests.simulator.script import Reply, call, calls, reply, structured
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from .pictures import Views, jpeg, sent_pictures, written
from .talk import until
from .usage import sensor, set_options, spend

ENTITY = "ai_task.grok_ai_task"
NUMBER = {"selector": {"number": {"min": 0, "max": 10}}, "required": True, "description": "How many"}
TEXT = {"selector": {"text": {}}, "required": True}
PDF = b"%PDF-1.7\n" + b"You owe 12 dollars. " * 20
MEGABYTE = 1_000_000
UPLOADS = "/v1/files"
DRAWINGS = "/v1/images/generations"
STILL_KEPT = "it may still be kept at xAI"

type Media = Callable[[str, bytes], dict[str, str]]


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
def media(folder: Path, entry: GrokConfigEntry) -> Media:
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


def task_entity(hass: HomeAssistant) -> GrokTaskEntity:
    """Return the entity that does the tasks."""
    entity = hass.data[DATA_COMPONENT].get_entity(ENTITY)
    assert isinstance(entity, GrokTaskEntity)
    return entity


async def background(hass: HomeAssistant) -> None:
    """Wait for what nobody else waits for."""
    await hass.async_block_till_done(wait_background_tasks=True)


def booked(hass: HomeAssistant, entry: GrokConfigEntry) -> tuple[int, float, int]:
    """Return the booked requests, what they cost, and the errors."""
    requests, cost_usd, errors = (sensor(hass, entry, key) for key in ("requests", "cost_today", "errors"))
    return int(requests), round(float(cost_usd), 6), int(errors)


def large(folder: Path, media: Media, name: str, size: int) -> dict[str, str]:
    """Put a file of many bytes into the media folder, which takes no room there."""
    attachment = media(name, b"")
    with (folder / name).open("wb") as file:
        file.truncate(size)
    return attachment


def page(*_: object, **__: object) -> web.Response:
    """Answer with success and a page, as a captive portal does."""
    return web.Response(text="<html>Welcome</html>", content_type="text/html")


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
    media: Media,
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
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing stays at the service, whether there is an answer or not."""
    bill = media("bill.pdf", PDF)
    note = media("note.txt", b"buy milk")
    assert await generate(hass, "What is in it?", attachments=[bill, note])
    content = bodies(simulator)[0]["input"][-1]["content"]
    assert [part["type"] for part in content] == ["input_text", "input_file", "input_file"]
    await background(hass)
    assert len(simulator.uploads) == 2
    assert simulator.files == []
    simulator.fault("forbidden")
    with pytest.raises(HomeAssistantError):
        await generate(hass, "What is in it?", attachments=[bill])
    await background(hass)
    assert len(simulator.uploads) == 3
    assert simulator.files == []
    assert "at xAI" not in caplog.text


async def test_document_of_a_cancelled_task_is_deleted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media
) -> None:
    """A script that is stopped in the middle of the answer leaves nothing."""
    simulator.fault("stall")
    attached = [media("bill.pdf", PDF), media("note.txt", b"buy milk")]
    task = hass.async_create_task(generate(hass, attachments=attached))
    await until(lambda: bool(bodies(simulator)))
    assert len(simulator.files) == 2
    while not task.done():
        task.cancel()  # again and again, in the middle of a deletion, too
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    await background(hass)
    assert simulator.files == []


async def test_document_of_a_task_that_takes_too_long_is_deleted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task's own deadline ends the answer, not the deletion."""
    monkeypatch.setattr(task_entity(hass), "_limit_s", 0.3, raising=False)
    simulator.fault("stall")
    with pytest.raises(HomeAssistantError, match="did not answer within"):
        await generate(hass, attachments=[media("bill.pdf", PDF)])
    await background(hass)
    assert len(simulator.uploads) == 1
    assert simulator.files == []


async def test_document_before_one_that_is_refused_is_deleted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question is not asked with half of what it is about."""
    upload = DocumentClient.upload

    async def break_after(client: DocumentClient, name: str, mime: str, data: bytes) -> str:
        """Upload; the next one meets a fault."""
        file_id = await upload(client, name, mime, data)
        simulator.fault("server_error", path="/files")
        return file_id

    monkeypatch.setattr(DocumentClient, "upload", break_after)
    with pytest.raises(HomeAssistantError, match="problem on its side"):
        await generate(hass, attachments=[media("bill.pdf", PDF), media("note.txt", b"buy milk")])
    await background(hass)
    assert len(simulator.uploads) == 1
    assert simulator.files == []
    assert not bodies(simulator)


async def test_document_that_cannot_be_deleted_is_named(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are deleted all the same, and the answer is given."""

    def answer(request: RecordedRequest) -> Reply:
        """Answer; the first deletion after it fails."""
        simulator.fault("server_error", path="*")
        return reply("12 dollars")

    simulator.script(answer)
    attached = [media("bill.pdf", PDF), media("note.txt", b"buy milk")]
    assert await generate(hass, attachments=attached) == "12 dollars"
    await background(hass)
    (kept,) = simulator.files
    assert f"delete the file {kept.id} in the xAI console" in caplog.text
    assert caplog.text.count("could not be deleted") == 1


async def test_answer_does_not_wait_for_deletions(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    """Where Home Assistant stops meanwhile, the log names what is left."""

    def answer(request: RecordedRequest) -> Reply:
        """Answer, and nothing else any more."""
        simulator.fault("silent", path="*", times=None)
        return reply("12 dollars")

    simulator.script(answer)
    async with asyncio.timeout(3):
        assert await generate(hass, attachments=[media("bill.pdf", PDF)]) == "12 dollars"
    (kept,) = simulator.files
    (deletion,) = (task for task in asyncio.all_tasks() if kept.id in task.get_name())
    deletion.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deletion
    assert f"delete the file {kept.id} in the xAI console" in caplog.text


@pytest.mark.parametrize(
    ("fault", "may_be_kept"),
    [("silent", True), ("html", True), ("bad_gateway", True), ("forbidden", False), ("unavailable", False)],
)
async def test_document_that_may_have_arrived_is_named(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    media: Media,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    fault: str,
    may_be_kept: bool,
) -> None:
    """Its id is unknown, so only a person can delete it; what was plainly refused is not there."""
    monkeypatch.setattr(documents_module, "UPLOAD_TIMEOUT_S", 0.2)
    simulator.fault(fault, path="/files")
    with pytest.raises(HomeAssistantError):
        await generate(hass, attachments=[media("bill.pdf", PDF)])
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert any("bill.pdf" in text and STILL_KEPT in text for text in warnings) is may_be_kept


async def test_document_whose_upload_is_cancelled_is_named(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    """The server may have it already."""
    simulator.fault("silent", path="/files")
    task = hass.async_create_task(generate(hass, attachments=[media("bill.pdf", PDF)]))
    await until(lambda: any(request.path == UPLOADS for request in simulator.requests))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert f"bill.pdf did not end properly; {STILL_KEPT}" in caplog.text


async def test_document_whose_id_is_not_told_is_named(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    media: Media,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A page in the place of the reply is trouble on the way, not a crash."""
    monkeypatch.setattr(uploading, "json_reply", page)
    with pytest.raises(HomeAssistantError, match="problem on its side"):
        await generate(hass, attachments=[media("bill.pdf", PDF)])
    assert len(simulator.files) == 1
    assert f"bill.pdf did not end properly; {STILL_KEPT}" in caplog.text


@pytest.mark.parametrize(("size", "limit_s"), [(0, 30), (MEGABYTE, 40), (10 * MEGABYTE, 130), (50 * MEGABYTE, 300)])
def test_upload_has_time_by_its_size(size: int, limit_s: float) -> None:
    """Slow lines carry large documents, too."""
    assert upload_limit_s(size) == limit_s


async def test_upload_does_not_take_from_the_time_for_the_answer(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task's deadline begins when everything is there."""
    upload = DocumentClient.upload

    async def slowly(client: DocumentClient, name: str, mime: str, data: bytes) -> str:
        """Upload over a slow line."""
        await asyncio.sleep(1.2)
        return await upload(client, name, mime, data)

    monkeypatch.setattr(DocumentClient, "upload", slowly)
    monkeypatch.setattr(task_entity(hass), "_limit_s", 1.0, raising=False)
    simulator.script(reply("12 dollars"))
    assert await generate(hass, attachments=[media("bill.pdf", PDF)]) == "12 dollars"
    await background(hass)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"big.jpg": 40 * MEGABYTE + 1}, "The picture big.jpg is too large"),
        ({"big.pdf": 50 * MEGABYTE + 1}, "The document big.pdf is larger than 50 megabytes"),
        (dict.fromkeys(("a.txt", "b.txt", "c.txt"), 40 * MEGABYTE), "With c.txt .* 100 megabytes together"),
        ({f"{number}.jpg": 100 for number in range(9)}, "too many pictures at once; 8 are allowed"),
        ({f"{number}.txt": 100 for number in range(9)}, "too many documents at once; 8 are allowed"),
    ],
    ids=["a picture", "a document", "documents together", "pictures", "documents"],
)
async def test_attachments_that_are_too_much_are_not_even_read(
    hass: HomeAssistant,
    simulator: Simulator,
    folder: Path,
    media: Media,
    monkeypatch: pytest.MonkeyPatch,
    *,
    sizes: dict[str, int],
    words: str,
) -> None:
    """What is too much is known before, and named."""
    read: list[object] = []
    monkeypatch.setattr(attachments_module, "_read", lambda *args: read.append(args))
    with pytest.raises(ServiceValidationError, match=words):
        await generate(hass, attachments=[large(folder, media, name, size) for name, size in sizes.items()])
    assert read == []
    assert simulator.uploads == []
    assert not bodies(simulator)


async def test_attachment_that_has_gone_is_named(hass: HomeAssistant, entry: GrokConfigEntry, folder: Path) -> None:
    """A file can be deleted at any moment, before it is looked at and after."""
    (folder / "none.txt").mkdir()
    for name in ("gone.txt", "none.txt"):
        attached = Attachment(media_content_id="media-source://", mime_type="text/plain", path=folder / name)
        with pytest.raises(ServiceValidationError, match=f"The file {name} cannot be read"):
            await async_read(hass, async_list(hass, [attached]))


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
    media: Media,
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


async def test_wrong_form_is_counted(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """A task without its data has failed like any other."""
    simulator.script(reply("{}"), reply("{}"))
    with pytest.raises(HomeAssistantError, match="wanted form"):
        await generate(hass, structure={"count": NUMBER})
    assert sensor(hass, entry, "errors") == "1"
    assert sensor(hass, entry, "requests") == "2"


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
    media: Media,
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
    """Moderation's own words are told; nothing was made, so nothing is booked."""
    with pytest.raises(HomeAssistantError, match=r"(?i)moderation"):
        await draw(hass, "Something forbidden")
    assert booked(hass, entry) == (0, 0.0, 1)


@pytest.mark.parametrize("fault", ["unavailable", "overloaded"])
async def test_picture_for_which_there_is_no_room_is_ordered_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str
) -> None:
    """Twice; a plain refusal costs nothing."""
    simulator.fault(fault, times=2, path=DRAWINGS)
    assert (await draw(hass))["media_source_id"]
    assert len(bodies(simulator, DRAWINGS)) == 3
    assert booked(hass, entry) == (1, 0.02, 0)


@pytest.mark.parametrize(
    ("fault", "cost_usd"),
    [
        ("no_image", 0.0),  # as the service tells
        *((name, 0.02) for name in ("server_error", "bad_gateway", "html", "drop", "truncated", "error_in_stream")),
    ],
)
async def test_picture_that_may_have_been_made_is_booked_and_not_ordered_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str, cost_usd: float
) -> None:
    """What the service tells, else the estimate: nobody knows what it did."""
    simulator.fault(fault, path=DRAWINGS)
    with pytest.raises(HomeAssistantError):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (1, cost_usd, 1)


@pytest.mark.parametrize("fault", ["forbidden", "unprocessable", "rate_limited", "no_credits", "bad_key"])
async def test_picture_that_is_plainly_refused_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str
) -> None:
    """Nothing was made."""
    simulator.fault(fault, path=DRAWINGS)
    with pytest.raises(HomeAssistantError):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_finds_no_room_at_all_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Three refusals are none of them a picture."""
    simulator.fault("unavailable", times=3, path=DRAWINGS)
    with pytest.raises(HomeAssistantError, match="problem on its side"):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 3
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_comes_too_late_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service draws on, whether somebody waits or not."""
    monkeypatch.setattr(images_module, "GENERATION_TIMEOUT_S", 0.2)
    simulator.fault("silent", path=DRAWINGS)
    with pytest.raises(HomeAssistantError, match="did not answer within"):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (1, 0.02, 1)


async def test_picture_of_a_cancelled_task_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """It was ordered; a task that somebody stopped is no failure."""
    simulator.fault("silent", path=DRAWINGS)
    task = hass.async_create_task(draw(hass))
    await until(lambda: bool(bodies(simulator, DRAWINGS)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert booked(hass, entry) == (1, 0.02, 0)


async def test_picture_that_could_not_be_ordered_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Where nobody is reached nothing is made."""
    await simulator.pause_listening()
    with pytest.raises(HomeAssistantError, match="cannot reach"):
        await draw(hass)
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_is_none_is_booked_once(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was paid for, whatever it is."""
    monkeypatch.setattr(simulated_pictures, "_drawn", lambda _ask: [b"no picture"])
    with pytest.raises(HomeAssistantError, match="no answer"):
        await draw(hass)
    assert booked(hass, entry) == (1, 0.02, 1)


QUESTIONS = {
    "anybody": {"type": "noul", "instructions": "Is anybody there?"},
    "mess": {"type": "score", "instructions": "How untidy is it?", "criteria": ["tidy", "a mess"]},
}
RIGHT = {"q0": 0.9, "q1": {"o0": 0.25, "o1": 0.75}}
HALLWAY = UserMessage(text="Boots in the hallway.")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ('{"q0": 2, "q1": {"o0": 0.5, "o1": 0.5}}', "anybody: there is no probability"),
        ('{"q0": 0.9}', "mess: the probabilities are missing"),
        ("I cannot say.", "the answer: is not valid JSON"),
        ("[0.9]", "the answer: is not a JSON object"),
    ],
)
async def test_judgement_that_makes_no_sense_is_corrected_once(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, wrong: str, problem: str
) -> None:
    """The model is shown its answer and told what is wrong with it."""
    simulator.script(reply(wrong), structured(RIGHT))
    judged = await task_entity(hass)._judge(QUESTIONS, HALLWAY)
    assert (judged["anybody"].value, judged["mess"].value) == (0.9, 0.75)
    first, second = bodies(simulator)
    assert second["input"][:-2] == first["input"]
    answered, told = second["input"][-2:]
    assert answered == {"role": "assistant", "content": wrong}
    assert told["role"] == "system"
    assert problem in told["content"]
    assert {**second, "input": None} == {**first, "input": None}
    assert sensor(hass, entry, "requests") == "2"
    simulator.script(reply(wrong), reply(wrong))
    with pytest.raises(EvaluationError, match=problem):
        await task_entity(hass)._judge(QUESTIONS, HALLWAY)
    assert sensor(hass, entry, "requests") == "4"


async def test_judgement_that_breaks_off_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The model had thought already, and thoughts are paid for."""
    simulator.script(reply("yes", reasoning="There are boots in the hallway, so that somebody has to be at home now."))
    simulator.fault("drop")
    with pytest.raises(GrokError):
        await task_entity(hass)._judge(QUESTIONS, HALLWAY)
    assert sensor(hass, entry, "requests") == "1"
    assert float(sensor(hass, entry, "cost_today")) > 0


@pytest.fixture
def evaluate(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Have a situation judged, as Home Assistant 2026.11 asks for it."""
    for name in ("EvaluationTaskResult", "NoulAnswer", "ScoreAnswer"):
        monkeypatch.setattr(ai_task, name, SimpleNamespace, raising=False)

    async def judge(state: object, *attached: Attachment) -> Any:
        """Judge."""
        task = SimpleNamespace(state=state, attachments=attached or None, questions=QUESTIONS)
        return await task_entity(hass)._async_evaluate(task)

    return judge


async def test_judgement_of_what_is_attached_alone_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, folder: Path, evaluate: Callable[..., Any]
) -> None:
    """The service takes no empty words."""
    (folder / "hall.jpg").write_bytes(jpeg())
    hall = Attachment(media_content_id="media-source://", mime_type="image/jpeg", path=folder / "hall.jpg")
    simulator.script(structured(RIGHT), structured(RIGHT))
    result = await evaluate(None, hall)
    assert result.answers["anybody"].noul == 0.9
    await evaluate({"door": "open"})
    first, second = (body["input"][0]["content"] for body in bodies(simulator))
    assert first[0] == {"type": "input_text", "text": NOTHING_SAID}
    assert second == '{"door":"open"}'


async def test_judgement_that_cannot_be_used_is_a_sentence_and_counted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, evaluate: Callable[..., Any]
) -> None:
    """A task without its answers has failed like any other."""
    simulator.script(reply("{}"), reply("{}"))
    with pytest.raises(HomeAssistantError, match="judgement cannot be used: anybody: there is no probability"):
        await evaluate("Boots in the hallway.")
    assert sensor(hass, entry, "errors") == "1"


async def test_model_that_cannot_see_is_not_shown_anything(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    folder: Path,
    media: Media,
    evaluate: Callable[..., Any],
) -> None:
    """It is said before anything is read or uploaded; what has no picture works."""
    coordinator = entry.runtime_data.coordinator
    blind = tuple(replace(model, has_vision=False) for model in coordinator.data.models)
    coordinator.async_set_updated_data(Catalogue(blind, is_live=True))
    attached = [media("bill.pdf", PDF), media("half.jpg", b"no picture")]
    with pytest.raises(ServiceValidationError, match=r"grok-4\.3 cannot see pictures"):
        await generate(hass, attachments=attached)
    half = Attachment(media_content_id="media-source://", mime_type="image/jpeg", path=folder / "half.jpg")
    with pytest.raises(ServiceValidationError, match=r"grok-4\.3 cannot see pictures"):
        await evaluate(None, half)
    assert simulator.uploads == []
    assert not bodies(simulator)
    assert await generate(hass, attachments=attached[:1])
    await background(hass)


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


@pytest.mark.parametrize("structure", [None, {"count": NUMBER, "name": TEXT}])
async def test_answer_that_is_cut_is_none(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, structure: dict[str, Any] | None
) -> None:
    """Half a list is no list; asking again would meet the same limit."""
    subentry = next(iter(entry.get_subentries_of_type("ai_task_data")))
    data = {"recommended": False, "max_tokens": 12, "chat_model": "grok-4.20-0309-non-reasoning"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()
    simulator.script(reply('{"count": 3, "name": "' + "word " * 100 + '"}'))
    with pytest.raises(HomeAssistantError, match="met its limit of length"):
        await generate(hass, "Count", **_given(structure=structure))
    assert len(bodies(simulator)) == 1


def _given(**fields: Any) -> dict[str, Any]:
    """Leave out what is not given."""
    return {name: value for name, value in fields.items() if value is not None}

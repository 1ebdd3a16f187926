"""What is attached to AI tasks: pictures that go along, and documents that are uploaded and deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
import logging
from pathlib import Path
from typing import override

from aiohttp import web
from homeassistant.components.conversation import Attachment
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.grok_assist.grok.documents import DocumentClient, UploadLimits
from custom_components.grok_assist.grok.patience import Patience
from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.tasks.attachments import async_list, async_read
from tests.simulator.files import uploading
from tests.simulator.script import Reply, reply
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from ..pictures import Views, jpeg, sent_pictures, written
from ..talk import until
from ..usage import set_options, spend
from .tasks import ENTITY, PDF, Media, background, bodies, draw, generate, task_entity

pytestmark = pytest.mark.usefixtures("folder")

MEGABYTE = 1_000_000
UPLOADS = "/v1/files"
STILL_KEPT = "it may still be kept at xAI"


def large(folder: Path, media: Media, name: str, size: int) -> dict[str, str]:
    """Put a file of many bytes into the media folder, which takes no room there."""
    attachment = media(name, b"")
    with (folder / name).open("wb") as file:
        file.truncate(size)
    return attachment


class WatchedDocuments(DocumentClient):
    """Uploads as another does, and does something after each upload."""

    def __init__(self, documents: DocumentClient, after: Callable[[], Awaitable[None]]) -> None:
        """Stand in for the other."""
        super().__init__(documents._rest, documents._gate)
        self._after = after

    @override
    async def upload(self, name: str, mime: str, data: bytes, *, patience_s: float = 15.0) -> str:
        """Upload."""
        file_id = await super().upload(name, mime, data, patience_s=patience_s)
        await self._after()
        return file_id


def page(*_: object, **__: object) -> web.Response:
    """Answer with success and a page, as a captive portal does."""
    return web.Response(text="<html>Welcome</html>", content_type="text/html")


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


async def test_camera_that_a_user_may_not_see_is_refused(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views, hass_read_only_user: MockUser
) -> None:
    """Home Assistant itself looks at it from 2026.11 on; for data and for pictures."""
    await views.add_camera("Front door", jpeg())
    hass_read_only_user.mock_policy({"entities": {"domains": {"ai_task": True}}})
    attachment = {"media_content_id": "media-source://camera/camera.front_door", "media_content_type": "image/jpeg"}
    for service in ("generate_data", "generate_image"):
        data = {"task_name": "look", "entity_id": ENTITY, "instructions": "Who?", "attachments": [attachment]}
        with pytest.raises(HomeAssistantError, match="may not use camera"):
            await hass.services.async_call(
                *("ai_task", service, data),
                blocking=True,
                return_response=True,
                context=Context(user_id=hass_read_only_user.id),
            )
    assert bodies(simulator) == bodies(simulator, "/v1/images/edits") == []
    assert await generate(hass, attachments=[attachment])


async def test_document_stays_here_where_nothing_may_be_spent(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media
) -> None:
    """What may not be asked about is not sent away, either."""
    await set_options(hass, entry, budget_daily_usd=0.5)
    spend(entry, 0.6)
    with pytest.raises(HomeAssistantError, match="spending limit"):
        await generate(hass, attachments=[media("bill.pdf", PDF)])
    assert not [request for request in simulator.requests if request.path == UPLOADS]


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
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media
) -> None:
    """The task's own deadline ends the answer, not the deletion."""
    task_entity(hass).limit_s = 0.3
    simulator.fault("stall")
    with pytest.raises(HomeAssistantError, match="did not answer within"):
        await generate(hass, attachments=[media("bill.pdf", PDF)])
    await background(hass)
    assert len(simulator.uploads) == 1
    assert simulator.files == []


async def test_document_before_one_that_is_refused_is_deleted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media
) -> None:
    """The question is not asked with half of what it is about."""

    async def break_next() -> None:
        """Let the next one meet a fault."""
        simulator.fault("server_error", path="/files")

    entry.runtime_data.client.documents = WatchedDocuments(entry.runtime_data.client.documents, after=break_next)
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
        """Answer; the first deletion after it is refused."""
        simulator.fault("forbidden", path="*")
        return reply("12 dollars")

    simulator.script(answer)
    attached = [media("bill.pdf", PDF), media("note.txt", b"buy milk")]
    assert await generate(hass, attachments=attached) == "12 dollars"
    await background(hass)
    (kept,) = simulator.files
    assert f"delete the file {kept.id} in the xAI console" in caplog.text
    assert caplog.text.count("could not be deleted") == 1


async def test_document_is_deleted_at_the_second_try(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble that passes leaves nothing at xAI."""

    def answer(request: RecordedRequest) -> Reply:
        """Answer; the first deletion after it fails."""
        simulator.fault("server_error", path="*")
        return reply("12 dollars")

    simulator.script(answer)
    assert await generate(hass, attachments=[media("bill.pdf", PDF)]) == "12 dollars"
    await background(hass)
    assert simulator.files == []
    assert "could not be deleted" not in caplog.text


@pytest.mark.parametrize(
    ("name", "data", "label", "sent"),
    [
        ("conf.yaml", b"light:\n  - platform: demo\n", "application/yaml", "text/plain"),
        ("table.csv", b"a,b\n1,2\n", "application/vnd.ms-excel", "text/plain"),
        ("bill.bin", PDF, "application/octet-stream", "application/pdf"),
        ("bill.pdf", PDF, "application/x-pdf", "application/pdf"),
    ],
    ids=["yaml", "csv", "pdf", "x-pdf"],
)
async def test_document_is_what_the_file_says(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    media: Media,
    *,
    name: str,
    data: bytes,
    label: str,
    sent: str,
) -> None:
    """Whatever an automation calls it."""
    simulator.script(reply("Fine."))
    attached = {**media(name, data), "media_content_type": label}
    assert await generate(hass, attachments=[attached]) == "Fine."
    (upload,) = simulator.uploads
    assert upload.content_type.startswith(sent)
    await background(hass)


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
    caplog: pytest.LogCaptureFixture,
    *,
    fault: str,
    may_be_kept: bool,
) -> None:
    """Its id is unknown, so only a person can delete it; what was plainly refused is not there."""
    entry.runtime_data.client.documents.limits = UploadLimits(least_s=0.2)
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
    assert UploadLimits().for_size(size) == limit_s


async def test_upload_does_not_take_from_the_time_for_the_answer(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: Media
) -> None:
    """The task's deadline begins when everything is there."""
    client, entity = entry.runtime_data.client, task_entity(hass)
    client.documents = WatchedDocuments(client.documents, after=partial(asyncio.sleep, 1.2))
    entity.limit_s, entity.patience = 1.0, Patience(queue_s=0.0)
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
    read: list[Path] = []
    monkeypatch.setattr(Path, "read_bytes", read.append)
    with pytest.raises(ServiceValidationError, match=words):
        await generate(hass, attachments=[large(folder, media, name, size) for name, size in sizes.items()])
    assert not [path for path in read if path.is_relative_to(folder)]
    assert simulator.uploads == []
    assert not bodies(simulator)


async def test_attachment_that_has_gone_is_named(hass: HomeAssistant, entry: GrokConfigEntry, folder: Path) -> None:
    """A file can be deleted at any moment, before it is looked at and after."""
    (folder / "none.txt").mkdir()
    for name in ("gone.txt", "none.txt"):
        attached = Attachment(media_content_id="media-source://", mime_type="text/plain", path=folder / name)
        with pytest.raises(ServiceValidationError, match=f"The file {name} cannot be read"):
            await async_read(hass, await async_list(hass, [attached], None))


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

"""Files are uploaded, attached, searched, paid for and deleted."""

import aiohttp
import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.responses.billing import TICKS_PER_USD
from ..simulator.responses.tokens import text_tokens
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from .asking import KEY, Asker, asked, call_item, output_item, user_item

_TEXT = "The boiler was serviced in May.\n" * 40


def question(**file: Json) -> list[JsonObject]:
    """Build an input with a file and a question about it."""
    return [user_item([{"type": "input_file", **file}, {"type": "input_text", "text": "Summarise it"}])]


async def test_life_of_a_file(sim: Simulator, asker: Asker) -> None:
    """A file is kept until it is deleted, and the record remembers it."""
    uploaded = await asker.upload(_TEXT.encode(), "boiler.txt", purpose="assistants")
    assert (uploaded.status, schema_errors("files.file", uploaded.body)) == (200, [])
    file_id = uploaded.body["id"]
    assert uploaded.body | {"created_at": 0} == {
        "id": file_id,
        "object": "file",
        "bytes": len(_TEXT),
        "created_at": 0,
        "expires_at": None,
        "filename": "boiler.txt",
        "purpose": "assistants",
    }
    assert sim.requests[-1].body["file_bytes"] == len(_TEXT)
    assert [file.filename for file in sim.files] == ["boiler.txt"]
    assert (await asker.get("/files")).body == {"data": [uploaded.body], "pagination_token": None}
    assert (await asker.get(f"/files/{file_id}")).body == uploaded.body
    assert (await asker.get(f"/files/{file_id}/content")).body == _TEXT
    deleted = await asker.delete(f"/files/{file_id}")
    assert deleted.body == {"id": file_id, "object": "file", "deleted": True}
    assert (sim.files, [file.data for file in sim.uploads]) == ([], [_TEXT.encode()])
    assert sim.violations == []
    assert [(await asker.delete(f"/files/{file_id}")).status, (await asker.get(f"/files/{file_id}")).status] == [
        404
    ] * 2
    assert len(sim.violations) == 2


async def test_pages_of_the_list(asker: Asker) -> None:
    """The newest files come first, page by page."""
    ids = [(await asker.upload(b"x", f"{number}.txt")).body["id"] for number in range(3)]
    first = (await asker.get("/files?limit=2")).body
    assert [file["id"] for file in first["data"]] == [ids[2], ids[1]]
    second = (await asker.get(f"/files?limit=2&pagination_token={first['pagination_token']}")).body
    assert ([file["id"] for file in second["data"]], second["pagination_token"]) == ([ids[0]], None)
    assert [file["id"] for file in (await asker.get("/files?order=asc")).body["data"]] == ids
    assert (await asker.get("/files?limit=101")).status == 400


@pytest.mark.parametrize(
    ("data", "filename", "fields", "status"),
    [
        pytest.param(None, None, {"purpose": "assistants"}, 400, id="no-file"),
        pytest.param(b"", "a.txt", {}, 400, id="empty"),
        pytest.param(b"x", None, {}, 400, id="unnamed"),
        pytest.param(b"x", "a.txt", {"colour": "red"}, 400, id="unknown-field"),
        pytest.param(b"x", "a.txt", {"expires_after": "60"}, 400, id="runs-out-too-soon"),
        pytest.param(bytes(50 * 1024 * 1024 + 1), "a.txt", {}, 413, id="too-large"),
    ],
)
async def test_upload_is_refused(
    sim: Simulator, asker: Asker, data: bytes | None, filename: str | None, fields: dict[str, str], status: int
) -> None:
    """What is no good file is not kept."""
    answer = await asker.upload(data, filename, **fields)
    assert (answer.status, schema_errors("rest.error", answer.body)) == (status, []), answer.body
    assert sim.uploads == []
    assert len(sim.violations) == 1


async def test_upload_takes_a_form_only(asker: Asker) -> None:
    """JSON is not taken, and when a file runs out has to be told before the file."""
    assert (await asker.post("/files", {"file": "x"})).status == 415
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="a.txt")
    form.add_field("expires_after", "3600")
    async with asker.session.post(f"{asker.url}/files", data=form) as response:
        assert response.status == 400
    kept = await asker.upload(b"x", expires_after="3600")
    assert kept.body["expires_at"] == kept.body["created_at"] + 3600


async def test_files_belong_to_a_team(sim: Simulator, asker: Asker) -> None:
    """Another team sees nothing of them; a key without the right sees nothing at all."""
    file_id = (await asker.upload(b"x")).body["id"]
    headers = {"Authorization": "Bearer xai-team-blue-0001"}
    async with aiohttp.ClientSession(headers=headers) as session:
        stranger = Asker(session=session, url=sim.url)
        assert (await stranger.get("/files")).body["data"] == []
        assert (await stranger.delete(f"/files/{file_id}")).status == 404
        assert (await stranger.ask(input=question(file_id=file_id))).status == 404
    sim.set_key(KEY, acls=["api-key:model:*", "api-key:endpoint:responses"])
    assert (await asker.get("/files")).status == 403


async def test_attached_file_is_searched(sim: Simulator, asker: Asker) -> None:
    """A file costs a search and the tokens of its text, and the model has read it."""
    file_id = (await asker.upload(_TEXT.encode(), "boiler.txt")).body["id"]
    without = (await asker.ask(input="Summarise it")).body["usage"]
    answer = await asker.ask(input=question(file_id=file_id))
    used = answer.body["usage"]
    assert answer.texts == ["boiler.txt begins with “The boiler was serviced in May.”."]
    assert used["server_side_tool_usage_details"]["document_search_calls"] == 1
    assert used["num_server_side_tools_used"] == 1
    assert used["input_tokens"] - without["input_tokens"] >= text_tokens(_TEXT)
    assert used["cost_in_usd_ticks"] > TICKS_PER_USD // 100
    assert without["server_side_tool_usage_details"]["document_search_calls"] == 0
    assert sim.violations == []


async def test_public_file_is_searched(sim: Simulator, asker: Asker) -> None:
    """A file of the web needs no upload; one in an output of a function counts too."""
    part = {"type": "input_file", "file_url": "https://example.org/report.pdf"}
    answer = await asker.ask(input=[user_item([part])])
    assert answer.texts == ["I have read https://example.org/report.pdf."]
    given = await asker.ask(input=[user_item("x"), call_item("1"), output_item("1", [part])])
    for used in (answer.body["usage"], given.body["usage"]):
        assert used["server_side_tool_usage_details"]["document_search_calls"] == 1
        assert used["input_tokens"] > 1_000
    assert sim.violations == []


@pytest.mark.parametrize(
    ("file", "status"),
    [
        pytest.param({"file_id": "file_1"}, 404, id="unknown"),
        pytest.param({}, 400, id="nothing"),
        pytest.param({"file_id": "file_1", "file_url": "https://example.org/a.pdf"}, 400, id="both"),
        pytest.param({"file_data": "aGVsbG8=", "filename": "a.txt"}, 400, id="data"),
        pytest.param({"file_url": "http://homeassistant.local:8123/a.pdf"}, 400, id="at-home"),
        pytest.param({"file_url": "file:///etc/passwd"}, 400, id="no-address"),
        pytest.param({"file_id": 7}, 422, id="no-id"),
    ],
)
async def test_attachment_is_refused(sim: Simulator, asker: Asker, file: JsonObject, status: int) -> None:
    """Only files of the team and public ones can be attached."""
    answer = await asker.ask(input=question(**file))
    assert (answer.status, schema_errors("rest.error", answer.body)) == (status, []), answer.body
    assert len(sim.violations) == 1


async def test_deleted_file_cannot_be_attached(asker: Asker) -> None:
    """A file that is gone is unknown, in a conversation on the server as well."""
    file_id = (await asker.upload(b"x")).body["id"]
    first = await asker.ask(input=question(file_id=file_id), store=None)
    await asker.delete(f"/files/{file_id}")
    assert (await asker.ask(input=question(file_id=file_id))).status == 404
    assert (await asker.ask(input="And now?", previous_response_id=first.body["id"])).status == 404


async def test_picture_by_id_is_refused(sim: Simulator, asker: Asker) -> None:
    """The id of a file is no picture, though other vendors take it for one."""
    part = {"type": "input_image", "file_id": "file_1"}
    assert (await asker.ask(input=[user_item([part])])).status == 422
    assert len(sim.violations) == 1


async def test_file_counts_for_the_cache(asker: Asker) -> None:
    """The same file again is cached, another one is not."""
    files = [(await asker.upload(text.encode())).body["id"] for text in (_TEXT, _TEXT.replace("May", "June"))]
    cached = []
    for file_id in (files[0], files[0], files[1]):
        body = asked(input=question(file_id=file_id), prompt_cache_key="a")
        answer = await asker.post("/responses", body)
        cached.append(answer.body["usage"]["input_tokens_details"]["cached_tokens"])
    assert cached[0] == cached[2] == 0
    assert cached[1] > 0


@pytest.mark.parametrize(("name", "status"), [("rate_limited", 429), ("server_error", 500), ("no_credits", 403)])
async def test_fault(sim: Simulator, asker: Asker, name: str, status: int) -> None:
    """A fault strikes files only where their path is named."""
    sim.fault(name)
    assert (await asker.upload(b"x")).status == 200
    sim.fault(name, path="/files")
    assert (await asker.upload(b"x")).status == status
    assert len(sim.uploads) == 1


async def test_files_over_the_control(sim: Simulator, asker: Asker) -> None:
    """Another process can see what is kept and what ever was."""
    file_id = (await asker.upload(b"x")).body["id"]
    await asker.upload(b"y")
    await asker.delete(f"/files/{file_id}")
    async with asker.session.get(sim.url.removesuffix("/v1") + "/_sim/state") as response:
        state = await response.json()
    assert (len(state["files"]), len(state["uploads"])) == (1, 2)
    sim.reset()
    assert (sim.files, sim.uploads) == ([], [])

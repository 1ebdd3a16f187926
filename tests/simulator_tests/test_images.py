"""Pictures are made and edited, priced, refused and taken down as the real API does it."""

import asyncio
import base64
from io import BytesIO

import aiohttp
from PIL import Image
import pytest

from ..simulator.faults import FaultName
from ..simulator.images.images import looked_at
from ..simulator.jsontypes import Json, JsonObject
from ..simulator.responses.billing import TICKS_PER_USD
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from .asking import KEY, Answer, Asker, picture_url

GENERATIONS = "/images/generations"
EDITS = "/images/edits"
PLAIN = "grok-imagine-image"
FINE = "grok-imagine-image-quality"
NEWEST = "grok-imagine-image-2.0"


def wanted(**fields: Json) -> JsonObject:
    """Build the body of a request for a picture; a field set to None is left out."""
    body: JsonObject = {"model": PLAIN, "prompt": "A red house", "response_format": "b64_json"} | fields
    return {name: value for name, value in body.items() if value is not None}


def source(address: str | None = None) -> JsonObject:
    """Build a source of an edit."""
    return {"type": "image_url", "url": address or picture_url("blue", (400, 200))}


def opened(answer: Answer, number: int = 0) -> Image.Image:
    """Decode a picture of a reply."""
    data = base64.b64decode(answer.body["data"][number]["b64_json"], validate=True)
    image = Image.open(BytesIO(data))
    image.load()
    assert image.format == "JPEG"
    return image


def dollars(answer: Answer) -> float:
    """Give what a request has cost."""
    ticks: int = answer.body["usage"]["cost_in_usd_ticks"]
    return round(ticks / TICKS_PER_USD, 6)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        pytest.param({}, (1024, 1024), id="default"),
        pytest.param({"aspect_ratio": "auto"}, (1024, 1024), id="auto"),
        pytest.param({"aspect_ratio": "16:9"}, (1024, 576), id="wide"),
        pytest.param({"aspect_ratio": "9:16", "resolution": "2k"}, (1152, 2048), id="tall"),
        pytest.param({"aspect_ratio": "19.5:9", "resolution": "1.5k"}, (1536, 709), id="phone"),
    ],
)
async def test_picture_is_real(sim: Simulator, asker: Asker, fields: dict[str, str], size: tuple[int, int]) -> None:
    """A picture is a JPEG of the wanted size, and in the colour that the prompt names."""
    answer = await asker.post(GENERATIONS, wanted(**fields))
    assert schema_errors("images.response", answer.body) == []
    assert opened(answer).size == size
    entry = answer.body["data"][0]
    assert (entry["mime_type"], entry["revised_prompt"]) == ("image/jpeg", "A red house")
    assert looked_at(sim.pictures[0]).color == "red"
    assert sim.requests[-1].body["prompt"] == "A red house"
    assert sim.violations == []


async def test_pictures_of_one_request_differ(sim: Simulator, asker: Asker) -> None:
    """Several pictures for one prompt are not the same one, but the same again for the same prompt."""
    answer = await asker.post(GENERATIONS, wanted(n=3))
    pictures = [entry["b64_json"] for entry in answer.body["data"]]
    assert len(set(pictures)) == len(sim.pictures) == 3
    assert [entry["b64_json"] for entry in (await asker.post(GENERATIONS, wanted(n=3))).body["data"]] == pictures


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        pytest.param({}, 0.02, id="plain"),
        pytest.param({"n": 10}, 0.20, id="ten"),
        pytest.param({"resolution": "2k"}, 0.02, id="plain-2k"),
        pytest.param({"model": FINE}, 0.05, id="quality"),
        pytest.param({"model": NEWEST}, 0.06, id="newest"),
        pytest.param({"model": NEWEST, "quality": "low"}, 0.04, id="newest-low"),
        pytest.param({"model": NEWEST, "quality": "high", "resolution": "2k"}, 0.10, id="newest-high"),
    ],
)
async def test_price(asker: Asker, fields: JsonObject, price: float) -> None:
    """A picture costs what the list says, and the list of models says the same."""
    answer = await asker.post(GENERATIONS, wanted(**fields))
    assert dollars(answer) == price
    model = (await asker.get(f"/image-generation-models/{fields.get('model', PLAIN)}")).body
    tiers = {(tier["quality"], tier["resolution"]): tier["price_per_image"] for tier in model.get("pricing", ())}
    tier = (fields.get("quality", "medium"), fields.get("resolution", "1k"))
    listed = tiers.get(tier, model["image_price"] * TICKS_PER_USD // 100)
    assert listed * fields.get("n", 1) == answer.body["usage"]["cost_in_usd_ticks"]


async def test_edit(sim: Simulator, asker: Asker) -> None:
    """An edit keeps the shape of its one source and still shows it; sources are paid for."""
    answer = await asker.post(EDITS, wanted(prompt="Add a hat", image=source()))
    assert opened(answer).size == (1024, 512)
    assert looked_at(sim.pictures[0]).color == "blue"
    assert dollars(answer) == 0.022
    several = await asker.post(EDITS, wanted(images=[source(), source("https://example.org/a.png")], n=2))
    assert opened(several, 1).size == (1024, 1024)
    assert dollars(several) == 0.044
    uploaded = await asker.upload(sim.pictures[0], "house.jpg")
    again = await asker.post(EDITS, wanted(image={"file_id": uploaded.body["id"]}))
    assert opened(again).size == (1024, 512)
    assert sim.violations == []


async def test_address_runs_out(sim: Simulator, asker: Asker) -> None:
    """A picture is fetched from its address without any key, and only for a while."""
    sim.keep_pictures(0.2)
    answer = await asker.post(GENERATIONS, wanted(response_format=None))
    entry = answer.body["data"][0]
    assert "b64_json" not in entry
    async with aiohttp.ClientSession() as stranger:
        async with stranger.get(entry["url"]) as response:
            assert (response.status, response.content_type) == (200, "image/jpeg")
            assert await response.read() == sim.pictures[0]
        await asyncio.sleep(0.25)
        async with stranger.get(entry["url"]) as response:
            assert response.status == 404
    assert [download.status for download in sim.downloads] == [200, 404]
    assert sim.violations == []


async def test_key_at_the_address_of_a_picture(sim: Simulator, asker: Asker) -> None:
    """Who sends the key to where it has no business is found out."""
    answer = await asker.post(GENERATIONS, wanted(response_format="url"))
    async with asker.session.get(answer.body["data"][0]["url"]) as response:
        assert response.status == 200
    assert "key" in sim.violations[0]
    assert KEY not in str(sim.downloads)


REFUSED: dict[str, tuple[int, str, JsonObject]] = {
    "size": (400, GENERATIONS, {"size": "1024x1024"}),
    "style": (400, GENERATIONS, {"style": "vivid"}),
    "background": (400, GENERATIONS, {"background": "transparent"}),
    "image in a generation": (400, GENERATIONS, {"image": source()}),
    "quality": (400, GENERATIONS, {"quality": "low"}),
    "quality of quality": (400, GENERATIONS, {"model": FINE, "quality": "high"}),
    "unknown quality": (422, GENERATIONS, {"model": NEWEST, "quality": "best"}),
    "unknown model": (404, GENERATIONS, {"model": "dall-e-3"}),
    "text model": (400, GENERATIONS, {"model": "grok-4.3"}),
    "no model": (422, GENERATIONS, {"model": None}),
    "no prompt": (422, GENERATIONS, {"prompt": None}),
    "empty prompt": (400, GENERATIONS, {"prompt": "  "}),
    "long prompt": (400, GENERATIONS, {"prompt": "x" * 1_025}),
    "none": (400, GENERATIONS, {"n": 0}),
    "eleven": (400, GENERATIONS, {"n": 11}),
    "half": (422, GENERATIONS, {"n": 1.5}),
    "ratio": (422, GENERATIONS, {"aspect_ratio": "7:3"}),
    "resolution": (422, GENERATIONS, {"resolution": "4k"}),
    "format": (422, GENERATIONS, {"response_format": "png"}),
    "edit of nothing": (400, EDITS, {}),
    "edit of an empty list": (400, EDITS, {"images": []}),
    "edit of both": (400, EDITS, {"image": source(), "images": [source()]}),
    "edit of four": (400, EDITS, {"images": [source()] * 4}),
    "edit of a string": (422, EDITS, {"image": picture_url()}),
    "edit of no address": (400, EDITS, {"image": {"type": "image_url"}}),
    "edit of two addresses": (400, EDITS, {"image": {**source(), "file_id": "file_1"}}),
    "edit of an unknown file": (404, EDITS, {"image": {"file_id": "file_1"}}),
    "edit of a cut picture": (400, EDITS, {"image": source(picture_url()[:-200])}),
    "edit of a GIF": (400, EDITS, {"image": source(picture_url(kind="GIF"))}),
    "edit of something at home": (400, EDITS, {"image": source("http://192.168.1.5/camera.jpg")}),
    "edit with a mask": (400, EDITS, {"image": source(), "mask": source()}),
}


@pytest.mark.parametrize(("status", "path", "fields"), REFUSED.values(), ids=REFUSED.keys())
async def test_refused(sim: Simulator, asker: Asker, status: int, path: str, fields: JsonObject) -> None:
    """What the API does not take is refused in a documented form and noted; nothing is drawn."""
    answer = await asker.post(path, wanted(**fields))
    assert (answer.status, schema_errors("rest.error", answer.body)) == (status, []), answer.body
    assert answer.message
    assert sim.pictures == []
    assert len(sim.violations) == (0 if status == 404 and path == GENERATIONS else 1)


async def test_argument_is_named(asker: Asker) -> None:
    """The sentence about an argument that is not taken is the well-known one."""
    assert (await asker.post(GENERATIONS, wanted(size="1x1"))).message == "Argument not supported: size"


async def test_multipart_is_refused(sim: Simulator, asker: Asker) -> None:
    """The form that other vendors take for an edit is not taken here."""
    form = aiohttp.FormData({"model": PLAIN, "prompt": "Add a hat"})
    form.add_field("image", b"x", filename="a.png", content_type="image/png")
    async with asker.session.post(f"{sim.url}{EDITS}", data=form) as response:
        assert response.status == 415


async def test_moderation(sim: Simulator, asker: Asker) -> None:
    """What may not be drawn is refused with a sentence about it, and is nobody's slip."""
    answer = await asker.post(GENERATIONS, wanted(prompt="Something Forbidden."))
    assert answer.status == 400
    assert "content moderation" in answer.message
    assert (sim.violations, sim.pictures) == ([], [])


async def test_rights(sim: Simulator, asker: Asker) -> None:
    """A key needs the right to the endpoint and to the model."""
    sim.set_key(KEY, acls=["api-key:model:*", "api-key:endpoint:responses"])
    assert (await asker.post(GENERATIONS, wanted())).status == 403
    sim.set_key(KEY, acls=[f"api-key:model:{PLAIN}", "api-key:endpoint:image"])
    assert (await asker.post(GENERATIONS, wanted())).status == 200
    assert (await asker.post(GENERATIONS, wanted(model=FINE))).status == 403


@pytest.mark.parametrize("path", [GENERATIONS, EDITS])
async def test_list_of_models(sim: Simulator, asker: Asker, path: str) -> None:
    """Models for pictures are known here only, and can be retired."""
    models = (await asker.get("/image-generation-models")).body["models"]
    assert [model["id"] for model in models] == [PLAIN, FINE, NEWEST]
    assert (await asker.get("/image-generation-models/grok-4.3")).status == 404
    assert (await asker.get(f"/language-models/{PLAIN}")).status == 404
    assert (await asker.ask(model=PLAIN)).status == 404
    sim.remove_model(PLAIN)
    assert (await asker.post(path, wanted(image=source() if path == EDITS else None))).status == 404
    sim.reset()
    assert (await asker.post(path, wanted(image=source() if path == EDITS else None))).status == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (FaultName.BAD_KEY, 400),
        (FaultName.NO_CREDITS, 403),
        (FaultName.NO_CREDITS_429, 429),
        (FaultName.RATE_LIMITED, 429),
        (FaultName.SERVER_ERROR, 500),
        (FaultName.OVERLOADED, 529),
        (FaultName.HTML, 502),
    ],
)
async def test_plain_fault(sim: Simulator, asker: Asker, name: FaultName, status: int) -> None:
    """A fault strikes pictures only where their path is named."""
    sim.fault(name)
    assert (await asker.post(GENERATIONS, wanted())).status == 200
    sim.clear_faults()
    sim.fault(name, path=GENERATIONS, retry_after=2)
    answer = await asker.post(GENERATIONS, wanted())
    assert answer.status == status
    assert answer.headers.get("retry-after") == (None if name is FaultName.HTML else "2")
    assert (await asker.post(GENERATIONS, wanted())).status == 200
    assert sim.violations == []


@pytest.mark.parametrize("name", [FaultName.SILENT, FaultName.STALL])
async def test_silence(sim: Simulator, asker: Asker, name: FaultName) -> None:
    """No picture ever comes."""
    sim.fault(name, path=GENERATIONS)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await asker.post(GENERATIONS, wanted())


async def test_broken_reply(sim: Simulator, asker: Asker) -> None:
    """The line breaks, or the reply ends within its JSON."""
    sim.fault("drop", path=GENERATIONS)
    with pytest.raises(aiohttp.ClientError):
        await asker.post(GENERATIONS, wanted())
    sim.fault("truncated", path=GENERATIONS)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        await asker.post(GENERATIONS, wanted())


async def test_faults_of_pictures(sim: Simulator, asker: Asker) -> None:
    """A reply may hold no picture, and an address may lead nowhere from the beginning."""
    sim.fault("no_image")
    assert (await asker.post(GENERATIONS, wanted())).body == {"data": [], "usage": {"cost_in_usd_ticks": 0}}
    sim.fault("expired_url")
    assert (await asker.ask()).status == 200
    answer = await asker.post(GENERATIONS, wanted(response_format="url"))
    async with aiohttp.ClientSession() as stranger, stranger.get(answer.body["data"][0]["url"]) as response:
        assert response.status == 404

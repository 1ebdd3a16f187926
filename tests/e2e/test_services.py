"""Every action of the integration as clients call it: over the websocket, over REST, and from a script of the home."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from PIL import Image
import pytest
import pytest_asyncio

from tests.harness.errors import CommandError, RestError
from tests.harness.grok import DOMAIN
from tests.harness.home_assistant import home_assistant_release
from tests.harness.running import RunningHome
from tests.harness.sent import SentPicture, sent_pictures
from tests.harness.services import Way, call_action, validator

from .conftest import Grok

TASK: Final = "ai_task.grok_ai_task"
LONGEST_SIDE: Final = 2_048
MAX_BYTES: Final = 1_500_000
ORIENTATION: Final = 0x0112
COPYRIGHT: Final = 0x8298
WAYS: Final = tuple(Way)

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who calls actions and looks at what left the house."""

    grok: Grok
    www: Path
    """The folder that Home Assistant may read."""

    @property
    def home(self) -> RunningHome:
        """The running Home Assistant."""
        return self.grok.home

    async def call(self, way: Way, service: str, /, domain: str = DOMAIN, **data: Any) -> Json:
        """Call an action for its response; those of the integration have the published form."""
        response = await call_action(self.home, way, domain, service, data)
        if domain == DOMAIN:
            validator(service).validate(response)
        return response

    async def refusal(self, service: str, /, domain: str = DOMAIN, **data: Any) -> CommandError:
        """Call an action that has to fail; returns the error as a client of the websocket sees it."""
        with pytest.raises(CommandError) as caught:
            await call_action(self.home, Way.SOCKET, domain, service, data)
        return caught.value

    async def bodies(self) -> list[Json]:
        """List what was asked of a model."""
        return [request["body"] for request in await self.grok.simulator.requests()]

    async def last_pictures(self) -> list[SentPicture]:
        """List the pictures of the last question."""
        return sent_pictures((await self.bodies())[-1])

    def put(self, name: str, data: bytes) -> str:
        """Put a file where Home Assistant may read it; returns its path from the configuration's folder."""
        (self.www / name).write_bytes(data)
        return f"www/{name}"


@pytest_asyncio.fixture(loop_scope="session")
async def client(grok: Grok) -> AsyncIterator[Client]:
    """Begin with an account that was never asked; files of the test are taken away."""
    config = await grok.home.client.rest("GET", "/api/config")
    www = Path(config["config_dir"]) / "www"
    usual = set(www.iterdir())
    yield Client(grok=grok, www=www)
    for path in set(www.iterdir()) - usual:
        path.unlink()


@pytest.mark.parametrize("service", ["ask", "get_usage", "forget"])
def test_schema_when_published_then_closed_and_explained(service: str) -> None:
    """Every field is described, required and the only one; the address is that of the repository."""
    schema = validator(service).schema
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://github.com/grok-assist/grok_assist/blob/main/docs/schemas/{service}.json"
    for part in _objects(schema):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])
        assert all(field.get("description") for field in part["properties"].values())


def _objects(node: Any) -> list[Json]:
    """Find the forms of all objects with named fields."""
    parts = [node] if isinstance(node, dict) and "properties" in node else []
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [*parts, *(part for child in children for part in _objects(child))]


@pytest.mark.parametrize("way", WAYS)
async def test_ask_when_plain_then_answer_and_cost(client: Client, way: Way) -> None:
    """The answer, what it cost, and the same money in the account's books."""
    await client.grok.simulator.script({"text": "It **is** fine."})
    answer = await client.call(way, "ask", text="How is it?")
    assert (answer["text"], answer["markdown"], answer["citations"]) == ("It is fine.", "It **is** fine.", [])
    assert answer["usage"]["input_tokens"] > 0
    usage = await client.call(way, "get_usage")
    assert usage["cost_usd"] == pytest.approx(answer["cost_usd"])
    assert usage["requests"] == 1


@pytest.mark.parametrize("way", WAYS)
async def test_ask_when_with_pictures_then_exactly_these_are_sent(client: Client, way: Way) -> None:
    """A camera, an image entity and a file, in their order, and no other; the agent's home comes with names only."""
    path = client.put("one.png", written(Image.new("RGB", (320, 200), "blue"), "PNG"))
    answer = await client.call(
        way, "ask", text="What is this?", images=["camera.front_door", "image.last_visitor", path]
    )
    pictures = await client.last_pictures()
    assert [picture.color for picture in pictures] == ["red", "yellow", "blue"]
    assert [picture.image.size for picture in pictures] == [(1280, 720), (1280, 720), (320, 200)]
    assert all(f"mostly {picture.color}" in answer["text"] for picture in pictures)


@pytest.mark.parametrize("way", WAYS)
async def test_ask_when_all_fields_are_given_then_each_is_used(client: Client, way: Way) -> None:
    """Model, instructions and searches hold for this call; the sources come back, and the talk goes on by its id."""
    await client.grok.simulator.script(
        {"text": "It will rain.", "citations": [{"url": "https://example.org/rain", "title": "Rain"}]}
    )
    first = await client.call(
        way,
        "ask",
        text="Will it rain?",
        agent=client.grok.agent,
        model="grok-4.6",
        instructions="Answer in one sentence.",
        web_search=True,
        x_search=True,
    )
    assert first["model"] == "grok-4.6"
    assert first["citations"] == [{"title": "Rain", "url": "https://example.org/rain"}]
    (body,) = await client.bodies()
    assert "Answer in one sentence." in body["instructions"]
    assert {"web_search", "x_search"} <= {tool["type"] for tool in body["tools"]}
    second = await client.call(
        way, "ask", text="What did I just say?", conversation_id=first["conversation_id"], web_search=False
    )
    assert second["text"] == "You said: Will it rain?"
    assert second["conversation_id"] == first["conversation_id"]
    assert "web_search" not in {tool["type"] for tool in (await client.bodies())[-1]["tools"]}


@pytest.mark.parametrize("way", WAYS)
async def test_ask_when_an_order_then_done(client: Client, way: Way) -> None:
    """The agent acts through its tools."""
    await client.home.client.call_service("light", "turn_off", entity_id="light.kitchen_light")
    answer = await client.call(way, "ask", text="Turn on the kitchen light")
    assert await client.home.client.state("light.kitchen_light") == "on"
    assert answer["text"]


@pytest.mark.parametrize("way", WAYS)
async def test_get_usage_when_periods_are_asked_then_each_is_told(client: Client, way: Way) -> None:
    """A fresh account has spent the same today, this month and ever, and its agent did it."""
    assert (await client.call(way, "get_usage", period="total"))["requests"] == 0
    await client.call(way, "ask", text="Good morning")
    told = [await client.call(way, "get_usage", period=period) for period in ("today", "month", "total")]
    assert told[0] == told[1] == told[2]
    assert list(told[0]["by_agent"]) == [client.grok.agent]
    named = await client.call(way, "get_usage", config_entry=client.grok.entry_id)
    assert named == told[0]


@pytest.mark.parametrize("way", WAYS)
async def test_forget_when_called_then_told_how_many(client: Client, way: Way) -> None:
    """One conversation by its id, then the others of the agent, then there is none."""
    answers = [await client.call(way, "ask", text=f"Remember {number}") for number in range(3)]
    conversation_id = answers[0]["conversation_id"]
    assert await client.call(way, "forget", agent=client.grok.agent, conversation_id=conversation_id) == {
        "forgotten": 1
    }
    assert await client.call(way, "forget", agent=client.grok.agent) == {"forgotten": 2}
    assert await client.call(way, "forget") == {"forgotten": 0}
    again = await client.call(way, "ask", text="What did I just say?", conversation_id=conversation_id)
    assert again["text"] == "You have said nothing before."


@pytest.mark.parametrize("way", WAYS)
async def test_generate_data_when_a_form_is_wanted_then_data(client: Client, way: Way) -> None:
    """Data of the wanted form from the picture of an exposed camera."""
    await client.grok.simulator.script({"structured": {"parcels": 1, "color": "red"}})
    response = await client.call(
        way,
        "generate_data",
        domain="ai_task",
        task_name="count parcels",
        entity_id=TASK,
        instructions="Count the parcels.",
        structure={
            "parcels": {"selector": {"number": {"min": 0, "max": 9}}, "required": True},
            "color": {"selector": {"text": {}}, "required": True},
        },
        attachments={"media_content_id": "media-source://camera/camera.front_door", "media_content_type": "image/jpeg"},
    )
    assert response["data"] == {"parcels": 1, "color": "red"}
    (picture,) = await client.last_pictures()
    assert picture.color == "red"


@pytest.mark.parametrize("way", WAYS)
async def test_generate_image_when_asked_then_a_picture_that_can_be_fetched(client: Client, way: Way) -> None:
    """The response has an address at which the picture is, as large as it is said to be."""
    response = await client.call(
        way, "generate_image", domain="ai_task", task_name="draw", entity_id=TASK, instructions="A red door"
    )
    data = await client.home.client.download(response["url"])
    assert Image.open(BytesIO(data)).size == (response["width"], response["height"])
    assert response["mime_type"] in ("image/jpeg", "image/png")
    usage = await client.call(way, "get_usage")
    assert usage["cost_usd"] > 0


@pytest.mark.skipif(home_assistant_release() < "2026.11", reason="ai_task.evaluate came with 2026.11")
@pytest.mark.parametrize("way", WAYS)
async def test_evaluate_when_asked_then_judgements(client: Client, way: Way) -> None:
    """A probability, a choice and a score."""
    await client.grok.simulator.script(
        {"structured": {"q0": 0.9, "q1": {"o0": 0.2, "o1": 0.6}, "q2": {"o0": 0, "o1": 0.5, "o2": 0.5}}}
    )
    response = await client.call(
        way,
        "evaluate",
        domain="ai_task",
        task_name="judge",
        entity_id=TASK,
        state="A parcel lies before the door.",
        questions={
            "delivered": {"type": "noul", "instructions": "Has it come?"},
            "place": {"type": "choice", "instructions": "Where?", "criteria": {"in": "inside", "out": "outside"}},
            "risk": {"type": "score", "instructions": "How risky?", "criteria": ["not", "some", "very"]},
        },
    )
    answers = response["answers"]
    assert answers["delivered"]["noul"] == pytest.approx(0.9)
    assert answers["place"]["choice"] == "out"
    assert answers["risk"]["score"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("images", "key", "named"),
    [
        (["camera.nursery"], "entity_not_exposed", "camera.nursery"),
        (["camera.front_door", "camera.nursery"], "entity_not_exposed", "camera.nursery"),
        (["camera.nowhere"], "entity_not_found", "camera.nowhere"),
        (["image.nowhere"], "entity_not_found", "image.nowhere"),
        (["lock.safe"], "source_unknown", "lock.safe"),
        (["/etc/passwd"], "path_not_allowed", "/etc/passwd"),
        ([".storage/auth"], "path_not_allowed", ".storage/auth"),
        (["www/../secrets.yaml"], "path_not_allowed", "secrets.yaml"),
        (["www/none.jpg"], "file_not_found", "www/none.jpg"),
        (["camera.front_door"] * 9, "too_many_pictures", "8"),
    ],
)
async def test_ask_when_a_picture_may_not_be_seen_then_refused_and_nothing_sent(
    client: Client, images: list[str], key: str, named: str
) -> None:
    """The error has a key to be translated by and names what is wrong; nothing left the house."""
    error = await client.refusal("ask", text="What is this?", images=images)
    assert (error.code, error.translation_key) == ("service_validation_error", key)
    assert named in error.message
    assert await client.bodies() == []


async def test_ask_when_a_file_is_no_picture_then_refused_and_nothing_sent(client: Client) -> None:
    """Cut off, empty, or a text."""
    whole = written(Image.effect_noise((640, 480), 80), "JPEG")
    files = {"cut.jpg": whole[: len(whole) // 2], "text.jpg": b"Hello", "empty.png": b""}
    for name, data in files.items():
        error = await client.refusal("ask", text="What is this?", images=[client.put(name, data)])
        assert error.code == "service_validation_error"
        assert error.translation_key == ("picture_empty" if name == "empty.png" else "picture_broken")
        assert name in error.message
    assert await client.bodies() == []


async def test_ask_when_link_leads_outside_then_refused(client: Client) -> None:
    """A link in the allowed folder does not open what lies elsewhere."""
    (client.www / "link.jpg").symlink_to("/etc/hostname")
    error = await client.refusal("ask", text="What is this?", images=["www/link.jpg"])
    assert error.translation_key == "path_not_allowed"
    assert await client.bodies() == []


async def test_tasks_when_camera_is_not_exposed_then_refused_and_nothing_sent(client: Client) -> None:
    """What `ask` refuses, the tasks refuse, too."""
    attachment = {"media_content_id": "media-source://camera/camera.nursery", "media_content_type": "image/jpeg"}
    for service in ("generate_data", "generate_image"):
        error = await client.refusal(
            service, domain="ai_task", task_name="look", entity_id=TASK, instructions="Look", attachments=attachment
        )
        assert (error.code, error.translation_key) == ("service_validation_error", "entity_not_exposed")
    assert sent_pictures([request["body"] for request in await _all_requests(client)]) == []
    assert await client.bodies() == []


async def _all_requests(client: Client) -> list[Json]:
    """List all requests with a JSON body."""
    state = await client.grok.simulator.control("GET", "state")
    return [request for request in state["requests"] if isinstance(request["body"], dict | list)]


@pytest.mark.parametrize(
    ("service", "data", "key", "named"),
    [
        ("ask", {"text": "Hello", "agent": "conversation.nobody"}, "agent_unknown", "conversation.nobody"),
        ("ask", {"text": "Hello", "agent": "light.kitchen_light"}, "agent_unknown", "light.kitchen_light"),
        ("ask", {"text": "Hello", "model": "grok-99"}, "model_unknown", "grok-99"),
        ("get_usage", {"config_entry": "nothing"}, "account_not_loaded", "nothing"),
        ("forget", {"agent": "conversation.nobody"}, "agent_unknown", "conversation.nobody"),
    ],
)
async def test_call_when_something_does_not_exist_then_it_is_named(
    client: Client, service: str, data: Json, key: str, named: str
) -> None:
    """An error of the caller, over the websocket and over REST."""
    error = await client.refusal(service, **data)
    assert (error.code, error.translation_key) == ("service_validation_error", key)
    assert named in error.message
    with pytest.raises(RestError) as caught:
        await client.call(Way.REST, service, **data)
    assert caught.value.status in (400, 500)
    assert named in caught.value.body


@pytest.mark.parametrize(
    ("service", "data"), [("ask", {}), ("ask", {"text": " "}), ("ask", {"text": "x", "more": 1}), ("forget", {"x": 1})]
)
async def test_call_when_fields_are_wrong_then_invalid_format(client: Client, service: str, data: Json) -> None:
    """Home Assistant itself says which field it is."""
    assert (await client.refusal(service, **data)).code == "invalid_format"
    assert await client.bodies() == []


async def test_ask_when_xai_fails_then_a_home_assistant_error(client: Client) -> None:
    """Not the caller's fault: another code, with a key and a sentence."""
    await client.grok.simulator.fault("no_credits")
    error = await client.refusal("ask", text="Hello")
    await client.grok.simulator.clear_faults()
    assert (error.code, error.translation_key) == ("home_assistant_error", "no_credits")
    assert "credits" in error.message


async def test_ask_when_picture_has_12_megapixels_then_small_upright_and_bare(client: Client) -> None:
    """A photograph as a telephone takes it, lying on its side, with place and owner in it."""
    photo = Image.linear_gradient("L").resize((4000, 3000)).convert("RGB")
    noise = Image.effect_noise((4000, 3000), 60).convert("RGB")
    exif = Image.Exif()
    exif[ORIENTATION], exif[COPYRIGHT] = 6, "Zanzibar 4711"
    data = written(Image.blend(photo, noise, 0.5), "JPEG", quality=95, exif=exif)
    assert b"Zanzibar" in data
    await client.call(Way.SOCKET, "ask", text="What is this?", images=[client.put("photo.jpg", data)])
    (sent,) = await client.last_pictures()
    assert_fit(sent)
    assert sent.mime == "image/jpeg"
    width, height = sent.image.size
    assert (width / height, height >= LONGEST_SIDE * 0.7) == (0.75, True)
    assert b"Zanzibar" not in sent.data


async def test_ask_when_picture_is_transparent_then_png_and_still_transparent(client: Client) -> None:
    """A PNG with an alpha channel and words in it."""
    image = Image.new("RGBA", (3000, 1000), (0, 160, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 300, 1000))
    data = written(image, "PNG", exif=_exif())
    await client.call(Way.SOCKET, "ask", text="What is this?", images=[client.put("logo.png", data)])
    (sent,) = await client.last_pictures()
    assert_fit(sent)
    assert (sent.mime, sent.image.mode, sent.image.size) == ("image/png", "RGBA", (2048, 683))
    assert sent.image.getpixel((10, 300)) == (0, 0, 0, 0)


def _exif() -> Image.Exif:
    """Write an owner."""
    exif = Image.Exif()
    exif[COPYRIGHT] = "Zanzibar 4711"
    return exif


def assert_fit(sent: SentPicture) -> None:
    """Check what may leave the house."""
    image = sent.image
    assert sent.mime == f"image/{str(image.format).lower()}"
    assert max(image.size) <= LONGEST_SIDE
    assert len(sent.data) <= MAX_BYTES
    assert dict(image.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)


def written(image: Image.Image, form: str, **options: Any) -> bytes:
    """Write a picture as a file."""
    sink = BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()

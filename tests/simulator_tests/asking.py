"""A bare HTTP client for the tests of the simulator, and the values that they use."""

import base64
from dataclasses import dataclass
from io import BytesIO
import json
from typing import Final

import aiohttp
from PIL import Image

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import schema_errors

KEY: Final = "xai-test-key-abcd"
MODEL: Final = "grok-4.3"
LAMP_TOOL: Final[JsonObject] = {
    "type": "function",
    "name": "intent__HassTurnOn",
    "description": "Turns on a device",
    "parameters": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "domain": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": False,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer with its parsed body."""

    status: int
    body: Json
    headers: dict[str, str]

    @property
    def message(self) -> str:
        """The error message in either body shape."""
        error = self.body["error"]
        return str(error["message"] if isinstance(error, dict) else error)

    @property
    def texts(self) -> list[str]:
        """The texts of the message items."""
        return [part["text"] for item in self.of_type("message") for part in item["content"]]

    def of_type(self, kind: str) -> list[JsonObject]:
        """List the output items of one type."""
        return [item for item in self.body["output"] if item["type"] == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Talks to the simulator without any SDK."""

    session: aiohttp.ClientSession
    url: str

    async def get(self, path: str) -> Answer:
        """Read a path below the API's prefix."""
        async with self.session.get(f"{self.url}{path}") as response:
            return await _answer(response)

    async def ask(self, **fields: Json) -> Answer:
        """Ask for a response; the model, the input and `store` have defaults."""
        async with self.session.post(f"{self.url}/responses", json=asked(**fields)) as response:
            return await _answer(response)

    async def post(self, path: str, body: Json) -> Answer:
        """Send a JSON body to a path below the API's prefix."""
        async with self.session.post(f"{self.url}{path}", json=body) as response:
            return await _answer(response)

    async def delete(self, path: str) -> Answer:
        """Delete what a path below the API's prefix leads to."""
        async with self.session.delete(f"{self.url}{path}") as response:
            return await _answer(response)

    async def upload(self, data: bytes | None, filename: str | None = "notes.txt", **fields: str) -> Answer:
        """Upload a file, its fields before it."""
        with aiohttp.MultipartWriter("form-data") as form:
            for name, value in fields.items():
                form.append(value).set_content_disposition("form-data", name=name)
            if data is not None:
                part = form.append(BytesIO(data), {"Content-Type": "text/plain"})
                named = f'form-data; name="file"; filename="{filename}"'
                part.headers["Content-Disposition"] = named if filename else 'form-data; name="file"'
        async with self.session.post(f"{self.url}/files", data=form) as response:
            return await _answer(response)

    async def stream(self, **fields: Json) -> list[JsonObject]:
        """Ask for a streamed response and collect its events, each checked against the schema."""
        body = asked(stream=True, **fields)
        async with self.session.post(f"{self.url}/responses", json=body) as response:
            assert response.content_type == "text/event-stream"
            text = await response.text()
        events: list[JsonObject] = [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]
        for number, event in enumerate(events):
            assert event["sequence_number"] == number
            assert schema_errors(f"responses.event.{event['type']}", event) == []
        return events


def asked(**fields: Json) -> JsonObject:
    """Build the body of a request; a field set to None is left out."""
    body = {"model": MODEL, "input": "Hello", "store": False} | fields
    return {name: value for name, value in body.items() if value is not None}


def call_item(call_id: str, name: str = "lamp", arguments: str = "{}") -> JsonObject:
    """Build the input item of a function call."""
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def output_item(call_id: str, output: Json = "done") -> JsonObject:
    """Build the input item of a function's output."""
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def picture_url(color: str = "red", size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> str:
    """Build a data URL of a picture of one colour."""
    file = BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def picture_part(color: str = "red", size: tuple[int, int] = (64, 48)) -> JsonObject:
    """Build the part of an input that shows a picture of one colour."""
    return {"type": "input_image", "image_url": picture_url(color, size)}


def user_item(content: Json) -> JsonObject:
    """Build a user's message."""
    return {"role": "user", "content": content}


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    """Read an answer to its end."""
    text = await response.text()
    body = json.loads(text) if response.content_type == "application/json" else text
    return Answer(
        status=response.status, body=body, headers={name.lower(): value for name, value in response.headers.items()}
    )

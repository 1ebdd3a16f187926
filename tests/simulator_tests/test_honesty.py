"""The plain OpenAI SDK, with no code of ours, gets on with the simulator as it does with xAI."""

import base64
from collections.abc import AsyncIterator
from io import BytesIO
import json

from openai import APIStatusError, AsyncOpenAI, BadRequestError, RateLimitError
from openai.types.responses import FunctionToolParam, Response, ResponseCompletedEvent, ResponseFunctionToolCall
from PIL import Image
from pydantic import BaseModel
import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import schema_errors
from ..simulator.script import call, calls, search_reply
from ..simulator.server import Simulator
from .asking import KEY, MODEL

_TOOL: FunctionToolParam = {
    "type": "function",
    "name": "set_light",
    "description": "Sets a light",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "level": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": False,
    },
}


class Weather(BaseModel):
    """A structured answer."""

    summary: str
    degrees: float
    hours: list[int]


@pytest.fixture
async def client(sim: Simulator) -> AsyncIterator[AsyncOpenAI]:
    """Give the SDK as its users make it; whatever it sends must be right."""
    async with AsyncOpenAI(api_key=KEY, base_url=sim.url, max_retries=0) as sdk:
        yield sdk
    assert sim.violations == []


async def test_models(client: AsyncOpenAI) -> None:
    """The SDK lists the models."""
    assert MODEL in [model.id async for model in await client.models.list()]


async def test_plain(client: AsyncOpenAI) -> None:
    """A plain response has its text and its usage where the SDK looks for them."""
    response = await client.responses.create(model=MODEL, input="Hello", instructions="Be nice.", store=False)
    assert response.output_text == "Hello! What can I do for you?"
    assert response.usage is not None
    assert response.usage.total_tokens > 0
    _check(response)


@pytest.mark.parametrize("fragments", [True, False])
async def test_tool_loop_in_a_stream(client: AsyncOpenAI, sim: Simulator, *, fragments: bool) -> None:
    """Parallel calls, whole or in fragments, are collected, answered and sent back with the reasoning."""
    wanted: list[JsonObject] = [{"name": "Lamp", "level": 40}, {"name": "Fan"}]
    sim.script(calls(*[call("set_light", each) for each in wanted], fragments=fragments, reasoning="Two of them."))
    async with client.responses.stream(
        model="grok-4.7", input="Set both", tools=[_TOOL], store=False, include=["reasoning.encrypted_content"]
    ) as stream:
        response = await stream.get_final_response()
    made = [item for item in response.output if isinstance(item, ResponseFunctionToolCall)]
    assert [json.loads(item.arguments) for item in made] == wanted
    _check(response)
    history: list[Json] = [{"role": "user", "content": "Set both"}]
    history += [item.model_dump(exclude_unset=True, exclude={"parsed_arguments"}) for item in response.output]
    history += [{"type": "function_call_output", "call_id": item.call_id, "output": "done"} for item in made]
    again = await client.responses.create(model="grok-4.7", input=history, tools=[_TOOL], store=False)
    assert again.status == "completed"


async def test_every_event(client: AsyncOpenAI, sim: Simulator) -> None:
    """The SDK knows every event of a stream with a search, and each fits the schema."""
    sim.script(search_reply("It rains.", citations=["https://a.example"], inline=True, reasoning="Look it up."))
    texts = ""
    async for event in await client.responses.create(
        model=MODEL, input="Weather?", tools=[{"type": "web_search"}], store=False, stream=True
    ):
        assert schema_errors(f"responses.event.{event.type}", event.model_dump(exclude_unset=True)) == []
        if event.type == "response.output_text.delta":
            texts += event.delta
    assert isinstance(event, ResponseCompletedEvent)
    assert event.response.output_text == texts == "It rains.[[1]](https://a.example)"


async def test_structured_output(client: AsyncOpenAI) -> None:
    """A model class goes out as a schema and comes back as an object."""
    response = await client.responses.parse(model=MODEL, input="Weather?", text_format=Weather, store=False)
    assert isinstance(response.output_parsed, Weather)


async def test_picture(client: AsyncOpenAI) -> None:
    """A picture is looked at."""
    buffer = BytesIO()
    Image.new("RGB", (320, 200), "red").save(buffer, "JPEG")
    address = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    response = await client.responses.create(
        model=MODEL,
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is it?"},
                    {"type": "input_image", "image_url": address, "detail": "auto"},
                ],
            }
        ],
        store=False,
    )
    assert "320 by 200" in response.output_text
    assert response.usage is not None
    assert response.usage.input_tokens > 512


async def test_conversation_on_the_server(client: AsyncOpenAI) -> None:
    """A stored response is continued and read again."""
    first = await client.responses.create(model=MODEL, input="My name is Ada")
    second = await client.responses.create(model=MODEL, input="What is my name?", previous_response_id=first.id)
    assert second.output_text == "Your name is Ada."
    assert (await client.responses.retrieve(first.id)).output_text == first.output_text


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param("bad_key", BadRequestError, id="key"),
        pytest.param("rate_limited", RateLimitError, id="limit"),
        pytest.param("overloaded", APIStatusError, id="overload"),
        pytest.param("html", APIStatusError, id="html"),
    ],
)
async def test_errors(client: AsyncOpenAI, sim: Simulator, fault: str, error: type[APIStatusError]) -> None:
    """The SDK raises what its users expect."""
    sim.fault(fault)
    with pytest.raises(error):
        await client.responses.create(model=MODEL, input="Hello", store=False)


def _check(response: Response) -> None:
    """Check a response against the schema as the SDK read it."""
    assert schema_errors("responses.response", response.model_dump(exclude_unset=True)) == []

"""Everything that the real API refuses is refused alike, and noted as a violation."""

import base64
from io import BytesIO

from PIL import Image
import pytest

from ..simulator.errors import RefusalError
from ..simulator.images.images import picture_of
from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from .asking import LAMP_TOOL, Asker, call_item, output_item, user_item


def picture(kind: str = "PNG", *, cut: bool = False) -> str:
    """Build a data URL of a small picture."""
    buffer = BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(buffer, kind)
    payload = buffer.getvalue()
    if cut:
        payload = payload[: len(payload) // 2]
    return f"data:image/{kind.lower()};base64,{base64.b64encode(payload).decode()}"


def image(address: Json) -> list[JsonObject]:
    """Build an input with one picture."""
    return [user_item([{"type": "input_image", "image_url": address}])]


def tool(parameters: Json = None, **fields: Json) -> list[JsonObject]:
    """Build a list of one function tool."""
    schema = {"type": "object", "properties": {}} if parameters is None else parameters
    return [{"type": "function", "name": "lamp", "parameters": schema} | fields]


def shaped(**keywords: Json) -> list[JsonObject]:
    """Build a list of one tool with further keywords at the root of its parameters."""
    return tool({"type": "object", "properties": {"a": {"type": "string"}}} | keywords)


def inner(schema: Json) -> list[JsonObject]:
    """Build a list of one tool with one property of a schema."""
    return tool({"type": "object", "properties": {"a": schema}})


_CIRCLE = {"a": {"properties": {"next": {"$ref": "#/$defs/a"}}, "type": "object"}}

REFUSED: dict[str, tuple[int, JsonObject]] = {
    "background": (400, {"background": True}),
    "metadata": (400, {"metadata": {}}),
    "truncation": (400, {"truncation": "auto"}),
    "unknown field": (400, {"colour": "red"}),
    "stop": (400, {"stop": ["x"]}),
    "presence penalty": (400, {"presence_penalty": 1}),
    "frequency penalty": (400, {"frequency_penalty": 1}),
    "field in reasoning": (400, {"reasoning": {"generate_summary": "auto"}}),
    "field in text": (400, {"text": {"verbosity": "low"}}),
    "effort none on 4.5": (400, {"model": "grok-4.5", "reasoning": {"effort": "none"}}),
    "effort none on 4.7": (400, {"model": "grok-4.7", "reasoning": {"effort": "none"}}),
    "effort on 4.20": (400, {"model": "grok-4.20", "reasoning": {"effort": "low"}}),
    "unknown effort": (400, {"reasoning": {"effort": "minimal"}}),
    "empty model": (400, {"model": ""}),
    "no model": (422, {"model": None}),
    "no input": (422, {"input": None}),
    "empty input": (422, {"input": []}),
    "temperature": (400, {"temperature": 2.5}),
    "top p": (400, {"top_p": 1.5}),
    "no tokens": (422, {"max_output_tokens": 0}),
    "wrong type": (422, {"store": "yes"}),
    "tool choice without tools": (400, {"tool_choice": "auto"}),
    "tool choice with empty tools": (400, {"tool_choice": "auto", "tools": []}),
    "tool choice of none offered": (400, {"tool_choice": {"type": "function", "name": "x"}, "tools": [LAMP_TOOL]}),
    "nested tool": (422, {"tools": [{"type": "function", "function": {"name": "lamp", "parameters": {}}}]}),
    "tool without parameters": (422, {"tools": [{"type": "function", "name": "lamp"}]}),
    "tool of unknown type": (422, {"tools": [{"type": "oven"}]}),
    "tool no object": (422, {"tools": ["lamp"]}),
    "tool name": (400, {"tools": tool(name="turn on")}),
    "long tool name": (400, {"tools": tool(name="x" * 65)}),
    "reserved tool name": (400, {"tools": tool(name="x_keyword_search")}),
    "duplicate tool": (400, {"tools": [LAMP_TOOL, LAMP_TOOL]}),
    "too many tools": (400, {"tools": [{**LAMP_TOOL, "name": f"tool_{number}"} for number in range(351)]}),
    "functions on multi-agent": (400, {"model": "grok-4.20-multi-agent-0309", "tools": [LAMP_TOOL]}),
    "root no object": (400, {"tools": tool({"type": "string"})}),
    "root without type": (400, {"tools": tool({"properties": {}})}),
    "root anyOf": (400, {"tools": shaped(anyOf=[{"required": ["a"]}])}),
    "root oneOf": (400, {"tools": shaped(oneOf=[{"required": ["a"]}])}),
    "root allOf": (400, {"tools": shaped(allOf=[{"required": ["a"]}])}),
    "root not": (400, {"tools": shaped(**{"not": {"required": ["a"]}})}),
    "root enum": (400, {"tools": shaped(enum=[{}])}),
    "if then": (400, {"tools": inner({"type": "object", "if": {}, "then": {}})}),
    "two in allOf": (400, {"tools": inner({"allOf": [{"type": "string"}, {"minLength": 1}]})}),
    "unknown schema type": (400, {"tools": inner({"type": "text"})}),
    "schema no object": (400, {"tools": inner("string")}),
    "required unknown": (400, {"tools": shaped(required=["b"])}),
    "reference circle": (400, {"tools": shaped(**{"$defs": _CIRCLE})}),
    "reference to root": (400, {"tools": inner({"$ref": "#"})}),
    "reference to nowhere": (400, {"tools": inner({"$ref": "#/$defs/x"})}),
    "structured output schema": (
        400,
        {"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "thing"}}}},
    ),
    "both domain lists": (
        400,
        {"tools": [{"type": "web_search", "allowed_domains": ["a.b"], "excluded_domains": ["c.d"]}]},
    ),
    "both in filters": (
        400,
        {"tools": [{"type": "web_search", "filters": {"allowed_domains": ["a.b"], "excluded_domains": ["c.d"]}}]},
    ),
    "unknown filter": (400, {"tools": [{"type": "web_search", "filters": {"domains": []}}]}),
    "six domains": (400, {"tools": [{"type": "web_search", "allowed_domains": ["a.b"] * 6}]}),
    "context size": (400, {"tools": [{"type": "web_search", "search_context_size": "low"}]}),
    "user location": (400, {"tools": [{"type": "web_search", "user_location": {"type": "approximate"}}]}),
    "both handle lists": (
        400,
        {"tools": [{"type": "x_search", "allowed_x_handles": ["a"], "excluded_x_handles": ["b"]}]},
    ),
    "eleven handles": (400, {"tools": [{"type": "x_search", "allowed_x_handles": ["a"] * 11}]}),
    "no date": (400, {"tools": [{"type": "x_search", "from_date": "yesterday"}]}),
    "dates the wrong way": (
        400,
        {"tools": [{"type": "x_search", "from_date": "2026-02-02", "to_date": "2026-01-01"}]},
    ),
    "item no object": (422, {"input": ["hello"]}),
    "unknown role": (422, {"input": [{"role": "tool", "content": "x"}]}),
    "no role": (422, {"input": [{"content": "x"}]}),
    "unknown item": (422, {"input": [{"type": "thought"}]}),
    "unknown part": (422, {"input": [user_item([{"type": "image_url", "image_url": "x"}])]}),
    "content no list": (422, {"input": [user_item({"text": "x"})]}),
    "text part without text": (422, {"input": [user_item([{"type": "input_text"}])]}),
    "output of no call": (400, {"input": [output_item("call_1")]}),
    "call without output": (400, {"input": [call_item("call_1"), user_item("x")]}),
    "call without output at the end": (400, {"input": [user_item("x"), call_item("call_1")]}),
    "two outputs": (400, {"input": [call_item("call_1"), output_item("call_1"), output_item("call_1")]}),
    "two calls of one id": (400, {"input": [call_item("call_1"), call_item("call_1"), output_item("call_1")]}),
    "output no text": (422, {"input": [call_item("call_1"), output_item("call_1", {"result": 1})]}),
    "reasoning without content": (422, {"input": [{"type": "reasoning", "summary": [], "content": None}]}),
    "cipher without summary": (400, {"input": [{"type": "reasoning", "encrypted_content": "abc"}, user_item("x")]}),
    "foreign cipher": (
        400,
        {"input": [{"type": "reasoning", "summary": [], "encrypted_content": "abc"}, user_item("x")]},
    ),
    "image as object": (422, {"input": image({"url": "https://example.org/a.png"})}),
    "image detail": (
        422,
        {"input": [user_item([{"type": "input_image", "image_url": picture(), "detail": "fine"}])]},
    ),
    "image cut off": (400, {"input": image(picture(cut=True))}),
    "image of other kind": (400, {"input": image(picture("GIF"))}),
    "image no base64": (400, {"input": image("data:image/png;base64,???")}),
    "image no data": (400, {"input": image("data:text/plain,hello")}),
    "image of bad address": (400, {"input": image("https://")}),
    "image of local file": (400, {"input": image("file:///etc/passwd")}),
    "instructions with previous": (400, {"instructions": "Be nice.", "previous_response_id": "resp_1"}),
}


@pytest.mark.parametrize(("status", "fields"), REFUSED.values(), ids=REFUSED.keys())
async def test_refused(sim: Simulator, asker: Asker, status: int, fields: JsonObject) -> None:
    """The status and the body are the documented ones, and the client's slip is noted."""
    answer = await asker.ask(**fields)
    assert (answer.status, schema_errors("rest.error", answer.body)) == (status, []), answer.body
    assert answer.message
    assert len(sim.violations) == 1
    assert f"{status}" in sim.violations[0]
    assert not any(name.lower().startswith("x-ratelimit") for name in answer.headers)


ACCEPTED: dict[str, JsonObject] = {
    "plain": {},
    "empty tools": {"tools": []},
    "parts": {"input": [user_item([{"type": "input_text", "text": "x"}])]},
    "all roles": {"input": [{"role": role, "content": "x"} for role in ("system", "developer", "assistant", "user")]},
    "alias": {"model": "grok-latest"},
    "effort": {"reasoning": {"effort": "none"}},
    "nested anyOf": {"tools": inner({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})},
    "nullable": {"tools": inner({"type": ["string", "null"], "format": "entity_id"})},
    "reference": {"tools": shaped(**{"$defs": {"b": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/b"}}})},
    "searches": {"tools": [{"type": "web_search", "allowed_domains": ["a.b"]}, {"type": "x_search"}]},
    "choice": {"tools": [LAMP_TOOL], "tool_choice": {"type": "function", "name": LAMP_TOOL["name"]}},
    "calls": {"input": [call_item("1"), call_item("2"), output_item("2"), output_item("1"), user_item("x")]},
    "image output": {"input": [call_item("1"), output_item("1", [{"type": "input_image", "image_url": picture()}])]},
    "jpeg": {"input": image(picture("JPEG"))},
    "public image": {"input": image("https://example.org/a.png")},
}


@pytest.mark.parametrize("fields", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_accepted(sim: Simulator, asker: Asker, fields: JsonObject) -> None:
    """What is right next to the rules is not refused."""
    answer = await asker.ask(**fields)
    assert (answer.status, sim.violations) == (200, []), answer.body
    assert schema_errors("responses.response", answer.body) == []


def test_image_too_large() -> None:
    """A picture above 20 MiB is refused before it is decoded."""
    payload = base64.b64encode(bytes(20 * 1024 * 1024 + 1)).decode()
    with pytest.raises(RefusalError, match="20 MiB"):
        picture_of(f"data:image/png;base64,{payload}")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param("{", "application/json", 400, id="no-json"),
        pytest.param("[]", "application/json", 422, id="no-object"),
        pytest.param("{}", "text/plain", 415, id="content-type"),
    ],
)
async def test_unreadable_body(sim: Simulator, asker: Asker, body: str, content_type: str, status: int) -> None:
    """Bodies that cannot be read at all are refused each in its way."""
    headers = {"Content-Type": content_type}
    async with asker.session.post(f"{sim.url}/responses", data=body, headers=headers) as response:
        assert response.status == status
        assert schema_errors("rest.error", await response.json()) == []
    assert len(sim.violations) == 1

"""What a response holds, whole and as a stream."""

import json

import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import schema_errors
from ..simulator.script import Reply, call, calls, citation, reply, search_reply, structured
from ..simulator.server import Simulator
from .asking import KEY, LAMP_TOOL, Asker, call_item, output_item, user_item

_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "count": {"type": "integer", "minimum": 3},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["title", "count"],
    "additionalProperties": False,
}
_REPLIES: dict[str, Reply] = {
    "text": reply("Hello you  there,\nfriend. "),
    "reasoning": reply("Yes.", reasoning="Let me see. It is so."),
    "calls": calls(call("lamp", {"name": "x"}), call("fan", {}), text="Wait.", fragments=True),
    "broken call": calls(call("lamp", '{"name": ')),
    "search": search_reply(
        "It rains.", citations=["https://a.example", citation("https://b.example", "B")], inline=True
    ),
    "x search": search_reply("They say so.", citations=["https://x.com/1"], kind="x_search"),
    "structured": structured({"answer": [1, 2]}),
    "empty": reply(""),
    "nothing": Reply(),
}


@pytest.mark.parametrize("scripted", _REPLIES.values(), ids=_REPLIES.keys())
async def test_stream_and_whole_agree(sim: Simulator, asker: Asker, scripted: Reply) -> None:
    """The events add up to the final response, which equals what is answered without a stream."""
    sim.script(scripted, scripted)
    events = await asker.stream()
    whole = await asker.ask()
    final = events[-1]["response"]
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == final["output"]
    assert _joined(events, "response.output_text.delta") == "".join(_texts(final))
    assert _joined(events, "response.function_call_arguments.delta") == "".join(_arguments(final))
    assert _without_ids(final["output"]) == _without_ids(whole.body["output"])
    assert schema_errors("responses.response", whole.body) == []
    assert sim.violations == []


async def test_call_is_whole_unless_fragments_are_ordered(sim: Simulator, asker: Asker) -> None:
    """A call's arguments come in one delta, or in many."""
    arguments = {"name": "The lamp in the hall"}
    sim.script(calls(call("lamp", arguments)), calls(call("lamp", arguments), fragments=True))
    for is_whole in (True, False):
        deltas = [event for event in await asker.stream() if event["type"].endswith("arguments.delta")]
        assert (len(deltas) == 1) is is_whole
        assert json.loads("".join(event["delta"] for event in deltas)) == arguments


async def test_call_is_named_in_full(sim: Simulator, asker: Asker) -> None:
    """A script may leave out the namespace of an offered function."""
    sim.script(calls(call("HassTurnOn", {"name": "x"})))
    answer = await asker.ask(tools=[LAMP_TOOL])
    assert answer.of_type("function_call")[0]["name"] == "intent__HassTurnOn"


async def test_one_call_at_a_time(sim: Simulator, asker: Asker) -> None:
    """Without parallel calls only the first one is made."""
    sim.script(calls(call("lamp"), call("fan")))
    answer = await asker.ask(parallel_tool_calls=False)
    assert [item["name"] for item in answer.of_type("function_call")] == ["lamp"]


async def test_search_events_and_citations(sim: Simulator, asker: Asker) -> None:
    """A search shows its steps, its citations point at their marks."""
    sim.script(search_reply("It rains.", citations=[citation("https://a.example", "A")], inline=True))
    events = await asker.stream(tools=[{"type": "web_search"}])
    kinds = [
        event["type"].removeprefix("response.web_search_call.") for event in events if "search_call." in event["type"]
    ]
    assert kinds == ["in_progress", "searching", "completed"]
    part = events[-1]["response"]["output"][-1]["content"][0]
    mark = part["annotations"][0]
    assert part["text"][mark["start_index"] : mark["end_index"]] == "[[1]](https://a.example)"
    assert [event["annotation"] for event in events if "annotation" in event] == part["annotations"]
    assert events[-1]["response"]["usage"]["server_side_tool_usage_details"]["web_search_calls"] == 1


@pytest.mark.parametrize(
    ("fields", "is_encrypted", "has_reasoning"),
    [
        pytest.param({}, False, True, id="plain"),
        pytest.param({"include": ["reasoning.encrypted_content"]}, True, True, id="asked-for"),
        pytest.param({"model": "grok-4.7"}, True, True, id="always"),
        pytest.param({"reasoning": {"effort": "none"}}, False, False, id="no-effort"),
        pytest.param({"model": "grok-4.20-non-reasoning"}, False, False, id="no-reasoning-model"),
    ],
)
async def test_reasoning_items(
    sim: Simulator, asker: Asker, fields: JsonObject, *, is_encrypted: bool, has_reasoning: bool
) -> None:
    """Reasoning comes with a summary, encrypted where asked for, and can be sent back untouched."""
    sim.script(reply("Yes.", reasoning="Let me see."))
    answer = await asker.ask(**fields)
    items = answer.of_type("reasoning")
    assert (len(items) == 1) is has_reasoning
    assert all(("encrypted_content" in item) is is_encrypted for item in items)
    again = await asker.ask(**fields | {"input": [*answer.body["output"], user_item("And now?")]})
    assert (again.status, sim.violations) == (200, [])


async def test_token_limit_cuts_the_answer(sim: Simulator, asker: Asker) -> None:
    """An answer that is too long is incomplete and says why."""
    sim.script(reply("word " * 100))
    events = await asker.stream(max_output_tokens=5)
    final = events[-1]["response"]
    assert events[-1]["type"] == "response.incomplete"
    assert final["incomplete_details"] == {"reason": "max_output_tokens"}
    assert final["usage"]["output_tokens"] == 5
    assert final["output"][0]["content"][0]["text"] == "word word word word "


async def test_structured_output_fits_its_schema(sim: Simulator, asker: Asker) -> None:
    """The brain makes a value that is valid against the schema that it was given."""
    wanted = {"type": "json_schema", "name": "thing", "schema": _SCHEMA, "strict": True}
    value = json.loads((await asker.ask(text={"format": wanted})).texts[0])
    assert value == {"title": "A title", "count": 3, "tags": ["a"], "note": "A note"}
    plain = await asker.ask(text={"format": {"type": "json_object"}})
    assert isinstance(json.loads(plain.texts[0]), dict)
    assert sim.violations == []


FORMS: dict[str, tuple[Json, Json]] = {
    "location": (
        {
            "type": "object",
            "properties": {
                "latitude": {"type": "number", "minimum": -90, "maximum": 90},
                "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            },
            "required": ["latitude", "longitude"],
            "additionalProperties": False,
        },
        {"latitude": -90, "longitude": -180},
    ),
    "texts": ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["A x", "A x"]),
    "choices": (
        {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}, "minItems": 2, "uniqueItems": True},
        ["a", "b"],
    ),
    "unlike numbers": ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True}, [1, 2]),
    "color": ({"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}, "minItems": 3}, [0, 0, 0]),
    "pattern": ({"type": "string", "pattern": r"^#[0-9a-f]{6}$"}, "#aaaaaa"),
    "long pattern": ({"type": "string", "pattern": r"^[a-z_]+\.(?:on|off)\d?$", "minLength": 6}, "aa.on0"),
    "other pattern": ({"type": "string", "pattern": r"^[^a]\S\W.x+|y$"}, "ba!ax"),
    "stepped": ({"type": "number", "minimum": 0.15, "maximum": 1, "multipleOf": 0.1}, 0.2),
    "open": ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    "below": ({"type": "integer", "maximum": -5, "multipleOf": 2}, -6),
    "nullable": ({"type": ["null", "integer"], "minimum": 3}, 3),
    "nullable choice": ({"enum": [None, "x"]}, "x"),
    "any of": ({"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}, "2026-11-20"),
    "free": ({"type": "object", "additionalProperties": True}, {"value": "value"}),
    "free numbers": ({"type": "object", "additionalProperties": {"type": "number", "maximum": 1}}, {"value": 1}),
    "closed": ({"type": "object", "properties": {}, "additionalProperties": False}, {}),
}


@pytest.mark.parametrize(("schema", "value"), FORMS.values(), ids=FORMS.keys())
async def test_form_of_a_selector(sim: Simulator, asker: Asker, schema: Json, value: Json) -> None:
    """Whatever Home Assistant's selectors ask for is given in a small form."""
    whole = {"type": "object", "properties": {"x": schema}, "required": ["x"], "additionalProperties": False}
    wanted = {"type": "json_schema", "name": "thing", "schema": whole, "strict": True}
    assert json.loads((await asker.ask(text={"format": wanted})).texts[0]) == {"x": value}
    assert sim.violations == []


async def test_stored_response_is_remembered(sim: Simulator, asker: Asker) -> None:
    """A stored response carries the conversation; one that was not stored is unknown."""
    first = await asker.ask(input="My name is Ada", store=None)
    again = await asker.ask(input="What is my name?", previous_response_id=first.body["id"])
    assert again.texts == ["Your name is Ada."]
    assert (await asker.get(f"/responses/{first.body['id']}")).body == first.body
    lost = await asker.ask(previous_response_id=again.body["id"])
    assert lost.status == 404
    async with asker.session.delete(f"{sim.url}/responses/{first.body['id']}") as response:
        assert response.status == 200
    assert (await asker.get(f"/responses/{first.body['id']}")).status == 404


async def test_tool_choice_is_obeyed(asker: Asker) -> None:
    """A demanded call is made, a forbidden one is not."""
    fan = {**LAMP_TOOL, "name": "fan"}
    named = await asker.ask(tools=[LAMP_TOOL, fan], tool_choice={"type": "function", "name": "fan"})
    assert [item["name"] for item in named.of_type("function_call")] == ["fan"]
    required = await asker.ask(tools=[LAMP_TOOL, fan], tool_choice="required")
    assert len(required.of_type("function_call")) == 1
    forbidden = await asker.ask(input="Turn on the lamp", tools=[LAMP_TOOL], tool_choice="none")
    assert forbidden.of_type("function_call") == []


async def test_script_may_look_at_the_request(sim: Simulator, asker: Asker) -> None:
    """A callable reply sees the recorded request, in which no key is to be found."""
    sim.script(lambda request: reply(f"{request.method} {request.body['input']}"))
    assert (await asker.ask(input="hi")).texts == ["POST hi"]
    record = sim.requests[-1]
    assert (record.path, record.reply_status) == ("/v1/responses", 200)
    assert KEY not in str(record)


async def test_crash_in_a_script_is_noted(sim: Simulator, asker: Asker) -> None:
    """A slip of the simulator is a 500 and stands in the violations."""
    sim.script(lambda request: reply(request.body["nothing"]))
    async with asker.session.post(f"{sim.url}/responses", json={"model": "grok-4.3", "input": "x"}) as response:
        assert response.status == 500
    assert sim.violations[0].startswith("simulator: crashed")


async def test_pace_spreads_the_deltas(sim: Simulator, asker: Asker) -> None:
    """The first delta and all further ones come when they are due."""
    sim.pace(first_delta_s=0.1, tokens_per_s=100)
    sim.script(reply("abcd" * 20), reply(" abc" * 20))
    clock = sim.requests
    await asker.ask()
    await asker.stream()
    started, ended = clock[0].started_at, clock[1].started_at
    assert ended - started == pytest.approx(0.3)


async def test_calls_and_outputs_in_one_conversation(asker: Asker) -> None:
    """A function's output leads to an answer about it."""
    items = [user_item("x"), call_item("1"), output_item("1", '{"error": "no such lamp"}')]
    assert (await asker.ask(input=items)).status == 200


def _joined(events: list[JsonObject], kind: str) -> str:
    """Join the deltas of one kind."""
    return "".join(event["delta"] for event in events if event["type"] == kind)


def _texts(response: JsonObject) -> list[str]:
    """List the texts of a response."""
    return [part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"]]


def _arguments(response: JsonObject) -> list[str]:
    """List the arguments of a response's calls."""
    return [item["arguments"] for item in response["output"] if item["type"] == "function_call"]


def _without_ids(items: list[JsonObject]) -> list[JsonObject]:
    """Leave out what differs from one answer to the next."""
    return [{key: value for key, value in item.items() if key not in {"id", "call_id"}} for item in items]

"""What the text API does in each of its dialects."""

import asyncio
import json
from typing import Final

import pytest

from ..simulator.clock import now
from ..simulator.faults import FaultName
from ..simulator.jsontypes import Json, JsonObject
from ..simulator.script import call, calls, reply
from ..simulator.server import Simulator
from .asking import LAMP_TOOL, Answer, Asker, asked, call_item, output_item, user_item

_LAMP: Final = "Live Context:\n- names: Lamp\n  domain: light\n  state: 'on'\n  areas: Office\n"
_EMPTY: Final = "Invalid request content: Each message must have at least one content element."
_TAG: Final = "<response>"
_ENUM_TOOL: Final[JsonObject] = {
    "type": "function",
    "name": "heat",
    "parameters": {
        "type": "object",
        "properties": {
            "zones": {"type": "array", "items": {"type": "object", "properties": {"mode": {"enum": ["a"]}}}}
        },
    },
}
_PLAIN_TOOL: Final[JsonObject] = {
    "type": "function",
    "name": "cool",
    "parameters": {"type": "object", "properties": {"pattern": {"type": "string"}}, "required": ["pattern"]},
}


@pytest.mark.parametrize("content", ["", [], [{"type": "input_text", "text": ""}]])
async def test_empty_content_refused(sim: Simulator, asker: Asker, content: Json) -> None:
    """A message without content, be it an old answer, is refused in the words that were seen: the client knows that."""
    items = [user_item("Hello"), {"role": "assistant", "content": content}, user_item("And now?")]
    answer = await asker.ask(input=items)
    assert (answer.status, answer.message) == (400, _EMPTY)
    assert len(sim.violations) == 1


async def test_empty_content_accepted(sim: Simulator, asker: Asker) -> None:
    """It is passed over."""
    sim.dialect("empty_content", "accepted")
    assert (await asker.ask(input=[{"role": "assistant", "content": ""}, user_item("Hello")])).status == 200


@pytest.mark.parametrize(
    ("value", "status", "is_seen"), [("obeyed", 200, True), ("ignored", 200, False), ("refused", 400, False)]
)
async def test_later_system(sim: Simulator, asker: Asker, value: str, status: int, *, is_seen: bool) -> None:
    """What stands in a later message is known, is not known, or spoils the request."""
    sim.dialect("later_system", value)
    items = [user_item("Which lights are on?"), {"role": "system", "content": _LAMP}]
    answer = await asker.ask(input=items, instructions="You run a home.")
    assert answer.status == status
    if status == 200:
        assert ("Lamp" in answer.texts[0]) is is_seen
    else:
        assert answer.message.startswith("Invalid request content: ")
    assert sim.violations == []


@pytest.mark.parametrize("value", ["ignored", "refused"])
async def test_first_system(sim: Simulator, asker: Asker, value: str) -> None:
    """One message at the front is always in order."""
    sim.dialect("later_system", value)
    items = [{"role": "system", "content": _LAMP}, user_item("Which lights are on?")]
    assert "Lamp" in (await asker.ask(input=items)).texts[0]


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("include", ["reasoning.encrypted_content"]),
        ("prompt_cache_key", "home"),
        ("temperature", 0.5),
        ("reasoning", {"effort": "low"}),
        ("max_output_tokens", 900),
        ("store", False),
        ("text", {"format": {"type": "text"}}),
    ],
)
async def test_refused_argument(sim: Simulator, asker: Asker, name: str, argument: Json) -> None:
    """It is refused by its name; without it all is well."""
    sim.dialect("refused_argument", name)
    answer = await asker.ask(**{name: argument})
    assert (answer.status, answer.body) == (400, {"code": "400", "error": f"Argument not supported: {name}"})
    assert (await asker.ask(**{name: None})).status == 200
    assert sim.violations == []


@pytest.mark.parametrize(("value", "status"), [("accepted", 200), ("refused", 400)])
async def test_reasoning_replay(sim: Simulator, asker: Asker, value: str, status: int) -> None:
    """Reasoning that comes back as it went is taken or refused; without its cipher it is always taken."""
    sim.dialect("reasoning_replay", value)
    thought = (await asker.ask(include=["reasoning.encrypted_content"])).of_type("reasoning")[0]
    assert (await asker.ask(input=[user_item("Hello"), thought, user_item("Go on")])).status == status
    del thought["encrypted_content"]
    assert (await asker.ask(input=[user_item("Hello"), thought, user_item("Go on")])).status == 200


@pytest.mark.parametrize("value", ["summary", "response_tag", "empty"])
async def test_reasoning_only(sim: Simulator, asker: Asker, value: str) -> None:
    """The words are somewhere in the reasoning, or nowhere; the second try is answered, and the next turn not."""
    sim.dialect("reasoning_only", value)
    sim.script(reply("It is on."), reply("It is off."))
    first = await asker.ask(input=[user_item("Is it on?")])
    assert [item["type"] for item in first.body["output"]] == ["reasoning"]
    assert _inner_words(first) == ("" if value == "empty" else "It is on.")
    assert (await asker.ask(input=[user_item("Is it on?")])).texts == ["It is on."]
    assert (await asker.ask(input=[user_item("Is it on?")])).of_type("message") == []


async def test_reasoning_only_is_asked_on(sim: Simulator, asker: Asker) -> None:
    """One more message of the user brings the words, not an answer to that message."""
    sim.dialect("reasoning_only", "empty")
    sim.script(reply("It is on."))
    thought = (await asker.ask(input=[user_item("Is it on?")])).body["output"]
    items = [user_item("Is it on?"), *thought, user_item("Please say it in words.")]
    assert (await asker.ask(input=items)).texts == ["It is on."]


async def test_reasoning_only_belongs_to_its_place(sim: Simulator, asker: Asker) -> None:
    """The same words in another conversation are understood anew, and after two minutes all are."""
    sim.dialect("reasoning_only", "summary")
    sim.script(reply("It is on."), calls(call("lamp")), reply("It is off."), reply("It is late."))
    done = [user_item("Do it"), call_item("one"), output_item("one")]
    assert (await asker.ask(input=done)).of_type("message") == []
    assert len((await asker.ask(input=[user_item("Do it")])).of_type("function_call")) == 1
    assert (await asker.ask(input=[user_item("Is it?")])).of_type("message") == []
    await asyncio.sleep(121)
    assert _inner_words(await asker.ask(input=[user_item("Is it?")])) == "It is late."


async def test_reasoning_only_lets_calls_through(sim: Simulator, asker: Asker) -> None:
    """Calls are made, and structured answers and those without any reasoning are given."""
    sim.dialect("reasoning_only")
    sim.script(calls(call("lamp"), text="One moment."), reply("Hi"))
    assert len((await asker.ask()).of_type("function_call")) == 1
    assert (await asker.ask(reasoning={"effort": "none"})).texts == ["Hi"]
    assert (await asker.ask(text={"format": {"type": "json_object"}})).texts


async def test_reasoning_only_in_a_stream(sim: Simulator, asker: Asker) -> None:
    """The thought itself comes in deltas of its own."""
    sim.dialect("reasoning_only", "response_tag")
    sim.script(reply("It is on."))
    events = await asker.stream()
    told = "".join(event["delta"] for event in events if event["type"] == "response.reasoning_text.delta")
    assert told.partition(_TAG)[2] == "It is on."
    assert not any(event["type"] == "response.output_text.delta" for event in events)


async def test_grammar(sim: Simulator, asker: Asker) -> None:
    """Limits and choices anywhere in a schema are too much; a property may be called like one."""
    sim.dialect("grammar", "simple")
    answer = await asker.ask(tools=[_PLAIN_TOOL, _ENUM_TOOL])
    assert (answer.status, answer.message) == (400, "Grammar is too complex.")
    assert (await asker.ask(tools=[_PLAIN_TOOL, LAMP_TOOL])).status == 200
    sim.dialect("grammar", "any")
    assert (await asker.ask(tools=[_ENUM_TOOL])).status == 200
    assert sim.violations == []


@pytest.mark.parametrize("most", [350, 200, 20])
async def test_most_tools(sim: Simulator, asker: Asker, most: int) -> None:
    """One tool more than there may be is refused."""
    sim.dialect("most_tools", str(most))
    tools = [{**LAMP_TOOL, "name": f"lamp_{number}"} for number in range(most + 1)]
    assert (await asker.ask(tools=tools[:-1])).status == 200
    answer = await asker.ask(tools=tools)
    assert (answer.status, f"The maximum is {most}" in answer.message) == (400, True)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("native", {"code": "Client specified an invalid argument", "error": _EMPTY}),
        ("openai", {"error": {"message": _EMPTY, "type": "invalid_request_error", "param": None, "code": None}}),
        ("slug", {"code": "invalid-argument", "error": _EMPTY}),
        ("untyped", {"error": {"message": _EMPTY}}),
        ("wordless", {"type": "error", "code": "invalid-argument"}),
    ],
)
async def test_error_shape(sim: Simulator, asker: Asker, shape: str, body: Json) -> None:
    """All errors of REST look alike, those of faults and those in the place of a stream too."""
    sim.dialect("error_shape", shape)
    assert (await asker.ask(input="")).body == body
    sim.fault(FaultName.RATE_LIMITED)
    assert (await asker.ask()).body.keys() == body.keys()
    sim.fault(FaultName.ERROR_IN_STREAM)
    assert (await asker.ask(stream=True)).body.keys() == body.keys()
    assert all("simulator" not in violation for violation in sim.violations)


async def test_untyped_error_event(sim: Simulator, asker: Asker) -> None:
    """An error in mid-stream has no type."""
    sim.dialect("error_shape", "untyped")
    sim.fault(FaultName.ERROR_EVENT)
    async with asker.session.post(f"{sim.url}/responses", json=asked(stream=True)) as response:
        last = (await response.text()).strip().split("\n\n")[-1]
    assert json.loads(last.removeprefix("data: ")).keys() == {"sequence_number", "error"}


@pytest.mark.parametrize("value", ["told", "no_cost", "zero_cost", "missing"])
async def test_text_usage(sim: Simulator, asker: Asker, value: str) -> None:
    """The cost is told, left out, nothing, or there is no usage at all; what is billed stays what it is."""
    sim.dialect("text_usage", value)
    for response in ((await asker.ask()).body, (await asker.stream())[-1]["response"]):
        assert ("usage" in response) is (value != "missing")
        used = response.get("usage", {})
        assert ("cost_in_usd_ticks" in used) is (value in {"told", "zero_cost"})
        assert (used.get("cost_in_usd_ticks", 0) > 0) is (value == "told")
    assert all(request.billed_usd > 0 for request in sim.requests)
    assert sim.violations == []


@pytest.mark.parametrize(("value", "kind"), [("completed", "response.completed"), ("done", "response.done")])
async def test_closing_event(sim: Simulator, asker: Asker, value: str, kind: str) -> None:
    """The last event has one of two names; the status is within."""
    sim.dialect("closing_event", value)
    last = (await asker.stream())[-1]
    assert (last["type"], last["response"]["status"]) == (kind, "completed")


@pytest.mark.parametrize(("value", "is_whole"), [("whole", True), ("fragments", False)])
async def test_calls(sim: Simulator, asker: Asker, value: str, *, is_whole: bool) -> None:
    """The arguments come in one delta or in several."""
    sim.dialect("calls", value)
    sim.script(calls(call("lamp", {"name": "Kitchen", "level": 40})))
    events = await asker.stream()
    deltas = [event for event in events if event["type"] == "response.function_call_arguments.delta"]
    assert (len(deltas) == 1) is is_whole


async def test_retired_model(sim: Simulator, asker: Asker) -> None:
    """It is refused, or another one answers and says so; what is no Grok is always refused."""
    assert (await asker.ask(model="grok-3")).status == 404
    sim.dialect("retired_model", "substituted")
    assert (await asker.ask(model="grok-3")).body["model"] == "grok-4.3"
    assert (await asker.ask(model="gpt-9")).status == 404


@pytest.mark.parametrize(("effort", "least_s"), [("low", 0), ("high", 45)])
async def test_first_delta_late(sim: Simulator, asker: Asker, effort: str, least_s: float) -> None:
    """Where the model thinks hard it says nothing for 45 seconds, streamed or not."""
    sim.dialect("first_delta", "late")
    for is_stream in (True, False):
        before = now()
        await (asker.stream if is_stream else asker.ask)(reasoning={"effort": effort})
        assert least_s <= now() - before < least_s + 5


async def test_hostile_service_is_able(sim: Simulator, asker: Asker) -> None:
    """Who asks plainly gets a call made and an answer, at the second try at the latest."""
    sim.hostile()
    said = user_item([{"type": "input_text", "text": "Turn on the lamp"}, {"type": "input_text", "text": _LAMP}])
    made = (await asker.ask(input=[said], tools=[LAMP_TOOL])).of_type("function_call")
    assert len(made) == 1
    done = call_item(made[0]["call_id"], made[0]["name"], made[0]["arguments"])
    items = [said, done, output_item(made[0]["call_id"])]
    tries = [await asker.ask(input=items, tools=[LAMP_TOOL]) for _ in range(2)]
    assert tries[0].of_type("message") == []
    assert tries[1].texts[0]
    assert sim.violations == []


def _inner_words(answer: Answer) -> str:
    """Give the words for the user in a reply that is only reasoning."""
    (thought,) = answer.of_type("reasoning")
    inner = "".join(part["text"] for part in thought.get("content", ()))
    return inner.partition(_TAG)[2] or "".join(part["text"] for part in thought["summary"])

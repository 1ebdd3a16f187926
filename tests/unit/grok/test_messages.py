"""Requests to JSON, and what of replies goes back."""

import orjson
import pytest

from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.grok.messages import (
    AssistantMessage,
    FunctionResult,
    Json,
    Message,
    ReplayedItems,
    Request,
    ToolSpec,
    UserMessage,
    paired,
    replayable,
)


def test_request_when_minimal_then_no_empty_fields() -> None:
    """What is not asked for is not sent: xAI refuses some empty fields."""
    body = orjson.loads(Request(model="m", instructions="i", messages=[UserMessage(text="hi")]).to_json())
    assert body == {
        "model": "m",
        "instructions": "i",
        "input": [{"role": "user", "content": "hi"}],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }


def test_request_when_full_then_flat_tools_and_searches() -> None:
    """Function tools are flat; searches stand beside them."""
    request = Request(
        model="m",
        instructions="i",
        messages=[
            AssistantMessage(text="a"),
            FunctionCall(call_id="c", name="f", arguments="{}"),
            FunctionResult(call_id="c", output="1"),
            ReplayedItems(items=({"type": "reasoning"},)),
        ],
        tools=[ToolSpec(name="f", description="d", parameters={"type": "object"})],
        effort="low",
        max_tokens=5,
        temperature=0.1,
        has_web_search=True,
        has_x_search=True,
        cache_key="conversation",
    )
    body = orjson.loads(request.to_json())
    assert body["tools"] == [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}},
        {"type": "web_search"},
        {"type": "x_search"},
    ]
    assert body["input"] == [
        {"role": "assistant", "content": "a"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "1"},
        {"type": "reasoning"},
    ]
    assert (body["reasoning"], body["max_output_tokens"], body["temperature"], body["prompt_cache_key"]) == (
        {"effort": "low"},
        5,
        0.1,
        "conversation",
    )


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        (
            {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "a"}, {"type": "x"}]},
            {"role": "assistant", "content": "a"},
        ),
        (
            {"type": "function_call", "id": "i", "call_id": "c", "name": "f", "arguments": '{"a":1}', "status": "x"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'},
        ),
        (
            {"type": "function_call", "id": "i", "name": "f", "arguments": '{"a":'},
            {"type": "function_call", "call_id": "i", "name": "f", "arguments": "{}"},
        ),
        (
            {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "e", "status": "x"},
            {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "e"},
        ),
        ({"type": "reasoning", "id": "r", "summary": []}, None),
        ({"type": "web_search_call", "id": "w"}, None),
    ],
)
def test_replayable_when_output_item_then_what_goes_back(item: dict[str, object], kept: dict[str, object]) -> None:
    """Words, calls and encrypted reasoning go back; broken arguments go back as none."""
    assert replayable(item) == kept


def test_paired_when_turn_was_cancelled_then_halves_dropped() -> None:
    """Calls without results and results without calls are refused by the service."""
    call: Json = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
    half: Json = {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"}
    messages: list[Message] = [
        UserMessage(text="hi"),
        ReplayedItems(items=({"role": "assistant", "content": "x"}, call, half)),
        FunctionResult(call_id="c1", output="1"),
        FunctionCall(call_id="c3", name="f", arguments="{}"),
        FunctionResult(call_id="c4", output="1"),
    ]
    assert paired(messages) == (
        UserMessage(text="hi"),
        ReplayedItems(items=({"role": "assistant", "content": "x"}, call)),
        FunctionResult(call_id="c1", output="1"),
    )
    assert paired(messages[:1]) == (UserMessage(text="hi"),)


@pytest.mark.parametrize(
    ("limit", "left_out", "most"),
    [(None, (), None), (100, ("max_output_tokens",), 100), (100, (), 350), (None, ("max_output_tokens",), None)],
)
def test_limit_when_the_service_is_told_then_ours_is_looser(
    limit: int | None, left_out: tuple[str, ...], most: int | None
) -> None:
    """Our count is an estimate; whoever was told nothing is stopped by it all the same."""
    asked = Request(model="m", instructions="", messages=(), max_tokens=limit, left_out=frozenset(left_out))
    assert asked.most_counted == most

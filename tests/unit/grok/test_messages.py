"""Requests to JSON and replies from JSON."""

import math

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
    Usage,
    UserMessage,
    paired,
    parse_cost,
    parse_key_facts,
    parse_usage,
    replayable,
)

FACTS = {
    "api_key_id": "id-1",
    "name": "Home",
    "team_id": "team-1",
    "api_key_blocked": False,
    "api_key_disabled": False,
    "team_blocked": False,
    "acls": ["api-key:model:*", "api-key:endpoint:*"],
}


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


def test_usage_when_details_missing_then_zero() -> None:
    """Counts may be absent or null; the cost is in ticks of a ten-billionth of a dollar."""
    usage = parse_usage(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 3,
            "output_tokens_details": None,
            "cost_in_usd_ticks": 25_000_000,
        }
    )
    assert usage == Usage(input_tokens=10, cached_tokens=4, output_tokens=3, cost_usd=0.0025)
    assert parse_usage({}) == Usage()
    assert (usage + Usage(output_tokens=1)).cost_usd == 0.0025
    assert (Usage() + Usage()).cost_usd is None


@pytest.mark.parametrize("nonsense", [-50_000_000_000, 10**30, math.nan, math.inf, -math.inf, True, "5", [5], None])
def test_usage_when_numbers_make_no_sense_then_none_of_them_counts(nonsense: object) -> None:
    """No reply takes money back, or makes tokens out of words."""
    details = {"cached_tokens": nonsense, "reasoning_tokens": nonsense}
    usage = parse_usage(
        {
            "input_tokens": nonsense,
            "input_tokens_details": details,
            "output_tokens": nonsense,
            "output_tokens_details": details,
            "num_server_side_tools_used": nonsense,
            "cost_in_usd_ticks": nonsense,
        }
    )
    assert usage == Usage()
    assert parse_cost({"cost_in_usd_ticks": nonsense}) is None


def test_usage_when_parts_are_more_than_the_whole_then_the_whole() -> None:
    """What was read lately is part of what was read, and thinking part of what was written."""
    usage = parse_usage(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens": 3,
            "output_tokens_details": {"reasoning_tokens": 9},
            "cost_in_usd_ticks": 25_000_000.0,
        }
    )
    assert usage == Usage(input_tokens=10, cached_tokens=10, output_tokens=3, reasoning_tokens=3, cost_usd=0.0025)


@pytest.mark.parametrize(
    ("change", "blocked", "team_blocked", "may"),
    [
        ({}, False, False, True),
        ({"api_key_disabled": True}, True, False, True),
        ({"api_key_blocked": True}, True, False, True),
        ({"team_blocked": True}, False, True, True),
        ({"acls": ["api-key:model:*"]}, False, False, False),
        ({"acls": ["api-key:endpoint:*"]}, False, False, False),
        ({"acls": ["api-key:model:grok-4.3", "api-key:endpoint:chat"]}, False, False, True),
        ({"acls": []}, False, False, True),
    ],
)
def test_key_facts_when_read_then_flags(
    change: dict[str, object], *, blocked: bool, team_blocked: bool, may: bool
) -> None:
    """The three booleans and the access list say whether the key is of use."""
    facts = parse_key_facts({**FACTS, **change})
    assert (facts.key_id, facts.name, facts.team_id) == ("id-1", "Home", "team-1")
    assert (facts.is_blocked, facts.is_team_blocked, facts.may_generate) == (blocked, team_blocked, may)


@pytest.mark.parametrize("missing", ["api_key_id", "team_id"])
def test_key_facts_when_incomplete_then_refuses(missing: str) -> None:
    """Without ids there is no account."""
    with pytest.raises(ValueError, match="incomplete"):
        parse_key_facts({key: value for key, value in FACTS.items() if key != missing})
    assert parse_key_facts({**FACTS, "name": ""}).name == "xAI"

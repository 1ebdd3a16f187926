"""What the zero-latency server answers, as bytes that are made once."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from tests.simulator.responses.events import stream_events
from tests.simulator.responses.models import Model

MODEL: Final = "grok-4.3"
ANSWER: Final = "The light in the living room is on and it is 21 degrees there now."
TOOL: Final = "GetDateTime"
TOOL_WORD: Final = "sundial"
"""A sentence with this word is answered by one call of the tool first."""
CALL_ID: Final = "call_bench_0001"

type Json = dict[str, Any]


def _usage() -> Json:
    """Give the counts of a response."""
    return {
        "input_tokens": 2400,
        "input_tokens_details": {"cached_tokens": 2300},
        "output_tokens": 16,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 2416,
        "num_sources_used": 0,
        "num_server_side_tools_used": 0,
        "cost_in_usd_ticks": 1_700_000,
    }


def _response(item: Json) -> Json:
    """Give a finished response of one output item; the request's tools are not told back, which favours nobody."""
    return {
        "id": "resp_bench",
        "object": "response",
        "created_at": 1_795_000_000,
        "model": MODEL,
        "status": "completed",
        "incomplete_details": None,
        "output": [item],
        "usage": _usage(),
        "error": None,
        "previous_response_id": None,
        "parallel_tool_calls": True,
        "store": False,
        "tools": [],
        "tool_choice": "auto",
        "text": {"format": {"type": "text"}},
        "reasoning": {"effort": "low", "summary": "detailed"},
    }


def _message() -> Json:
    """Give the output item of a spoken answer."""
    return {
        "type": "message",
        "id": "msg_bench",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": ANSWER, "annotations": []}],
    }


def _call() -> Json:
    """Give the output item of a function call."""
    return {
        "type": "function_call",
        "id": "fc_bench",
        "call_id": CALL_ID,
        "name": TOOL,
        "arguments": "{}",
        "status": "completed",
    }


def _stream(item: Json) -> bytes:
    """Write the whole event stream of a response, each event in a chunk of its own as on the real wire."""
    body = b""
    for number, event in enumerate(stream_events(_response(item), has_fragments=False)):
        data = b"data: " + orjson.dumps({"sequence_number": number, **event}) + b"\n\n"
        body += b"%x\r\n%b\r\n" % (len(data), data)
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
        b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    return head + body + b"0\r\n\r\n"


def json_answer(document: Mapping[str, Any] | list[Any], status: bytes = b"200 OK") -> bytes:
    """Write a JSON document as an HTTP response."""
    body = orjson.dumps(document)
    return b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)


def _model() -> Model:
    """Give the one model that is on offer."""
    return Model(
        id=MODEL,
        context_length=256_000,
        prompt_price=20_000_000,
        cached_price=5_000_000,
        completion_price=50_000_000,
        efforts=("none", "low", "medium", "high"),
        default_effort="low",
    )


def _key_facts() -> Json:
    """Give what the service says of a key in good standing."""
    return {
        "redacted_api_key": "xai-...0000",
        "user_id": "user-bench",
        "name": "Bench",
        "create_time": "2026-09-01T08:00:00Z",
        "modify_time": "2026-09-01T08:00:00Z",
        "modified_by": "user-bench",
        "team_id": "team-bench",
        "acls": ["api-key:model:*", "api-key:endpoint:*"],
        "api_key_id": "key-bench",
        "team_blocked": False,
        "api_key_blocked": False,
        "api_key_disabled": False,
    }


SPOKEN: Final = _stream(_message())
CALLED: Final = _stream(_call())
DELTAS: Final = tuple(
    event["delta"]
    for event in stream_events(_response(_message()), has_fragments=False)
    if event["type"] == "response.output_text.delta"
)
LOOKUPS: Final = {
    b"/v1/api-key": json_answer(_key_facts()),
    b"/v1/models": json_answer({"object": "list", "data": [_model().facts]}),
    b"/v1/language-models": json_answer({"models": [_model().language_facts]}),
}

"""Whatever comes in a stream: other shapes than promised, and lines as the standard allows them."""

from collections.abc import Sequence
from contextlib import suppress

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.errors import GrokAnswerError, GrokError, GrokServerError
from custom_components.grok_assist.core.json_types import JsonMapping
from custom_components.grok_assist.core.redaction import Redactor
from custom_components.grok_assist.grok.messages import message_text, replayable
from custom_components.grok_assist.grok.stream import Completed, Delta, ReplyReader, TextDelta
from custom_components.grok_assist.grok.usage import parse_usage

KEY = "xai-canary-1234567890"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = [*ReplyReader._readers, "ping", ""]
FIELDS = ["delta", "item", "annotation", "arguments", "output_index", "response", "error", "code", "message"]
PARTS = ["type", "output", "usage", "error", "incomplete_details", "model", "content", "call_id", "name", "arguments"]
KINDS = st.sampled_from(["message", "function_call", "reasoning", "output_text", "url_citation", "web_search_call"])
THINGS = JSON | st.dictionaries(
    st.sampled_from([*PARTS, "text", "annotations", "url", "title", "id", "summary", "encrypted_content", "reason"]),
    JSON | KINDS | st.lists(st.dictionaries(st.sampled_from(PARTS), JSON | KINDS, max_size=4), max_size=2),
    max_size=6,
)
EVENTS = st.builds(
    lambda name, fields: {"type": name, **fields},
    st.sampled_from(NAMES) | JSON,
    st.dictionaries(st.sampled_from(FIELDS), THINGS | st.lists(THINGS, max_size=2), max_size=5),
)


def read(*events: JsonMapping) -> Sequence[Delta]:
    """Feed events to a fresh reader and return what comes out."""
    reader = ReplyReader(redact=Redactor(KEY))
    return [delta for event in events if (delta := reader.feed(event)) is not None]


@settings(max_examples=400, deadline=None)
@given(st.lists(EVENTS, max_size=5))
def test_reader_when_any_event_then_only_our_errors(events: list[JsonMapping]) -> None:
    """Nothing that the service sends ends in a trace, and what comes out has the shape that was promised."""
    with suppress(GrokError):
        for delta in read(*events):
            if isinstance(delta, TextDelta):
                delta.text.encode("utf-8", "surrogatepass")
            if isinstance(delta, Completed):
                "".join([delta.late_text, delta.model, *(call.name + call.arguments for call in delta.calls)])


@settings(max_examples=200, deadline=None)
@given(THINGS)
def test_messages_when_anything_then_read(thing: object) -> None:
    """The readers of items and of usage stand by themselves."""
    item = thing if isinstance(thing, dict) else {"content": thing, "type": "message"}
    assert isinstance(message_text(item), str)
    replayable(item)
    parse_usage(item)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.failed", "response": {"error": "overloaded"}},
        {"type": "response.failed", "response": []},
        {"type": "response.failed", "response": {"error": ["overloaded"]}},
        {"type": "response.failed", "response": {"error": 7}},
    ],
)
def test_failure_when_in_another_shape_then_a_server_error(event: JsonMapping) -> None:
    """Its words are kept where it has any."""
    with pytest.raises(GrokServerError) as caught:
        read(event)
    assert caught.value.status == 200
    assert "overloaded" in caught.value.detail or "overloaded" not in str(event["response"])


@pytest.mark.parametrize(
    "response",
    [
        {"usage": []}, {"usage": "many"}, {"output": [None, 7, "x", []]}, {"output": {"0": {}}}, {"output": None},
        {"output": [{"type": "message", "content": None}]}, {"output": [{"type": "message", "content": "text"}]},
        {"output": [{"type": "message", "content": [None, {"type": "output_text", "text": None}]}]},
        {"output": [{"type": []}]}, {"output": [{"type": "function_call", "call_id": [], "arguments": {}}]}, [], "x",
    ],
)  # fmt: skip
def test_end_when_in_another_shape_then_an_end(response: object) -> None:
    """What cannot be read counts as absent; the words that came stay an answer."""
    deltas = read(
        {"type": "response.output_text.delta", "delta": "Hi"}, {"type": "response.completed", "response": response}
    )
    assert deltas[0] == TextDelta("Hi")
    assert isinstance(deltas[1], Completed)


def test_end_when_reason_is_a_text_then_cut() -> None:
    """An answer that was cut short is told as one, however it is said."""
    (end,) = read({"type": "response.incomplete", "response": {"incomplete_details": "max_output_tokens"}})
    assert isinstance(end, Completed)
    assert end.is_cut


def test_error_when_it_quotes_the_key_then_without_it() -> None:
    """Also where it would be cut, and in a refusal."""
    for error in (
        {"message": "x" * 190 + KEY},
        {"code": "content_filter", "message": f"{KEY} " * 90},
        f"{KEY} is wrong",
        {"nested": {"deep": KEY}},
    ):
        with pytest.raises((GrokServerError, GrokAnswerError)) as caught:
            read({"type": "error", "error": error})
        assert KEY[:8] not in caught.value.detail + repr(caught.value.args)
        assert len(caught.value.detail) <= 200

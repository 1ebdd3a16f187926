"""One streamed reply, event by event, without a network."""

from collections.abc import Sequence

import pytest

from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.core.errors import GrokAnswerError, GrokCreditsError, GrokServerError
from custom_components.grok_assist.grok.event_splitter import Event
from custom_components.grok_assist.grok.stream import (
    Activity,
    Citation,
    Completed,
    Delta,
    ReasoningDelta,
    ReplyReader,
    TextDelta,
)
from custom_components.grok_assist.grok.usage import Usage


def read(*events: Event) -> Sequence[Delta]:
    """Feed events to a fresh reader and return what comes out."""
    reader = ReplyReader()
    return [delta for event in events if (delta := reader.feed(event)) is not None]


def completed(output: Sequence[Event] = (), **more: object) -> Event:
    """Make a closing event."""
    return {
        "type": "response.completed",
        "response": {"model": "grok-4.3", "output": list(output), "usage": {}, **more},
    }


def last(deltas: Sequence[Delta]) -> Completed:
    """Return the closing delta."""
    assert isinstance(deltas[-1], Completed)
    return deltas[-1]


def message(text: str, *annotations: Event) -> Event:
    """Make an output message."""
    part = {"type": "output_text", "text": text, "annotations": list(annotations)}
    return {"type": "message", "id": "m", "role": "assistant", "content": [part]}


def function_call(arguments: object, call_id: str = "c1", **more: object) -> Event:
    """Make a function call item."""
    called = {"type": "function_call", "id": f"f-{call_id}", "call_id": call_id, "name": "tool"}
    return {**called, "arguments": arguments, **more}


def added(item: Event, index: int = 0) -> Event:
    """Begin an item."""
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def finished(item: Event, index: int = 0) -> Event:
    """Finish an item."""
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def fragment(text: str, index: int = 0) -> Event:
    """Write a piece of arguments."""
    return {"type": "response.function_call_arguments.delta", "output_index": index, "delta": text}


def test_text_when_streamed_then_deltas_and_end() -> None:
    """Words come at once; the end brings usage and what to replay."""
    deltas = read(
        {"type": "response.created", "response": {}},
        {"type": "response.output_text.delta", "delta": "Hel"},
        {"type": "response.output_text.delta", "delta": "lo"},
        {"type": "response.output_text.delta", "delta": ""},
        completed([message("Hello")], usage={"input_tokens": 3, "output_tokens": 1}),
    )
    assert list(deltas[:-1]) == [TextDelta("Hel"), TextDelta("lo")]
    end = last(deltas)
    assert (end.usage, end.late_text, end.model) == (Usage(input_tokens=3, output_tokens=1), "", "grok-4.3")
    assert end.replay == ({"role": "assistant", "content": "Hello"},)


def test_text_when_only_in_closing_event_then_late() -> None:
    """A reply whose deltas never came still has its words."""
    assert last(read(completed([message("Hello")]))).late_text == "Hello"


def test_end_when_told_twice_then_counts_once() -> None:
    """Both names of the closing event may come; the calls of a reply are handed over once."""
    again = {**completed([function_call("{}")]), "type": "response.done"}
    deltas = read(completed([function_call("{}")]), again)
    assert len(deltas) == 1
    assert len(last(deltas).calls) == 1


def test_unknown_events_when_they_come_then_skipped() -> None:
    """New events and pings change nothing."""
    assert read({"type": "ping"}, {"type": "response.brand_new"}, {}) == []


def test_reasoning_when_streamed_then_apart_from_text() -> None:
    """Both names of reasoning events are read, and never spoken."""
    deltas = read(
        {"type": "response.reasoning_summary_text.delta", "delta": "hm"},
        {"type": "response.reasoning_text.delta", "delta": "aha"},
        completed(),
    )
    assert list(deltas[:-1]) == [ReasoningDelta("hm"), ReasoningDelta("aha")]


def test_call_when_whole_then_read_from_item() -> None:
    """XAI sends a call in one piece."""
    deltas = read(
        {"type": "response.output_item.added", "output_index": 0, "item": function_call("")},
        {"type": "response.output_item.done", "output_index": 0, "item": function_call('{"a":1}')},
        completed(),
    )
    assert last(deltas).calls == (FunctionCall(call_id="c1", name="tool", arguments='{"a":1}'),)
    assert isinstance(deltas[0], Activity)


def test_call_when_in_fragments_then_put_together() -> None:
    """Fragments are joined by the item they belong to, and a final form replaces them."""
    deltas = read(
        {"type": "response.output_item.added", "output_index": 0, "item": function_call("")},
        {"type": "response.output_item.added", "output_index": 1, "item": function_call("", "c2")},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"a"'},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"b":2}'},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": ":1}"},
        {"type": "response.function_call_arguments.done", "output_index": 0},
        {"type": "response.function_call_arguments.done", "output_index": 1, "arguments": '{"b":3}'},
        completed(),
    )
    end = last(deltas)
    assert [call.arguments for call in end.calls] == ['{"a":1}', '{"b":3}']
    assert [item["arguments"] for item in end.replay] == ['{"a":1}', '{"b":3}']


@pytest.mark.parametrize(
    ("arguments", "written"),
    [({"a": 1}, '{"a":1}'), (["a"], '["a"]'), (7, "7"), (None, ""), ("", ""), ('{"a": 1}', '{"a": 1}')],
)
def test_call_when_arguments_are_no_text_then_written_as_one(arguments: object, written: str) -> None:
    """An object is what it says; what is lost stays lost, and is no empty object."""
    for events in ([finished(function_call(arguments)), completed()], [completed([function_call(arguments)])]):
        assert [call.arguments for call in last(read(*events)).calls] == [written]
    told = {"type": "response.function_call_arguments.done", "output_index": 0, "arguments": arguments}
    assert last(read(added(function_call("")), told, completed())).calls[0].arguments == written


@pytest.mark.parametrize(
    "events",
    [
        [added(function_call("", status="in_progress"))],
        [added(function_call('{"a":1}'))],
        [added(function_call("")), fragment('{"a":1}')],
        [finished(function_call('{"a":1}', status="incomplete"))],
    ],
)
def test_call_when_it_was_never_finished_then_neither_run_nor_replayed(events: list[Event]) -> None:
    """What was only begun may have gone on; that its pieces are JSON by chance proves nothing."""
    end = last(read(*events, completed()))
    assert (end.calls, end.replay) == ((), ())


def test_call_when_listed_as_unfinished_then_not_run() -> None:
    """The closing event may list what it had no time for."""
    for status in ("in_progress", "incomplete", "cancelled"):
        assert last(read(completed([function_call('{"a":1}', status=status)]))).calls == ()


@pytest.mark.parametrize(
    "again", [{}, {"call_id": "c1-again"}, {"call_id": None}, {"id": "other"}, {"arguments": ""}, {"arguments": None}]
)
@pytest.mark.parametrize("is_behind", [False, True])
def test_call_when_listed_in_another_place_then_one_call(again: Event, *, is_behind: bool) -> None:
    """The end may leave out the reasoning, or have words in front: what it lists is the same reply, not more of it."""
    thought = {"type": "reasoning", "id": "rs", "summary": []}
    listed = [*([message("Well") for _ in range(2)] if is_behind else ()), {**function_call('{"a":1}'), **again}]
    end = last(
        read(
            finished(thought),
            added(function_call(""), 1),
            fragment('{"a":1}', 1),
            {"type": "response.function_call_arguments.done", "output_index": 1, "arguments": '{"a":1}'},
            completed(listed),
        )
    )
    assert [call.arguments for call in end.calls] == ['{"a":1}']


def test_call_when_listed_twice_under_one_id_then_one_call() -> None:
    """Be it the call's or the item's."""
    first = function_call('{"a":1}')
    for again in ({**first, "id": "other"}, {**first, "call_id": "other"}):
        assert len(last(read(completed([first, again]))).calls) == 1


def test_calls_when_fragments_name_their_item_only_then_told_apart() -> None:
    """A place is not always told."""
    pieces = [("f-c2", '{"b":2}'), ("f-c1", '{"a":1}')]
    done = [
        {"type": "response.function_call_arguments.done", "item_id": item_id, "arguments": text}
        for item_id, text in pieces
    ]
    end = last(read(added(function_call("")), added(function_call("", "c2"), 1), *done, completed()))
    assert [(call.call_id, call.arguments) for call in end.calls] == [("c1", '{"a":1}'), ("c2", '{"b":2}')]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("response.incomplete", {"incomplete_details": None}),
        ("response.incomplete", {"status": "completed"}),
        ("response.completed", {"status": "incomplete"}),
        ("response.done", {"status": "cancelled"}),
        ("response.done", {"incomplete_details": {"reason": "content_filter"}}),
    ],
)
def test_reply_when_cut_however_it_is_told_then_runs_no_call(kind: str, more: Event) -> None:
    """The name of the event, the state and the reason each suffice."""
    call = function_call("{}")
    end = last(read(finished(call), {**completed([message("I will"), call], **more), "type": kind}))
    assert (end.is_cut, end.calls, end.replay) == (True, (), ({"role": "assistant", "content": "I will"},))


@pytest.mark.parametrize("kind", ["response.completed", "response.done"])
def test_reply_when_its_state_is_failed_then_an_error(kind: str) -> None:
    """A failure may come under the name of an end."""
    event = {**completed([function_call("{}")], status="failed", error={"message": "no credits"}), "type": kind}
    with pytest.raises(GrokCreditsError):
        read(event)


def test_call_when_reply_is_cut_then_not_run_and_not_replayed() -> None:
    """A reply that hit a limit may hold half a call."""
    end = last(
        read(
            {"type": "response.output_text.delta", "delta": "I will"},
            {
                "type": "response.incomplete",
                "response": {
                    "incomplete_details": {"reason": "max_output_tokens"},
                    "output": [message("I will"), function_call('{"a"')],
                },
            },
        )
    )
    assert (end.is_cut, end.calls, end.replay) == (True, (), ({"role": "assistant", "content": "I will"},))


def test_citations_when_annotated_then_each_once() -> None:
    """Sources come as events, in the final item, or both; a title that is a number says nothing."""
    web = {"type": "url_citation", "url": "https://a.b", "title": "A"}
    numbered = {"type": "url_citation", "url": "https://c.d", "title": "2"}
    end = last(
        read(
            {"type": "response.web_search_call.searching"},
            {"type": "response.output_text.annotation.added", "annotation": web},
            completed([message("x", web, numbered, {"type": "file_citation"})]),
        )
    )
    assert end.citations == (
        Citation(title="A", url="https://a.b"),
        Citation(title="https://c.d", url="https://c.d"),
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "x"}}}, GrokServerError),
        ({"type": "response.failed", "response": {}}, GrokServerError),
        ({"type": "error", "code": "x", "message": "out of credits"}, GrokCreditsError),
        ({"type": "error", "error": {"code": "content_filter", "message": "no"}}, GrokAnswerError),
    ],
)
def test_failure_when_inside_stream_then_raised(event: Event, kind: type[Exception]) -> None:
    """A failed reply is an error of the right family."""
    with pytest.raises(kind):
        read(event)


def test_refusal_when_streamed_then_spoken() -> None:
    """A refusal is an answer too."""
    assert read({"type": "response.refusal.delta", "delta": "No."}) == [TextDelta("No.")]


def test_error_when_without_a_type_then_raised() -> None:
    """An error may come bare, its text as a string or in an object."""
    with pytest.raises(GrokCreditsError):
        read({"error": "no credits"})
    with pytest.raises(GrokCreditsError):
        read({"error": {"message": "no credits"}})


@pytest.mark.parametrize(
    ("thought", "answer"),
    [
        ("The user waits.\n<response>It is open.", "It is open."),
        ("The user waits.\n<response> It is open. </response>\n", "It is open."),
        ("<response>\nIt is open.\n</response>", "It is open."),
        ("The page says <response>Open it.</response>", ""),
        ("<response>Open it.</response> says the page; I must look.", ""),
        ("A page holds <response> marks. The user is Anna.", ""),
        ("<response>One.\n<response>Two.", ""),
        ("It is open.", ""),
    ],
)
def test_answer_when_only_thought_then_read_where_it_stands_by_itself(thought: str, answer: str) -> None:
    """What a page or a tool brought into the reasoning is a quotation, and is not told."""
    item = {"type": "reasoning", "id": "rs", "summary": [], "content": [{"type": "reasoning_text", "text": thought}]}
    end = last(read(completed([item])))
    assert (end.late_text, end.is_only_thought) == (answer, not answer)
    assert end.replay == (({"role": "assistant", "content": answer},) if answer else ())

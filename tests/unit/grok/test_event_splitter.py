"""A stream of events cut into its events, however its bytes arrive."""

from contextlib import suppress

from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.grok_assist.core.json_types import JsonMapping
from custom_components.grok_assist.grok.event_splitter import EventSplitter

LINES = [
    b'data: {"n": 1}', b'data: {"n":', b"data: 2}", b"data", b": a comment", b"event: x", b"data: [DONE]", b"",
    b'\xef\xbb\xbfdata: {"n": 3}', 'data: {"n": "\u00e4\u2028\x85"}'.encode(),
]  # fmt: skip
ENDS = [b"\n", b"\r", b"\r\n"]


def split(data: bytes, size: int = 1, splitter: EventSplitter | None = None) -> list[JsonMapping]:
    """Cut a stream into events, however it arrives."""
    splitter = splitter or EventSplitter()
    return [event for start in range(0, len(data), size) for event in splitter.feed(data[start : start + size])]


def test_splitter_when_bytes_are_cut_anywhere_then_same_events() -> None:
    """Events come out whole however the network cut them; comments, names and the end mark are skipped."""
    text = b': hi\r\n\r\nevent: a\r\ndata: {"n": 1}\r\n\r\ndata:{"n":2}\n\ndata: [DONE]\n\n'
    for size in range(1, len(text) + 1):
        splitter = EventSplitter()
        events = [event for start in range(0, len(text), size) for event in splitter.feed(text[start : start + size])]
        assert events == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("data", [b'data: {"n":\n\n', b"data: 7\n", b"data: [1]\n"])
def test_splitter_when_no_object_then_refuses(data: bytes) -> None:
    """An event that is no JSON object is not guessed at."""
    with pytest.raises(ValueError, match=r"object|JSON|unexpected"):
        EventSplitter().feed(data)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_splitter_when_lines_end_in_any_way_then_same_events(end: bytes, size: int) -> None:
    """The three ends of the standard, a byte order mark, comments, other fields, and data over several lines."""
    lines = [
        b'\xef\xbb\xbfdata: {"n": 1}', b"", b": a comment", b"event: x", b"id: 7", b"retry: 9", b'data: {"n":',
        b"data", b"data:  2}", b"", b"dataset: {}", b'data:{"n": 3}', b"", b"data: [DONE]", b"", b"",
    ]  # fmt: skip
    assert split(end.join(lines), size) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_splitter_when_event_has_no_blank_line_then_read_at_once() -> None:
    """Nobody waits for the next packet to hear the words of this one."""
    assert EventSplitter().feed(b'data: {"n": 1}\n') == [{"n": 1}]
    assert EventSplitter().feed(b'data: {"n": 1}\ndata: {"n": 2}\n') == [{"n": 1}, {"n": 2}]


def test_splitter_when_event_never_ends_then_refused() -> None:
    """Neither a line nor an event may fill the memory."""
    for data in (b"data: " + b"x" * 100, b'data: {"a":\n' + b"data: 1\n" * 100, b": " + b"x" * 100):
        with pytest.raises(ValueError, match="too large"):
            split(data, 50, EventSplitter(most_bytes=100))


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60)
    | st.lists(st.text()).map(lambda rows: b"\n".join(b"data: " + orjson.dumps(row) for row in rows))
)
def test_splitter_when_any_bytes_then_events_or_value_error(data: bytes) -> None:
    """The client knows that one."""
    with suppress(ValueError):
        assert all(isinstance(event, dict) for event in split(data, 7))


def plain_split(data: bytes) -> list[JsonMapping]:
    """Cut a whole stream as the standard says it, with nothing in mind but that."""
    events: list[JsonMapping] = []
    held: list[bytes] = []
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for line in text.split(b"\n")[:-1]:
        name, _, value = line.partition(b":")
        held += [value.strip()] if name == b"data" else []
        if line and len(held) == 1:
            with suppress(ValueError):
                events.append(orjson.loads(held[0]))
                held.clear()
        if not line:
            whole, held = b"\n".join(held).strip(), []
            events += [orjson.loads(whole)] if whole and whole != b"[DONE]" else []
    return events


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDS)), max_size=10), st.data())
def test_splitter_when_cut_anywhere_then_as_the_plain_one(
    lines: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    """What is kept between two chunks changes nothing, be it half of an end; nor does a chunk of nothing."""
    stream = b"".join(line + end for line, end in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    splitter = EventSplitter()
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    def fed() -> list[JsonMapping]:
        """Cut it in its pieces."""
        return [event for piece in pieces for event in splitter.feed(piece)]

    try:
        expected = plain_split(stream)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            fed()
    else:
        assert fed() == expected

"""The record for bug reports: a ring of kinds, folded, in which nothing of a conversation can stand."""

import base64
import json
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.grok_assist.grok.stream import ReplyReader
from custom_components.grok_assist.grok.wire_log import (
    ENTRIES_KEPT,
    UNKNOWN,
    Channel,
    ChannelLog,
    Direction,
    WireLog,
    is_safe,
)
from custom_components.grok_assist.grok.wire_words import HIDDEN, masked
from custom_components.grok_assist.realtime import server_events
from tests.unit.realtime import wire

STREAM_EVENTS = ReplyReader._readers

IN, OUT = Direction.IN, Direction.OUT
KEY = "xai-0123456789abcdef"
WORD = "Zanzibarquux"
"""What occurs nowhere but in payloads."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Begin in the year 2026."""
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def log(clock: Clock) -> WireLog:
    """An empty log."""
    return WireLog(clock)


def told(log: WireLog) -> list[tuple[str, str, int]]:
    """Give direction, kind and count of each entry."""
    return [(entry["direction"], entry["kind"], entry.get("count", 1)) for entry in log.to_json()]


def test_log_when_more_than_it_keeps_then_the_oldest_make_room(log: WireLog) -> None:
    """Two hundred entries, the newest."""
    for number in range(ENTRIES_KEPT + 50):
        log.note(Channel.REST, IN, "responses", status=number)
    kept = [entry["status"] for entry in log.to_json()]
    assert kept == list(range(50, ENTRIES_KEPT + 50))


def test_entry_when_written_then_with_time_and_size(log: WireLog, clock: Clock) -> None:
    """Times are of the world and from the first entry on; what there is nothing to tell of is left out."""
    log.note_frame(Channel.REALTIME, OUT, b'{"type":"response.create"}')
    clock.now += 1.5
    log.note(Channel.REST, IN, "responses", status=429, codes=("rate_limit_error",))
    assert log.to_json() == [
        {
            "time": "2026-09-21T14:13:20.000+00:00",
            "s": 0.0,
            "channel": "realtime",
            "direction": "out",
            "kind": "response.create",
            "bytes": 26,
        },
        {
            "time": "2026-09-21T14:13:21.500+00:00",
            "s": 1.5,
            "channel": "rest",
            "direction": "in",
            "kind": "responses",
            "bytes": 0,
            "status": 429,
            "codes": ["rate_limit_error"],
        },
    ]


def test_rows_when_they_run_beside_each_other_then_folded(log: WireLog, clock: Clock) -> None:
    """An answer's sound and words, and the microphone, are three entries; what ends them begins new ones."""
    frames = [(OUT, "input_audio_buffer.append"), (IN, "response.output_audio.delta"), (IN, "response.text.delta")]
    for _ in range(100):
        clock.now += 0.1
        for direction, kind in frames:
            log.note_frame(Channel.REALTIME, direction, orjson.dumps({"type": kind, "delta": WORD}))
    log.note_frame(Channel.REALTIME, IN, orjson.dumps(wire.response_done()))
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": "response.text.delta"}))
    assert told(log) == [
        ("out", "input_audio_buffer.append", 100),
        ("in", "response.output_audio.delta", 100),
        ("in", "response.text.delta", 100),
        ("in", "response.done", 1),
        ("in", "response.text.delta", 1),
    ]
    assert log.to_json()[0]["lasted_s"] == pytest.approx(9.9)
    assert log.to_json()[0]["bytes"] == 100 * len(orjson.dumps({"type": frames[0][1], "delta": WORD}))


def test_requests_when_answered_then_each_by_itself(log: WireLog) -> None:
    """Tries that nobody answered are a row; what was answered in between is not."""
    rest = ChannelLog(log, Channel.REST)
    for status in (None, None, 200, 200):
        log.note(Channel.REST, OUT, "responses")
        if status is not None:
            rest.reply("responses", status)
    assert told(log) == [
        ("out", "responses", 3),
        ("in", "responses", 1),
        ("out", "responses", 1),
        ("in", "responses", 1),
    ]


def test_row_when_it_was_pushed_out_then_begun_anew(log: WireLog) -> None:
    """What nobody sees any more does not grow."""
    log.note_frame(Channel.STT, OUT, b"\1\0")
    for number in range(ENTRIES_KEPT):
        log.note(Channel.REST, IN, "responses", status=number)
    log.note_frame(Channel.STT, OUT, b"\1\0")
    assert told(log)[-1] == ("out", "binary", 1)


@pytest.mark.parametrize(
    "kind",
    ["Kitchen light", "", "x" * 61, "response/done", KEY, None, 7, ["a"], "küche", "a\n"],
)
def test_kind_when_it_is_none_then_unknown(log: WireLog, kind: object) -> None:
    """Whatever a service calls its events."""
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": kind, "event_id": "x"}))
    assert told(log) == [("in", UNKNOWN, 1)]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ('{"event_id":"e1","type":"ping"}', "ping"),
        ('{ "event_id" : "e1" , "type" : "ping" }', "ping"),
        ('{"timestamp":1,"type":"ping"}', "ping"),
        ('{"session":{"type":"realtime"},"type":"session.updated"}', "session.updated"),
        ('{"text":"\\"type\\":\\"kitchen\\"","type":"transcript.partial"}', "transcript.partial"),
        ("[1]", "binary"),
        ("", "binary"),
        (b"\x7b\xff\0\1", "binary"),
        ("{}", UNKNOWN),
    ],
)
def test_kind_when_a_frame_is_read_then_that_of_its_top_level(log: WireLog, frame: str | bytes, kind: str) -> None:
    """However it is written, and whatever stands inside of it."""
    log.note_frame(Channel.STT, IN, frame)
    assert told(log) == [("in", kind, 1)]


@pytest.mark.parametrize(
    ("event", "codes"),
    [
        ({"type": "error", "error": {"type": "invalid_request_error", "code": "invalid-argument"}},
         ["invalid_request_error", "invalid-argument"]),
        ({"type": "error", "code": "400", "error": f"Argument not supported: {WORD}"}, ["400"]),
        ({"type": "error", "error": {"type": WORD, "code": KEY, "message": WORD}}, None),
        ({"type": "response.done", "response": {"status": "completed"}}, None),
        ({"type": "response.done", "response": {"status": "incomplete", "status_details": {"reason": "turn_detected"}}},
         ["incomplete", "turn_detected"]),
        ({"type": "response.done", "response": {"status": "failed", "status_details": {"error": {"code": "a.b"}}}},
         ["failed"]),
        ({"type": "response.text.delta", "code": "slug"}, None),
    ],
)  # fmt: skip
def test_codes_when_something_failed_then_the_safe_ones(
    log: WireLog, event: dict[str, Any], codes: list[str] | None
) -> None:
    """Slugs and statuses, in whatever shape an error comes."""
    log.note_frame(Channel.REALTIME, IN, orjson.dumps(event))
    assert log.to_json()[0].get("codes") == codes


def test_reply_when_it_names_its_failure_then_kept(log: WireLog) -> None:
    """A body of prose says nothing, one with a slug says that."""
    rest = ChannelLog(log, Channel.REST)
    rest.reply("responses", 400, orjson.dumps({"code": "Client specified an invalid argument", "error": WORD}))
    rest.reply("responses", 400, orjson.dumps({"error": {"type": "invalid_request_error", "message": WORD}}))
    rest.reply("responses", 502, b"<html>" + WORD.encode())
    rest.lost("responses", "timeout")
    assert [(entry.get("status"), entry.get("codes")) for entry in log.to_json()] == [
        (400, None),
        (400, ["invalid_request_error"]),
        (502, None),
        (None, ["timeout"]),
    ]


@pytest.mark.parametrize(
    "code", [True, None, 12, 6000, 4.5, KEY, "abc-", "a" * 61, "Kitchen", "two words", "item_01AB"]
)
def test_code_when_it_could_be_somebodys_then_not_kept(code: object) -> None:
    """Ids and keys have digits, names and sentences have capitals or blanks."""
    assert not is_safe(code)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("anna.is_not_at_home.pin_4711", "*.*_not_*_*.*_*"),
        ("response.mood.delta", "response.*.delta"),
        ("response.web_search_call.searching", "response.web_search_call.searching"),
    ],
)
def test_kind_when_it_holds_words_that_no_name_of_the_api_has_then_those_are_hidden(
    log: WireLog, kind: str, kept: str
) -> None:
    """A service that calls its events after people would write them into bug reports."""
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": kind}))
    assert told(log) == [("in", kept, 1)]


def test_code_when_it_holds_words_that_no_code_has_then_those_are_hidden(log: WireLog) -> None:
    """The same for codes; a status stays what it is."""
    codes = {"type": "invalid-argument", "code": "anna-is-not-found", "status": "503"}
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": "error", "error": codes}))
    assert log.to_json()[0]["codes"] == ["invalid-argument", "*-*-not-found", "503"]


@pytest.mark.parametrize("digits", ["4711", "503", "4917012345678"])
def test_digits_when_they_are_a_kind_then_hidden(log: WireLog, digits: str) -> None:
    """No event is called by a number; a code may be one, which a status is."""
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": digits}))
    log.note_frame(Channel.REALTIME, IN, orjson.dumps({"type": "error", "error": {"code": digits}}))
    assert [(entry["kind"], entry.get("codes", [])) for entry in log.to_json()] == [
        (HIDDEN, []),
        ("error", [digits] if len(digits) == 3 else []),
    ]


def test_names_of_the_api_when_kept_then_whole() -> None:
    """What the service is known to say, and what we say, hides nothing."""
    plain = ("transcript.partial", "transcript.done", "audio.delta", "text.clear")
    names = [*server_events._KINDS, *STREAM_EVENTS, *plain]
    assert [name for name in names if masked(name) != name] == []


WORDS = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: f"{WORD} {text} {KEY}")
LEAVES = st.one_of(
    WORDS, st.integers(), st.booleans(), st.none(), WORDS.map(lambda word: base64.b64encode(word.encode()).decode())
)
FIELDS = st.sampled_from(
    ["text", "delta", "transcript", "error", "code", "type", "name", "item", "response", "status", "message"]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=12
)
EVENTS = st.dictionaries(FIELDS, VALUES, max_size=6)
KINDS = st.sampled_from(["error", "response.done", "response.output_text.delta", "session.updated"]) | WORDS


@given(event=EVENTS, kind=KINDS, status=st.none() | st.integers(100, 599), cut=st.integers(0, 40))
def test_log_when_anything_goes_over_the_wire_then_no_word_of_it_is_kept(
    event: dict[str, Any], kind: str, status: int | None, cut: int
) -> None:
    """Neither words nor names, sound or key, whole, in halves or as a reply."""
    log = WireLog(lambda: 0.0)
    frame = json.dumps({**event, "type": kind}, ensure_ascii=False)
    for text in (frame, frame[cut:], frame[:-cut]):
        log.note_frame(Channel.REALTIME, IN, text)
        log.note_frame(Channel.TTS, OUT, text.encode(errors="replace"))
        if status is not None:
            ChannelLog(log, Channel.REST).reply(kind, status, text.encode(errors="replace"))
    log.note_event(Channel.REST, IN, event)
    written = json.dumps(log.to_json(), ensure_ascii=False).lower()
    assert WORD.lower() not in written
    assert KEY not in written
    assert base64.b64encode(WORD.encode()).decode()[:8].lower() not in written
    for entry in log.to_json():
        assert entry.keys() <= {
            "time", "s", "channel", "direction", "kind", "bytes", "count", "lasted_s", "status", "codes",
        }  # fmt: skip

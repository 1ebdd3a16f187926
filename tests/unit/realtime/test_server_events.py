"""Frames of the server, read tolerantly."""

from contextlib import suppress
from dataclasses import asdict
import json
import math
from pathlib import Path
import re
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.server_events import FrameError, ServerEvent, UnknownEvent, parse
from tests.simulator.schema import schema_errors

from .wire import error, event

SCHEMA = Path(__file__).parents[2] / "simulator" / "xai-api.schema.json"
NAMES = sorted(
    name.removeprefix("rt.server.")
    for name in json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    if name.startswith("rt.server.")
)

# The example frames of the reference, section 3.12: a frame as text, the class it becomes, and its fields.
ITEM = '{"id":"u1","object":"realtime.item","type":"message","status":"in_progress","role":"user","content":[]}'
PART_IDS = '"item_id":"a1","response_id":"r1","content_index":0,"output_index":0,"previous_item_id":null'
EXAMPLES: list[tuple[str, type[ServerEvent], dict[str, object]]] = [
    (
        (
            '{"type":"session.created","event_id":"e1","session":{"id":"sess1","object":"realtime.session",'
            '"model":"grok-voice-latest","voice":"ara","instructions":"","modalities":["audio"],'
            '"turn_detection":{"type":null},"tools":[]}}'
        ),
        events.SessionCreated,
        {"session_id": "sess1", "model": "grok-voice-latest", "voice": "ara"},
    ),
    (
        (
            '{"type":"session.updated","event_id":"e2","previous_item_id":null,"session":{"instructions":"A home.",'
            '"voice":"eve","model":"grok-voice-latest","modalities":["audio"],"turn_detection":{"type":"server_vad"},'
            '"tool_choice":"auto","temperature":-1.0,"max_response_output_tokens":"inf"}}'
        ),
        events.SessionUpdated,
        {"model": "grok-voice-latest", "voice": "eve"},
    ),
    (
        (
            '{"type":"conversation.created","event_id":"e3","previous_item_id":null,'
            '"conversation":{"id":"conv1","object":"realtime.conversation"}}'
        ),
        events.ConversationCreated,
        {"conversation_id": "conv1"},
    ),
    (
        '{"type":"ping","event_id":"e4","timestamp":1795000000000,"previous_item_id":null}',
        events.Ping,
        {"timestamp": 1795000000000},
    ),
    (
        (
            '{"type":"input_audio_buffer.speech_started","event_id":"e5","item_id":"u1","audio_start_ms":220,'
            '"previous_item_id":null}'
        ),
        events.SpeechStarted,
        {"item_id": "u1", "audio_start_ms": 220},
    ),
    (
        (
            '{"type":"input_audio_buffer.speech_stopped","event_id":"e6","item_id":"u1","audio_end_ms":1480,'
            '"previous_item_id":null}'
        ),
        events.SpeechStopped,
        {"item_id": "u1", "audio_end_ms": 1480},
    ),
    (
        '{"type":"input_audio_buffer.committed","event_id":"e7","item_id":"u1","previous_item_id":null}',
        events.AudioCommitted,
        {"item_id": "u1"},
    ),
    ('{"type":"input_audio_buffer.cleared","event_id":"e8","previous_item_id":null}', events.AudioCleared, {}),
    (
        (
            '{"type":"input_audio_buffer.timeout_triggered","event_id":"e9","item_id":"u2","previous_item_id":"a1",'
            '"audio_start_ms":3000,"audio_end_ms":9000}'
        ),
        events.IdleTimeout,
        {"item_id": "u2", "audio_start_ms": 3000, "audio_end_ms": 9000},
    ),
    (
        f'{{"type":"conversation.item.added","event_id":"e10","previous_item_id":null,"item":{ITEM}}}',
        events.ItemAdded,
        {"item_id": "u1", "item_type": "message", "role": "user", "call_id": ""},
    ),
    (
        (
            '{"type":"conversation.item.input_audio_transcription.updated","event_id":"e11","item_id":"u1",'
            '"content_index":0,"transcript":"Is the","previous_item_id":null}'
        ),
        events.TranscriptUpdated,
        {"item_id": "u1", "transcript": "Is the"},
    ),
    (
        (
            '{"type":"conversation.item.input_audio_transcription.completed","event_id":"e12","item_id":"u1",'
            '"content_index":0,"transcript":"Is the gar","status":"in_progress","previous_item_id":null}'
        ),
        events.TranscriptCompleted,
        {"item_id": "u1", "transcript": "Is the gar", "status": "in_progress"},
    ),
    (
        (
            '{"type":"conversation.item.input_audio_transcription.completed","event_id":"e13","item_id":"u1",'
            '"content_index":0,"transcript":"Is the garage shut?","status":"completed","previous_item_id":null}'
        ),
        events.TranscriptCompleted,
        {"item_id": "u1", "transcript": "Is the garage shut?", "status": "completed"},
    ),
    (
        '{"type":"conversation.item.deleted","event_id":"e14","item_id":"u1","previous_item_id":null}',
        events.ItemDeleted,
        {"item_id": "u1"},
    ),
    (
        (
            '{"type":"conversation.item.truncated","event_id":"e15","item_id":"a1","content_index":0,"audio_end_ms":900,'
            '"transcript":"The garage","previous_item_id":null}'
        ),
        events.ItemTruncated,
        {"item_id": "a1", "audio_end_ms": 900, "transcript": "The garage"},
    ),
    (
        (
            '{"type":"response.created","event_id":"e20","previous_item_id":null,"response":{"id":"r1",'
            '"object":"realtime.response","output":[],"status":"in_progress","status_details":"unimplemented","usage":{}}}'
        ),
        events.ResponseCreated,
        {"response_id": "r1", "tag": ""},
    ),
    (
        (
            '{"type":"response.output_item.added","event_id":"e21","response_id":"r1","output_index":0,'
            '"previous_item_id":null,"item":{"id":"a1","object":"realtime.item","type":"message","status":"in_progress",'
            '"role":"assistant"}}'
        ),
        events.OutputItem,
        {"response_id": "r1", "item_id": "a1", "item_type": "message"},
    ),
    (
        (
            '{"type":"response.content_part.added","event_id":"e23","item_id":"a1","response_id":"r1","content_index":0,'
            '"output_index":0,"previous_item_id":"0","part":{"type":"audio","transcript":""}}'
        ),
        events.ContentPart,
        {"response_id": "r1", "item_id": "a1"},
    ),
    (
        (
            '{"type":"response.output_audio.delta","event_id":"e24","delta":"AAAA","rid":"e25","latency":"0.61",'
            f'"audio_duration_ms":480,"ts":1795000001000,{PART_IDS}}}'
        ),
        events.AudioDelta,
        {"response_id": "r1", "item_id": "a1", "delta": "AAAA", "latency": "0.61"},
    ),
    (
        (
            '{"type":"response.output_audio_transcript.delta","event_id":"e25","delta":"Yes, it is","rid":"e25",'
            f'"start_time":0.0,{PART_IDS}}}'
        ),
        events.AnswerTextDelta,
        {"response_id": "r1", "item_id": "a1", "delta": "Yes, it is"},
    ),
    (
        (
            '{"type":"response.output_audio_transcript.done","event_id":"e26","transcript":"Yes, it is shut.",'
            f"{PART_IDS}}}"
        ),
        events.AnswerTranscript,
        {"response_id": "r1", "item_id": "a1", "transcript": "Yes, it is shut."},
    ),
    (
        f'{{"type":"response.output_audio.done","event_id":"e28",{PART_IDS}}}',
        events.AudioDone,
        {"response_id": "r1", "item_id": "a1"},
    ),
    (
        (
            '{"type":"response.done","event_id":"e30","response_id":"r1","previous_item_id":null,"response":{"id":"r1",'
            '"object":"realtime.response","status":"completed","status_details":"unimplemented","usage":{},"output":[]},'
            '"usage":{"input_tokens":40,"output_audio_seconds":1.7,"billable_audio_seconds":3}}'
        ),
        events.ResponseDone,
        {
            "response_id": "r1",
            "told_status": "completed",
            "details": "",
            "usage": {"input_tokens": 40, "output_audio_seconds": 1.7, "billable_audio_seconds": 3},
        },
    ),
    (
        f'{{"type":"response.output_text.delta","event_id":"e31","delta":"Yes",{PART_IDS}}}',
        events.AnswerTextDelta,
        {"response_id": "r1", "item_id": "a1", "delta": "Yes"},
    ),
    (
        (
            '{"type":"response.function_call_arguments.delta","event_id":"e41","item_id":"f1","response_id":"r2",'
            '"call_id":"call-1","delta":"{\\"entity_id\\":\\"light.hall\\"}","previous_item_id":null}'
        ),
        events.CallDelta,
        {"response_id": "r2", "call_id": "call-1", "delta": '{"entity_id":"light.hall"}'},
    ),
    (
        (
            '{"type":"response.function_call_arguments.done","event_id":"e42","item_id":"f1","response_id":"r2",'
            '"output_index":0,"call_id":"call-1","name":"turn_on","arguments":"{\\"entity_id\\":\\"light.hall\\"}",'
            '"previous_item_id":null}'
        ),
        events.CallReady,
        {
            "response_id": "r2",
            "item_id": "f1",
            "call_id": "call-1",
            "name": "turn_on",
            "arguments": '{"entity_id":"light.hall"}',
        },
    ),
    (
        (
            '{"type":"error","event_id":"e44","error":{"type":"invalid_request_error","code":"invalid_request_error",'
            '"message":"Cancellation failed: no active response found","param":null,"event_id":"srv-9"}}'
        ),
        events.ErrorEvent,
        {
            "kind": "invalid_request_error",
            "code": "invalid_request_error",
            "message": "Cancellation failed: no active response found",
        },
    ),
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["item_id", "response_id", "item", "response", "session", "error", "delta", "usage", "timestamp", "transcript"]
)


@pytest.mark.parametrize(("frame", "kind", "fields"), EXAMPLES, ids=[kind.__name__ for _, kind, _ in EXAMPLES])
def test_example_when_read_then_its_class_and_fields(
    frame: str, kind: type[ServerEvent], fields: dict[str, object]
) -> None:
    """Every example of the reference is a valid frame, and becomes what it says."""
    assert schema_errors("rt.server_event", json.loads(frame)) == []
    for wire in (frame, frame.encode()):
        read = parse(wire)
        assert type(read) is kind
        assert asdict(read) == fields  # type: ignore[call-overload]  # every event is a dataclass


@pytest.mark.parametrize("name", NAMES)
def test_name_when_in_the_schema_then_known_and_tolerant(name: str) -> None:
    """No event of the API is unknown; without any field, and with odd ones, each is read to its defaults."""
    bare = event({"type": name})
    assert not isinstance(bare, UnknownEvent)
    ids = ("item_id", "response_id", "item", "response", "session", "error", "delta", "usage", "transcript")
    odds: tuple[object, ...] = (None, True, 7, 1.5, "", [1], {})
    for odd in odds:
        assert type(event({"type": name, "brand_new": {"a": 1}, **dict.fromkeys(ids, odd)})) is type(bare)
    assert event({"type": name, **dict.fromkeys(ids)}) == bare


@pytest.mark.parametrize(
    "name",
    [
        "conversation.item.done", "conversation.item.input_audio_transcription.failed", "rate_limits.updated",
        "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared",
        "response.audio.delta", "response.audio.done", "response.audio_transcript.delta",
        "response.audio_transcript.done",
    ],
)  # fmt: skip
def test_name_when_of_the_older_protocol_then_known_too(name: str) -> None:
    """What xAI never sends costs nothing to know."""
    assert not isinstance(event({"type": name}), UnknownEvent)


@pytest.mark.parametrize(
    ("value", "kind"), [("brand.new", "brand.new"), (None, "None"), (7, "7"), ("x" * 200, "x" * 80)]
)
def test_kind_when_nobody_knows_it_then_named(value: object, kind: str) -> None:
    """An event of tomorrow is skipped, not an error."""
    assert event({"type": value, "delta": "x"}) == UnknownEvent(kind)


def test_kind_when_missing_then_unknown() -> None:
    """An object without a type is one more event that nobody knows."""
    assert event({}) == UnknownEvent("None")


@pytest.mark.parametrize("frame", ["", "x", "[]", "7", "null", '"a"', '{"type":', b"\xff\xfe", '{"a":NaN}'])
def test_frame_when_no_object_then_refused_without_its_content(frame: str | bytes) -> None:
    """Only a frame that is no JSON object cannot be read; nothing of it gets into a log."""
    with pytest.raises(FrameError, match=r"^a frame of \d+ characters that is no JSON object$"):
        parse(frame)


def test_values_when_of_another_number_kind_then_made_fit() -> None:
    """Milliseconds may come as a fraction; a truth value is no number."""
    assert event({"type": "input_audio_buffer.speech_started", "audio_start_ms": 220.7}) == events.SpeechStarted(
        audio_start_ms=220
    )
    assert event({"type": "ping", "timestamp": True}) == events.Ping()


@pytest.mark.parametrize(
    ("delta", "pcm"),
    [("AAECAw==", b"\0\1\2\3"), ("", b""), ("A", b""), ("AAE", b""), ("\u00e4\u00e4\u00e4\u00e4", b""), ("AA=", b"")],
)
def test_audio_when_base64_is_bad_then_no_sound(delta: str, pcm: bytes) -> None:
    """Sound that cannot be read is skipped."""
    read = event({"type": "response.output_audio.delta", "delta": delta})
    assert isinstance(read, events.AudioDelta)
    assert read.audio == pcm


@pytest.mark.parametrize(
    ("frame", "is_final"),
    [
        ({}, False),
        ({"status": "completed"}, True),
        ({"status": "in_progress"}, False),
        ({"status": None}, False),
        ({"status": "partial"}, False),
        ({"status": "final"}, False),
    ],
)
def test_transcript_when_its_status_is_unknown_then_final_at_the_end(frame: dict[str, Any], is_final: bool) -> None:  # noqa: FBT001
    """A half-understood word must not be taken for the last one because nobody says that it is half."""
    read = event({"type": "conversation.item.input_audio_transcription.completed", **frame})
    assert isinstance(read, events.TranscriptCompleted)
    assert read.is_final(is_committed=False) is is_final
    assert read.is_final(is_committed=True) is (frame.get("status") != "in_progress")


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"billable_audio_seconds": 3}, 3.0),
        *(({"billable_audio_seconds": nonsense}, None) for nonsense in ("3", True, -3, 1e300, math.nan, math.inf)),
        ({}, None),
    ],
)
def test_bill_when_told_then_in_seconds(usage: dict[str, Any], seconds: float | None) -> None:
    """The bill lies at the top level; the answer's own usage says nothing."""
    read = event({"type": "response.done", "response": {"usage": {"billable_audio_seconds": 99}}, "usage": usage})
    assert isinstance(read, events.ResponseDone)
    assert read.billable_audio_s == seconds


@pytest.mark.parametrize(
    ("frame", "traits"),
    [
        (error("Cancellation failed: no active response found"), "harmless refuses"),
        (error("Conversation already has an active response"), "harmless busy refuses"),
        (error("Audio cannot be truncated"), "harmless refuses"),
        (error("Audio content of 9800ms is already shorter than 11579ms"), "harmless refuses"),
        (error("Unknown voice"), "refuses"),
        (error("x", "invalid_event"), "refuses"),
        (error("x", "internal_error"), "trouble"),
        (error("x", "server_error", "internal_error"), "trouble"),
        (error("x", "timeout"), "ends"),
        (error("x", "server_error", "max_duration"), "ends trouble"),
        (error("x", "telemetry_error"), ""),
        ({"type": "error"}, "refuses"),
        ({"type": "error", "error": {"message": "Unknown voice"}}, "refuses"),
        ({"type": "error", "error": "Unknown voice"}, "refuses"),
        ({"type": "error", "code": "invalid-argument", "message": "Unknown voice"}, "refuses"),
        ({"type": "error", "code": "telemetry"}, ""),
        ({"error": {"type": "invalid_request_error", "message": "Unknown voice"}}, "refuses"),
        ({"error": {"type": "timeout", "message": "Idle"}}, "ends"),
        ({"code": "400", "error": "Conversation already has an active response"}, "harmless busy refuses"),
    ],
)
def test_error_when_read_then_its_traits(frame: dict[str, Any], traits: str) -> None:
    """The kinds of errors of the reference, section 3.6."""
    read = event(frame)
    assert isinstance(read, events.ErrorEvent)
    found = {
        "harmless": read.is_harmless,
        "busy": read.says_busy,
        "refuses": read.may_refuse,
        "trouble": read.is_trouble,
        "ends": read.ends_session,
    }
    assert {name for name, holds in found.items() if holds} == set(traits.split())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_parse_when_given_anything_then_only_frame_error(frame: bytes | str) -> None:
    """Bytes of any kind are an event or a `FrameError`."""
    with suppress(FrameError):
        parse(frame)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES) | st.text(max_size=10), st.dictionaries(KEYS, JSON, max_size=5))
def test_parse_when_given_any_object_then_an_event(kind: str, body: dict[str, Any]) -> None:
    """Whatever the fields hold, the event is read, and what can be asked of it can be asked."""
    text = json.dumps({**body, "type": kind})
    if re.search(r"NaN|Infinity|\\ud[89a-f]", text):
        return
    read = parse(text)
    for name in ("audio", "is_final", "billable_audio_s", "is_harmless", "says_busy", "ends_session"):
        getattr(read, name, None)

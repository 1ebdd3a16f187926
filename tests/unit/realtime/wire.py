"""Frames of the realtime server as xAI sends them, and the ways to hand them to the code."""

import base64
from typing import Any

import orjson

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.client_events import ClientEvent
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.server_events import TAG, ServerEvent, parse
from custom_components.grok_assist.realtime.session import Session
from custom_components.grok_assist.realtime.turn import Turn
from tests.simulator.schema import schema_errors

TRANSCRIPTION = "conversation.item.input_audio_transcription"
CONFIG = SessionConfig(instructions="You run a home.", voice="eve")
TENTH_S = bytes(4_800)
"""A tenth of a second of answer."""


def event(frame: JsonObject) -> ServerEvent:
    """Read a frame."""
    return parse(orjson.dumps(frame))


def session_created(model: str = "grok-voice-latest") -> JsonObject:
    """The first frame of a socket."""
    return {"type": "session.created", "session": {"id": "sess1", "model": model, "voice": "ara"}}


def session_updated() -> JsonObject:
    """The configuration runs."""
    return {"type": "session.updated", "session": {"voice": "eve", "model": "grok-voice-latest"}}


def speech_started(item: str = "u1") -> JsonObject:
    """Somebody speaks."""
    return {"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": 220}


def speech_stopped(item: str = "u1") -> JsonObject:
    """Somebody paused."""
    return {"type": "input_audio_buffer.speech_stopped", "item_id": item, "audio_end_ms": 1480}


def committed(item: str = "u1") -> JsonObject:
    """The audio of an item is closed."""
    return {"type": "input_audio_buffer.committed", "item_id": item}


def snapshot(text: str, item: str = "u1") -> JsonObject:
    """What was understood so far."""
    return {"type": f"{TRANSCRIPTION}.updated", "item_id": item, "transcript": text}


def transcript(text: str, item: str = "u1", status: str | None = "completed") -> JsonObject:
    """What was understood."""
    frame: JsonObject = {"type": f"{TRANSCRIPTION}.completed", "item_id": item, "transcript": text}
    return frame | ({"status": status} if status is not None else {})


def said(text: str, item: str = "u1") -> list[JsonObject]:
    """A sentence of the user from its beginning to its final words."""
    return [speech_started(item), speech_stopped(item), committed(item), transcript(text, item)]


def response_created(response: str = "r1", tag: str | None = None) -> JsonObject:
    """An answer begins; one that we asked for carries our mark."""
    made: JsonObject = {"id": response, "status": "in_progress"}
    return {"type": "response.created", "response": made | ({"metadata": {TAG: tag}} if tag else {})}


def item_added(response: str = "r1", item: str = "a1") -> JsonObject:
    """An item of an answer begins."""
    return {
        "type": "response.output_item.added",
        "response_id": response,
        "item": {"id": item, "type": "message", "role": "assistant"},
    }


def audio(pcm: bytes = TENTH_S, response: str = "r1", item: str = "a1") -> JsonObject:
    """A piece of sound."""
    delta = base64.b64encode(pcm).decode("ascii")
    return {"type": "response.output_audio.delta", "response_id": response, "item_id": item, "delta": delta}


def words(text: str, response: str = "r1", item: str = "a1") -> JsonObject:
    """A piece of an answer's words."""
    return {
        "type": "response.output_audio_transcript.delta",
        "response_id": response,
        "item_id": item,
        "delta": text,
    }


def all_words(text: str, response: str = "r1", item: str = "a1") -> JsonObject:
    """All words of an item."""
    return {
        "type": "response.output_audio_transcript.done",
        "response_id": response,
        "item_id": item,
        "transcript": text,
    }


def call(call_id: str = "c1", arguments: str = "{}", response: str = "r1") -> JsonObject:
    """A function call."""
    return {
        "type": "response.function_call_arguments.done",
        "response_id": response,
        "item_id": f"f-{call_id}",
        "call_id": call_id,
        "name": "turn_on",
        "arguments": arguments,
    }


def response_done(response: str = "r1", status: str = "completed", billed_s: float | None = None) -> JsonObject:
    """An answer ended."""
    usage = {} if billed_s is None else {"billable_audio_seconds": billed_s}
    return {
        "type": "response.done",
        "response_id": response,
        "response": {"id": response, "status": status, "usage": {}},
        "usage": usage,
    }


def error(message: str, kind: str = "invalid_request_error", code: str | None = None) -> JsonObject:
    """Something was refused or went wrong."""
    return {"type": "error", "error": {"type": kind, "code": code or kind, "message": message, "param": None}}


def answered(text: str = "It is on.", response: str = "r1", item: str = "a1") -> list[JsonObject]:
    """An answer from its beginning to its end."""
    return [
        response_created(response),
        item_added(response, item),
        audio(TENTH_S, response, item),
        words(text, response, item),
        all_words(text, response, item),
        response_done(response),
    ]


def feed(target: Turn | Session, *frames: JsonObject, now: float = 0.0) -> None:
    """Give frames to a turn or a session."""
    for frame in frames:
        if isinstance(target, Session):
            target.receive(orjson.dumps(frame), now)
        else:
            target.receive(event(frame), now)


def say(session: Session, *events: ClientEvent, now: float = 0.0) -> None:
    """Have a session say something."""
    for event in events:
        session.send(event, now)


def sent(session: Session) -> list[JsonObject]:
    """Take what a session sends: frames of the API, all of them."""
    frames = [orjson.loads(frame) for frame in session.take_frames()]
    assert [error for frame in frames for error in schema_errors(f"rt.client.{frame['type']}", frame)] == []
    return frames


def kinds(frames: list[JsonObject]) -> list[Any]:
    """Name frames."""
    return [frame["type"] for frame in frames]

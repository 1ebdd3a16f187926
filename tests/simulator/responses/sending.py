"""How an answer travels: paced, numbered, checked against the schema, and spoilt where a fault says so."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
import json
from typing import Final

from aiohttp import web

from ..clock import now
from ..errors import RefusalError
from ..exchange import FAULT, json_reply, request_id, wait_for_ever
from ..faults import Fault, FaultName
from ..jsontypes import JsonObject
from ..schema import has_definition, schema_errors
from ..state import Pace, State
from .events import DELTA_TYPES, stream_events
from .tokens import text_tokens

# So many deltas get through before a fault that strikes in mid-stream.
_DELTAS_BEFORE_FAULT: Final = 3
_STREAM_FAULTS: Final = frozenset({FaultName.STALL, FaultName.DROP, FaultName.TRUNCATED, FaultName.ERROR_EVENT})
_TRUNCATED_CHUNK: Final = b'data: {"type":"response.output_text.delta","delta":"unfin'
_COST: Final = "cost_in_usd_ticks"
_HARD_EFFORTS: Final = frozenset({"high", "xhigh"})
_LATE_S: Final = 45.0
_OVERLOAD: Final = "The model is overloaded. Please try again later."


async def send_whole(
    state: State, request: web.Request, response: JsonObject, fault: Fault | None
) -> web.StreamResponse:
    """Send a response as one JSON document."""
    await _pause(_thinking_s(state, response) + _speaking_s(response, state.pace))
    return await send_document(state, request, _told(state, response), fault, definition="responses.response")


async def send_document(
    state: State, request: web.Request, document: JsonObject, fault: Fault | None, *, definition: str
) -> web.StreamResponse:
    """Send a JSON document, spoilt where a fault says so."""
    await _pause(state.pace.first_delta_s)
    match fault and fault.name:
        case FaultName.STALL:
            await wait_for_ever()
        case FaultName.DROP:
            _hang_up(request)
        case FaultName.TRUNCATED:
            text = json.dumps(document)
            return web.Response(text=text[: len(text) // 2], content_type="application/json")
        case FaultName.ERROR_IN_STREAM | FaultName.ERROR_EVENT:
            return web.json_response(_overload(state), headers=request_id())
    return json_reply(state, document, definition=definition)


async def send_stream(
    state: State, request: web.Request, response: JsonObject, *, has_fragments: bool
) -> web.StreamResponse:
    """Send a response as a stream of events."""
    fault = request[FAULT]
    name = fault and fault.name
    if name is FaultName.ERROR_IN_STREAM:
        await _pause(state.pace.first_delta_s)
        return web.json_response(_overload(state), headers=request_id())
    has_fragments = has_fragments or state.dialects["calls"] == "fragments"
    closing = "done" if state.dialects["closing_event"] == "done" else None
    events = list(stream_events(_told(state, response), has_fragments=has_fragments, closing=closing))
    if name in _STREAM_FAULTS:
        events = list(_beginning(events))
    async with _event_stream(request) as stream:
        await _send_events(state, stream, events, thinking_s=_thinking_s(state, response))
        if name in _STREAM_FAULTS:
            await _spoil(state, request, stream, number=len(events))
    return stream


async def _send_events(
    state: State, stream: web.StreamResponse, events: list[JsonObject], *, thinking_s: float
) -> None:
    """Write events in the ordered pace, each with its number."""
    pace = state.pace
    clock = _Clock(replace(pace, first_delta_s=pace.first_delta_s + thinking_s))
    for number, event in enumerate(events):
        await clock.wait_for(event)
        await stream.write(_chunk(state, {"sequence_number": number, **event}))


async def _spoil(state: State, request: web.Request, stream: web.StreamResponse, *, number: int) -> None:
    """End a stream that has begun well in the way that its fault says."""
    fault = request[FAULT]
    match fault and fault.name:
        case FaultName.STALL:
            await wait_for_ever()
        case FaultName.DROP:
            _hang_up(request)
        case FaultName.TRUNCATED:
            await stream.write(_TRUNCATED_CHUNK)
        case _:
            await stream.write(_encoded({"sequence_number": number, **_overload_event(state)}))


@asynccontextmanager
async def _event_stream(request: web.Request) -> AsyncIterator[web.StreamResponse]:
    """Give an open stream of server-sent events."""
    stream = web.StreamResponse(headers={**request_id(), "Cache-Control": "no-cache"})
    stream.content_type = "text/event-stream"
    await stream.prepare(request)
    yield stream
    await stream.write_eof()


def _beginning(events: list[JsonObject]) -> Iterator[JsonObject]:
    """Give the events up to the moment in which a fault strikes, never the last one."""
    deltas = 0
    for event in events[:-1]:
        yield event
        deltas += event["type"] in DELTA_TYPES
        if deltas == _DELTAS_BEFORE_FAULT:
            return


def _chunk(state: State, event: JsonObject) -> bytes:
    """One event on the wire, checked before it leaves."""
    definition = f"responses.event.{event['type']}"
    if not has_definition(definition):
        state.traffic.blame_simulator(f"unknown event {event['type']}")
        return _encoded(event)
    for error in schema_errors(definition, event):
        state.traffic.blame_simulator(f"{definition}: {error}")
    return _encoded(event)


def _encoded(event: JsonObject) -> bytes:
    """Give an event as xAI writes it: a data line only, its type within the JSON."""
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def _told(state: State, response: JsonObject) -> JsonObject:
    """Give a response with what the service tells of its cost at the moment."""
    used = response["usage"]
    match state.dialects["text_usage"]:
        case "no_cost":
            return {**response, "usage": {name: value for name, value in used.items() if name != _COST}}
        case "zero_cost":
            return {**response, "usage": {**used, _COST: 0}}
        case "missing":
            return {name: value for name, value in response.items() if name != "usage"}
        case _:
            return response


def _overload(state: State) -> JsonObject:
    """Give the body of an error that comes with status 200."""
    return RefusalError(503, _OVERLOAD).body_in(state.dialects["error_shape"])


def _overload_event(state: State) -> JsonObject:
    """Give the error that ends a stream, as documented or in the shape that errors have at the moment."""
    match shape := state.dialects["error_shape"]:
        case "native":
            return {"type": "error", "code": "server_error", "message": _OVERLOAD, "param": None}
        case "untyped":
            return _overload(state)
        case _:
            return {"type": "error", **RefusalError(503, _OVERLOAD).body_in(shape)}


def _hang_up(request: web.Request) -> None:
    """Close the connection without a word; what was written before still arrives."""
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError


def _thinking_s(state: State, response: JsonObject) -> float:
    """How long the model keeps silent before its first word."""
    is_late = state.dialects["first_delta"] == "late" and response["reasoning"]["effort"] in _HARD_EFFORTS
    return _LATE_S if is_late else 0.0


def _speaking_s(response: JsonObject, pace: Pace) -> float:
    """How long the model needs for the output of a response."""
    return response["usage"]["output_tokens"] / pace.tokens_per_s if pace.tokens_per_s else 0.0


async def _pause(seconds: float) -> None:
    """Wait, or go on at once without giving up the processor."""
    if seconds > 0:
        await asyncio.sleep(seconds)


class _Clock:
    """Spreads deltas over time; counts from one start, so that waits do not add up to a drift."""

    def __init__(self, pace: Pace) -> None:
        """Start when the request has been accepted."""
        self._pace = pace
        self._started_at = now()
        self._tokens = 0

    async def wait_for(self, event: JsonObject) -> None:
        """Wait until an event is due."""
        if event["type"] in {"response.created", "response.in_progress", "ping"}:
            return
        due_s = self._pace.first_delta_s
        if self._pace.tokens_per_s:
            due_s += self._tokens / self._pace.tokens_per_s
        if event["type"] in DELTA_TYPES:
            self._tokens += text_tokens(event["delta"])
        await _pause(self._started_at + due_s - now())

"""The frame around every API request: record, authenticate, apply faults, turn refusals into bodies."""

import asyncio
from contextlib import suppress
import json
from typing import Final
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .clock import now
from .errors import RefusalError, unreadable
from .faults import REALTIME_PATH, Fault, FaultName
from .jsontypes import JsonObject
from .keys import Key, shown_authorization
from .realtime.secrets import without_secrets
from .schema import schema_errors
from .state import State
from .traffic import RecordedRequest

API_PREFIX: Final = "/v1/"
RECORD: Final = web.RequestKey("record", RecordedRequest)
KEY: Final = web.RequestKey("key", Key)
FAULT: Final = web.RequestKey[Fault | None]("fault")

_NOBODY_LISTENS: Final = 499
_HTML: Final = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def frame(state: State) -> Middleware:
    """Give the middleware for all requests below the API's prefix."""

    @web.middleware
    async def exchange(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer one request and keep a record of it."""
        if not request.path.startswith(API_PREFIX):
            return await handler(request)
        record = await _record(request)
        state.traffic.requests.append(record)
        response: web.StreamResponse | None = None
        try:
            response = await _answer(state, request, handler)
        except RefusalError as refusal:
            response = _refused(state, record, refusal)
        except asyncio.CancelledError:
            record.is_aborted = True
            raise
        except ConnectionError:
            # The line is dead, so this answer goes nowhere; returning it keeps aiohttp from logging a crash.
            record.is_aborted = True
            return web.Response(status=_NOBODY_LISTENS)
        except Exception as error:
            _blame_crash(state, record, error)
            raise
        finally:
            if response is not None:
                record.reply_status = response.status
        return response

    return exchange


def json_reply(state: State, body: JsonObject, *, definition: str, status: int = 200) -> web.Response:
    """Give a JSON answer, checked against the schema before it leaves."""
    for error in schema_errors(definition, body):
        state.traffic.blame_simulator(f"{definition}: {error}")
    return web.json_response(body, status=status, headers=request_id())


def request_id() -> dict[str, str]:
    """Give the header by which the vendor's support finds a request."""
    return {"x-request-id": str(uuid4())}


async def wait_for_ever() -> None:
    """Say nothing until the client gives up or the simulator stops."""
    await asyncio.Event().wait()


async def read_json(request: web.Request) -> object:
    """Give the parsed body.

    Raises:
        RefusalError: 415 for another content type, 400 for a body that is no JSON.
    """
    if request.content_type != "application/json":
        raise RefusalError(415, "Expected request with `Content-Type: application/json`.", is_violation=True)
    try:
        return json.loads(await request.text())
    except ValueError as error:
        raise RefusalError(400, f"Failed to parse the request body as JSON: {error}", is_violation=True) from None


async def _record(request: web.Request) -> RecordedRequest:
    """Write down what came in, without the key."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = shown_authorization(headers["authorization"])
    if "sec-websocket-protocol" in headers:
        headers["sec-websocket-protocol"] = without_secrets(headers["sec-websocket-protocol"])
    record = RecordedRequest(
        method=request.method,
        path=request.path,
        headers=headers,
        started_at=now(),
        query={name: request.query.getall(name) for name in request.query},
        body=await _body(request),
        peer_port=(request.get_extra_info("peername") or (None, None))[1],
    )
    request[RECORD] = record
    return record


async def _body(request: web.Request) -> object:
    """Give the body for the record: parsed where it is JSON, else as text."""
    if not request.can_read_body or request.content_type.startswith("multipart/"):
        return None
    try:
        text = await request.text()
    except UnicodeDecodeError:
        return None
    with suppress(ValueError):
        return json.loads(text)
    return text


async def _answer(state: State, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the handler answer, unless the key or an ordered fault stands in the way."""
    fault = state.faults.take(request.path)
    request[FAULT] = fault
    if fault is not None:
        if fault.refusal is not None:
            return _faulty(state, fault, fault.refusal)
        if fault.name is FaultName.SILENT:
            await wait_for_ever()
        if fault.name is FaultName.HTML:
            return web.Response(status=502, text=_HTML, content_type="text/html")
    request[KEY] = _caller(state, request)
    try:
        return await handler(request)
    except web.HTTPNotFound:
        raise RefusalError(404, f"The requested resource {request.path} was not found.", is_violation=True) from None
    except web.HTTPMethodNotAllowed:
        raise RefusalError(
            405, f"Method {request.method} is not allowed for {request.path}.", is_violation=True
        ) from None
    except web.HTTPRequestEntityTooLarge:
        raise unreadable("The request body is too large.") from None


def _caller(state: State, request: web.Request) -> Key:
    """Give the key that a request is made with; only a socket's handshake takes a token in its place."""
    by_token = state.secrets.key_of(request.headers) if request.path == REALTIME_PATH else None
    try:
        return by_token or state.keys.authenticate(request.headers.get("Authorization"))
    except RefusalError as refusal:
        if request.path == REALTIME_PATH and refusal.status == 400:
            refusal.status = int(state.dialects["handshake_refusal"])
        raise


def _blame_crash(state: State, record: RecordedRequest, error: Exception) -> None:
    """Note a request that ended in no way that was meant: a slip of ours."""
    state.traffic.blame_simulator(f"crashed while answering {record.method} {record.path}: {error!r}")


def _faulty(state: State, fault: Fault, refusal: RefusalError) -> web.Response:
    """Give the answer of a fault that is a plain error."""
    headers = request_id()
    if fault.retry_after is not None:
        headers["Retry-After"] = f"{fault.retry_after}"
    return web.json_response(_shaped(state, refusal), status=refusal.status, headers=headers)


def _refused(state: State, record: RecordedRequest, refusal: RefusalError) -> web.Response:
    """Give the answer to a request that breaks a rule."""
    if refusal.is_violation:
        state.traffic.blame_client(record, f"{refusal.status} {refusal.message}")
    if (body := _shaped(state, refusal)) != refusal.body:
        # A shape that is meant to be odd is not held against the schema.
        return web.json_response(body, status=refusal.status, headers=request_id())
    return json_reply(state, body, definition="rest.error", status=refusal.status)


def _shaped(state: State, refusal: RefusalError) -> JsonObject:
    """Give the body of an error as the service shapes it at the moment."""
    return refusal.body_in(state.dialects["error_shape"])

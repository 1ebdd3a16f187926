"""The REST client over a real socket, without Home Assistant: what only a proxy or a broken server does."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
import json
import logging
import socket

import aiohttp
from aiohttp import web
import httpx
import openai
import pytest

from custom_components.grok_assist.core.errors import (
    GrokAuthError,
    GrokBrokenStreamError,
    GrokCreditsError,
    GrokError,
    GrokPermissionError,
    GrokServerError,
    GrokUnreachableError,
)
from custom_components.grok_assist.core.settings import Deadlines
from custom_components.grok_assist.core.tokens import estimate_tokens
from custom_components.grok_assist.core.usage.limits import Limits
from custom_components.grok_assist.grok.client import GrokClient
from custom_components.grok_assist.grok.gate import Gate
from custom_components.grok_assist.grok.messages import Request, UserMessage
from custom_components.grok_assist.grok.stream import Completed, Delta, TextDelta
from custom_components.grok_assist.grok.transport import SessionTransport
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator
from tests.unit.grok.paying import Paying

KEY = "xai-secret-canary"
REQUEST = Request(model="grok-4.3", instructions="", messages=[UserMessage(text="Hi")])

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def client_of(url: str) -> AsyncGenerator[GrokClient]:
    """Make a client on the transport that carries it in Home Assistant."""
    async with aiohttp.ClientSession() as session, httpx.AsyncClient(transport=SessionTransport(session)) as http:
        sdk = openai.AsyncOpenAI(api_key=KEY, base_url=url, http_client=http, max_retries=0)  # type: ignore[arg-type]
        yield GrokClient(sdk, Deadlines(connect_s=0.5, first_delta_s=1, silence_s=1), Gate(Limits()))


@asynccontextmanager
async def client_on(handler: Handler) -> AsyncGenerator[GrokClient]:
    """Make a client of a server that answers everything with one handler."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        async with client_of(f"http://127.0.0.1:{runner.addresses[0][1]}/v1") as client:
            yield client
    finally:
        await runner.cleanup()


def answer(body: str, *, status: int = 200, content_type: str = "application/json") -> Handler:
    """Make a handler that gives one body."""

    async def handle(request: web.Request) -> web.StreamResponse:
        """Give it."""
        return web.Response(text=body, status=status, content_type=content_type)

    return handle


async def ask(client: GrokClient, request: Request = REQUEST) -> list[Delta]:
    """Collect the deltas of one answer."""
    return [delta async for delta in client.stream(request, Paying())]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param('{"code":"x","error":"no credits"}', GrokCreditsError, id="json-error"),
        pytest.param("<html>", GrokServerError, id="no-json"),
        pytest.param("[]", GrokServerError, id="no-object"),
    ],
)
async def test_stream_when_body_comes_in_its_place_then_error(body: str, kind: type[GrokError]) -> None:
    """HTTP 200 without a stream is an error, told by its words."""
    async with client_on(answer(body)) as client:
        with pytest.raises(kind):
            await ask(client)


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        pytest.param('data: {"type":"response.output_text.delta","delta":"x"}\n\n', GrokBrokenStreamError, id="ends"),
        pytest.param('data: {"type":"resp\n\n', GrokServerError, id="broken-json"),
        pytest.param("data: 7\n\n", GrokServerError, id="no-object"),
        pytest.param('data: {"error":{"message":"out of credits"}}\n\n', GrokCreditsError, id="bare-error"),
        pytest.param('data: {"error":"Incorrect API key xai-secret-canary"}\n\n', GrokError, id="key-echoed"),
    ],
)
async def test_stream_when_events_are_broken_then_error(events: str, kind: type[GrokError]) -> None:
    """A stream that ends early or talks nonsense is an error of ours, never of the JSON parser, never with the key."""
    async with client_on(answer(events, content_type="text/event-stream")) as client:
        with pytest.raises(kind) as caught:
            await ask(client)
    assert KEY not in repr(caught.value)
    assert KEY not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        pytest.param({"input_tokens": 700, "output_tokens": 30}, (700, 30), id="told"),
        pytest.param({}, (REQUEST.estimate_tokens(), estimate_tokens("Hello there.")), id="estimated"),
    ],
)
async def test_answer_when_it_ends_then_its_tokens_are_those_that_the_service_tells(
    told: dict[str, int], counted: tuple[int, int]
) -> None:
    """What is booked is what is billed; only where the service is silent it is estimated."""
    end = {"model": "grok-4.3", "output": [], "usage": told}
    events = [
        {"type": "response.output_text.delta", "delta": "Hello there."},
        {"type": "response.completed", "response": end},
    ]
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    async with client_on(answer(stream, content_type="text/event-stream")) as client:
        (completed,) = (delta for delta in await ask(client) if isinstance(delta, Completed))
    assert (completed.usage.input_tokens, completed.usage.output_tokens) == counted


async def test_refusal_when_server_echoes_the_key_then_masked() -> None:
    """Even a server that repeats the whole key does not get it into our error."""
    async with client_on(answer(f'{{"error":"Incorrect API key {KEY}"}}', status=400)) as client:
        with pytest.raises(GrokAuthError) as caught:
            await client.key_facts()
    assert caught.value.detail == "Incorrect API key ***"
    assert KEY not in repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("[]", GrokServerError),
        ('{"name":"x"}', GrokServerError),
        (
            '{"api_key_id":"i","team_id":"t","name":"n","acls":[],"team_blocked":true}',
            GrokPermissionError,
        ),
        ('{"api_key_id":"i","team_id":"t","name":"n","acls":[],"api_key_blocked":true}', GrokAuthError),
    ],
)
async def test_key_facts_when_unusable_then_error(body: str, kind: type[GrokError]) -> None:
    """A reply that is none, and a key that is blocked, are told apart."""
    async with client_on(answer(body)) as client:
        with pytest.raises(kind):
            await client.key_facts()


async def test_models_when_reply_is_no_list_then_error() -> None:
    """Neither list can be read."""
    async with client_on(answer('{"models":"none"}')) as client:
        with pytest.raises(GrokServerError):
            await client.models()


async def test_anything_when_host_is_unknown_then_connection_error() -> None:
    """A name that leads nowhere ends as a connection error."""
    async with client_of("http://127.0.0.1:9/v1") as client:
        with pytest.raises(GrokUnreachableError):
            await client.models()


async def test_stream_when_calls_are_scripted_then_completed_last(simulator: Simulator) -> None:
    """The client by itself reads parallel calls and the cost of a reply."""
    simulator.script(calls(call("a", {}), call("b", {"x": 1}), fragments=True))
    async with client_of(simulator.url) as client:
        deltas = await ask(client)
    end = deltas[-1]
    assert isinstance(end, Completed)
    assert [(made.name, made.arguments.replace(" ", "")) for made in end.calls] == [("a", "{}"), ("b", '{"x":1}')]
    assert end.usage.cost_usd


@pytest.mark.parametrize("end", ["", "data: [DONE]\n\n"])
async def test_stream_when_lines_are_odd_then_read_all_the_same(end: str) -> None:
    """Carriage returns, comments, event names and an end mark are all of the standard."""
    text = (
        ': hello\r\n\r\nevent: x\r\ndata:{"type":"response.output_text.delta","delta":"Hi"}\r\n\r\n'
        'id: 7\ndata: {"type":"response.completed","response":{"output":[]}}\n\n' + end
    )
    async with client_on(answer(text, content_type="text/event-stream")) as client:
        deltas = await ask(client)
    assert deltas[0] == TextDelta("Hi")
    assert isinstance(deltas[-1], Completed)


async def test_anything_when_server_is_deaf_then_times_out_as_connection() -> None:
    """A server that takes no connection is unreachable, not silent."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # Fill the queue of a socket that never accepts: the next connection hangs.
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        async with client_of(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1") as client:
            with pytest.raises(GrokUnreachableError):
                await ask(client)
        for filler in fillers:
            filler.close()


async def test_stream_when_complete_then_connection_is_used_again(simulator: Simulator) -> None:
    """Several answers come over one connection; before, each paid for a new one."""
    async with client_of(simulator.url) as client:
        for _ in range(3):
            simulator.script(reply("Hello."))
            await ask(client)
    assert len({request.peer_port for request in simulator.requests}) == 1


@pytest.mark.parametrize("status", [401, 403, 422, 500])
@pytest.mark.parametrize(
    "words", [f"no {KEY}", "x" * 188 + KEY, f"Bearer {KEY}", f"it began with {KEY[:12]}", KEY.replace("-", "\\u002d")]
)
async def test_key_when_a_refusal_quotes_it_then_nobody_sees_it(
    socket_enabled: None, caplog: pytest.LogCaptureFixture, status: int, words: str
) -> None:
    """Neither the error nor the log, however much is logged: whole, in part, or at the cut."""
    body = f'{{"error": "{words}"}}'
    with caplog.at_level(logging.DEBUG):
        async with client_on(answer(body, status=status)) as client:
            for attempt in (client.key_facts(), *([ask(client)] if status < 500 else [])):
                with pytest.raises(GrokError) as caught:
                    await attempt
                shown = caught.value.detail + repr(caught.value.args) + caplog.text
                assert not any(KEY[start : start + 8] in shown for start in range(len(KEY) - 7))


@pytest.mark.parametrize(
    "event", [{"type": "error", "message": "x" * 190 + KEY}, {"type": "response.failed", "response": {"error": KEY}}]
)
async def test_key_when_the_stream_quotes_it_then_nobody_sees_it(
    socket_enabled: None, event: dict[str, object]
) -> None:
    """An error in mid-answer."""
    handler = answer(f"data: {json.dumps(event)}\n\n", content_type="text/event-stream")
    async with client_on(handler) as client:
        with pytest.raises(GrokServerError) as caught:
            await ask(client)
    assert KEY[:8] not in caught.value.detail + repr(caught.value.args)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.failed", "response": {"error": "overloaded"}},
        {"type": "response.failed", "response": []},
        {"type": [], "error": "overloaded"},
    ],
)
async def test_reply_when_failure_has_another_shape_then_server_error(
    socket_enabled: None, event: dict[str, object]
) -> None:
    """What the fallback of an agent can answer."""
    handler = answer(f"data: {json.dumps(event)}\n\n", content_type="text/event-stream")
    async with client_on(handler) as client:
        with pytest.raises(GrokServerError):
            await ask(client)


@pytest.mark.parametrize("rows", [[None], [7], [{"id": "x", "aliases": 7}], [{"id": "x", "capabilities": []}]])
async def test_models_when_rows_have_another_shape_then_server_error(socket_enabled: None, rows: list[object]) -> None:
    """The built-in list serves."""
    async with client_on(answer(json.dumps({"models": rows}))) as client:
        with suppress(GrokServerError):
            await client.models()

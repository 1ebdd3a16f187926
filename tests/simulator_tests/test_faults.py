"""Every fault does what its name says, and only as often as it was ordered."""

import asyncio

import aiohttp
import pytest

from ..simulator.errors import native_body
from ..simulator.faults import FaultName
from ..simulator.jsontypes import JsonObject
from ..simulator.schema import schema_errors
from ..simulator.script import reply
from ..simulator.server import Simulator
from .asking import Asker, asked

_STATUSES = {
    FaultName.BAD_KEY: 400,
    FaultName.UNAUTHORIZED: 401,
    FaultName.FORBIDDEN: 403,
    FaultName.NO_CREDITS: 403,
    FaultName.NO_CREDITS_429: 429,
    FaultName.NO_MODEL: 404,
    FaultName.UNPROCESSABLE: 422,
    FaultName.RATE_LIMITED: 429,
    FaultName.SERVER_ERROR: 500,
    FaultName.BAD_GATEWAY: 502,
    FaultName.UNAVAILABLE: 503,
    FaultName.OVERLOADED: 529,
}
_LONG = "one two three four five six seven eight"


@pytest.mark.parametrize(("name", "status"), _STATUSES.items())
async def test_plain_error(sim: Simulator, asker: Asker, name: FaultName, status: int) -> None:
    """The status is the documented one, once, and nothing of it is the client's fault."""
    sim.fault(name, retry_after=7)
    answer = await asker.ask()
    assert (answer.status, answer.headers["retry-after"]) == (status, "7")
    assert schema_errors("rest.error", answer.body) == []
    assert ("credits" in answer.message) is name.startswith("no_credits")
    assert (await asker.ask()).status == 200
    assert sim.violations == []


async def test_fault_strikes_where_and_as_often_as_ordered(sim: Simulator, asker: Asker) -> None:
    """By default only generating requests fail; a path or all can be named, and faults can be cleared."""
    sim.fault("server_error", times=2)
    assert (await asker.get("/models")).status == 200
    assert [(await asker.ask()).status for _ in range(3)] == [500, 500, 200]
    sim.fault("unavailable", path="/models")
    assert [(await asker.get("/models")).status for _ in range(2)] == [503, 200]
    sim.fault("forbidden", times=None, path="*")
    assert {(await asker.get("/api-key")).status, (await asker.ask()).status} == {403}
    sim.clear_faults()
    assert (await asker.ask()).status == 200
    assert "retry-after" not in (await asker.ask()).headers


async def test_silent(sim: Simulator, asker: Asker) -> None:
    """The request is accepted and never answered."""
    sim.fault("silent")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await asker.ask()
    await asyncio.sleep(0.05)
    assert (sim.requests[0].reply_status, sim.requests[0].is_aborted) == (None, True)


@pytest.mark.parametrize("is_stream", [True, False])
async def test_stall(sim: Simulator, asker: Asker, *, is_stream: bool) -> None:
    """Some deltas come, then nothing."""
    sim.fault("stall")
    sim.script(reply(_LONG))
    received: list[bytes] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await _read_into(received, sim, asker, is_stream=is_stream)
    assert b"".join(received).count(b"output_text.delta") == (3 if is_stream else 0)


@pytest.mark.parametrize("is_stream", [True, False])
async def test_drop(sim: Simulator, asker: Asker, *, is_stream: bool) -> None:
    """The connection closes in mid-stream, or before an answer."""
    sim.fault("drop")
    sim.script(reply(_LONG))
    received: list[bytes] = []
    with pytest.raises(aiohttp.ClientError):
        await _read_into(received, sim, asker, is_stream=is_stream)
    assert b"".join(received).count(b"output_text.delta") == (3 if is_stream else 0)
    assert sim.violations == []


@pytest.mark.parametrize("is_stream", [True, False])
async def test_truncated(sim: Simulator, asker: Asker, *, is_stream: bool) -> None:
    """The answer ends within its JSON."""
    sim.fault("truncated")
    sim.script(reply(_LONG))
    received: list[bytes] = []
    await _read_into(received, sim, asker, is_stream=is_stream)
    assert not b"".join(received).rstrip().endswith(b"}")


async def test_error_in_place_of_the_stream(sim: Simulator, asker: Asker) -> None:
    """A stream is asked for, and a plain JSON error with status 200 comes."""
    sim.fault("error_in_stream")
    answer = await asker.ask(stream=True)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.body == native_body(503, answer.message)


async def test_error_event(sim: Simulator, asker: Asker) -> None:
    """An error event ends the stream after some deltas."""
    sim.fault("error_event")
    sim.script(reply(_LONG))
    events = await asker.stream()
    assert events[-1]["type"] == "error"
    assert events[-1]["message"]
    assert _deltas(events) == 3


async def test_failed(sim: Simulator, asker: Asker) -> None:
    """The response fails and says so."""
    sim.fault("failed", times=2)
    final = (await asker.stream())[-1]
    assert (final["type"], final["response"]["status"]) == ("response.failed", "failed")
    assert final["response"]["error"]["message"]
    assert (await asker.ask()).body["status"] == "failed"


async def test_empty(sim: Simulator, asker: Asker) -> None:
    """The response completes without any output."""
    sim.fault("empty")
    assert (await asker.ask(model="grok-4.7")).body["output"] == []


async def test_html(sim: Simulator, asker: Asker) -> None:
    """A proxy in between answers with its own page."""
    sim.fault("html")
    answer = await asker.ask()
    assert (answer.status, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert answer.body.startswith("<html>")


async def test_nobody_listens(sim: Simulator, asker: Asker) -> None:
    """Connections are refused while paused, kept ones too, and work again on the same port."""
    url = sim.url
    assert (await asker.ask()).status == 200
    await sim.pause_listening()
    with pytest.raises(aiohttp.ClientConnectorError):
        await asker.ask()
    await sim.resume_listening()
    assert sim.url == url
    assert (await asker.ask()).status == 200


async def _read_into(received: list[bytes], sim: Simulator, asker: Asker, *, is_stream: bool) -> None:
    """Collect what comes of an answer before it breaks."""
    body = asked(stream=is_stream)
    async with asker.session.post(f"{sim.url}/responses", json=body) as response:
        assert response.status == 200
        while chunk := await response.content.readany():
            received.append(chunk)


def _deltas(events: list[JsonObject]) -> int:
    """Count the text deltas."""
    return sum(event["type"] == "response.output_text.delta" for event in events)

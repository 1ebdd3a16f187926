"""The control over HTTP, and the simulator as a program."""

import asyncio
from asyncio.subprocess import PIPE
import json
from pathlib import Path
import signal
import sys

import aiohttp
import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.server import Simulator
from .asking import KEY, Asker

_ROOT = Path(__file__).parents[2]


async def test_state_tells_what_happened(sim: Simulator, asker: Asker) -> None:
    """Requests and violations can be read by another process, without any key."""
    await asker.ask(background=True)
    state = await _state(sim, asker)
    assert [request["path"] for request in state["requests"]] == ["/v1/responses"]
    assert state["requests"][0]["reply_status"] == 400
    assert len(state["violations"]) == 1
    assert KEY not in json.dumps(state)


async def test_script(sim: Simulator, asker: Asker) -> None:
    """Every kind of reply has a JSON form."""
    replies = [
        {"text": "Hi", "reasoning": "A greeting."},
        {"calls": [{"name": "lamp", "arguments": {"a": 1}}, {"name": "fan"}], "fragments": True},
        {"text": "Rain.", "citations": [{"url": "https://a.example", "title": "A"}], "inline": True},
        {"structured": {"a": 1}},
    ]
    await _order(sim, asker, "script", {"replies": replies})
    assert (await _state(sim, asker))["scripted"] == 4
    assert (await asker.ask()).texts == ["Hi"]
    assert [item["name"] for item in (await asker.ask()).of_type("function_call")] == ["lamp", "fan"]
    assert (await asker.ask()).texts == ["Rain.[[1]](https://a.example)"]
    assert (await asker.ask()).texts == ['{"a": 1}']


async def test_faults_keys_models_and_pace(sim: Simulator, asker: Asker) -> None:
    """What the methods do is to be had over HTTP too."""
    await _order(sim, asker, "fault", {"name": "rate_limited", "times": None, "retry_after": 3})
    assert (await asker.ask()).headers["retry-after"] == "3"
    await _order(sim, asker, "clear_faults", {})
    await _order(sim, asker, "revoke", {"key": KEY})
    assert (await asker.ask()).status == 400
    await _order(sim, asker, "restore", {"key": KEY})
    await _order(sim, asker, "set_key", {"key": KEY, "disabled": True})
    assert (await asker.ask()).status == 403
    await _order(sim, asker, "reset", {})
    await _order(sim, asker, "models", {"ids": ["grok-4.3", "grok-4.7"]})
    await _order(sim, asker, "models", {"remove": "grok-4.3"})
    assert (await _state(sim, asker))["models"] == ["grok-4.7"]
    await _order(sim, asker, "pace", {"first_delta_s": 0.01})
    assert sim.state.pace.first_delta_s == 0.01


async def test_listening_pauses_and_resumes(sim: Simulator, asker: Asker) -> None:
    """Connections are refused for a while."""
    await _order(sim, asker, "listening", {"paused_s": 0.2})
    await asyncio.sleep(0.1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await asker.ask()
    await asyncio.sleep(0.3)
    assert (await asker.ask()).status == 200


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("script", {"replies": [{"txet": "Hi"}]}),
        ("script", {}),
        ("fault", {"name": "earthquake"}),
        ("pace", {"speed": 3}),
        ("revoke", []),
    ],
)
async def test_senseless_order_is_refused(sim: Simulator, asker: Asker, name: str, order: Json) -> None:
    """An order with a slip in it is no silent success."""
    async with asker.session.post(sim.url.removesuffix("/v1") + f"/_sim/{name}", json=order) as response:
        assert response.status == 400
        assert (await response.json())["error"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_program(number: signal.Signals) -> None:
    """The program prints one JSON line with its address, serves, and ends well at a signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.simulator", "--port", "0", "--first-delta-s", "0.01", cwd=_ROOT, stdout=PIPE
    )
    assert process.stdout is not None
    url = json.loads(await process.stdout.readline())["url"]
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{url}/api-key") as response:
        assert response.status == 200
    process.send_signal(number)
    async with asyncio.timeout(5):
        assert await process.wait() == 0
    assert await process.stdout.read() == b""


async def _state(sim: Simulator, asker: Asker) -> JsonObject:
    """Read the state."""
    async with asker.session.get(sim.url.removesuffix("/v1") + "/_sim/state") as response:
        state: JsonObject = await response.json()
        return state


async def _order(sim: Simulator, asker: Asker, name: str, order: JsonObject) -> None:
    """Give an order that must be carried out."""
    async with asker.session.post(sim.url.removesuffix("/v1") + f"/_sim/{name}", json=order) as response:
        assert await response.json() == {"ok": True}

"""Who may open a realtime session, and how a handshake is refused."""

import asyncio
import json

import aiohttp
import pytest

from ..simulator.jsontypes import Json
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from .asking import KEY
from .talking import talking

_PATH = "/v1/realtime"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("bad_key", 400),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("no_credits", 403),
        ("rate_limited", 429),
        ("server_error", 500),
        ("unavailable", 503),
        ("html", 502),
    ],
)
async def test_refused_handshake(sim: Simulator, name: str, status: int) -> None:
    """The status takes the place of the upgrade, once."""
    sim.fault(name, path="/realtime", retry_after=3)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with talking(sim):
            pass
    assert caught.value.status == status
    if name == "rate_limited":
        assert caught.value.headers is not None
        assert caught.value.headers["Retry-After"] == "3"
    async with talking(sim) as talker:
        await talker.until("session.created")
    assert [request.reply_status for request in sim.requests] == [status, 101]
    assert len(sim.sessions) == 1


async def test_silent_handshake(sim: Simulator) -> None:
    """It is never answered."""
    sim.fault("silent", path=_PATH)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), talking(sim):
            pass


async def test_plain_request_is_no_handshake(sim: Simulator) -> None:
    """A GET without an upgrade is refused."""
    async with _client() as session, session.get(f"{sim.url}/realtime") as response:
        assert response.status == 400
    assert len(sim.violations) == 1


async def test_rights(sim: Simulator) -> None:
    """A key must be there, good, and allowed to use the voice."""
    async with aiohttp.ClientSession() as session:
        for headers, status in (({}, 401), ({"Authorization": "Bearer nonsense"}, 400)):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(f"{sim.url}/realtime", headers=headers)
            assert caught.value.status == status
    sim.set_key(KEY, acls=["api-key:endpoint:responses"])
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with talking(sim):
            pass
    assert caught.value.status == 403
    assert KEY not in json.dumps([request.facts for request in sim.requests])


@pytest.mark.parametrize("as_protocol", [True, False])
async def test_client_secret(sim: Simulator, *, as_protocol: bool) -> None:
    """A short-lived token opens a session, and nothing else; the records do not keep it."""
    async with _client() as session:
        body = {"expires_after": {"seconds": 60}}
        async with session.post(f"{sim.url}/realtime/client_secrets", json=body) as response:
            secret = await response.json()
    assert schema_errors("rt.client_secret.response", secret) == []
    value = secret["value"]
    async with aiohttp.ClientSession() as session:
        protocols = (f"xai-client-secret.{value}",) if as_protocol else ()
        headers = {} if as_protocol else {"Authorization": f"Bearer {value}"}
        async with session.ws_connect(f"{sim.url}/realtime", protocols=protocols, headers=headers) as socket:
            assert (await socket.receive_json())["type"] == "session.created"
        async with session.get(f"{sim.url}/models", headers={"Authorization": f"Bearer {value}"}) as response:
            assert response.status == 400
    assert value not in json.dumps([request.facts for request in sim.requests])


@pytest.mark.parametrize(("body", "status"), [({"expires_after": {"seconds": 4000}}, 422), ({}, 200)])
async def test_client_secret_rules(sim: Simulator, body: Json, status: int) -> None:
    """A token lasts an hour at most."""
    async with _client() as session, session.post(f"{sim.url}/realtime/client_secrets", json=body) as response:
        assert response.status == status


def _client() -> aiohttp.ClientSession:
    """Give an HTTP client with a good key."""
    return aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"})

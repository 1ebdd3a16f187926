"""The config flow over REST, with no field but those that outsiders rely on."""

import asyncio
from collections.abc import AsyncIterator
import time

import pytest
import pytest_asyncio

from tests.harness.grok import (
    ASSISTANT_STEP,
    DOMAIN,
    SetupError,
    add_grok_assist,
    begin_setup,
    reauth_flow,
    wait_for_agent,
)
from tests.harness.running import RunningHome
from tests.harness.simulator import SimulatorProcess

from .conftest import KEY, Grok

OTHER_KEY = "xai-e2e-0002"
KEY_OF_OTHER_TEAM = "xai-team-neighbours-0001"
STEP_DEADLINE_S = 30


async def test_right_key_makes_an_entry(home: RunningHome, simulator: SimulatorProcess) -> None:
    """The contract's fields are enough, and the agent is there at once."""
    flow = await home.client.flow(DOMAIN)
    assert flow.step.step_id == "user"
    assert {"api_key", "base_url"} <= set(flow.step.fields)
    await flow.submit({"api_key": KEY, "base_url": simulator.url})
    if flow.step.step_id == ASSISTANT_STEP:
        await flow.submit({"create_pipeline": False})
    assert flow.step.kind == "create_entry"
    (entry,) = await home.client.entries(DOMAIN)
    assert entry["state"] == "loaded"
    assert await home.client.state("conversation.grok") != "unavailable"


async def test_bad_key(home: RunningHome, simulator: SimulatorProcess) -> None:
    """A key that xAI does not know is said to be wrong, and the form stays open for the right one."""
    flow = await begin_setup(home.client, api_key="xai-bad-0001", base_url=simulator.url)
    assert set(flow.step.errors.values()) == {"invalid_auth"}
    await flow.submit({"api_key": KEY, "base_url": simulator.url})
    assert flow.step.step_id == ASSISTANT_STEP
    await flow.cancel()


@pytest.mark.parametrize("name", ["no_credits", "no_credits_429"])
@pytest.mark.parametrize("paths", [("*",), ("/language-models", "/models")], ids=["everything", "model lists"])
async def test_no_credits(home: RunningHome, simulator: SimulatorProcess, name: str, paths: tuple[str, ...]) -> None:
    """Empty credits are named, also where only the model list tells of them."""
    for path in paths:
        await simulator.fault(name, path=path)
    flow = await begin_setup(home.client, api_key=KEY, base_url=simulator.url)
    assert set(flow.step.errors.values()) == {"no_credits"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [("forbidden", "permission_denied"), ("rate_limited", "rate_limited"), ("html", "cannot_connect")],
)
async def test_refusals(home: RunningHome, simulator: SimulatorProcess, fault: str, error: str) -> None:
    """Other refusals have their own names."""
    await simulator.fault(fault, path="*")
    flow = await begin_setup(home.client, api_key=KEY, base_url=simulator.url)
    assert set(flow.step.errors.values()) == {error}


async def test_unreachable_server(home: RunningHome) -> None:
    """A port on which nobody listens."""
    flow = await begin_setup(home.client, api_key=KEY, base_url="http://127.0.0.1:1/v1")
    assert set(flow.step.errors.values()) == {"cannot_connect"}


@pytest.mark.parametrize("base_url", ["not an address", "ftp://api.x.ai/v1", "https://", "http://[::1/v1"])
async def test_invalid_url(home: RunningHome, base_url: str) -> None:
    """What is no address of a web server is refused without a call."""
    flow = await begin_setup(home.client, api_key=KEY, base_url=base_url)
    assert set(flow.step.errors.values()) == {"invalid_url"}


async def test_no_key_at_all(home: RunningHome, simulator: SimulatorProcess) -> None:
    """An empty key is wrong where the environment has none either."""
    flow = await begin_setup(home.client, api_key="", base_url=simulator.url)
    assert set(flow.step.errors.values()) == {"invalid_auth"}


async def test_same_key_twice(grok: Grok) -> None:
    """The second entry of one key is turned away."""
    with pytest.raises(SetupError) as caught:
        await add_grok_assist(grok.home.client, api_key=KEY, base_url=grok.simulator.url)
    assert caught.value.step.reason == "already_configured"


async def test_revoked_key_heals(grok: Grok) -> None:
    """A key that dies in service is asked for again, and the new one is enough."""
    await grok.simulator.revoke(KEY)
    turn = await grok.say("Are you there?")
    assert turn.speech
    flow = await reauth_flow(grok.home.client, grok.home.socket)
    assert flow.step.step_id == "reauth_confirm"
    await flow.submit({"api_key": "xai-bad-0002"})
    assert set(flow.step.errors.values()) == {"invalid_auth"}
    await flow.submit({"api_key": OTHER_KEY})
    assert (flow.step.kind, flow.step.reason) == ("abort", "reauth_successful")
    await wait_for_agent(grok.home.client, grok.agent)
    await grok.simulator.script({"text": "Here I am again."})
    assert (await grok.say("Are you there?")).speech == "Here I am again."


async def test_key_of_another_team(grok: Grok) -> None:
    """Reconfiguring takes another key of the same team, and none of another team."""
    flow = await grok.home.client.flow(DOMAIN, entry_id=grok.entry_id)
    assert flow.step.step_id == "reconfigure"
    fields = {"base_url": grok.simulator.url}
    await flow.submit({"api_key": KEY_OF_OTHER_TEAM, **fields})
    assert "wrong_account" in {flow.step.reason, *flow.step.errors.values()}
    flow = await grok.home.client.flow(DOMAIN, entry_id=grok.entry_id)
    await flow.submit({"api_key": OTHER_KEY, **fields})
    assert (flow.step.kind, flow.step.reason) == ("abort", "reconfigure_successful")


@pytest_asyncio.fixture(loop_scope="session")
async def silent_url() -> AsyncIterator[str]:
    """Address of a server that accepts connections and never says a word."""
    ending = asyncio.Event()

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep the connection open until the test ends."""
        await ending.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ending.set()


async def test_silent_server(home: RunningHome, silent_url: str) -> None:
    """A step answers in time, whatever the server does."""
    began = time.monotonic()
    flow = await begin_setup(home.client, api_key=KEY, base_url=silent_url)
    assert time.monotonic() - began < STEP_DEADLINE_S
    assert set(flow.step.errors.values()) == {"cannot_connect"}

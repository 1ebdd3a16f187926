"""What the end-to-end tests share: one Home Assistant, one simulator, and a fresh set-up for each test.

They run in the environment whose Home Assistant they test:

    .venv/2026.11/bin/python -m pytest tests/e2e
    .venv/2026.10/bin/python -m pytest tests/e2e -p no:homeassistant

(that plugin is pytest-homeassistant-custom-component, which blocks sockets for unit tests).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.harness.assist import AssistTurn, assist_turn
from tests.harness.errors import CommandError
from tests.harness.grok import DOMAIN, add_grok_assist, agent_of
from tests.harness.log import log_faults
from tests.harness.running import RunningHome, running_home
from tests.harness.simulator import SimulatorProcess
from tests.harness.spoken import PIPELINE

HERE: Final = Path(__file__).parent
KEY: Final = "xai-e2e-0001"
DEADLINE_S: Final = 150
TOGETHER: Final = frozenset({"bare_house", "shared_house", "silent_by_default"})
"""What the tests of a file share, so that these stay with one worker."""
LONG_FIRST: Final = ("test_soak", "test_demo", "test_exposure", "test_consent", "test_voice", "test_server_down")
"""Files of long tests: the short ones fill the gaps at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grok:
    """The integration as it was set up for one test."""

    home: RunningHome
    simulator: SimulatorProcess
    entry_id: str
    agent: str
    """Entity id of its conversation agent."""

    async def say(self, text: str, *, conversation_id: str | None = None, deadline_s: float = 60) -> AssistTurn:
        """Have a turn with the agent through Home Assistant's pipeline."""
        return await assist_turn(
            self.home.socket, text, agent=self.agent, conversation_id=conversation_id, deadline_s=deadline_s
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests in the loop of the shared connections, with time for a Home Assistant to start."""
    for item in items:
        if pytest_asyncio.is_async_test(item) and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(DEADLINE_S))
            for shared in TOGETHER.intersection(item.fixturenames):
                item.add_marker(pytest.mark.xdist_group(shared))
    items.sort(key=lambda item: item.path.stem not in LONG_FIRST)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_simulator() -> AsyncIterator[SimulatorProcess]:
    """Start the simulator once."""
    async with SimulatorProcess() as simulator:
        yield simulator


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(shared_simulator: SimulatorProcess) -> AsyncIterator[SimulatorProcess]:
    """Give the simulator an empty memory; at the end it must have nothing to complain about."""
    await shared_simulator.reset()
    await shared_simulator.pace(first_delta_s=0, tokens_per_s=0)
    yield shared_simulator
    assert await shared_simulator.violations() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_home() -> AsyncIterator[RunningHome]:
    """Start Home Assistant with the sample home once."""
    async with running_home() as home:
        yield home


@pytest_asyncio.fixture(loop_scope="session")
async def home(shared_home: RunningHome) -> AsyncIterator[RunningHome]:
    """Lend Home Assistant to one test: its entries are removed, and its log must be free of faults."""
    already_logged = len(shared_home.process.log())
    earlier = {entry["entry_id"] for entry in await shared_home.client.entries(DOMAIN)}
    yield shared_home
    for entry in await shared_home.client.entries(DOMAIN):
        if entry["entry_id"] not in earlier:
            await shared_home.client.remove_entry(entry["entry_id"])
    await _remove_assistants(shared_home)
    assert log_faults(shared_home.process.log()[already_logged:]) == []


async def _remove_assistants(home: RunningHome) -> None:
    """Delete the assistants that the set-up made: they outlive their entry."""
    try:
        listing = await home.socket.call("assist_pipeline/pipeline/list")
    except CommandError:
        return  # without Home Assistant's native voice packages there are none
    for pipeline in listing["pipelines"]:
        if pipeline["name"].startswith(PIPELINE):
            await home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=pipeline["id"])


@pytest_asyncio.fixture(loop_scope="session")
async def grok(home: RunningHome, simulator: SimulatorProcess) -> Grok:
    """Set the integration up against the simulator."""
    entry_id = await add_grok_assist(home.client, api_key=KEY, base_url=simulator.url)
    return Grok(home=home, simulator=simulator, entry_id=entry_id, agent=await agent_of(home.socket, entry_id))

"""What the tests of the simulator share: a running simulator and two ways to talk to it."""

from collections.abc import AsyncIterator
from importlib import import_module
from importlib.util import find_spec

import aiohttp
import pytest

from tests.hours import HoursLoop

from ..simulator.server import Simulator
from .asking import KEY, Asker


def pytest_asyncio_loop_factories() -> dict[str, type[HoursLoop]]:
    """Let time leap: everything runs in one loop."""
    return {"hours": HoursLoop}


@pytest.fixture(autouse=True)
def _sockets() -> None:
    """Allow sockets where Home Assistant's test plugin forbids them."""
    if find_spec("pytest_socket") is not None:
        import_module("pytest_socket").enable_socket()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """Give a fresh simulator."""
    async with Simulator() as running:
        yield running


@pytest.fixture
async def asker(sim: Simulator) -> AsyncIterator[Asker]:
    """Give a bare HTTP client with a good key."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:
        yield Asker(session=session, url=sim.url)

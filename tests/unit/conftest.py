"""What the unit tests share."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from tests.hours import HoursLoop


def pytest_asyncio_loop_factories() -> dict[str, type[HoursLoop]]:
    """Let time leap: everything runs in one loop."""
    return {"hours": HoursLoop}


@pytest.fixture
def sockets() -> None:
    """Allow sockets where Home Assistant's test plugin forbids them."""
    if find_spec("pytest_socket") is not None:
        import_module("pytest_socket").enable_socket()

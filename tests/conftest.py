"""What all floors of the tests share: the place they start from, and the loop that they run in."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from .hours import HoursLoop

REAL: Final = Path(__file__).parent / "e2e"
"""Here programs of their own live in real time."""


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let time leap wherever everything runs in one loop."""
    return {"real": asyncio.new_event_loop} if item.path.is_relative_to(REAL) else {"hours": HoursLoop}

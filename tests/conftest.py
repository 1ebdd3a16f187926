"""What all floors of the tests share: the place they start from, and a loop that checks itself at little cost."""

import asyncio
from asyncio import constants
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from .hours import HoursLoop

# In debug mode the loop finds what is called from a wrong thread and what is never awaited. Where each handle was made
# it would read from the sources anew each time, which takes a quarter of the tests' time.
vars(constants)["DEBUG_STACK_DEPTH"] = 0

REAL: Final = Path(__file__).parent / "e2e"
"""Here programs of their own live in real time."""


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let time leap wherever everything runs in one loop."""
    return {"real": asyncio.new_event_loop} if item.path.is_relative_to(REAL) else {"hours": HoursLoop}

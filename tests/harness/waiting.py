"""Waiting with a deadline, the only kind that there is here."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

from .errors import DeadlineError

POLL_S: Final = 0.05


async def wait_until[Result](probe: Callable[[], Awaitable[Result]], what: str, *, deadline_s: float = 10) -> Result:
    """Ask again until the answer is true, and return it.

    Raises:
        DeadlineError: the answer stayed false; `what` says which wait it was.
    """
    end = time.monotonic() + deadline_s
    while not (result := await probe()):
        if time.monotonic() > end:
            message = f"{what}: not within {deadline_s:g} s"
            raise DeadlineError(message)
        await asyncio.sleep(POLL_S)
    return result

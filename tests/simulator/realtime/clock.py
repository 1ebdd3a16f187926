"""Waiting for a moment."""

import asyncio
import time


async def until(moment: float) -> None:
    """Return at a moment of `time.monotonic()`, or at once when it is over."""
    if (left := moment - time.monotonic()) > 0:
        await asyncio.sleep(left)

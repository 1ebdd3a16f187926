"""Waiting for a moment."""

import asyncio

from ..clock import now


async def until(moment: float) -> None:
    """Return at a moment of the clock, or at once when it is over."""
    if (left := moment - now()) > 0:
        await asyncio.sleep(left)

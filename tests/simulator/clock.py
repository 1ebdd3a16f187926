"""The one clock of the simulator."""

import asyncio


def now() -> float:
    """Tell the time of the loop: that of `time.monotonic` in a program of its own, a test's where it runs in a test."""
    return asyncio.get_running_loop().time()

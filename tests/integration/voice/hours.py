"""Hours that pass in seconds: the event loop's clock jumps to the next timer whenever nobody has anything to do."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
import selectors
from typing import Any

THREADS_S = 0.05
"""How long a thread is waited for at a time; it may take as long as it likes."""


class Hours:
    """The clock of the loop that runs; sockets of this machine carry everything between two jumps."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go as the loop's own clock does."""
        self.skipped_s = 0.0
        self.is_running = False
        self.threads = 0
        """Jobs of threads that are under way: time does not jump over them."""
        self._loop = loop
        self._time = loop.time

    def time(self) -> float:
        """Tell the time."""
        return self._time() + self.skipped_s

    def skip(self, seconds: float) -> None:
        """Jump."""
        self.skipped_s += seconds


class _Selector:
    """The loop's selector, which waits for nothing but sockets that are ready and threads that work."""

    def __init__(self, selector: selectors.BaseSelector, hours: Hours) -> None:
        """Stand before the loop's own."""
        self._selector = selector
        self._hours = hours

    def __getattr__(self, name: str) -> Any:
        """Do all else as it does."""
        return getattr(self._selector, name)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; where nothing is, jump to the moment for which the loop would wait."""
        ready = self._selector.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or not self._hours.is_running:
            return self._selector.select(timeout)
        if self._hours.threads:
            return self._selector.select(min(timeout, THREADS_S))
        self._hours.skip(timeout)
        return []


@contextmanager
def hours() -> Iterator[Hours]:
    """Let time jump while the block runs; afterwards the clock goes on from where it is."""
    loop: Any = asyncio.get_running_loop()
    clock = Hours(loop)
    run_in_executor = loop.run_in_executor

    def run(executor: Executor | None, work: Any, *arguments: Any) -> asyncio.Future[Any]:
        """Run something in a thread, and know of it."""
        clock.threads += 1
        future: asyncio.Future[Any] = run_in_executor(executor, work, *arguments)
        future.add_done_callback(lambda _: setattr(clock, "threads", clock.threads - 1))
        return future

    loop.run_in_executor = run
    loop.time = clock.time
    loop._selector = _Selector(loop._selector, clock)  # there is no other way to it
    # In debug mode the loop notes for each of a million timers where it was set.
    loop.set_debug(False)
    clock.is_running = True
    try:
        yield clock
    finally:
        clock.is_running = False
        loop.set_debug(True)

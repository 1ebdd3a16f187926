"""Hours that pass in seconds: a loop whose clock stands still while somebody works, and leaps while all wait.

So a test takes as long as its work, and what it finds does not depend on the speed of the machine.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
import fcntl
from pathlib import Path
import selectors
import termios
import time
from types import BuiltinFunctionType
from typing import Any, Final, override

LONG_LEAP_S: Final = 0.25
"""Before a longer leap it is made sure that nothing is on its way."""
GLANCE_S: Final = 0.001
GLANCES: Final = 300
"""So often at most: what nobody reads is on its way for ever."""
THREADS_S: Final = 0.05
"""How long a thread is waited for at a time."""
PATIENCE_S: Final = 5.0
"""After so long a thread waits itself, for time to go on."""


class _Clock:
    """The time of a loop, and who works elsewhere on its behalf."""

    def __init__(self) -> None:
        """Begin with the machine's own."""
        self.now_s = time.monotonic()
        self.jobs = 0
        """Of threads, under way."""
        self.programs: set[asyncio.SubprocessTransport] = set()
        self.patience_s = PATIENCE_S
        self.waited_s = 0.0
        """How long threads have been waited for without a sign of life."""
        self._frozen_at_s: float | None = None
        """What the machine's clock said last, where a test has it in its hands."""

    def time(self) -> float:
        """Tell the time; a clock that a test moves by hand takes it along."""
        if isinstance(time.monotonic, BuiltinFunctionType):
            self._frozen_at_s = None
            return self.now_s
        frozen_s = time.monotonic()
        if self._frozen_at_s is not None:
            self.now_s += max(0.0, frozen_s - self._frozen_at_s)
        self._frozen_at_s = frozen_s
        return self.now_s

    def is_any_program_awake(self) -> bool:
        """Tell whether a program has something to do: one that waits, waits for us."""
        self.programs = {program for program in self.programs if program.get_returncode() is None}
        return any(_is_awake(program.get_pid()) for program in self.programs)


def _is_awake(pid: int | None) -> bool:
    """Tell whether a thread of a process runs, or would if there were a processor."""
    try:
        states = [path.read_text(encoding="utf-8") for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return True
    return any(state.rpartition(")")[2].split()[0] != "S" for state in states)


def _is_sending(fd: int) -> bool:
    """Tell whether the other end of a socket still lacks something that was sent."""
    try:
        return fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)) != bytes(4)
    except OSError:
        return False


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but sockets that are ready, threads and programs that work."""

    def __init__(self, clock: _Clock) -> None:
        """Move a clock."""
        super().__init__()
        self._clock = clock

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; where nothing is, leap to the moment for which the loop would wait."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        clock = self._clock
        is_any_program_awake = bool(clock.programs) and clock.is_any_program_awake()
        ready = super().select(GLANCE_S if is_any_program_awake else 0)
        if not ready and timeout > LONG_LEAP_S:
            ready = self._wait_for_the_kernel()
        if ready or is_any_program_awake:
            clock.waited_s = 0.0
        elif clock.jobs:
            ready = self._wait_for_threads(timeout)
        else:
            clock.now_s += timeout
        return ready

    def _wait_for_the_kernel(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Give it time to carry what was sent: on a busy machine it may be late."""
        for _ in range(GLANCES):
            if (ready := super().select(GLANCE_S)) or not any(_is_sending(key.fd) for key in self.get_map().values()):
                return ready
        return []

    def _wait_for_threads(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait a little; where nothing comes for long, let time go on as it does for the threads."""
        clock, wait_s = self._clock, min(timeout, THREADS_S)
        began = time.monotonic()
        ready = super().select(wait_s)
        waited_s = time.monotonic() - began
        clock.waited_s = 0.0 if ready else clock.waited_s + waited_s
        if clock.waited_s > clock.patience_s:
            clock.now_s += waited_s
        return ready


class HoursLoop(asyncio.SelectorEventLoop):
    """The loop; sockets of this machine carry everything between two leaps."""

    def __init__(self) -> None:
        """Begin with the machine's own time."""
        self.clock = _Clock()
        super().__init__(_Selector(self.clock))

    @override
    def __setattr__(self, name: str, value: object) -> None:
        """Keep the clock: Home Assistant hands its loop the machine's own, which is a little quicker to read."""
        if name != "time" or not getattr(value, "__name__", "").endswith("monotonic"):
            super().__setattr__(name, value)

    @override
    def time(self) -> float:
        """Tell the time."""
        return self.clock.time()

    @override
    def set_debug(self, enabled: bool) -> None:
        """Leave it: debug mode reads the stack of every future, a third of all time; its check is kept below."""
        super().set_debug(False)

    @override
    def call_soon[*Arguments](
        self, callback: Callable[[*Arguments], object], *args: *Arguments, context: Context | None = None
    ) -> asyncio.Handle:
        """Refuse who calls from another thread, as debug mode does."""
        self._check_thread()  # type: ignore[attr-defined]  # typeshed leaves it out
        return super().call_soon(callback, *args, context=context)

    @override
    def call_at[*Arguments](
        self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Refuse who calls from another thread, as debug mode does."""
        self._check_thread()  # type: ignore[attr-defined]  # typeshed leaves it out
        return super().call_at(when, callback, *args, context=context)

    @override
    def run_in_executor[*Arguments, Result](
        self, executor: Executor | None, func: Callable[[*Arguments], Result], *args: *Arguments
    ) -> asyncio.Future[Result]:
        """Run something in a thread, and know of it."""
        future = super().run_in_executor(executor, func, *args)
        self.clock.jobs += 1
        future.add_done_callback(self._note_end)
        return future

    def _note_end(self, _: asyncio.Future[Any]) -> None:
        """Know that a thread has done its work."""
        self.clock.jobs -= 1

    @override
    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        """Start a program, and know of it."""
        transport, protocol = await super().subprocess_exec(*args, **kwargs)
        self.clock.programs.add(transport)
        return transport, protocol

    @override
    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the end of the threads, which takes them no time."""
        self.clock.jobs += 1
        try:
            await super().shutdown_default_executor(timeout)
        finally:
            self.clock.jobs -= 1

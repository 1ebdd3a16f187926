"""The loop of the tests: hours take no time, work takes as long as it takes."""

import asyncio
import sys
import threading
import time

from freezegun import freeze_time
import pytest

from tests.hours import HoursLoop

WORK_S = 0.2
A_DAY_S = 86_400


def now() -> float:
    """Tell the loop's time."""
    return asyncio.get_running_loop().time()


async def test_day_when_slept_through_then_over_at_once() -> None:
    """The clock says that it has passed, the machine's hardly moves."""
    began, really_began = now(), time.monotonic()
    await asyncio.sleep(A_DAY_S)
    assert now() - began == pytest.approx(A_DAY_S)
    assert time.monotonic() - really_began < A_DAY_S / 100


async def test_timers_when_due_then_in_their_order() -> None:
    """Each at its time."""
    began, rang = now(), list[float]()
    for after_s in (3, 1, 2):
        asyncio.get_running_loop().call_later(after_s, lambda: rang.append(now() - began))
    await asyncio.sleep(4)
    assert rang == pytest.approx([1, 2, 3])


async def test_loop_when_it_is_busy_then_takes_no_time() -> None:
    """So a slow machine misses no deadline."""
    began = now()
    time.sleep(WORK_S)  # noqa: ASYNC251 - this is the slow machine
    async with asyncio.timeout(WORK_S / 2):
        await asyncio.sleep(0)
    assert now() == began


async def test_thread_when_it_works_then_time_stands_still() -> None:
    """A deadline does not pass because a thread had no processor."""
    began = now()
    async with asyncio.timeout(WORK_S / 10):
        await asyncio.to_thread(time.sleep, WORK_S)
    assert now() == began


async def test_thread_when_its_loop_is_waited_for_then_both_come_to_an_end() -> None:
    """A thread that waits for a timer of the loop gets it, after some patience."""
    ringing, loop = threading.Event(), asyncio.get_running_loop()
    assert isinstance(loop, HoursLoop)
    loop.clock.patience_s = WORK_S
    loop.call_later(WORK_S, ringing.set)
    assert await asyncio.to_thread(ringing.wait, 25)


async def test_program_when_it_works_then_time_stands_still() -> None:
    """Its output is in time, however long it takes."""
    began = now()
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(sum(range(3_000_000)))", stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(0.01):
        output, _ = await program.communicate()
    assert output
    assert now() - began < 0.01


async def test_program_when_it_waits_for_us_then_time_goes_on() -> None:
    """What is fed to it bit by bit comes at its time."""
    program = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert program.stdin is not None
    assert program.stdout is not None
    for word in (b"one\n", b"two\n"):
        await asyncio.sleep(A_DAY_S)
        program.stdin.write(word)
        assert await program.stdout.readline() == word
    program.stdin.close()
    assert await program.wait() == 0


async def test_clock_when_a_test_moves_it_then_the_loop_s_goes_along() -> None:
    """As with the machine's own clock."""
    with freeze_time("2026-12-01") as frozen:
        began = now()
        frozen.tick(10)
        assert now() - began == pytest.approx(10)
    assert now() - began == pytest.approx(10)


async def test_loop_when_called_from_another_thread_then_refused() -> None:
    """The one that would be heard of by chance, or too late."""
    loop = asyncio.get_running_loop()
    with pytest.raises(RuntimeError, match="Non-thread-safe"):
        await asyncio.to_thread(loop.call_soon, print)
    with pytest.raises(RuntimeError, match="Non-thread-safe"):
        await asyncio.to_thread(loop.call_later, 1, print)

"""The places for sessions of one account."""

import asyncio

import pytest

from custom_components.grok_assist.core.errors import GrokRateLimitError
from custom_components.grok_assist.realtime.session_pool import SessionPool

SHORT_S = 0.03


class Idler:
    """A session that rests, and remembers who was closed."""

    def __init__(self, session_pool: SessionPool, closed: list[str], name: str) -> None:
        """Rest."""
        self._closed = closed
        self._name = name
        session_pool.mark_idle(self, self.close)

    async def close(self) -> None:
        """Close."""
        await asyncio.sleep(0)
        self._closed.append(self._name)


async def test_place_when_all_are_taken_then_refused_in_time() -> None:
    """Who waits too long is told, and holds nothing."""
    session_pool = SessionPool(2)
    await session_pool.acquire(SHORT_S)
    await session_pool.acquire(SHORT_S)
    with pytest.raises(GrokRateLimitError, match="all voice sessions are in use"):
        await session_pool.acquire(SHORT_S)
    session_pool.release()
    await session_pool.acquire(SHORT_S)


async def test_place_when_it_becomes_free_then_first_come_first_served() -> None:
    """A place that is given back goes to whoever waited longest."""
    session_pool = SessionPool(1)
    await session_pool.acquire(SHORT_S)
    order: list[int] = []

    async def wait(number: int) -> None:
        """Wait for a place."""
        await session_pool.acquire(1.0)
        order.append(number)
        session_pool.release()

    waiting = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    session_pool.release()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


async def test_place_when_waiting_is_cancelled_then_nobody_loses_it() -> None:
    """Who goes away leaves no place behind taken."""
    session_pool = SessionPool(1)
    await session_pool.acquire(SHORT_S)
    waiting = asyncio.create_task(session_pool.acquire(1.0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    session_pool.release()
    await session_pool.acquire(SHORT_S)


async def test_room_when_idle_sessions_are_too_many_then_oldest_go() -> None:
    """An open socket that nobody uses makes way, the one that has rested longest first."""
    session_pool = SessionPool(2)
    closed: list[str] = []
    first, second = Idler(session_pool, closed, "first"), Idler(session_pool, closed, "second")
    session_pool.mark_idle(first, first.close)  # used again meanwhile
    await session_pool.acquire(SHORT_S)
    await session_pool.make_room()
    assert closed == ["second"]
    await session_pool.acquire(SHORT_S)
    await session_pool.make_room()
    await session_pool.make_room()
    assert closed == ["second", "first"]
    assert second is not first


async def test_room_when_there_is_enough_then_idle_sessions_stay() -> None:
    """Nothing is closed without need, and never what is in use."""
    session_pool = SessionPool(2)
    closed: list[str] = []
    idler = Idler(session_pool, closed, "idle")
    await session_pool.acquire(SHORT_S)
    await session_pool.make_room()
    session_pool.mark_busy(idler)
    session_pool.mark_busy(idler)
    await session_pool.acquire(SHORT_S)
    await session_pool.make_room()
    assert closed == []


async def test_idle_sessions_when_the_service_has_too_many_then_oldest_goes() -> None:
    """One at a time, whatever our own bound is; without any there is nothing to give up."""
    session_pool = SessionPool(4)
    closed: list[str] = []
    idlers = [Idler(session_pool, closed, name) for name in ("first", "second")]
    given_up = [await session_pool.give_up_oldest() for _ in range(3)]
    assert (given_up, closed) == ([True, True, False], ["first", "second"])
    assert len(idlers) == 2

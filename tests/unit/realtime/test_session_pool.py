"""The places for sessions of one account."""

import asyncio

import pytest

from custom_components.grok_assist.core.errors import GrokRateLimitError
from custom_components.grok_assist.realtime.session_pool import SessionPool

SHORT_S = 0.03


class Idler:
    """A session that rests, and remembers who was closed."""

    def __init__(self, slots: SessionPool, closed: list[str], name: str) -> None:
        """Rest."""
        self._closed = closed
        self._name = name
        slots.rest(self, self.close)

    async def close(self) -> None:
        """Close."""
        await asyncio.sleep(0)
        self._closed.append(self._name)


async def test_place_when_all_are_taken_then_refused_in_time() -> None:
    """Who waits too long is told, and holds nothing."""
    slots = SessionPool(2)
    await slots.acquire(SHORT_S)
    await slots.acquire(SHORT_S)
    with pytest.raises(GrokRateLimitError, match="all voice sessions are in use"):
        await slots.acquire(SHORT_S)
    slots.release()
    await slots.acquire(SHORT_S)


async def test_place_when_it_becomes_free_then_first_come_first_served() -> None:
    """A place that is given back goes to whoever waited longest."""
    slots = SessionPool(1)
    await slots.acquire(SHORT_S)
    order: list[int] = []

    async def wait(number: int) -> None:
        """Wait for a place."""
        await slots.acquire(1.0)
        order.append(number)
        slots.release()

    waiting = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    slots.release()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


async def test_place_when_waiting_is_cancelled_then_nobody_loses_it() -> None:
    """Who goes away leaves no place behind taken."""
    slots = SessionPool(1)
    await slots.acquire(SHORT_S)
    waiting = asyncio.create_task(slots.acquire(1.0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    slots.release()
    await slots.acquire(SHORT_S)


async def test_room_when_idle_sessions_are_too_many_then_oldest_go() -> None:
    """An open socket that nobody uses makes way, the one that has rested longest first."""
    slots = SessionPool(2)
    closed: list[str] = []
    first, second = Idler(slots, closed, "first"), Idler(slots, closed, "second")
    slots.rest(first, first.close)  # used again meanwhile
    await slots.acquire(SHORT_S)
    await slots.make_room()
    assert closed == ["second"]
    await slots.acquire(SHORT_S)
    await slots.make_room()
    await slots.make_room()
    assert closed == ["second", "first"]
    assert second is not first


async def test_room_when_there_is_enough_then_idle_sessions_stay() -> None:
    """Nothing is closed without need, and never what is in use."""
    slots = SessionPool(2)
    closed: list[str] = []
    idler = Idler(slots, closed, "idle")
    await slots.acquire(SHORT_S)
    await slots.make_room()
    slots.wake(idler)
    slots.wake(idler)
    await slots.acquire(SHORT_S)
    await slots.make_room()
    assert closed == []

"""Many conversations opened and closed: what is left of them."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from benchmarks.voice_turns.figures import Figure, failures
from benchmarks.voice_turns.leak import OURS
from benchmarks.voice_turns.processes import Holdings
from tests.harness.errors import HarnessError
from tests.harness.live_talk import open_page
from tests.simulator.speech.hearing import spoken

from .place import Json, Place

SECTION: Final = "leak: conversations opened and closed, one in twenty with a spoken turn"
AT_ONCE: Final = 20
WARM_UP: Final = 20
OPEN_S: Final = 0.3
SETTLE_S: Final = 8.0
NAMED: Final = 6
QUESTION: Final = spoken("good_morning")[1]


async def measure(place: Place) -> list[Figure]:
    """Count, open and close them, and count again."""
    await place.begin()
    errors: list[str] = []
    await _many(place, WARM_UP, errors)
    await asyncio.sleep(SETTLE_S)
    await place.watch("trim")
    before, was = await place.watch("count"), Holdings.of(place.home)
    await _many(place, place.amounts.closed, errors)
    await asyncio.sleep(SETTLE_S)
    after = await place.watch("count")
    held = Holdings.of(place.home)
    await place.watch("trim")
    trimmed = Holdings.of(place.home)
    sessions = await place.simulator.sessions()

    def more(name: str, unit: str, value: float, limit: float | None = None) -> Figure:
        """Write one difference."""
        return Figure(section=SECTION, name=name, unit=unit, value=value, limit=limit)

    return [
        more("conversations", "times", place.amounts.closed),
        more("more sockets", "sockets", held.sockets - was.sockets, 0),
        more("more open files", "files", held.files - was.files, 0),
        more("more tasks", "tasks", sum(after["names"].values()) - sum(before["names"].values()), 0),
        more("more objects of the integration's own types", "objects", _own(after) - _own(before)),
        *_most(before["types"], after["types"]),
        more("sessions that were opened for them at the service", "sessions", len(sessions) - WARM_UP),
        more("sessions open at the service", "sessions", sum(one["closed_at"] is None for one in sessions), 0),
        more("more memory", "MB", held.resident_mb - was.resident_mb),
        more("more memory, what is free given back", "MB", trimmed.resident_mb - was.resident_mb),
        *failures(SECTION, errors),
    ]


async def _many(place: Place, count: int, errors: list[str]) -> None:
    """Open and close so many, some at once."""
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        found = await asyncio.gather(*(_one(place, number) for number in numbers), return_exceptions=True)
        for error in found:
            if isinstance(error, HarnessError | TimeoutError):
                errors.append(repr(error))
            elif isinstance(error, BaseException):
                raise error


async def _one(place: Place, number: int) -> None:
    """Open one, say something in some, and end it."""
    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(open_page(place.home.socket, place.home.process.url))
        if number % AT_ONCE == 0:
            page.say(QUESTION)
            await page.until(lambda page: page.of("answered"), 30)
        await asyncio.sleep(OPEN_S)
        await page.send({"type": "end", "reason": "user"})
        await page.until(lambda page: page.of("end"), 10)


def _own(counted: Json) -> int:
    """Count the objects of the integration's own types."""
    return sum(count for name, count in counted["types"].items() if OURS in name)


def _most(before: dict[str, int], after: dict[str, int]) -> list[Figure]:
    """Name of what of ours there is more."""
    more = {name: count - before.get(name, 0) for name, count in after.items() if OURS in name}
    most = sorted((name for name in more if more[name] > 0), key=lambda name: more[name], reverse=True)[:NAMED]
    return [Figure(section=SECTION, name=f"  of them {name[-60:]}", unit="objects", value=more[name]) for name in most]

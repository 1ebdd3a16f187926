"""Many open conversations that listen: processor time and memory of each, and how late the event loop is."""

import asyncio
from contextlib import AsyncExitStack
import time
from typing import Final

from benchmarks.voice_turns.figures import Figure
from benchmarks.voice_turns.processes import Cpu, Holdings

from .place import Place, high

SECTION: Final = "load: open conversations that listen, microphones running"
CPU_LIMIT: Final = 1.0
LAG_LIMIT_MS: Final = 20
MEMORY_LIMIT_MB: Final = 1.5
KEPT_S: Final = 22.0
"""After so long a conversation keeps as much of its microphone as it ever does."""
SETTLE_S: Final = 3.0
BYTES_PER_S: Final = 32_000
"""Of the sound as the service gets it."""


async def measure(place: Place) -> list[Figure]:
    """Measure each number of conversations."""
    await place.begin()
    async with AsyncExitStack() as stack:  # what the first ever makes is not theirs
        await place.enter(stack)
    await asyncio.sleep(SETTLE_S)
    await place.watch("trim")
    resting = await _used(place)
    lag = await place.watch("lag", seconds=place.amounts.watched_s)
    figures = high(SECTION, "none: the loop is late", lag["late_ms"], of=99)
    for count in place.amounts.many:
        figures += await _batch(place, count, resting)
        await asyncio.sleep(SETTLE_S)
    return figures


async def _batch(place: Place, count: int, resting: Cpu) -> list[Figure]:
    """Measure one number of them."""
    await place.begin()
    await place.watch("trim")
    before_mb = Holdings.of(place.home).resident_mb
    async with AsyncExitStack() as stack:
        pages, opened_at = [], []
        for _ in range(count):
            pages.append(await place.enter(stack))
            opened_at.append(time.monotonic())
        opened_mb = Holdings.of(place.home).resident_mb
        await asyncio.sleep(SETTLE_S)
        cpu = await _used(place)
        lag = await place.watch("lag", seconds=place.amounts.watched_s)
        await asyncio.sleep(max(0.0, KEPT_S - SETTLE_S - 2 * place.amounts.watched_s))
        full_mb = Holdings.of(place.home).resident_mb
        sent_s = sum(session["audio_in_bytes"] for session in await place.simulator.sessions()) / BYTES_PER_S
        listened_s = sum(time.monotonic() - at for at in opened_at)
        gone = sum(bool(page.of("end")) for page in pages)
    share = 100 / place.amounts.watched_s

    def line(name: str, unit: str, value: float, limit: float | None = None) -> Figure:
        """Write one figure."""
        return Figure(section=SECTION, name=f"{count} open: {name}", unit=unit, value=value, limit=limit)

    return [
        line("CPU of each, of one core", "%", (cpu.home_assistant - resting.home_assistant) * share / count, CPU_LIMIT),
        line("CPU of all of Home Assistant, of one core", "%", cpu.home_assistant * share),
        line("CPU of simulator and bench, of one core", "%", (cpu.simulator + cpu.bench) * share),
        *high(SECTION, f"{count} open: the loop is late", lag["late_ms"], LAG_LIMIT_MS, of=99),
        line("the loop is late at most", "ms", max(lag["late_ms"])),
        line("memory of each, right after opening", "MB", (opened_mb - before_mb) / count),
        line("memory of each, microphone kept", "MB", (full_mb - before_mb) / count, MEMORY_LIMIT_MB),
        line("sound at the service, of what was spoken", "%", 100 * sent_s / listened_s),
        line("that ended by themselves", "pages", gone, 0),
    ]


async def _used(place: Place) -> Cpu:
    """Give the processor time of the watched seconds."""
    before = Cpu.now(place.home)
    await asyncio.sleep(place.amounts.watched_s)
    return Cpu.now(place.home).since(before)

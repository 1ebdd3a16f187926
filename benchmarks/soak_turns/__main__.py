"""Has the turns in one Home Assistant, and prints what it holds from time to time."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import sys
import time
from typing import Final

from benchmarks.voice_turns.leak import NAMED, OURS, Count, count
from benchmarks.voice_turns.place import Place, Rounds, place, set_voice
from tests.harness.grok import DOMAIN, wait_for_agent
from tests.harness.home_assistant import home_assistant_release
from tests.harness.sample_home import INTEGRATION

from .mixture import PERIOD, Mixture, rhythm

KEEP_OPEN_S: Final = 1
FORGOTTEN_S: Final = 630.0
"""After this Home Assistant itself has let go of all conversations."""
SPARE_FILES: Final = 2
"""Home Assistant's own database and log open and close some."""
QUARTERS: Final = ("a quarter", "half", "three quarters", "end")
COLUMNS: Final = ("", "MB", "tasks", "sockets", "files", "threads", "own objects", "objects", "sessions", "s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long the soak is."""

    typed: int = 1_000
    spoken: int = 200
    warm_up: int = 2 * PERIOD
    settle_s: float = 8.0
    """After this nothing of the last turns is under way."""
    rest_s: float = FORGOTTEN_S


QUICK: Final = Length(typed=40, spoken=10, warm_up=PERIOD, settle_s=4.0, rest_s=0.0)


async def run(length: Length) -> int:
    """Have the turns; 0 if nothing is left of them and each went as it should."""
    print(
        f"Home Assistant {home_assistant_release()}: {length.typed} typed and {length.spoken} spoken turns", flush=True
    )
    async with place(Rounds(), INTEGRATION, home_assistant_release()) as where, where.home.client.websocket() as socket:
        (entry,) = await where.home.client.entries(DOMAIN)
        await set_voice(where.home, entry["entry_id"], keep_open_s=KEEP_OPEN_S)
        await wait_for_agent(where.home.client)
        await where.begin(transcript_s=0, first_audio_s=0, audio_speed=0)
        mixture = Mixture(place=where, socket=socket)
        await mixture.prepare()
        counts = await _soak(where, mixture, length)
    for failure in mixture.failures:
        print(f"otherwise: {failure}")
    for line in _own(counts[0], counts[-1]):
        print(line)
    worse = _worse(counts[0], counts[-1])
    print("\n".join(worse) or "nothing is left of them")
    return int(bool(worse or mixture.failures))


async def _soak(where: Place, mixture: Mixture, length: Length) -> list[Count]:
    """Have the turns and count in between."""
    began = time.monotonic()
    counts: list[Count] = []

    async def note(moment: str) -> None:
        """Count, once everything has settled."""
        await asyncio.sleep(length.settle_s)
        counts.append(await count(where))
        print(_row(moment, counts[-1], time.monotonic() - began), flush=True)

    print(_line(COLUMNS))
    await _turns(mixture, rhythm(length.warm_up, length.warm_up // 4))
    await note("start")
    turns = rhythm(length.typed, length.spoken)
    for quarter, moment in enumerate(QUARTERS):
        size = len(turns) // len(QUARTERS)
        first = quarter * size
        await _turns(mixture, turns[first : first + size if quarter < len(QUARTERS) - 1 else None], done=first)
        await note(moment)
    await asyncio.sleep(length.rest_s)
    await note("after a rest")
    return counts


async def _turns(mixture: Mixture, turns: Sequence[bool], *, done: int = 0) -> None:
    """Have some of the turns, after so many others."""
    for number, is_spoken in enumerate(turns, start=done):
        await (mixture.speak(number) if is_spoken else mixture.type(number))


def _row(moment: str, found: Count, after_s: float) -> str:
    """Write one count."""
    held = found.held
    numbers = (sum(found.tasks.values()), held.sockets, held.files, held.threads, found.own_objects)
    more = (sum(found.objects.values()), found.sessions)
    return _line(
        (moment, f"{held.resident_mb:.1f}", *(f"{number:,}" for number in (*numbers, *more)), f"{after_s:.0f}")
    )


def _line(cells: Sequence[str]) -> str:
    """Write a row of the table."""
    return "| " + " | ".join(cells) + " |"


def _worse(before: Count, after: Count) -> list[str]:
    """Name what is more after the rest than before all turns."""
    pairs = {
        "tasks": (sum(before.tasks.values()), sum(after.tasks.values())),
        "sockets": (before.held.sockets, after.held.sockets),
        "files": (before.held.files + SPARE_FILES, after.held.files),
        "sessions": (0, after.sessions),
    }
    return [f"more {name}: {was} before, {now} after" for name, (was, now) in pairs.items() if now > was]


def _own(before: Count, after: Count) -> list[str]:
    """Name the integration's own types of which there are more after the rest, the most first."""
    more = {name: number - before.objects.get(name, 0) for name, number in after.objects.items() if OURS in name}
    most = sorted((name for name in more if more[name] > 0), key=lambda name: more[name], reverse=True)[:NAMED]
    return [f"more objects: {more[name]} {name.partition(f'{OURS}.')[2]}" for name in most]


def _read(arguments: Sequence[str]) -> Length:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/soak.py", description=__doc__)
    parser.add_argument("--release", help="Home Assistant to run: 2026.10, 2026.11 (default) or both")
    parser.add_argument("--quick", action="store_true", help="a minute, to see that it works")
    parser.add_argument("--rest-s", type=float, default=FORGOTTEN_S, help="seconds without a turn at the end")
    read = parser.parse_args(arguments)
    return QUICK if read.quick else Length(rest_s=read.rest_s)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(_read(sys.argv[1:]))))

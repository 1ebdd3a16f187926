"""Many turns in a row: what is left of them."""

import asyncio
from dataclasses import dataclass
from typing import Final

from tests.harness.grok import DOMAIN, wait_for_agent

from .dialog import Dialog
from .figures import Figure, failures
from .heard import TurnError
from .place import SHORT, Place, set_voice
from .processes import Holdings

SECTION: Final = "leak: many turns in a row, half of them in one conversation"
SPEED: Final = 8.0
"""How much faster than it is spoken the microphone sends: the pipeline takes sound as it comes."""
KEEP_OPEN_S: Final = 1
SETTLE_S: Final = 8.0
WARM_UP: Final = 20
FORGOTTEN_S: Final = 630.0
"""After this Home Assistant itself has let go of conversations: every 5 minutes of those that are older than that."""
FEW_TURNS: Final = 100
OURS: Final = "grok_assist"
NAMED: Final = 8
THREADS: Final = 4
"""Home Assistant's own pool of threads may still have grown by so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What there is at a moment."""

    held: Holdings
    tasks: dict[str, int]
    """By name."""
    objects: dict[str, int]
    """By type."""
    sessions: int
    """Open at the server."""

    @property
    def own_objects(self) -> int:
        """How many objects are of the integration's own types."""
        return sum(count for name, count in self.objects.items() if OURS in name)


async def measure(place: Place) -> list[Figure]:
    """Count, have the turns, and count again."""
    (entry,) = await place.home.client.entries(DOMAIN)
    await set_voice(place.home, entry["entry_id"], keep_open_s=KEEP_OPEN_S)
    await wait_for_agent(place.home.client)
    await place.begin(transcript_s=0, first_audio_s=0, audio_speed=0)
    errors: list[str] = []
    await _turns(place, WARM_UP, errors)
    await asyncio.sleep(SETTLE_S)
    await place.trim()
    before = await count(place)
    await _turns(place, place.rounds.leak_turns, errors)
    await asyncio.sleep(SETTLE_S)
    after = await count(place)
    figures = [
        Figure(section=SECTION, name="turns", unit="turns", value=place.rounds.leak_turns),
        *_growth(before, after, ""),
        *_most(before.tasks, after.tasks, "tasks"),
    ]
    if place.rounds.leak_turns > FEW_TURNS:
        await asyncio.sleep(FORGOTTEN_S)
        after = await count(place)
        figures += _growth(before, after, f", {FORGOTTEN_S / 60:.0f} minutes later")
    figures += _most(before.objects, after.objects, "objects")
    await place.trim()
    kept_mb = Holdings.of(place.home).resident_mb - before.held.resident_mb
    figures.append(Figure(section=SECTION, name="more memory, what is free given back", unit="MB", value=kept_mb))
    return [*figures, *failures(SECTION, errors)]


async def _turns(place: Place, count: int, errors: list[str]) -> None:
    """Have turns: one of the long conversation, one of a new one, and so on."""
    conversation_id = ""
    async with place.home.client.websocket() as socket:
        for number in range(count):
            await place.simulator.script({"text": SHORT.format(number)})
            kept = conversation_id if number % 2 else None
            dialog = Dialog(place, socket, speed=SPEED, conversation_id=kept or None)
            try:
                await dialog.begin()
                await dialog.end()
                if dialog.answer.strip() != SHORT.format(number):
                    raise TurnError(f"the answer was {dialog.answer[:50]!r}")
                conversation_id = conversation_id or dialog.conversation_id
            except (TurnError, TimeoutError) as error:
                errors.append(f"turn {number}: {error}")
            finally:
                await dialog.leave()


async def count(place: Place) -> Count:
    """Count everything."""
    inside = await place.watch()
    sessions = await place.simulator.sessions()
    return Count(
        held=Holdings.of(place.home),
        tasks=inside["names"],
        objects=inside["types"],
        sessions=sum(session["closed_at"] is None for session in sessions),
    )


def _growth(before: Count, after: Count, when: str) -> list[Figure]:
    """Compare two counts."""

    def more(name: str, unit: str, value: float, limit: float | None) -> Figure:
        """Write one difference."""
        return Figure(section=SECTION, name=f"{name}{when}", unit=unit, value=value, limit=limit)

    was, held = before.held, after.held
    return [
        more("more sockets", "sockets", held.sockets - was.sockets, 0),
        more("more open files", "files", held.files - was.files, 0),
        more("more tasks", "tasks", sum(after.tasks.values()) - sum(before.tasks.values()), 0),
        more("more objects of the integration's own types", "objects", after.own_objects - before.own_objects, 0),
        more("sessions open at the server", "sessions", after.sessions, 0),
        more("more threads", "threads", held.threads - was.threads, THREADS),
        more("more memory", "MB", held.resident_mb - was.resident_mb, None),
        more("more live objects", "objects", sum(after.objects.values()) - sum(before.objects.values()), None),
    ]


def _most(before: dict[str, int], after: dict[str, int], unit: str) -> list[Figure]:
    """Name what there is more of, the most first."""
    more = {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
    most = sorted(more, key=lambda name: more[name], reverse=True)[:NAMED]
    return [Figure(section=SECTION, name=f"  of them {name[-60:]}", unit=unit, value=more[name]) for name in most]

"""Turns of live conversations: how fast sound comes, how fast it ends, and how much the service is told was heard."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.voice_turns.figures import Figure, failures
from tests.harness.live import LivePage
from tests.simulator.speech.hearing import spoken

from .place import Json, Place, high
from .relay import HOME, SERVICE

FIRST: Final = "first sound: the server's first audio to the client"
STOPS: Final = "interrupted: speech_started at Home Assistant to the stop frame"
HEARD: Final = "heard so far: audio_end_ms at the service, beside what was played"
FIRST_LIMIT_MS: Final = 40
STOP_LIMIT_MS: Final = 5
HEARD_LIMIT_MS: Final = 60
SHORT: Final = "It is done, lamp {} is on now."
STORY: Final = "Once upon a time there was a house that could hear. " * 6
QUESTION: Final = spoken("good_morning")[1]
WISH: Final = spoken("tell_me_a_story")[1]
OVER: Final = spoken("what_did_you_say")[1]
HEARD_MS: Final = 1_200
"""How much of an answer is heard at least before somebody speaks over it."""
VARIED_MS: Final = 37
"""More of it for each page, so that no two stop at the same place in a piece."""
STAGGER_S: Final = 0.5
TURN_S: Final = 30.0
PING_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One interruption: where it came and what became of it."""

    at: float
    """When the page got the `stop`."""
    played_ms: float
    session: Json

    @property
    def started_at(self) -> float:
        """When the service had told of the speech that caused it."""
        found = _events(self.session, "server", "input_audio_buffer.speech_started")
        return max(float(event["at"]) for event in found if event["at"] < self.at)

    @property
    def told_ms(self) -> float | None:
        """What the service was told of the first answer."""
        found = _events(self.session, "client", "conversation.item.truncate")
        return float(found[0]["body"]["audio_end_ms"]) if found else None


async def measure_first(place: Place) -> list[Figure]:
    """Measure turns one after the other on one page."""
    await place.begin(first_audio_s=0.3)
    sounded: list[float] = []
    async with AsyncExitStack() as stack:
        page = await place.enter(stack)
        for number in range(place.amounts.turns):
            await place.simulator.script({"text": SHORT.format(number)})
            is_answered = partial(_is_answered, len(page.of("answered")))
            page.times = []
            page.received_of = {}
            page.say(QUESTION)
            await page.until(is_answered, TURN_S)
            sounded += [at for at, kind in page.times if kind == "first sound"]
        (session,) = await place.simulator.sessions()
    served = [response["first_audio_at"] for response in session["responses"] if response["first_audio_at"]]
    ways = [(at - max(found for found in served if found < at)) * 1000 for at in sounded]
    return high(FIRST, "of a turn", ways, FIRST_LIMIT_MS)


async def measure_stops(place: Place) -> list[Figure]:
    """Interrupt each of many pages, while all others talk, too."""
    await place.begin(first_audio_s=0.3)
    count = place.amounts.many[0]
    await place.simulator.script(*[{"text": STORY}] * count * 3)
    async with AsyncExitStack() as stack:
        pages = [await place.enter(stack) for _ in range(count)]
        trips: list[float] = []
        pinging = asyncio.create_task(_round_trips(pages[0], trips))
        watching = asyncio.create_task(place.watch("lag", seconds=count * STAGGER_S))
        found = await asyncio.gather(
            *(_interrupted(page, number) for number, page in enumerate(pages)), return_exceptions=True
        )
        pinging.cancel()
        lag = await watching
        await asyncio.sleep(1.0)
        sessions = sorted(await place.simulator.sessions(), key=lambda session: float(session["opened_at"]))
    errors = [f"page {number}: {error!r}" for number, error in enumerate(found) if isinstance(error, BaseException)]
    stops = [
        Stop(at=one[0], played_ms=one[1], session=session)
        for one, session in zip(found, sessions, strict=True)
        if not isinstance(one, BaseException)
    ]
    return [
        *_wire_figures(place, count),
        *_stop_figures(stops, count),
        *high(STOPS, "a ping of a page and its pong, meanwhile", trips),
        *high(STOPS, "the loop is late, meanwhile", lag["late_ms"], of=99),
        *_heard_figures(stops),
        *failures(STOPS, errors),
    ]


def _wire_figures(place: Place, count: int) -> list[Figure]:
    """Tell how fast a stop leaves Home Assistant after word of speech has come."""
    if place.relay is None:
        return []
    ways: list[float] = []
    for heard, stopped in zip(place.relay.marks(SERVICE), place.relay.marks(HOME), strict=True):
        if stopped:
            ways.append((stopped[0] - max(at for at in heard if at < stopped[0])) * 1000)
    return high(STOPS, f"{count} open, speech_started in to stop out, on the wire", ways, STOP_LIMIT_MS)


def _stop_figures(stops: Sequence[Stop], count: int) -> list[Figure]:
    """Tell how fast the page is told, with all that simulator and bench do meanwhile."""
    ways = [(stop.at - stop.started_at) * 1000 for stop in stops]
    return high(STOPS, f"{count} open, from the simulator's code to the page's", ways)


def _heard_figures(stops: Sequence[Stop]) -> list[Figure]:
    """Tell how far what was told is from what was played."""
    pairs = [(stop.told_ms, stop.played_ms) for stop in stops]
    known = [(told, played) for told, played in pairs if told is not None]
    apart = [abs(told - played) for told, played in known]
    more = [told - played for told, played in known]
    if not known:
        return failures(HEARD, ["nothing was told to the service"])
    return [
        *high(HEARD, "told and played are apart", apart, HEARD_LIMIT_MS),
        Figure.of(HEARD, "told minus played", more),
        Figure(
            section=HEARD,
            name="interruptions of which nothing was told",
            unit="times",
            limit=0,
            value=len(pairs) - len(known),
        ),
    ]


async def _interrupted(page: LivePage, number: int) -> tuple[float, float]:
    """Interrupt an answer; return when its stop came and how much of it was heard."""
    await asyncio.sleep(number * STAGGER_S)
    page.say(WISH)
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > HEARD_MS + number * VARIED_MS, TURN_S)
    page.say(OVER)
    await page.until(lambda page: page.of("stop"), TURN_S)
    at = next(at for at, kind in page.times if kind == "stop")
    played_ms = page.heard_of[1, 0]
    await page.until(lambda page: page.of("answered"), TURN_S)
    return at, played_ms


async def _round_trips(page: LivePage, trips: list[float]) -> None:
    """Send pings for ever, and note how many milliseconds each took: what Home Assistant is busy with delays them."""
    loop = asyncio.get_running_loop()

    def note(message: Json) -> None:
        """Take note of an answer."""
        if message["type"] == "pong":
            trips.append((loop.time() - float(message["t"])) * 1000)

    page.on_message = note
    while True:
        await page.send({"type": "ping", "t": loop.time()})
        await asyncio.sleep(PING_S)


def _is_answered(count: int, page: LivePage) -> bool:
    """Tell whether there is an answer more than so many, heard to its end."""
    return len(page.of("answered")) > count and not page.is_playing


def _events(session: Json, sender: str, kind: str) -> list[Json]:
    """List the events of one side and one type."""
    return [event for event in session["events"] if event["sender"] == sender and event["body"].get("type") == kind]

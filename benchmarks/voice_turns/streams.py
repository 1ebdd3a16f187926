"""Many browsers at once in real time: processor time of each, and whether any of them runs dry."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from tests.simulator.speech.hearing import spoken

from .clients import Browser, Client
from .figures import Figure, failures
from .heard import Heard, TurnError, stalls
from .place import Pipe, Place
from .processes import Cpu

SECTION: Final = "streams: simultaneous browsers"
PCM: Final = spoken("tell_me_a_story")[1]
STORY: Final = (
    "Once upon a time there was a lamp that did not want to be switched off. It hid behind the curtain every evening, "
    "and nobody ever found it there. One day a child looked, and the lamp began to shine."
)
FIRST_AUDIO_S: Final = 1.5
"""Everybody waits for it already: no player has a head start."""
SPEEDS: Final = (1.0, 1.5)
"""Of the server's audio; the first is as fast as it is played, so nothing can be saved up."""
BYTES_PER_S: Final = 96_000 / 8
GLITCH_S: Final = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """So many browsers at once."""

    heard: list[Heard]
    errors: list[str]
    cpu: Cpu
    sent_s: float
    """Length of the answer as the server spoke it."""


async def measure(place: Place) -> list[Figure]:
    """Measure each number of browsers with each speed."""
    figures: list[Figure] = []
    async with AsyncExitStack() as stack:
        browsers = [
            Browser(place, await stack.enter_async_context(place.home.client.websocket()))
            for _ in range(max(place.rounds.streams))
        ]
        await _batch(place, browsers[:1], SPEEDS[0])
        for speed in SPEEDS:
            for count in place.rounds.streams:
                batch = await _batch(place, browsers[:count], speed)
                figures += _figures(f"{count} at {speed:g} x", batch)
    return figures


async def _batch(place: Place, browsers: Sequence[Client], speed: float) -> Batch:
    """Let all of them speak at once."""
    await place.begin(first_audio_s=FIRST_AUDIO_S, audio_speed=speed)
    await place.simulator.script(*[{"text": STORY}] * len(browsers))
    before = Cpu.now(place.home)
    found = await asyncio.gather(*(browser.say(PCM, Pipe.VOICE) for browser in browsers), return_exceptions=True)
    cpu = Cpu.now(place.home).since(before)
    heard: list[Heard] = []
    errors: list[str] = []
    for one in found:
        match one:
            case Heard(answer=answer) if answer == STORY:
                heard.append(one)
            case Heard(answer=answer):
                errors.append(f"the answer was {answer[:50]!r}")
            case TurnError() | TimeoutError():
                errors.append(str(one) or "too late")
            case _:
                raise one
    sent = [response["audio_bytes"] / 2 / response["audio_rate"] for response in await place.responses()]
    return Batch(heard=heard, errors=errors, cpu=cpu, sent_s=max(sent, default=0.0))


def _figures(name: str, batch: Batch) -> list[Figure]:
    """Sum up a batch."""
    wrong = failures(SECTION, batch.errors)
    if not batch.heard:
        return wrong
    stream_s = sum(heard.playback.arrivals[-1].at - heard.began_at for heard in batch.heard)
    worst = [max(stalls(heard.playback.arrivals, BYTES_PER_S), default=0.0) for heard in batch.heard]
    longer = [_length_s(heard) - batch.sent_s for heard in batch.heard]
    cpu = batch.cpu

    def share(used: float) -> float:
        """Give processor time as a share of one core for each stream."""
        return used / stream_s * 100

    def line(what: str, unit: str, value: float, limit: float | None = None) -> Figure:
        """Write one figure."""
        return Figure(
            section=SECTION, name=f"{name}: {what}", unit=unit, value=value, count=len(batch.heard), limit=limit
        )

    return [
        line("Home Assistant's CPU per stream, of one core", "%", share(cpu.home_assistant)),
        line("simulator's and bench's CPU per stream", "%", share(cpu.simulator + cpu.bench)),
        line("longest time that a player ran dry", "ms", max(worst) * 1000, GLITCH_S * 1000),
        line("streams with a glitch", "streams", sum(stall > GLITCH_S for stall in worst), 0),
        line("heard beyond what was sent (mp3 itself: about 70)", "ms", max(longer) * 1000, 100),
        *wrong,
    ]


def _length_s(heard: Heard) -> float:
    """Tell how long the sound is."""
    pcm, rate = heard.sound
    return len(pcm) / 2 / rate

"""Turns one after the other, kinds of them interleaved, each with what the server recorded of it."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
import itertools

from .clients import Client
from .heard import Heard, TurnError
from .place import SENTENCE_PCM, Json, Pipe, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One kind of turn."""

    client: Client
    pipe: Pipe
    answer: str
    """With braces for a number: Home Assistant keeps the speech of a text that it knows already."""
    pcm: bytes = SENTENCE_PCM
    prepare: Callable[[], Awaitable[None]] | None = None
    """What to do before each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A turn as client and server saw it."""

    heard: Heard
    response: Json | None
    """The spoken answer in the server's record; None where no session spoke."""

    @property
    def server_first_audio_at(self) -> float:
        """When the server sent its first audio."""
        assert self.response is not None
        return float(self.response["first_audio_at"])

    @property
    def server_stopped_at(self) -> float:
        """When the server knew that the speech had ended."""
        assert self.response is not None
        items = self.response["session"]["items"]
        return max(
            float(item["speech_stopped_at"])
            for item in items
            if item["speech_stopped_at"] and item["speech_stopped_at"] < self.server_first_audio_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured[Kind: Hashable]:
    """Everything that was measured, by kind of turn."""

    turns: dict[Kind, list[Timed]]
    errors: list[str] = field(default_factory=list)


async def interleaved[Kind: Hashable](place: Place, kinds: Mapping[Kind, Wanted], rounds: int) -> Measured[Kind]:
    """Let the kinds take turns, another one first in each round; a first round warms up and is not counted."""
    order = list(kinds)
    heard: dict[Kind, list[Heard]] = {kind: [] for kind in order}
    answers = itertools.count(1)
    errors: list[str] = []
    for number in range(rounds + 1):
        for position in range(len(order)):
            kind = order[(number + position) % len(order)]
            try:
                found = await _turn(place, kinds[kind], next(answers))
            except (TurnError, TimeoutError) as error:
                errors.append(f"{_name(kind)}: {error}")
                continue
            if number:
                heard[kind].append(found)
    responses = await place.responses()
    turns = {kind: [_timed(one, responses) for one in found] for kind, found in heard.items()}
    return Measured(turns=turns, errors=errors)


async def _turn(place: Place, wanted: Wanted, number: int) -> Heard:
    """Have one turn with the answer that is wanted.

    Raises:
        TurnError: something else was heard.
    """
    if wanted.prepare is not None:
        await wanted.prepare()
    answer = wanted.answer.format(number)
    await place.simulator.script({"text": answer})
    heard = await wanted.client.say(wanted.pcm, wanted.pipe)
    if heard.answer != answer:
        raise TurnError(f"heard was {heard.answer[:40]!r} where {answer[:40]!r} was said")
    return heard


def _timed(heard: Heard, responses: list[Json]) -> Timed:
    """Find the answer to a turn: turns are one after the other, so it is the last that began to sound in its time."""
    last_at = heard.playback.arrivals[-1].at
    within = [found for found in responses if heard.began_at < found["first_audio_at"] < last_at]
    return Timed(heard=heard, response=within[-1] if within else None)


def _name(kind: Hashable) -> str:
    """Name a kind of turn."""
    return ", ".join(str(part) for part in kind) if isinstance(kind, tuple) else str(kind)

"""Two clients at once with equal words: each must hear its own answer, as sound and as text.

One of them speaks half as loud, so the server's record of what came in tells whose session each is.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.simulator.speech.matching import similarity

from .clients import Browser, Client, wyoming
from .figures import Figure, failures
from .heard import Heard, TurnError
from .place import SENTENCE_PCM, Json, Pipe, Place

SECTION: Final = "pairs: two clients at once with equal words"
NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ANIMALS: Final = ("cat", "dog", "cow", "owl", "bee", "fox", "hen", "bat", "ant", "emu")
ALIKE: Final = 0.9
LOUD_PEAK: Final = int(np.abs(np.frombuffer(SENTENCE_PCM, np.int16).astype(int)).max())
SOFT_PCM: Final = (np.frombuffer(SENTENCE_PCM, np.int16) // 2).astype(np.int16).tobytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two turns at once."""

    answers: list[str]
    loud: Heard
    soft: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer, whose it is by the record, and its sound."""

    is_for_loud: bool
    sound: tuple[bytes, int]


async def measure(place: Place) -> list[Figure]:
    """Have the pairs, half of them two satellites, half of them a satellite and a browser."""
    await place.begin(first_audio_s=0.3)
    pairs: list[Pair] = []
    errors: list[str] = []
    async with AsyncExitStack() as stack:
        kitchen = await stack.enter_async_context(wyoming(place, "Kitchen"))
        bedroom = await stack.enter_async_context(wyoming(place, "Bedroom"))
        browser = Browser(place)
        for number in range(place.rounds.pairs):
            try:
                pairs.append(await _pair(place, kitchen, bedroom if number % 2 else browser, number))
            except (TurnError, TimeoutError) as error:
                errors.append(str(error) or "too late")
    said = await _said(place)
    texts = [_is_mixed(said, pair, by_sound=False) for pair in pairs]
    sounds = [_is_mixed(said, pair, by_sound=True) for pair in pairs]
    return [
        Figure(section=SECTION, name="pairs", unit="pairs", value=len(pairs)),
        Figure(section=SECTION, name="mixed by text", unit="pairs", value=sum(texts), count=len(pairs), limit=0),
        Figure(section=SECTION, name="mixed by sound", unit="pairs", value=sum(sounds), count=len(pairs), limit=0),
        *failures(SECTION, errors),
    ]


async def _pair(place: Place, first: Client, second: Client, number: int) -> Pair:
    """Have two turns at once, each answered with a sentence that nobody else hears."""
    tens, ones = divmod(number, 10)
    answers = [f"The {ANIMALS[tens % 10]} has {NUMBERS[ones]} {thing}." for thing in ("apples", "umbrellas")]
    await place.simulator.script(*({"text": answer} for answer in answers))
    loud, soft = await asyncio.gather(first.say(SENTENCE_PCM, Pipe.VOICE), second.say(SOFT_PCM, Pipe.VOICE))
    return Pair(answers=answers, loud=loud, soft=soft)


async def _said(place: Place) -> dict[str, Said]:
    """Read the record: every answer by its text."""
    found: dict[str, Said] = {}
    is_loud: dict[str, bool] = {}
    for response in await place.responses():
        session: Json = response["session"]
        if session["id"] not in is_loud:
            came_in = np.frombuffer(await place.simulator.input_audio(session), np.int16).astype(int)
            is_loud[session["id"]] = int(np.abs(came_in).max()) > LOUD_PEAK * 3 // 4
        sound = await place.simulator.response_audio(session, response)
        said = Said(is_for_loud=is_loud[session["id"]], sound=(sound, response["audio_rate"]))
        found[response["text"].strip()] = said
    return found


def _is_mixed(said: dict[str, Said], pair: Pair, *, by_sound: bool) -> bool:
    """Whether either heard what was not meant for it."""
    for heard, is_loud in ((pair.loud, True), (pair.soft, False)):
        text = _nearest(said, pair, heard) if by_sound else heard.answer
        if text not in said or said[text].is_for_loud is not is_loud:
            return True
    return False


def _nearest(said: dict[str, Said], pair: Pair, heard: Heard) -> str:
    """Tell which of the pair's answers this sound is; empty where it is neither."""
    alike = {text: similarity(*heard.sound, *said[text].sound) for text in pair.answers if text in said}
    best = max(alike, key=lambda text: alike[text], default="")
    return best if alike.get(best, 0.0) > ALIKE else ""

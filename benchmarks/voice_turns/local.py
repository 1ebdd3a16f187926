"""What Home Assistant's own intents and sentence triggers cost a sentence that is not for them."""

from collections.abc import Awaitable, Callable
from statistics import median
from typing import Final

from tests.harness.waiting import wait_until

from .clients import Browser
from .figures import Figure, failures
from .place import SHORT, Pipe, Place
from .turns import Timed, Wanted, interleaved

SECTION: Final = "local: intents and sentence triggers before a sentence that is not for them (browser)"
AUTOMATION: Final = "bench_sentence"
SENTENCES: Final = ("start the (party|film|music)", "(good night|sleep well) [everybody]")
AHEAD_S: Final = 0.2
LATE_S: Final = 1.5
LIMIT_MS: Final = 5
"""Anything below is nothing here."""


async def measure(place: Place) -> list[Figure]:
    """Measure with both and with neither, while the answer is ready before the claim and while it comes after it."""
    await place.begin()
    entity_id = await _add_automation(place)
    browser = Browser(place)
    wanted = {
        (ahead_s, pipe): Wanted(
            client=browser, pipe=pipe, answer=SHORT, prepare=_preparation(place, entity_id, ahead_s, pipe)
        )
        for ahead_s in (AHEAD_S, LATE_S)
        for pipe in (Pipe.VOICE, Pipe.LOCAL)
    }
    measured = await interleaved(place, wanted, place.rounds.turns)
    figures = []
    for first_s, name, since in (
        (AHEAD_S, "answer ready, from the end of the stream", _since_stream_end),
        (LATE_S, "answer to come, from the server's first audio", _since_first_audio),
    ):
        without = [since(turn) for turn in measured.turns[first_s, Pipe.VOICE]]
        having = [since(turn) for turn in measured.turns[first_s, Pipe.LOCAL]]
        if not without or not having:
            continue
        figures.append(Figure.of_seconds(SECTION, f"{name}: neither", without))
        figures.append(Figure.of_seconds(SECTION, f"{name}: both", having))
        more = (median(having) - median(without)) * 1000
        figures.append(Figure(section=SECTION, name=f"{name}: difference", unit="ms", value=more, limit=LIMIT_MS))
    return [*figures, *failures(SECTION, measured.errors)]


async def _add_automation(place: Place) -> str:
    """Add an automation that waits for sentences, and give its entity id."""
    trigger = {"trigger": "conversation", "command": list(SENTENCES)}
    action = {"set_conversation_response": "The automation speaks."}
    config = {"alias": "Bench sentence", "mode": "single", "triggers": [trigger], "actions": [action]}
    await place.home.client.rest("POST", f"/api/config/automation/config/{AUTOMATION}", config)
    entity_id = f"automation.{AUTOMATION}"

    async def is_there() -> bool:
        return entity_id in await place.home.client.states()

    await wait_until(is_there, f"{entity_id} is there")
    return entity_id


def _preparation(place: Place, entity_id: str, first_s: float, pipe: Pipe) -> Callable[[], Awaitable[None]]:
    """Give what has to be done before a turn."""
    service, state = ("turn_on", "on") if pipe is Pipe.LOCAL else ("turn_off", "off")

    async def prepare() -> None:
        await place.simulator.voice_pace(first_audio_s=first_s)
        await place.home.client.call_service("automation", service, entity_id=entity_id)
        await place.home.client.wait_for_state(entity_id, state)

    return prepare


def _since_stream_end(turn: Timed) -> float:
    """Count from the end of the microphone's stream."""
    assert turn.heard.stopped_at is not None
    return turn.heard.first_byte_at - turn.heard.stopped_at


def _since_first_audio(turn: Timed) -> float:
    """Count from the server's first audio."""
    return turn.heard.first_byte_at - turn.server_first_audio_at

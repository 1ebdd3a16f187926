"""An answer that is broken off while the server still speaks: until the server is told, and what is heard after."""

import asyncio
from dataclasses import dataclass, field
import time
from typing import Final

from tests.harness.errors import DeadlineError
from tests.harness.playback import Playback
from tests.harness.waiting import wait_until
from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import Facts

from .classic import LONG
from .clients import esphome
from .dialog import Dialog
from .figures import Figure, failures
from .heard import TurnError
from .place import SENTENCE_PCM, SHORT, Place

SECTION: Final = "barge-in: from the client's action to response.cancel at the server"
FIRST_AUDIO_S: Final = 0.3
HEARD_S: Final = 1.0
"""How long the answer is heard before it is broken off."""
STREAM_END_S: Final = 1.5
SETTLE_S: Final = 1.5
DEADLINE_S: Final = 20
LIMIT_MS: Final = 20


@dataclass(slots=True, kw_only=True)
class Way:
    """One way to break off and what it came to; grows while it is measured."""

    name: str
    actions: list[float] = field(default_factory=list)
    """When each was."""
    stale_ms: list[float] = field(default_factory=list)
    """How long after each action bytes still came."""
    errors: list[str] = field(default_factory=list)


async def measure(place: Place) -> list[Figure]:
    """Measure the three ways, interleaved."""
    await place.begin(first_audio_s=FIRST_AUDIO_S)
    closing = Way(name="the dialog is closed")
    stopping = Way(name="ESPHome's button")
    again = Way(name="a new run in the same conversation")
    async with esphome(place, Facts(), "Bedroom") as device:
        for _ in range(place.rounds.barges):
            for attempt, way in ((_close, closing), (_again, again)):
                try:
                    await attempt(place, way)
                except (TurnError, DeadlineError) as error:
                    way.errors.append(f"{way.name}: {error}")
            await _stop(place, device, stopping)
    cancels = await _cancels(place)
    figures: list[Figure] = []
    for way in (closing, stopping, again):
        took = [min((at - acted for at in cancels if at > acted), default=SETTLE_S) for acted in way.actions]
        if took:
            late = sum(took_s * 1000 > LIMIT_MS for took_s in took)
            figures += [
                Figure.of_seconds(SECTION, way.name, took, limit=LIMIT_MS),
                Figure(section=SECTION, name=f"{way.name}: later than that", unit="times", value=late, limit=0),
            ]
        if way.stale_ms:
            figures.append(Figure.of(SECTION, f"{way.name}: last byte of the old answer after it", way.stale_ms))
        figures += failures(SECTION, way.errors)
    return figures


async def _close(place: Place, way: Way) -> None:
    """Close the dialog while its answer is heard."""
    dialog = await _sounding(place)
    closed_at = await dialog.close()
    await asyncio.sleep(SETTLE_S)
    _note(way, closed_at, dialog.playback)
    await dialog.leave()


async def _again(place: Place, way: Way) -> None:
    """Speak again in the conversation whose answer is heard."""
    # Home Assistant 2026.10 gives a second run another conversation as long as the first has never ended a run.
    await place.simulator.script({"text": SHORT.format(len(way.actions))})
    opening = Dialog(place, place.home.socket)
    await opening.begin()
    await opening.end()
    dialog = await _sounding(place, opening.conversation_id)
    following = Dialog(place, place.home.socket, conversation_id=dialog.conversation_id)
    await following.begin()
    await asyncio.sleep(SETTLE_S)
    _note(way, following.begun_at, dialog.playback)
    await dialog.leave()
    await following.leave()
    await asyncio.sleep(SETTLE_S)


async def _stop(place: Place, device: EsphomeSatellite, way: Way) -> None:
    """Press the button of a device while its answer is heard."""
    await place.simulator.script({"text": LONG.format(1)})
    turn = asyncio.create_task(device.speak(SENTENCE_PCM))

    begun_at = time.monotonic()

    async def is_spoken() -> bool:
        return any(response["first_audio_at"] > begun_at for response in await place.responses())

    await wait_until(is_spoken, "the answer has begun", deadline_s=DEADLINE_S)
    # The answer is made ahead; until then it waits for Home Assistant to end the sentence.
    await asyncio.sleep(STREAM_END_S + HEARD_S)
    stopped_at = time.monotonic()
    await device.stop()
    await turn
    way.actions.append(stopped_at)
    await asyncio.sleep(SETTLE_S)


async def _sounding(place: Place, conversation_id: str | None = None) -> Dialog:
    """Have a dialog whose answer has been heard for a while, in a conversation (None: a new one)."""
    await place.simulator.script({"text": LONG.format(1)})
    dialog = Dialog(place, place.home.socket, conversation_id=conversation_id)
    await dialog.begin()
    await dialog.wait_for_sound()
    await asyncio.sleep(HEARD_S)
    return dialog


def _note(way: Way, acted_at: float, playback: Playback) -> None:
    """Keep when it was done and what came later."""
    way.actions.append(acted_at)
    way.stale_ms.append(max(0.0, playback.arrivals[-1].at - acted_at) * 1000)


async def _cancels(place: Place) -> list[float]:
    """List when the server was told to stop."""
    return [
        event["at"]
        for session in await place.simulator.sessions()
        for event in session["events"]
        if event["sender"] == "client" and event["body"].get("type") == "response.cancel"
    ]

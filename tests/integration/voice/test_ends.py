"""Every spoken turn ends, and is in the books: nobody speaks, the service is away, the account reloads."""

import asyncio
from collections.abc import AsyncGenerator

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.voice.conversations import VoiceConversations
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import change_voice
from ..talk import until
from ..usage import sensor, set_options
from .spoken import Spoken, sentence, speak

SOON = TurnDeadlines(start_s=0.4, speech_s=1.5)


def hub_of(entry: GrokConfigEntry) -> VoiceConversations:
    """Return the account's one voice."""
    (voices,) = entry.runtime_data.voices.values()
    return voices


async def empty_room() -> AsyncGenerator[bytes]:
    """Give the silence of a room without end, as a microphone does whose end only the service hears."""
    while True:
        yield bytes(640)
        await asyncio.sleep(0.005)


def begin(hass: HomeAssistant, voice: str, source: AsyncGenerator[bytes]) -> asyncio.Task[Spoken]:
    """Begin a run in the background."""
    return hass.async_create_task(speak(hass, b"", pipeline_id=voice, source=source))


async def test_run_when_nobody_speaks_then_it_ends_without_words_and_is_booked(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A false wake word in an empty room costs seconds, not the night; nothing is asked of anybody else."""
    await change_voice(hass, entry, end_of_speech="grok")
    await speak(hass, sentence("good_morning"), pipeline_id=voice)  # the service is known to hear
    simulator.drop_sessions()
    hub_of(entry).deadlines = SOON
    run = await asyncio.wait_for(begin(hass, voice, empty_room()), 10)
    assert run.error == "stt-no-text-recognized"
    await until(lambda: simulator.open_sessions == 0)
    assert not [request for request in simulator.requests if "stt" in request.path or request.path == "/v1/responses"]
    assert float(sensor(hass, entry, "voice_seconds")) > 0


async def test_run_when_service_is_away_and_nobody_speaks_then_it_ends(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Without a session the plain transcription listens no longer either."""
    await change_voice(hass, entry, end_of_speech="grok")
    hub_of(entry).deadlines = SOON
    simulator.fault("unavailable", times=None, path="/v1/realtime")
    run = await asyncio.wait_for(begin(hass, voice, empty_room()), 25)
    assert run.error is not None


async def test_run_when_account_reloads_while_it_listens_then_it_ends(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Whoever speaks meanwhile is not left alone."""
    await change_voice(hass, entry, end_of_speech="grok")
    run = begin(hass, voice, empty_room())
    await until(lambda: simulator.open_sessions == 1)
    await hass.config_entries.async_reload(entry.entry_id)
    await asyncio.wait_for(run, 5)
    await until(lambda: simulator.open_sessions == 0)


async def test_sessions_when_home_assistant_stops_then_all_are_closed(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A kept socket that is cut off by the end of the loop leaves an error in the log."""
    simulator.script(reply("Good morning."))
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert simulator.open_sessions == 1
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await until(lambda: simulator.open_sessions == 0)


async def test_session_when_budget_is_spent_then_kept_one_closes(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The answer that spends the budget is heard to its end; nothing is kept open behind it."""
    await set_options(hass, entry, budget_daily_usd=0.002)
    simulator.script(reply("Good morning."))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.speech == "Good morning."
    assert run.audio
    assert not run.broke_off
    await until(lambda: simulator.open_sessions == 0)

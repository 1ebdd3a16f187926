"""A night in an empty room, eight hours on the loop's clock: false wake words, a television, and what they cost."""

import asyncio
from collections.abc import AsyncGenerator
import logging

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.core.usage.ledger import Kind, Totals
from custom_components.grok_assist.core.usage.prices import stt_cost_usd, voice_cost_usd
from custom_components.grok_assist.realtime.turn_settings import USUAL
from custom_components.grok_assist.realtime.usage_meter import LEAST_S
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.realtime.record import RecordedSession
from tests.simulator.server import Simulator

from ..agents import change_voice
from ..usage import set_options
from .spoken import RATE, Spoken, sentence, speak

NIGHT_S = 8 * 3600.0
EACH_S = 1800.0
"""From one false wake word to the next; each half an hour costs a second of two processors."""
TELEVISION_EACH = 4
"""Of so many wake words one hears a television."""
TALKS_S = 120.0
SERVICE_ENDS_EACH_S = 3600.0
ENDED_AFTER_S = 3.05
"""The session is ended so long after a wake word: somebody listens on it."""
CHUNK_S = 0.1
CHUNK_BYTES = round(RATE * CHUNK_S) * 2
CLOSING_SILENCE_S = 1.0
"""At most so much follows the sound when the microphone closes."""
MODEL = "grok-voice-3.0"


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep no line for each frame of eight hours."""
    caplog.set_level(logging.INFO)


async def room(sound: bytes) -> AsyncGenerator[bytes]:
    """Give what a microphone hears: a television, where there is one, and then nothing for ever."""
    start = 0
    while True:
        await asyncio.sleep(CHUNK_S)
        yield sound[start : start + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0")
        start += CHUNK_BYTES


def television() -> bytes:
    """Talk for minutes, without a pause that a detector would notice."""
    talk = sentence("search_the_news", "tell_me_a_story", "good_morning", "ask_me_something", pause_s=0.1)
    return talk * round(TALKS_S * RATE * 2 / len(talk))


async def end_sessions(simulator: Simulator) -> None:
    """Cut every session each half an hour, as the service does with old ones."""
    await asyncio.sleep(ENDED_AFTER_S)
    while True:
        simulator.drop_sessions()
        await asyncio.sleep(SERVICE_ENDS_EACH_S)


async def sleep_through(hass: HomeAssistant, simulator: Simulator, voice: str) -> list[Spoken]:
    """Have the night, in one conversation."""
    loop = asyncio.get_running_loop()
    talk, runs, began, conversation_id = television(), list[Spoken](), loop.time(), None
    ending = asyncio.create_task(end_sessions(simulator))
    for number in range(round(NIGHT_S / EACH_S)):
        await asyncio.sleep(began + number * EACH_S - loop.time())
        sound = talk if number % TELEVISION_EACH == TELEVISION_EACH // 2 else b""
        run = await speak(
            hass,
            b"",
            pipeline_id=voice,
            source=room(sound),
            conversation_id=conversation_id,
            end_stage="intent",
        )
        runs.append(run)
        conversation_id = run.conversation_id
    await asyncio.sleep(began + NIGHT_S - loop.time())
    ending.cancel()
    return runs


def booked(entry: GrokConfigEntry, kind: Kind | None = None) -> Totals:
    """Return what was booked tonight."""
    page = entry.runtime_data.meter.page(UsagePeriod.TODAY)
    return page.all() if kind is None else page.by_kind().get(kind, Totals())


def answers_s(session: RecordedSession) -> list[float]:
    """Read how long each answer of a session was, in seconds."""
    return [len(said.audio) / 2 / said.audio_rate for said in session.responses]


def paid_s(session: RecordedSession) -> float:
    """Read from the service's own record how many seconds of a session are paid.

    All that it heard and said, or what it says it bills, which is rounded up.
    """
    sound_s = session.sent_s + session.received_s
    done = session.received("response.done")
    return max(sound_s, done[-1].body["usage"]["billable_audio_seconds"]) if done else sound_s


def assert_nothing_is_open(simulator: Simulator, entry: GrokConfigEntry) -> None:
    """Check that the morning finds nothing of the night."""
    assert simulator.open_sessions == 0
    (voices,) = entry.runtime_data.voices.values()
    assert voices.conversations == ()
    assert [task.get_name() for task in asyncio.all_tasks() if "grok_assist" in task.get_name()] == []
    assert entry.runtime_data.meter.left_usd == pytest.approx(
        max(0.0, entry.options["budget_daily_usd"] - booked(entry).cost_usd)
    )


@pytest.mark.thorough
@pytest.mark.parametrize("end_of_speech", ["grok", "home_assistant"])
async def test_night_when_nobody_is_there_then_booked_as_it_was_billed(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, end_of_speech: str
) -> None:
    """All runs end; the books hold each second that was heard and said: the silence and the television, too."""
    await change_voice(hass, entry, end_of_speech=end_of_speech, keep_open_s=600)
    await set_options(hass, entry, budget_daily_usd=5)
    runs = await sleep_through(hass, simulator, voice)
    assert len(runs) == NIGHT_S / EACH_S
    assert all(run.kinds[-1] == "run-end" for run in runs)
    assert len(simulator.state.sessions) > len(runs)  # the ended ones were replaced
    seconds = booked(entry, Kind.VOICE).voice_seconds
    least_s = sum(map(paid_s, simulator.state.sessions))
    on_the_way_s = NIGHT_S / SERVICE_ENDS_EACH_S * CHUNK_S  # when the service hung up
    assert least_s - 0.01 <= seconds <= least_s + on_the_way_s
    assert booked(entry, Kind.VOICE).cost_usd == pytest.approx(voice_cost_usd(MODEL, seconds, 0))
    assert_nothing_is_open(simulator, entry)


@pytest.mark.thorough
@pytest.mark.parametrize("budget", [0.1, 0.2], ids=("ends-by-the-television", "ends-by-a-lost-session"))
@pytest.mark.parametrize("end_of_speech", ["grok", "home_assistant"])
async def test_night_when_budget_ends_then_no_more_than_the_turn_under_way(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, end_of_speech: str, budget: float
) -> None:
    """On top come a second between two bookings, and the turn under way; then no session opens any more."""
    await change_voice(hass, entry, end_of_speech=end_of_speech, keep_open_s=600)
    await set_options(hass, entry, budget_daily_usd=budget)
    runs = await sleep_through(hass, simulator, voice)
    assert len(runs) == NIGHT_S / EACH_S
    assert all(run.kinds[-1] == "run-end" for run in runs)
    longest_s = max((length for session in simulator.state.sessions for length in answers_s(session)), default=0.0)
    more_s = 2 * LEAST_S + CLOSING_SILENCE_S + longest_s
    # The turn under way may yet be transcribed: the minute that is kept of it.
    most_usd = budget + voice_cost_usd(MODEL, more_s, 0) + stt_cost_usd(USUAL.speech_s, is_streamed=True)
    assert budget <= booked(entry).cost_usd <= most_usd
    assert len(simulator.state.sessions) < len(runs)
    assert_nothing_is_open(simulator, entry)

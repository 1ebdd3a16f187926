"""An hour of mixed use by voice on the loop's clock: what is booked against what the service bills, by each rule."""

import asyncio
from collections.abc import AsyncGenerator
import itertools
import logging

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.core.usage.ledger import Kind, Totals
from custom_components.grok_assist.core.usage.prices import voice_cost_usd
from custom_components.grok_assist.core.usage.voice_billing import VoiceBilling
from custom_components.grok_assist.realtime.usage_meter import LEAST_S
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.dialects.table import DIALECTS
from tests.simulator.realtime.record import RecordedSession
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_voice
from ..usage import set_options
from .spoken import Spoken, microphone, sentence, speak

BILLS = tuple(itertools.product(DIALECTS["billable"].values, DIALECTS["voice_bill"].values))
HOUR_S = 3600.0
EACH_S = 600.0
SOON_S = 12.0
"""From an answer to what follows it, within the time for which the session is kept."""
ALOUD = 1.0
MODEL = "grok-voice-3.0"
STORY = " ".join(["Once upon a time there was a lamp that nobody ever switched off."] * 4)
BUDGET_USD = 0.06
MOST = 1.1
"""Of what the rule says, as much is booked at most."""


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep no line for each frame of an hour."""
    caplog.set_level(logging.INFO)


async def empty_room() -> AsyncGenerator[bytes]:
    """Give the silence of a room where a wake word was none."""
    while True:
        yield bytes(3200)
        await asyncio.sleep(0.1)


class Hour:
    """People who talk every ten minutes, each time in another way."""

    def __init__(self, hass: HomeAssistant, simulator: Simulator, voice: str) -> None:
        """Know whom they talk to."""
        self.runs: list[Spoken] = []
        self._hass = hass
        self._simulator = simulator
        self._voice = voice

    async def go_by(self) -> None:
        """Have the hour."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, visit in enumerate((self._ask, self._command, self._nothing, self._talk, self._ask, self._command)):
            await asyncio.sleep(max(0.0, began + number * EACH_S - loop.time()))
            await visit()
        await asyncio.sleep(began + HOUR_S - loop.time())

    async def _ask(self) -> None:
        """Ask for a story, which is a long answer."""
        self._simulator.script(reply(STORY))
        await self._say("tell_me_a_story")

    async def _command(self) -> None:
        """Have a light switched on, which takes two answers."""
        self._simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("The light is on."))
        await self._say("turn_on_the_kitchen_light")

    async def _talk(self) -> None:
        """Say three things in a row, with a pause before each."""
        conversation_id = None
        for name in ("good_morning", "ask_me_something", "in_the_bedroom"):
            self._simulator.script(reply("That is good to know."))
            run = await self._say(name, conversation_id)
            conversation_id = run.conversation_id
            await asyncio.sleep(SOON_S)

    async def _nothing(self) -> None:
        """Wake it by mistake."""
        self.runs.append(await speak(self._hass, b"", pipeline_id=self._voice, source=empty_room()))

    async def _say(self, name: str, conversation_id: str | None = None) -> Spoken:
        """Say a sentence at the speed of life."""
        run = await speak(
            self._hass,
            b"",
            pipeline_id=self._voice,
            source=microphone(sentence(name), speed=ALOUD),
            conversation_id=conversation_id,
        )
        self.runs.append(run)
        return run


async def set_up(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry, bill: tuple[str, str], budget_usd: float
) -> None:
    """Have the service tell and bill in one way, and the account book by the rule of the bill."""
    billable, rule = bill
    simulator.dialect("billable", billable)
    simulator.dialect("voice_bill", rule)
    simulator.voice_pace(audio_speed=2)
    await change_voice(hass, entry, end_of_speech="grok")
    await set_options(hass, entry, voice_billing=rule, budget_daily_usd=budget_usd)


def booked(entry: GrokConfigEntry) -> Totals:
    """Return what was booked of the voice."""
    return entry.runtime_data.meter.page(UsagePeriod.TODAY).by_kind().get(Kind.VOICE, Totals())


def billed_usd(simulator: Simulator) -> float:
    """Return what the service takes for all sessions."""
    return sum(session.billed_usd for session in simulator.state.sessions)


def by_rule_usd(session: RecordedSession, rule: VoiceBilling) -> float:
    """Return what a session costs by our rule, from the service's own record."""
    told = [done.body["usage"].get("billable_audio_seconds", 0) for done in session.received("response.done")]
    seconds = rule.seconds(
        told_s=max(told, default=0), sound_s=session.sent_s + session.received_s, open_s=session.open_s
    )
    return voice_cost_usd(MODEL, seconds, session.billed_items)


@pytest.mark.thorough
@pytest.mark.parametrize("bill", BILLS, ids="-".join)
async def test_hour_when_mixed_then_booked_at_least_what_is_billed(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, bill: tuple[str, str]
) -> None:
    """Never less than the service takes, and a tenth more than our own rule says at most."""
    await set_up(hass, simulator, entry, bill, 0)
    hour = Hour(hass, simulator, voice)
    await hour.go_by()
    assert [run.error for run in hour.runs].count(None) == len(hour.runs) - 1
    assert simulator.open_sessions == 0
    by_rule = sum(by_rule_usd(session, VoiceBilling(bill[1])) for session in simulator.state.sessions)
    assert billed_usd(simulator) <= booked(entry).cost_usd <= MOST * by_rule
    open_s = sum(session.open_s for session in simulator.state.sessions)
    assert open_s <= booked(entry).voice_open_seconds <= MOST * open_s


@pytest.mark.parametrize("bill", BILLS, ids="-".join)
async def test_hour_when_it_spends_the_budget_then_it_stops_in_time(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, bill: tuple[str, str]
) -> None:
    """What is billed goes beyond the budget by the answer under way at most; then no session opens any more."""
    await set_up(hass, simulator, entry, bill, BUDGET_USD)
    hour = Hour(hass, simulator, voice)
    await hour.go_by()
    longest_s = max(len(said.audio) / 2 / said.audio_rate for one in simulator.state.sessions for said in one.responses)
    under_way_usd = voice_cost_usd(MODEL, 2 * LEAST_S + longest_s, 1)
    assert booked(entry).cost_usd >= BUDGET_USD
    assert billed_usd(simulator) <= BUDGET_USD + under_way_usd
    ended = [session.closed_at for session in simulator.state.sessions]
    assert None not in ended
    assert len(simulator.state.sessions) < len(hour.runs)

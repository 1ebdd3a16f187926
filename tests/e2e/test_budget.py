"""A budget that a real turn has spent: what is then asked, done and heard, and that a larger one ends it at once."""

from dataclasses import dataclass
import json
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.harness.assist import process_turn
from tests.harness.grok import DOMAIN, set_options
from tests.harness.running import RunningHome
from tests.harness.satellites import add_wyoming, placed_satellite
from tests.harness.spoken import PIPELINE, find_pipeline
from tests.harness.voice import VoiceTurn, voice_turn
from tests.harness.waiting import wait_until
from tests.satellites.engines import WyomingEngines
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode

from .conftest import Grok

LIGHT: Final = "light.kitchen_light"
ORDER, ORDER_PCM = spoken("turn_on_the_kitchen_light")
_, OPPOSITE_PCM = spoken("turn_off_the_kitchen_light")
NOTE: Final = "The spending limit is reached, so Home Assistant answered."
TINY_USD: Final = 0.000_01
USD_PER_MINUTE: Final = 0.08
SPOKEN_USD: Final = 0.008
"""Six seconds of a session: more than an order, less than the answer below."""
LONG_ANSWER: Final = (
    "There once was a lamp in a kitchen that nobody ever switched off, because the people of the house were afraid of"
    " the dark, and so it shone by day and by night, in summer and in winter, until it had enough of it and went out."
)
AMPLE_USD: Final = 5
PAID_PATHS: Final = frozenset({"/v1/responses", "/v1/tts", "/v1/stt", "/v1/realtime"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """An account with a budget."""

    grok: Grok
    pipeline: str
    """Id of the voice's pipeline."""
    sensor: str
    """Entity id of the binary sensor."""

    @property
    def home(self) -> RunningHome:
        """The running Home Assistant."""
        return self.grok.home

    async def set_budget(self, daily_usd: float, action: str = "stop") -> None:
        """Choose a budget in the options flow, as a user does."""
        options: dict[str, Any] = {"budget_daily_usd": daily_usd, "budget_action": action}
        await set_options(self.home.client, self.grok.entry_id, agent=self.grok.agent, **options)
        # The reload that the change begins may still be under way; this one waits for it.
        await self.home.client.reload_entry(self.grok.entry_id)

    async def spend(self, action: str = "stop") -> None:
        """Choose a tiny budget and have a turn that costs more."""
        await self.set_budget(TINY_USD, action)
        assert await self.home.client.state(self.sensor) == "off"
        await self.grok.simulator.script({"text": "Good morning to you."})
        assert await self.type("Good morning") == "Good morning to you."
        await self.home.client.wait_for_state(self.sensor, "on")

    async def type(self, text: str = ORDER) -> str:
        """Write to the agent; returns what it says."""
        return (await process_turn(self.home.client, text, agent=self.grok.agent)).speech

    async def browser(self, pcm: bytes = ORDER_PCM) -> VoiceTurn:
        """Speak the order in a browser."""
        return await voice_turn(self.home.socket, self.home.process.url, pcm, pipeline=self.pipeline)

    async def satellite(self) -> SatelliteTurn:
        """Speak the order to a satellite in the kitchen."""
        async with WyomingSatellite(plays=False) as satellite:
            place = {"area": "Kitchen", "pipeline": PIPELINE}
            async with placed_satellite(self.home.client, self.home.socket, add_wyoming, satellite.port, **place):
                return await satellite.speak(ORDER_PCM)

    async def light(self) -> str:
        """Look at the light, and switch it off."""
        state = await self.home.client.state(LIGHT)
        await self.home.client.call_service("light", "turn_off", entity_id=LIGHT)
        return state

    async def issues(self) -> list[str]:
        """List our repairs."""
        listed = await self.home.socket.call("repairs/list_issues")
        return [issue["issue_id"] for issue in listed["issues"] if issue["domain"] == DOMAIN]

    async def paid(self) -> list[str]:
        """List the paths of everything that the service was paid for so far."""
        state = await self.grok.simulator.control("GET", "state")
        return [request["path"] for request in state["requests"] if request["path"] in PAID_PATHS]

    async def cost_usd(self) -> float:
        """Ask what today cost."""
        usage = await self.home.client.call_service(DOMAIN, "get_usage", response=True, period="today")
        return float(usage["cost_usd"])


@pytest_asyncio.fixture(loop_scope="session")
async def spender(grok: Grok) -> Spender:
    """Find what belongs to the account; the light is off."""
    await grok.home.client.call_service("light", "turn_off", entity_id=LIGHT)
    entities = await grok.home.socket.call("config/entity_registry/list")
    (sensor,) = [
        entity["entity_id"]
        for entity in entities
        if entity["config_entry_id"] == grok.entry_id and entity["entity_id"].startswith("binary_sensor.")
    ]
    assert sensor.endswith(("budget_exhausted", "budget_spent"))
    return Spender(grok=grok, pipeline=await find_pipeline(grok.home.socket), sensor=sensor)


def assert_heard(turn: SatelliteTurn | VoiceTurn, sound: tuple[bytes, int]) -> None:
    """Check that there was no error and at least a second of sound."""
    assert not turn.error_code
    pcm, rate = sound
    assert len(pcm) / 2 / rate > 1


async def test_turns_when_spent_and_stopping_then_a_sentence_and_not_a_cent(spender: Spender) -> None:
    """Written or spoken: the sentence names the limit, nothing is done, and nothing more is paid."""
    await spender.spend()
    paid, cost_usd = await spender.paid(), await spender.cost_usd()
    assert cost_usd > TINY_USD
    said = await spender.type()
    assert "budget" in said
    assert "limit" in said
    browser, satellite = await spender.browser(), await spender.satellite()
    for turn, shown in ((browser, browser.speech), (satellite, satellite.answer)):
        assert "limit" in shown
        assert turn.transcript != ORDER
    assert_heard(browser, decode(browser.audio))
    assert_heard(satellite, satellite.sound)
    assert await spender.light() == "off"
    assert await spender.paid() == paid
    assert await spender.cost_usd() == cost_usd


async def test_turns_when_spent_and_handing_over_then_home_assistant_acts(spender: Spender) -> None:
    """Written or spoken: the light is on, a note tells why, and no model is asked and no session opened."""
    await spender.spend("home_assistant")
    asked = len(await spender.grok.simulator.requests())
    assert (await spender.type()).endswith(NOTE)
    assert await spender.light() == "on"
    browser = await spender.browser()
    assert (browser.transcript, browser.speech.endswith(NOTE)) == (ORDER, True)
    assert_heard(browser, decode(browser.audio))
    assert await spender.light() == "on"
    satellite = await spender.satellite()
    assert (satellite.transcript, satellite.answer.endswith(NOTE)) == (ORDER, True)
    assert_heard(satellite, satellite.sound)
    assert await spender.light() == "on"
    assert len(await spender.grok.simulator.requests()) == asked
    assert await spender.grok.simulator.sessions() == []


async def test_hand_over_when_others_can_hear_and_speak_then_it_costs_nothing(spender: Spender) -> None:
    """The form says of the hand-over that it costs nothing; with other engines at hand a spoken one can keep that."""
    await spender.spend("home_assistant")
    paid, cost_usd = await spender.paid(), await spender.cost_usd()
    async with WyomingEngines() as engines:
        entry_id = await add_wyoming(spender.home.client, engines.port)
        # Not the order of the other tests: what was spoken lately is not spoken anew.
        browser = await spender.browser(OPPOSITE_PCM)
        await spender.home.client.remove_entry(entry_id)
    assert browser.speech.endswith(NOTE)
    assert await spender.paid() == paid
    assert await spender.cost_usd() == cost_usd


@pytest.mark.parametrize("action", ["stop", "home_assistant"])
async def test_budget_when_spent_then_shown_until_it_is_raised(spender: Spender, action: str) -> None:
    """Sensor and repair are there while it lasts; with a larger budget the next turns, both kinds, are Grok's."""
    assert await spender.issues() == []
    await spender.spend(action)
    assert await spender.issues() == [f"budget_exhausted_{spender.grok.entry_id}"]
    await spender.set_budget(AMPLE_USD, action)
    assert await spender.home.client.state(spender.sensor) == "off"
    assert await spender.issues() == []
    await spender.grok.simulator.script({"text": "I am here again."})
    assert await spender.type("Hello") == "I am here again."
    browser = await spender.browser()
    assert (browser.transcript, await spender.light()) == (ORDER, "on")
    (session,) = await spender.grok.simulator.sessions()
    assert json.dumps(session["responses"]).find("HassTurnOn") > 0


async def test_budget_when_a_spoken_answer_crosses_it_then_it_is_whole_and_the_next_turn_is_refused(
    spender: Spender,
) -> None:
    """A session in progress finishes its answer; the next turn, in the same conversation, is stopped."""
    await spender.set_budget(SPOKEN_USD)
    await spender.grok.simulator.script({"text": LONG_ANSWER})
    first = await spender.browser()
    assert (first.transcript, first.speech) == (ORDER, LONG_ANSWER)
    pcm, rate = decode(first.audio)
    assert not first.error_code
    assert len(pcm) / 2 / rate > SPOKEN_USD / USD_PER_MINUTE * 60
    await wait_until(lambda: _is_on(spender), "the budget is spent", deadline_s=10)
    second = await voice_turn(
        spender.home.socket,
        spender.home.process.url,
        ORDER_PCM,
        pipeline=spender.pipeline,
        conversation_id=first.conversation_id,
    )
    assert "limit" in second.speech
    assert await spender.light() == "off"
    assert len(await spender.grok.simulator.sessions()) == 1


async def test_budget_when_it_ends_while_somebody_speaks_then_told_and_nothing_done(spender: Spender) -> None:
    """Listening costs, too: what is left is not talked over by the minute."""
    await spender.set_budget(TINY_USD)
    turn = await spender.browser()
    assert "limit" in turn.speech
    assert await spender.light() == "off"


async def _is_on(spender: Spender) -> bool:
    """Tell whether the sensor says that the budget is spent."""
    return await spender.home.client.state(spender.sensor) == "on"

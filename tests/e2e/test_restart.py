"""What Home Assistant knows of Grok when it is started again: after a power cut, after an orderly stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final

import pytest_asyncio

from tests.harness.assist import process_turn
from tests.harness.client import HomeAssistantClient
from tests.harness.grok import AGENT, DOMAIN, add_grok_assist, wait_for_agent
from tests.harness.home_assistant import HomeAssistantProcess
from tests.harness.log import error_lines, log_faults
from tests.harness.running import RunningHome
from tests.harness.sample_home import arrange_sample_home
from tests.harness.simulator import SimulatorProcess
from tests.harness.spoken import find_pipeline
from tests.harness.voice import voice_turn
from tests.harness.waiting import wait_until
from tests.simulator.speech.hearing import spoken

from .conftest import KEY

WRITTEN_WITHIN_S: Final = 35
EARLY_TURNS: Final = 3
LATE_TURNS: Final = 4
TABLET: Final = "tablet in the kitchen"
PHONE: Final = "phone of a guest"
SECRET: Final = "Ada Lovelace"
CORRUPTION: Final = ("counted anew", "corrupt", "Error loading", "Error parsing")

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A Home Assistant that is stopped and started."""

    process: HomeAssistantProcess
    entry_id: str

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[RunningHome]:
        """Sign in, and wait for the agent."""
        async with HomeAssistantClient.open(self.process.url) as client, client.websocket() as socket:
            await wait_for_agent(client)
            yield RunningHome(process=self.process, client=client, socket=socket, startup_log="")

    def files(self) -> dict[str, Json]:
        """Read everything that the integration has stored, by the file's first word."""
        folder = self.process.folder / ".storage"
        found = {path.name.split(".")[1]: path for path in folder.glob(f"{DOMAIN}.*.{self.entry_id}")}
        return {name: json.loads(path.read_text(encoding="utf-8"))["data"] for name, path in found.items()}

    async def written_requests(self) -> int:
        """Count the requests of the file."""
        total = self.files().get("usage", {}).get("ledger", {}).get("total", {})
        return sum(int(page.get("requests", 0)) for kinds in total.values() for page in kinds.values())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_house(shared_simulator: SimulatorProcess) -> AsyncIterator[House]:
    """Set a house up that belongs to these tests alone."""
    async with HomeAssistantProcess() as process:
        async with HomeAssistantClient.open(process.url) as client, client.websocket() as socket:
            await arrange_sample_home(client, socket)
            entry_id = await add_grok_assist(client, api_key=KEY, base_url=shared_simulator.url)
        yield House(process=process, entry_id=entry_id)


@pytest_asyncio.fixture(loop_scope="session")
async def house(shared_house: House, simulator: SimulatorProcess) -> AsyncIterator[House]:
    """Lend the house to one test; what it logs must be free of faults."""
    already_logged = len(shared_house.process.log())
    yield shared_house
    log = shared_house.process.log()[already_logged:]
    assert log_faults(log) == []
    assert [sign for sign in CORRUPTION if sign in log] == []


async def converse(home: RunningHome, simulator: SimulatorProcess, times: int) -> None:
    """Have some turns of one request each."""
    for number in range(times):
        await simulator.script({"text": f"This is answer {number}."})
        assert (await process_turn(home.client, "Tell me something", agent=AGENT)).speech == f"This is answer {number}."


async def usage(home: RunningHome) -> Json:
    """Ask what was used since the beginning."""
    told: Json = await home.client.call_service(DOMAIN, "get_usage", response=True, period="total")
    return told


async def ask(home: RunningHome, simulator: SimulatorProcess, text: str, conversation_id: str) -> str:
    """Say something in a conversation that the client named; returns everything that the service was told."""
    turn = await process_turn(home.client, text, agent=AGENT, conversation_id=conversation_id)
    assert turn.conversation_id == conversation_id
    return json.dumps((await simulator.requests())[-1]["body"])


async def test_process_when_killed_then_only_what_was_not_written_is_lost(
    house: House, simulator: SimulatorProcess
) -> None:
    """The books are there up to the last write, at most half a minute back, and everything works on."""
    async with house.enter() as home:
        known = int((await usage(home))["requests"])
        await converse(home, simulator, EARLY_TURNS)

        async def is_written() -> bool:
            """Look whether the file knows of all turns."""
            return await house.written_requests() >= known + EARLY_TURNS

        await wait_until(is_written, "the books are written", deadline_s=WRITTEN_WITHIN_S)
        await converse(home, simulator, LATE_TURNS)
        before = await usage(home)
        await house.process.kill()
    written = await house.written_requests()
    await house.process.restart()
    async with house.enter() as home:
        after = await usage(home)
        lost = before["requests"] - after["requests"]
        print(f"lost: {lost} of {LATE_TURNS} later turns, {before['cost_usd'] - after['cost_usd']:.6f} USD")
        assert after["requests"] == written
        assert 0 <= lost <= LATE_TURNS
        assert 0 < after["cost_usd"] <= before["cost_usd"]
        await converse(home, simulator, 1)
        assert (await usage(home))["requests"] == after["requests"] + 1


async def test_process_when_stopped_in_order_then_nothing_is_lost(house: House, simulator: SimulatorProcess) -> None:
    """What was booked a moment ago is in the books of the next process, to the last digit."""
    async with house.enter() as home:
        await converse(home, simulator, LATE_TURNS)
        before = await usage(home)
    await house.process.restart()
    async with house.enter() as home:
        assert await usage(home) == before


async def test_conversation_when_client_named_it_then_known_after_a_restart_until_forgotten(
    house: House, simulator: SimulatorProcess
) -> None:
    """A tablet goes on where it was; the erasure over REST takes it out of prompts and files."""
    async with house.enter() as home:
        await simulator.script({"text": "Nice to meet you."})
        await ask(home, simulator, f"My name is {SECRET}", TABLET)
    await house.process.restart()
    await simulator.script(*[{"text": "I see."}] * 4)
    async with house.enter() as home:
        assert SECRET in await ask(home, simulator, "What is my name?", TABLET)
        assert SECRET not in await ask(home, simulator, "What is my name?", PHONE)
        body = {"agent": AGENT, "conversation_id": TABLET}
        forgotten = await home.client.rest("POST", f"/api/services/{DOMAIN}/forget?return_response", body)
        assert forgotten["service_response"] == {"forgotten": 1}
        assert SECRET not in await ask(home, simulator, "What is my name?", TABLET)
        # The two of this test, and what the others left in the same house.
        assert (await home.client.call_service(DOMAIN, "forget", response=True, agent=AGENT))["forgotten"] >= 2
        assert await home.client.call_service(DOMAIN, "forget", response=True) == {"forgotten": 0}
    assert SECRET not in json.dumps(house.files())
    assert not _mentions(house.process.folder / ".storage", SECRET)


def _mentions(folder: Path, text: str) -> list[str]:
    """List the files that hold a text."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text in path.read_text(encoding="utf-8", errors="replace")]


async def test_process_when_stopped_right_after_a_spoken_turn_then_log_has_no_error(
    house: House, simulator: SimulatorProcess
) -> None:
    """The session that is kept for a follow-up is closed in time; the whole log is read, to its last line."""
    async with house.enter() as home:
        pipeline = await find_pipeline(home.socket)
        turn = await voice_turn(home.socket, house.process.url, spoken("good_morning")[1], pipeline=pipeline)
        assert (turn.error_code, bool(turn.audio)) == ("", True)
        assert (await simulator.sessions())[-1]["closed_at"] is None
    before = len(house.process.log())
    await house.process.halt()
    log = house.process.log()
    assert len(log) > before
    assert error_lines(log[before:]) == []
    await house.process.restart()
    async with house.enter() as home:
        await converse(home, simulator, 1)

"""Dialects are chosen by name, told to whoever asks, and gone after a reset."""

import asyncio
from asyncio.subprocess import PIPE
import json
from pathlib import Path
import sys

import aiohttp
import pytest

from ..simulator.dialects.dialects import Dialects
from ..simulator.dialects.table import DIALECTS, HOSTILE
from ..simulator.jsontypes import Json, JsonObject
from ..simulator.server import Simulator
from .asking import Asker

_ROOT = Path(__file__).parents[2]


def test_values_are_given_by_name() -> None:
    """The default comes first; without a value it is the next one."""
    dialects = Dialects()
    assert dialects["later_system"] == "obeyed"
    dialects.choose("later_system")
    assert dialects["later_system"] == "ignored"
    dialects.choose("later_system", "refused")
    assert dialects["later_system"] == "refused"
    dialects.clear()
    assert dialects.facts == {name: dialect.values[0] for name, dialect in DIALECTS.items()}


@pytest.mark.parametrize(
    ("order", "possible"),
    [("weather", "later_system"), ("later_system=loud", "obeyed, ignored, refused")],
)
def test_unknown_names_and_values(order: str, possible: str) -> None:
    """A slip is told with what is possible."""
    with pytest.raises(ValueError, match=possible):
        Dialects().choose_written([order])


def test_unknown_profile() -> None:
    """There is only the hostile one."""
    with pytest.raises(ValueError, match="hostile"):
        Dialects().choose_profile("kind")


def test_every_dialect_is_told_well() -> None:
    """Each has two values at least and a line about it; the hostile profile knows its values."""
    assert all(len(set(dialect.values)) >= 2 and dialect.about for dialect in DIALECTS.values())
    Dialects().choose_profile("hostile")
    assert all(value in DIALECTS[name].values for name, value in HOSTILE.items())


async def test_reset(sim: Simulator) -> None:
    """No dialect survives it."""
    sim.hostile()
    sim.dialect("most_tools", "20")
    assert sim.state.dialects["later_system"] == "refused"
    sim.reset()
    assert sim.state.dialects.facts == Dialects().facts


async def test_control(sim: Simulator, asker: Asker) -> None:
    """Other processes choose and read them."""
    assert await _order(sim, asker, {"name": "calls"}) == 200
    assert await _order(sim, asker, {"name": "most_tools", "value": "20"}) == 200
    told = await _told(sim, asker)
    assert (told["calls"], told["most_tools"]) == ("fragments", "20")
    assert await _order(sim, asker, {"profile": "hostile"}) == 200
    assert (await _told(sim, asker))["error_shape"] == "slug"


@pytest.mark.parametrize("order", [{"name": "weather"}, {"profile": "kind"}, {"name": "calls", "value": "3"}, {}])
async def test_senseless_order(sim: Simulator, asker: Asker, order: Json) -> None:
    """An order with a slip in it is refused."""
    assert await _order(sim, asker, order) == 400


async def test_program_lists_dialects() -> None:
    """A table for people: every name and value, the default of each in brackets."""
    process = await _program("--list-dialects")
    text = (await process.communicate())[0].decode()
    assert process.returncode == 0
    assert all(name in text and f"[{dialect.default}]" in text for name, dialect in DIALECTS.items())


async def test_program_speaks_dialects() -> None:
    """They are given on the command line, one by one or by the name of a profile."""
    process = await _program("--dialect", "hostile", "--dialect", "calls=whole", "--dialect", "most_tools")
    assert process.stdout is not None
    url: str = json.loads(await process.stdout.readline())["url"]
    async with aiohttp.ClientSession() as session, session.get(url.removesuffix("/v1") + "/_sim/state") as response:
        told = (await response.json())["dialects"]
    process.terminate()
    await process.wait()
    assert told == {**Dialects().facts, **HOSTILE, "calls": "whole", "most_tools": "200"}


async def test_program_refuses_what_it_does_not_know() -> None:
    """It ends with the possible names."""
    process = await _program("--dialect", "weather")
    assert b"later_system" in (await process.communicate())[1]
    assert process.returncode == 2


async def _program(*options: str) -> asyncio.subprocess.Process:
    """Run the simulator as a program."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.simulator", *options, cwd=_ROOT, stdout=PIPE, stderr=PIPE
    )


async def _order(sim: Simulator, asker: Asker, order: Json) -> int:
    """Give an order and tell the status of the answer."""
    async with asker.session.post(sim.url.removesuffix("/v1") + "/_sim/dialect", json=order) as response:
        return response.status


async def _told(sim: Simulator, asker: Asker) -> JsonObject:
    """Read the present dialects."""
    async with asker.session.get(sim.url.removesuffix("/v1") + "/_sim/state") as response:
        told: JsonObject = (await response.json())["dialects"]
        return told

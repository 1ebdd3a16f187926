"""The place of the bench: one home that lets many people talk at once, and pages that talk with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import math
from pathlib import Path
import tempfile
from typing import Any, Final

from benchmarks.voice_turns.figures import Figure
from benchmarks.voice_turns.place import KEY, LOGGERS, WATCH
from tests.harness.grok import add_grok_assist, change_subentry, set_options, wait_for_agent
from tests.harness.live import LivePage
from tests.harness.live_talk import AGENT, open_page
from tests.harness.running import RunningHome, running_home
from tests.harness.simulator import SimulatorProcess

from .relay import HOME, SERVICE, Relay, relay

MOST_OPEN: Final = 100
"""Conversations that the account lets be open; 4 by default."""
IDLE_S: Final = 300
AUDIO_SPEED: Final = 1.5
LIMITS: Final[dict[str, float]] = {
    "requests_per_minute": 600,
    "requests_per_hour": 10_000,
    "budget_daily_usd": 0,
    "budget_monthly_usd": 0,
}

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much of everything is measured."""

    turns: int = 20
    many: tuple[int, ...] = (20, 60)
    """Conversations that are open at once; the first is the number for all but the processor time."""
    watched_s: float = 8.0
    """How long processor and loop are watched."""
    closed: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a section of the bench works with."""

    home: RunningHome
    simulator: SimulatorProcess
    amounts: Amounts
    relay: Relay | None = None
    """What stands between service, Home Assistant and pages, where their bytes are watched."""

    async def begin(self, **pace: float) -> None:
        """Forget what earlier sections did, and set the pace of the voice."""
        await self.simulator.reset()
        await self.simulator.voice_pace(**{"transcript_s": 0.15, "audio_speed": AUDIO_SPEED, **pace})

    async def watch(self, service: str, **data: float) -> Json:
        """Ask what runs inside Home Assistant."""
        found: Json = await self.home.client.call_service(WATCH.name, service, response=True, **data)
        return found

    async def enter(self, stack: AsyncExitStack) -> LivePage:
        """Open a page that listens, until the stack is left."""
        url = self.home.process.url
        if self.relay is not None:
            url = self.relay.address(HOME, url)
        page = await stack.enter_async_context(open_page(self.home.socket, url))
        stack.push_async_callback(_end, page)
        return page


@asynccontextmanager
async def place(amounts: Amounts, integration: Path, *, is_watched: bool) -> AsyncIterator[Place]:
    """Start everything and set it up as a user would, with room for many, and with a relay where bytes are watched."""
    with tempfile.TemporaryDirectory(prefix="grok_assist_bench_", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "custom_components").mkdir()
        (folder / "custom_components" / WATCH.name).symlink_to(WATCH, target_is_directory=True)
        async with (
            SimulatorProcess() as simulator,
            running_home(folder=folder, integration=integration) as home,
            AsyncExitStack() as stack,
        ):
            relayed = None
            if is_watched:
                relayed = await stack.enter_async_context(relay(simulator.url, home.process.url))
            url = simulator.url if relayed is None else relayed.address(SERVICE, simulator.url)
            await home.client.add_integration(WATCH.name)
            # The sample home logs every frame; nobody should pay for that here.
            for name in LOGGERS:
                await home.client.rest("POST", "/api/services/logger/set_level", {name: "warning"})
            entry_id = await add_grok_assist(home.client, api_key=KEY, base_url=url)
            await set_options(home.client, entry_id, agent=AGENT, max_voice_sessions=MOST_OPEN, **LIMITS)
            await change_subentry(home.client, home.socket, entry_id, "voice", live_idle_s=IDLE_S)
            await wait_for_agent(home.client, AGENT)
            yield Place(home=home, simulator=simulator, amounts=amounts, relay=relayed)


def high(section: str, name: str, values: Sequence[float], limit: float | None = None, *, of: int = 95) -> list[Figure]:
    """Describe some values by their median, and by a high percentile that has the goal."""
    if not values:
        return []
    ordered = sorted(values)
    value = ordered[math.ceil(len(ordered) * of / 100) - 1]
    worst = Figure(section=section, name=f"{name}: p{of}", unit="ms", value=value, count=len(values), limit=limit)
    return [Figure.of(section, f"{name}: median", values), worst]


async def _end(page: LivePage) -> None:
    """Say goodbye as a page does."""
    if not page.of("end"):
        await page.send({"type": "end", "reason": "user"})
        await page.until(lambda page: page.of("end"), 10)

"""The place of the bench: one home with three pipelines, and the simulator with a record of what it did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
import tempfile
from typing import Any, Final

from tests.harness.flows import FlowKind
from tests.harness.grok import AGENT, add_grok_assist, set_options
from tests.harness.running import RunningHome, running_home
from tests.harness.satellites import make_pipeline
from tests.harness.simulator import SimulatorProcess
from tests.harness.waiting import wait_until
from tests.simulator.speech.hearing import spoken

KEY: Final = "xai-bench-0000"
SESSIONS: Final = 20
WATCH: Final = Path(__file__).parent / "bench_watch"
SENTENCE, SENTENCE_PCM = spoken("ask_me_something")
SHORT: Final = "It is done, lamp {} is on now."
LOGGERS: Final = ("custom_components.grok_assist", "homeassistant.components.conversation")
WINDOW_S: Final = 0.5
"""How long Grok's detector waits in silence, by default."""

type Json = dict[str, Any]


class Pipe(StrEnum):
    """The pipelines by their names."""

    VOICE = "Grok Voice"
    """One realtime session; Home Assistant's detector ends the sentence."""
    GROK_ENDS = "Grok Ends"
    """The same; Grok's detector ends the sentence."""
    CLASSIC = "Classic"
    """Speech to text, the text agent and text to speech, one after the other."""
    LOCAL = "Local First"
    """As the first, with Home Assistant's own intents tried before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """How often everything is measured."""

    turns: int = 6
    """Of each kind of turn."""
    pairs: int = 50
    leak_turns: int = 300
    barges: int = 10
    streams: tuple[int, ...] = (1, 2, 4, 8, 16)


QUICK: Final = Rounds(turns=2, pairs=4, leak_turns=100, barges=2, streams=(1, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a section of the bench works with."""

    home: RunningHome
    simulator: SimulatorProcess
    pipelines: dict[Pipe, str]
    """Ids by name."""
    rounds: Rounds
    is_old: bool
    """Home Assistant is older than 2026.11: it converts whatever a rate is asked for."""
    violations: list[str] = field(default_factory=list)
    """What the service would have refused before it was last told to forget."""

    async def begin(self, **pace: float) -> None:
        """Forget what earlier sections did, and set the pace of the voice."""
        self.violations.extend(await self.simulator.violations())
        await self.simulator.reset()
        await self.simulator.voice_pace(**{"transcript_s": 0.15, **pace})

    async def all_violations(self) -> list[str]:
        """List what the service would have refused."""
        return [*self.violations, *await self.simulator.violations()]

    async def responses(self) -> list[Json]:
        """List the answers that were spoken, each with the session's own record under `session`."""
        return [
            {**response, "session": session}
            for session in await self.simulator.sessions()
            for response in session["responses"]
            if response["first_audio_at"]
        ]

    async def watch(self) -> Json:
        """Count what runs inside Home Assistant."""
        found: Json = await self.home.client.call_service("bench_watch", "count", response=True)
        return found

    async def trim(self) -> None:
        """Have Home Assistant's process give back the memory that nobody uses."""
        await self.home.client.call_service("bench_watch", "trim", response=True)


@asynccontextmanager
async def place(rounds: Rounds, integration: Path, release: str) -> AsyncIterator[Place]:
    """Start everything and set it up as a user would."""
    with tempfile.TemporaryDirectory(prefix="grok_assist_bench_", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "custom_components").mkdir()
        (folder / "custom_components" / WATCH.name).symlink_to(WATCH, target_is_directory=True)
        async with SimulatorProcess() as simulator, running_home(folder=folder, integration=integration) as home:
            await home.client.add_integration(WATCH.name)
            # The sample home logs every frame; nobody should pay for that here.
            for name in LOGGERS:
                await home.client.rest("POST", "/api/services/logger/set_level", {name: "warning"})
            entry_id = await add_grok_assist(home.client, api_key=KEY, base_url=simulator.url)
            await set_options(home.client, entry_id, max_voice_sessions=SESSIONS)
            pipelines = await _pipelines(home, entry_id)
            is_old = tuple(int(part) for part in release.split(".")[:2]) < (2026, 11)
            yield Place(home=home, simulator=simulator, pipelines=pipelines, rounds=rounds, is_old=is_old)


async def set_voice(home: RunningHome, entry_id: str, *, title: str | None = None, **options: object) -> None:
    """Change the options of the first voice, or add a voice of this title that has them."""
    context: dict[str, str] = {}
    if title is None:
        listed = await home.socket.call("config_entries/subentries/list", entry_id=entry_id)
        subentry_id = next(found["subentry_id"] for found in listed if found["subentry_type"] == "voice")
        context = {"source": "reconfigure", "subentry_id": subentry_id}
    flow = await home.client.flow([entry_id, "voice"], FlowKind.SUBENTRY, **context)
    await flow.submit({"name": title or Pipe.VOICE.value, "llm_hass_api": ["assist"], "recommended": False})
    await flow.submit(options)


async def _pipelines(home: RunningHome, entry_id: str) -> dict[Pipe, str]:
    """Make the pipelines that are not there yet; their ids by name."""
    await set_voice(home, entry_id, title=Pipe.GROK_ENDS.value, end_of_speech="grok")
    first = await _voice(home, "grok_voice")
    second = await _voice(home, "grok_ends")
    listing = await home.socket.call("assist_pipeline/pipeline/list")
    found = {Pipe.VOICE: next(known["id"] for known in listing["pipelines"] if known["name"] == Pipe.VOICE)}
    for pipe, engines, prefers_local in (
        (Pipe.GROK_ENDS, second, False),
        (Pipe.LOCAL, first, True),
        (Pipe.CLASSIC, {"stt": "stt.grok_stt", "agent": AGENT, "tts": "tts.grok_tts"}, False),
    ):
        found[pipe] = await make_pipeline(home.socket, pipe.value, prefers_local=prefers_local, **engines)
    return found


async def _voice(home: RunningHome, name: str) -> dict[str, str]:
    """Give the three entities of a voice once they are there."""
    wanted = {"stt": f"stt.{name}", "agent": f"conversation.{name}", "tts": f"tts.{name}"}

    async def is_there() -> bool:
        states = await home.client.states()
        return all(states.get(entity, {}).get("state", "unavailable") != "unavailable" for entity in wanted.values())

    await wait_until(is_there, f"the entities of {name}", deadline_s=30)
    return wanted

"""The stage of the turns: one Home Assistant, one simulator, one account; each turn begins with the same home."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import Facts
from tests.simulator.speech.hearing import spoken

from ..assist import AssistTurn, assist_turn
from ..grok import add_grok_assist, agent_of
from ..microphone import Microphone
from ..running import RunningHome, running_home
from ..satellites import PlacedSatellite, add_esphome, place_satellite
from ..simulator import SimulatorProcess
from ..spoken import PIPELINE, find_pipeline
from ..voice import VoiceTurn, voice_turn
from ..waiting import wait_until
from .sent import SOUND, client_frames, fingerprint, written

KEY: Final = "xai-journal-0001"
LIGHT: Final = "light.kitchen_light"
LIGHTS: Final = (LIGHT, "light.bedroom_light", "light.garage_light")
PACE: Final = {"transcript_s": 0.1, "first_audio_s": 0.3, "audio_speed": 4}
"""Of the voice, as every turn finds it: sound comes faster than it is heard, and the words well before it."""
TAIL_S: Final = 1.4
"""Silence behind a sentence: the service ends it after half a second of it."""
FRAME_S: Final = 0.04
"""As long as the frames in which sound is sent on: nothing is left over when a socket opens."""
ENVIRONMENT: Final = {"PYTHONHASHSEED": "0"}
"""Some choices of Home Assistant's own tools are sets, and written in the order of their hashes."""
QUIET_LOOKS: Final = 14
"""Looks (at `waiting.POLL_S`) at which nothing may have been sent any more before a turn counts as over."""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the service got in one turn."""

    requests: list[Json]
    sessions: list[Json]
    sounds: Mapping[int, str] = field(default_factory=dict)
    """What is told of the sound of those sessions in which it differs from run to run, by their position."""

    def of(self, path: str) -> list[Json]:
        """List the requests to one path."""
        return [request for request in self.requests if request["path"] == path]

    @property
    def questions(self) -> list[Json]:
        """List the bodies of the requests for a written answer."""
        return [request["body"] for request in self.of("/v1/responses")]

    @property
    def session(self) -> Json:
        """Give the only session."""
        (session,) = self.sessions
        return session

    def kinds(self, number: int = 0) -> list[str]:
        """List the kinds of what we sent over a session, sound left out."""
        return [kind for frame in client_frames(self.sessions[number]) if (kind := frame["type"]) != SOUND]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the turns are played."""

    home: RunningHome
    simulator: SimulatorProcess
    entry_id: str
    agent: str
    """Entity id of the agent that is written to."""
    pipeline: str
    """Id of the pipeline that is spoken to."""

    async def write(self, text: str, *, conversation_id: str | None = None) -> AssistTurn:
        """Have a written turn."""
        return await assist_turn(self.home.socket, text, agent=self.agent, conversation_id=conversation_id)

    async def speak(self, microphone: Microphone, **more: Any) -> VoiceTurn:
        """Have a spoken turn in a browser; further arguments are those of `voice_turn`."""
        named: Json = {"pipeline": self.pipeline} | more
        return await voice_turn(self.home.socket, self.home.process.url, microphone, **named)

    @asynccontextmanager
    async def satellite(self, *, plays: bool) -> AsyncIterator[tuple[EsphomeSatellite, PlacedSatellite]]:
        """Have a device in the kitchen for a while, whose sentences end late: the service has heard the end by then."""
        client, socket = self.home.client, self.home.socket
        async with EsphomeSatellite(Facts(), plays=plays) as satellite:
            entry_id = await add_esphome(client, satellite.port)
            try:
                yield (
                    satellite,
                    await place_satellite(
                        client, socket, entry_id, area="Kitchen", pipeline=PIPELINE, sensitivity="relaxed"
                    ),
                )
            finally:
                await client.remove_entry(entry_id)

    async def is_on(self, light: str = LIGHT) -> bool:
        """Look at a light."""
        return await self.home.client.state(light) == "on"

    async def begin(self) -> None:
        """Put home and service into the state in which every turn finds them."""
        await self.simulator.drop_sessions()
        await self.simulator.reset()
        await self.simulator.voice_pace(**PACE)
        await self.home.client.call_service("light", "turn_off", entity_id=list(LIGHTS))
        for light in LIGHTS:
            await self.home.client.wait_for_state(light, "off")

    async def sent(self) -> Sent:
        """Give what was sent, once nothing more comes."""
        seen: list[object] = []

        async def is_quiet() -> bool:
            sent = await self._sent()
            seen.append((len(sent.requests), [(len(one["events"]), one["closed_at"]) for one in sent.sessions]))
            return len(seen) >= QUIET_LOOKS and seen[-1] == seen[-QUIET_LOOKS]

        await wait_until(is_quiet, "nothing more is sent", deadline_s=60)
        assert await self.simulator.violations() == []
        return await self._sent()

    async def text_of(self, sent: Sent) -> str:
        """Write what was sent."""
        told = [
            sent.sounds.get(number) or fingerprint(await self.simulator.input_audio(session))
            for number, session in enumerate(sent.sessions)
        ]
        return written(sent.requests, sent.sessions, told)

    async def _sent(self) -> Sent:
        """Ask what came so far."""
        state = await self.simulator.control("GET", "state")
        return Sent(requests=state["requests"], sessions=await self.simulator.sessions())


def saying(name: str, *, tail_s: float = TAIL_S, wait_s: float = 0.0) -> Microphone:
    """Give a microphone that hears a sentence and ends well after the service has heard the end of it."""
    return hearing(spoken(name)[1], tail_s=tail_s, wait_s=wait_s)


def hearing(pcm: bytes, *, tail_s: float = TAIL_S, wait_s: float = 0.0) -> Microphone:
    """Give one that hears any sound."""
    return Microphone(pcm, tail_s=tail_s, wait_s=wait_s, frame_s=FRAME_S)


@asynccontextmanager
async def stage_of() -> AsyncIterator[Stage]:
    """Set everything up."""
    async with SimulatorProcess() as simulator, running_home(environment=ENVIRONMENT) as home:
        await simulator.reset()
        entry_id = await add_grok_assist(home.client, api_key=KEY, base_url=simulator.url)
        yield Stage(
            home=home,
            simulator=simulator,
            entry_id=entry_id,
            agent=await agent_of(home.socket, entry_id),
            pipeline=await find_pipeline(home.socket),
        )

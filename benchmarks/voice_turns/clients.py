"""The clients of the bench: a browser and satellites, all used alike."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from typing import Final, Protocol, override

from tests.harness.satellites import add_esphome, add_wyoming, place_satellite
from tests.harness.voice import voice_turn
from tests.harness.websocket import HomeAssistantSocket
from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import FLAC_48, WAV_16, WAV_48, Facts, Format
from tests.satellites.wyoming import WyomingSatellite

from .heard import Heard
from .place import Pipe, Place


class ClientKind(StrEnum):
    """Who speaks, and how the answer is wanted."""

    BROWSER = "browser, mp3, no rate"
    WYOMING = "Wyoming, WAV 22.05 kHz"
    FLAC_48 = "ESPHome, FLAC 48 kHz"
    WAV_48 = "ESPHome, WAV 48 kHz"
    WAV_16 = "ESPHome, WAV 16 kHz"


FORMATS: Final[dict[ClientKind, Format]] = {
    ClientKind.FLAC_48: FLAC_48,
    ClientKind.WAV_48: WAV_48,
    ClientKind.WAV_16: WAV_16,
}


class Client(Protocol):
    """Somebody who speaks and hears."""

    async def say(self, pcm: bytes, pipe: Pipe) -> Heard:
        """Say something to a pipeline and hear the answer to its end.

        Raises:
            TurnError: there was none.
        """


class Browser(Client):
    """The dialog in the browser; each turn is a new conversation."""

    def __init__(self, place: Place, socket: HomeAssistantSocket | None = None) -> None:
        """Use a connection of its own, or the place's."""
        self._place = place
        self._socket = socket or place.home.socket

    @override
    async def say(self, pcm: bytes, pipe: Pipe) -> Heard:
        pipeline = self._place.pipelines[pipe]
        return Heard.by_browser(await voice_turn(self._socket, self._place.home.process.url, pcm, pipeline=pipeline))


class Satellite(Client):
    """A satellite in a room; its turns are one conversation as long as Home Assistant keeps it."""

    def __init__(self, place: Place, device: WyomingSatellite | EsphomeSatellite, pipeline_select: str) -> None:
        """Take a satellite that was added."""
        self._place = place
        self._device = device
        self._select = pipeline_select
        self._pipe = Pipe.VOICE

    @override
    async def say(self, pcm: bytes, pipe: Pipe) -> Heard:
        if pipe is not self._pipe:
            client = self._place.home.client
            await client.call_service("select", "select_option", entity_id=self._select, option=pipe.value)
            await client.wait_for_state(self._select, pipe.value)
            self._pipe = pipe
        return Heard.by_satellite(await self._device.speak(pcm))


@asynccontextmanager
async def clients(place: Place, kinds: Sequence[ClientKind]) -> AsyncIterator[dict[ClientKind, Client]]:
    """Have clients of these kinds for a while."""
    async with AsyncExitStack() as stack:
        found: dict[ClientKind, Client] = {}
        for number, kind in enumerate(kinds):
            match kind:
                case ClientKind.BROWSER:
                    found[kind] = Browser(place)
                case ClientKind.WYOMING:
                    found[kind] = await stack.enter_async_context(wyoming(place, "Kitchen"))
                case _:
                    found[kind] = await stack.enter_async_context(_esphome(place, FORMATS[kind], number))
        yield found


@asynccontextmanager
async def wyoming(place: Place, area: str) -> AsyncIterator[Satellite]:
    """Have a Wyoming satellite in a room; its turns end when the answer has been heard."""
    home = place.home
    async with WyomingSatellite(f"{area} satellite") as device:
        entry_id = await add_wyoming(home.client, device.port)
        try:
            put = await place_satellite(home.client, home.socket, entry_id, area=area, pipeline=Pipe.VOICE)
            yield Satellite(place, device, put.pipeline_select)
        finally:
            await home.client.remove_entry(entry_id)


@asynccontextmanager
async def esphome(place: Place, facts: Facts, area: str) -> AsyncIterator[EsphomeSatellite]:
    """Have an ESPHome device in a room, as it is."""
    async with _placed_esphome(place, facts, area) as (device, _):
        yield device


@asynccontextmanager
async def _esphome(place: Place, announcement: Format, number: int) -> AsyncIterator[Satellite]:
    """Have an ESPHome device in the bedroom as a client."""
    facts = Facts(
        name=f"voice-pe-{number}",
        friendly_name=f"Voice PE {number}",
        mac=f"02:00:00:00:00:{number:02x}",
        announcement=announcement,
    )
    async with _placed_esphome(place, facts, "Bedroom") as (device, select):
        yield Satellite(place, device, select)


@asynccontextmanager
async def _placed_esphome(place: Place, facts: Facts, area: str) -> AsyncIterator[tuple[EsphomeSatellite, str]]:
    """Have an ESPHome device in a room, and the choice of its pipeline."""
    home = place.home
    async with EsphomeSatellite(facts, plays=False) as device:
        entry_id = await add_esphome(home.client, device.port)
        try:
            put = await place_satellite(home.client, home.socket, entry_id, area=area, pipeline=Pipe.VOICE)
            yield device, put.pipeline_select
        finally:
            await home.client.remove_entry(entry_id)

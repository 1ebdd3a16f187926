"""Satellites in a running home: added through core's config flows, put into a room and tied to a pipeline."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from .client import HomeAssistantClient
from .errors import HarnessError
from .sample_home import HOST
from .waiting import wait_until
from .websocket import HomeAssistantSocket

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSatellite:
    """A satellite as Home Assistant knows it."""

    entry_id: str
    device_id: str
    entity_id: str
    """Its `assist_satellite` entity."""
    pipeline_select: str
    """Entity id of the choice of its pipeline."""
    sensitivity_select: str
    """Entity id of the choice of how soon speech has ended."""


async def add_wyoming(client: HomeAssistantClient, port: int) -> str:
    """Add a Wyoming service on this machine (satellite or engines) and return its entry's id."""
    flow = await client.flow("wyoming")
    await flow.submit({"host": HOST, "port": port})
    return flow.created_entry_id


async def add_esphome(client: HomeAssistantClient, port: int) -> str:
    """Add an ESPHome device on this machine and return its entry's id."""
    flow = await client.flow("esphome")
    await flow.submit({"host": HOST, "port": port})
    return flow.created_entry_id


async def find_satellite(socket: HomeAssistantSocket, entry_id: str, *, deadline_s: float = 20) -> PlacedSatellite:
    """Return the satellite of an entry once it is there and Home Assistant has reached it.

    Raises:
        DeadlineError: it did not come.
    """

    async def found() -> PlacedSatellite | None:
        entities = await socket.call("config/entity_registry/list")
        own = [entity for entity in entities if entity["config_entry_id"] == entry_id]
        try:
            satellite = _of_domain(own, "assist_satellite")
            place = PlacedSatellite(
                entry_id=entry_id,
                device_id=satellite["device_id"],
                entity_id=satellite["entity_id"],
                pipeline_select=_of_domain(own, "select", "-pipeline")["entity_id"],
                sensitivity_select=_of_domain(own, "select", "-vad_sensitivity")["entity_id"],
            )
        except HarnessError:
            return None
        states = {state["entity_id"]: state["state"] for state in await socket.call("get_states")}
        return place if states.get(place.entity_id, "unavailable") != "unavailable" else None

    found_place = await wait_until(found, f"the satellite of {entry_id}", deadline_s=deadline_s)
    assert found_place is not None
    return found_place


async def place_satellite(
    client: HomeAssistantClient,
    socket: HomeAssistantSocket,
    entry_id: str,
    *,
    area: str | None = None,
    pipeline: str | None = None,
    sensitivity: str | None = None,
) -> PlacedSatellite:
    """Put the satellite of an entry into a room and choose its pipeline, both by name, and its sensitivity.

    Raises:
        HarnessError: there is no such room.
    """
    place = await find_satellite(socket, entry_id)
    if area is not None:
        areas = {known["name"]: known["area_id"] for known in await socket.call("config/area_registry/list")}
        if area not in areas:
            message = f"there is no area {area}"
            raise HarnessError(message)
        await socket.call("config/device_registry/update", device_id=place.device_id, area_id=areas[area])
    for select, option in ((place.pipeline_select, pipeline), (place.sensitivity_select, sensitivity)):
        if option is not None:
            await client.call_service("select", "select_option", entity_id=select, option=option)
            await client.wait_for_state(select, option)
    return place


@asynccontextmanager
async def placed_satellite(
    client: HomeAssistantClient,
    socket: HomeAssistantSocket,
    add: Callable[[HomeAssistantClient, int], Awaitable[str]],
    port: int,
    *,
    area: str,
    pipeline: str,
) -> AsyncIterator[PlacedSatellite]:
    """Have a satellite in a room for a while; `add` is one of those above."""
    entry_id = await add(client, port)
    try:
        yield await place_satellite(client, socket, entry_id, area=area, pipeline=pipeline)
    finally:
        await client.remove_entry(entry_id)


async def make_pipeline(
    socket: HomeAssistantSocket,
    name: str,
    *,
    stt: str | None,
    agent: str,
    tts: str | None,
    language: str = "en",
    tts_voice: str | None = None,
    prefers_local: bool = False,
) -> str:
    """Make a pipeline of these entities and return its id."""
    made: Json = await socket.call(
        "assist_pipeline/pipeline/create",
        name=name,
        language=language,
        conversation_engine=agent,
        conversation_language=language,
        stt_engine=stt,
        stt_language=language if stt else None,
        tts_engine=tts,
        tts_language=language if tts else None,
        tts_voice=tts_voice,
        wake_word_entity=None,
        wake_word_id=None,
        prefer_local_intents=prefers_local,
    )
    return str(made["id"])


async def entities_of(socket: HomeAssistantSocket, entry_id: str) -> list[str]:
    """List the entity ids of an entry."""
    entities = await socket.call("config/entity_registry/list")
    return sorted(entity["entity_id"] for entity in entities if entity["config_entry_id"] == entry_id)


def _of_domain(entities: list[Json], domain: str, suffix: str = "") -> Json:
    """Give the entity of a domain whose unique id ends in the suffix."""
    for entity in entities:
        if entity["entity_id"].startswith(f"{domain}.") and str(entity.get("unique_id", "")).endswith(suffix):
            return entity
    message = f"no {domain} entity with {suffix or 'any id'}"
    raise HarnessError(message)

"""The generated home as Home Assistant's configuration, and its arrangement in the running process."""

import asyncio
from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any, Final

from benchmarks.text_turns.process import BenchHome
from tests.harness.client import HomeAssistantClient
from tests.harness.sample_home import ASSISTANT, INTEGRATION
from tests.harness.waiting import wait_until
from tests.harness.websocket import HomeAssistantSocket

from .rooms import RELAY, TARGET_TEMPERATURE, Device, Room, devices_for, rooms_for, secrets

COMPONENT: Final = Path(__file__).parent / "bench_context"
ENTITIES_DEADLINE_S: Final = 90
PARALLEL_CALLS: Final = 50
SATELLITES: Final = ("Kitchen", "Office", "Bathroom", "Bedroom")
"""The rooms with a satellite."""
CONFIGURATION: Final = """\
homeassistant: {name: Bench, unit_system: metric, time_zone: Europe/Amsterdam, country: NL, language: en}
logger: {default: warning}
assist_pipeline:
config:
conversation:
frontend:
recorder:
person: [{id: ada, name: Ada}, {id: ben, name: Ben}]
climate: !include climates.yaml
media_player: !include media_players.yaml
template: !include templates.yaml
"""
# Actions that do nothing: every device keeps its state, whoever commands it.
_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "light": ("turn_on", "turn_off", "set_level"),
    "switch": ("turn_on", "turn_off"),
    "cover": ("open_cover", "close_cover", "stop_cover"),
    "lock": ("lock", "unlock"),
    "fan": ("turn_on", "turn_off"),
    "vacuum": ("start", "pause", "stop", "return_to_base"),
}
_FULL: Final = 255


class ContextHome(BenchHome):
    """Home Assistant with a home of ordinary rooms."""

    def __init__(self, folder: Path, size: int, integration: Path = INTEGRATION) -> None:
        """Write the home; nothing runs yet."""
        super().__init__(folder, size, "http://127.0.0.1:9", integration)
        self.devices = devices_for(size)
        self.rooms = rooms_for(size)
        _write(folder, [*self.devices, *secrets()])


def satellite_name(room: str) -> str:
    """Name the satellite of a room."""
    return f"{room} Satellite"


async def arrange(client: HomeAssistantClient, socket: HomeAssistantSocket, home: ContextHome) -> dict[str, str]:
    """Put everything into its room, show Assist what it may see, and give the satellites by room."""
    everything = [*home.devices, *secrets()]
    wanted = {device.entity_id for device in everything}
    missing: set[str] = set()

    async def all_there() -> bool:
        missing.clear()
        missing.update(wanted - (await client.states()).keys())
        return not missing

    await wait_until(all_there, f"all {len(wanted)} entities are there", deadline_s=ENTITIES_DEADLINE_S)
    areas = await _make_areas(socket, home.rooms)
    limit = asyncio.Semaphore(PARALLEL_CALLS)

    async def place(device: Device) -> None:
        """Put one device into its room."""
        async with limit:
            await socket.call(
                "config/entity_registry/update", entity_id=device.entity_id, area_id=areas[device.room], aliases=[None]
            )

    await asyncio.gather(*(place(device) for device in everything if device.room))
    await socket.call("homeassistant/expose_new_entities/set", assistant=ASSISTANT, expose_new=False)
    exposed = {device.entity_id for device in home.devices}
    others = {state["entity_id"] for state in await socket.call("get_states")} - exposed
    for entity_ids, should_expose in ((exposed, True), (others, False)):
        await socket.call(
            "homeassistant/expose_entity",
            assistants=[ASSISTANT],
            entity_ids=sorted(entity_ids),
            should_expose=should_expose,
        )
    for device in home.devices:
        if device.domain == "person":
            await set_state(client, device.entity_id, device.state)
    await _check_states(client, home.devices)
    return await _place_satellites(client, socket, areas)


async def set_state(client: HomeAssistantClient, entity_id: str, state: str) -> None:
    """Let an entity have a state, with the attributes that it has."""
    now = await client.rest("GET", f"/api/states/{entity_id}")
    await client.rest("POST", f"/api/states/{entity_id}", {"state": state, "attributes": now["attributes"]})


async def _check_states(client: HomeAssistantClient, devices: Sequence[Device]) -> None:
    """Wait until every device has its state: facts are held against these."""
    wrong: dict[str, str] = {}

    async def all_right() -> bool:
        states = await client.states()
        wrong.clear()
        wrong.update(
            {device.name: found for device in devices if (found := states[device.entity_id]["state"]) != device.state}
        )
        return not wrong

    try:
        await wait_until(all_right, "all devices have their states", deadline_s=15)
    except Exception as error:
        raise RuntimeError(f"states are not as they should be: {wrong}") from error


async def _make_areas(socket: HomeAssistantSocket, rooms: Sequence[Room]) -> dict[str, str]:
    """Make floors and rooms; room name to its id."""
    floors = {
        name: (await socket.call("config/floor_registry/create", name=name, level=level))["floor_id"]
        for level, name in enumerate(dict.fromkeys(room.floor for room in rooms))
    }
    known = {area["name"]: area["area_id"] for area in await socket.call("config/area_registry/list")}
    for room in rooms:
        fields = {"name": room.name, "floor_id": floors[room.floor], "aliases": list(room.aliases)}
        # Onboarding has made a kitchen, a living room and a bedroom already.
        if area_id := known.get(room.name):
            await socket.call("config/area_registry/update", area_id=area_id, **fields)
        else:
            known[room.name] = (await socket.call("config/area_registry/create", **fields))["area_id"]
    return known


async def _place_satellites(
    client: HomeAssistantClient, socket: HomeAssistantSocket, areas: dict[str, str]
) -> dict[str, str]:
    """Make the satellites and put each into its room; room to device id."""
    await client.add_integration(COMPONENT.name)
    names = {satellite_name(room): room for room in SATELLITES}
    placed = {}
    for device in await socket.call("config/device_registry/list"):
        if room := names.get(device["name"]):
            await socket.call("config/device_registry/update", device_id=device["id"], area_id=areas[room])
            placed[room] = device["id"]
    return placed


def _write(folder: Path, devices: Sequence[Device]) -> None:
    """Write the configuration."""
    templates, climates, players = [], [], []
    for device in devices:
        match device.domain:
            case "person":
                continue
            case "climate":
                climates.append(_thermostat(device))
            case "media_player":
                players.append(_player(device))
            case _:
                templates.append({device.domain: _template(device)})
    files = {"templates": templates, "climates": climates, "media_players": players}
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
    (folder / "configuration.yaml").write_text(CONFIGURATION, encoding="utf-8")
    link = folder / "custom_components" / COMPONENT.name
    link.unlink(missing_ok=True)
    link.symlink_to(COMPONENT, target_is_directory=True)


def _template(device: Device) -> dict[str, Any]:
    """Describe a device as a template entity with a constant state."""
    fields: dict[str, Any] = {
        "name": device.name,
        "unique_id": device.entity_id,
        "default_entity_id": device.entity_id,
        **{action: [] for action in _ACTIONS.get(device.domain, ())},
    }
    if device.kind:
        fields["device_class"] = device.kind
    if device.unit:
        fields["unit_of_measurement"] = device.unit
    if device.domain == "weather":
        return fields | {"condition": device.state, "temperature": "14.5", "humidity": "71", "temperature_unit": "°C"}
    if device.domain == "light":
        fields["level"] = str(round((device.percent or 100) * _FULL / 100))
    return fields | {"state": device.state}


def _thermostat(device: Device) -> dict[str, Any]:
    """Describe a thermostat that listens to the temperature of its room."""
    return {
        "platform": "generic_thermostat",
        "name": device.name,
        "unique_id": device.entity_id,
        "heater": RELAY,
        "target_sensor": Device(domain="sensor", name=f"{device.room} Temperature").entity_id,
        "initial_hvac_mode": device.state,
        "target_temp": float(TARGET_TEMPERATURE),
    }


def _player(device: Device) -> dict[str, Any]:
    """Describe a player that is always in one state."""
    command = {"action": "persistent_notification.dismiss_all"}
    return {
        "platform": "universal",
        "name": device.name,
        "unique_id": device.entity_id,
        "device_class": device.kind,
        "state_template": device.state,
        "commands": dict.fromkeys(("turn_on", "turn_off", "media_pause", "media_play"), command),
    }

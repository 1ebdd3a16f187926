"""A generated home: template entities over rooms and floors, all of them shown to Assist."""

import asyncio
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final

from tests.harness.client import HomeAssistantClient
from tests.harness.sample_home import ASSISTANT, INTEGRATION, write_sample_home
from tests.harness.waiting import wait_until
from tests.harness.websocket import HomeAssistantSocket

FLOOR_COMPONENT: Final = Path(__file__).parent / "bench_floor"
FLOORS: Final = ("Basement", "Ground Floor", "First Floor", "Attic")
ENTITIES_PER_AREA: Final = 10
MIN_AREAS: Final = 5
MAX_AREAS: Final = 20
PARALLEL_CALLS: Final = 50
ENTITIES_DEADLINE_S: Final = 60
# Of ten entities; what a home mostly consists of.
MIX: Final = ("light",) * 4 + ("switch",) * 2 + ("sensor",) * 2 + ("binary_sensor", "cover")
FIELDS: Final[dict[str, dict[str, Any]]] = {
    "light": {"turn_on": [], "turn_off": [], "set_level": []},
    "switch": {"turn_on": [], "turn_off": []},
    "sensor": {"state": "21.4", "unit_of_measurement": "°C"},
    "binary_sensor": {"state": "off"},
    "cover": {"open_cover": [], "close_cover": []},
}
# Nothing of `default_config` but what conversations and their client need; warnings only, so that no agent
# pays for its log.
CONFIGURATION: Final = """\
homeassistant: {name: Bench, unit_system: metric, time_zone: Europe/Amsterdam, country: NL, language: en}
logger: {default: warning}
assist_pipeline:
config:
conversation:
frontend:
recorder:
template: !include templates.yaml
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchEntity:
    """One template entity of the generated home."""

    domain: str
    name: str
    area: int
    """Index of its room."""

    @property
    def entity_id(self) -> str:
        """Its id, which follows from its name."""
        return f"{self.domain}.{self.name.lower().replace(' ', '_')}"


def bench_entities(count: int) -> list[BenchEntity]:
    """List the entities of a home of this size."""
    areas = area_count(count)
    return [
        BenchEntity(
            domain=(domain := MIX[number % len(MIX)]),
            name=f"Room {number % areas + 1} {domain.replace('_', ' ').title()} {number // areas + 1}",
            area=number % areas,
        )
        for number in range(count)
    ]


def area_count(entities: int) -> int:
    """Give the number of rooms of a home of this size."""
    return min(max(entities // ENTITIES_PER_AREA, MIN_AREAS), MAX_AREAS)


def write_bench_home(folder: Path, port: int, entities: int, integration: Path = INTEGRATION) -> None:
    """Write the configuration of a home of this size, with an integration (this checkout's) and the floor agent."""
    write_sample_home(folder, port, integration)
    (folder / "configuration.yaml").write_text(CONFIGURATION, encoding="utf-8")
    templates = [
        {
            entity.domain: {
                "name": entity.name,
                "unique_id": entity.entity_id,
                "default_entity_id": entity.entity_id,
                **FIELDS[entity.domain],
            }
        }
        for entity in bench_entities(entities)
    ]
    (folder / "templates.yaml").write_text(json.dumps(templates), encoding="utf-8")
    link = folder / "custom_components" / FLOOR_COMPONENT.name
    link.unlink(missing_ok=True)
    link.symlink_to(FLOOR_COMPONENT, target_is_directory=True)


async def arrange_bench_home(client: HomeAssistantClient, socket: HomeAssistantSocket, count: int) -> None:
    """Make the rooms, put the entities into them and show Assist these and nothing else."""
    entities = bench_entities(count)
    wanted = {entity.entity_id for entity in entities}

    async def all_there() -> bool:
        return wanted <= (await client.states()).keys()

    await wait_until(all_there, "all entities are there", deadline_s=ENTITIES_DEADLINE_S)
    areas = await _make_areas(socket, area_count(count))
    limit = asyncio.Semaphore(PARALLEL_CALLS)

    async def place(entity: BenchEntity) -> None:
        """Put one entity into its room."""
        async with limit:
            await socket.call(
                "config/entity_registry/update", entity_id=entity.entity_id, area_id=areas[entity.area], aliases=[None]
            )

    await asyncio.gather(*(place(entity) for entity in entities))
    await socket.call("homeassistant/expose_new_entities/set", assistant=ASSISTANT, expose_new=False)
    others = {state["entity_id"] for state in await socket.call("get_states")} - wanted
    for entity_ids, should_expose in ((wanted, True), (others, False)):
        await socket.call(
            "homeassistant/expose_entity",
            assistants=[ASSISTANT],
            entity_ids=sorted(entity_ids),
            should_expose=should_expose,
        )


async def _make_areas(socket: HomeAssistantSocket, count: int) -> list[str]:
    """Make the floors and rooms; give the rooms' ids."""
    floors = [
        (await socket.call("config/floor_registry/create", name=name, level=level))["floor_id"]
        for level, name in enumerate(FLOORS)
    ]
    return [
        (
            await socket.call(
                "config/area_registry/create", name=f"Room {number + 1}", floor_id=floors[number % len(floors)]
            )
        )["area_id"]
        for number in range(count)
    ]

"""The sample home: its files for Home Assistant, then its cameras, floors, rooms, names and what Assist may see."""

from dataclasses import dataclass
import json
from pathlib import Path
import shutil
from typing import Any, Final

import imageio_ffmpeg  # type: ignore[import-untyped]
import yaml

from .client import HomeAssistantClient
from .pictures import draw_pictures, picture_path
from .websocket import HomeAssistantSocket

HOME: Final = Path(__file__).parent / "home"
INTEGRATION: Final = Path(__file__).parents[2] / "custom_components" / "grok_assist"
ARRANGEMENT: Final = HOME / "arrangement.yaml"
ASSISTANT: Final = "conversation"
# Loopback only: everybody knows the password.
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one entity of the home is and what it is called."""

    entity_id: str
    area: str
    name: str | None
    """Instead of the entity's own."""
    aliases: tuple[str, ...]
    exposed: bool


def write_sample_home(folder: Path, port: int, integration: Path | None) -> None:
    """Write the home's configuration into the folder and link the integration; what Home Assistant stored stays."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    draw_pictures(folder)
    (folder / "secrets.yaml").write_text(yaml.safe_dump(_addresses(port)), encoding="utf-8")
    for source in HOME.glob("*.yaml"):
        if source != ARRANGEMENT:
            shutil.copyfile(source, folder / source.name)
    with (folder / "configuration.yaml").open("a", encoding="utf-8") as configuration:
        configuration.write(_media_tools())
    # `http:` in YAML is deprecated, and what it says is on trial: Home Assistant restarts after five minutes.
    _store(storage / "http", version=2, minor_version=2, data=_web_server(port))
    if not (storage / "onboarding").exists():
        # This step would set up Met.no, Google Translate and a radio guide: clouds that nobody asked for.
        _store(storage / "onboarding", version=4, minor_version=1, data={"done": ["core_config"]})
    if integration is not None:
        _link_integration(folder / "custom_components" / integration.name, integration)


async def arrange_sample_home(client: HomeAssistantClient, socket: HomeAssistantSocket) -> None:
    """Add cameras, floors and rooms, put every entity in place and show Assist what it may see; may run again."""
    arrangement = yaml.safe_load(ARRANGEMENT.read_text(encoding="utf-8"))
    # Satellites fetch their audio from the address that they are told: else the machine's own, where nobody listens.
    await socket.call("config/core/update", internal_url=client.url)
    await client.add_integration("shopping_list")
    await _add_cameras(client, arrangement["cameras"])
    areas = await _make_areas(socket, arrangement["floors"])
    placements = _placements(arrangement["floors"])
    for placement in placements:
        await socket.call(
            "config/entity_registry/update",
            entity_id=placement.entity_id,
            area_id=areas[placement.area],
            name=placement.name,
            # None stands for the entity's own name, which would be lost beside an alias.
            aliases=[None, *placement.aliases],
        )
    for entity_id in arrangement["hidden"]:
        await socket.call("config/entity_registry/update", entity_id=entity_id, hidden_by="user")
    await _expose(socket, placements, everywhere=arrangement["exposed_without_room"])


def exposed_entity_ids() -> list[str]:
    """List the entities that Assist may see in the sample home, as the arrangement says."""
    arrangement = yaml.safe_load(ARRANGEMENT.read_text(encoding="utf-8"))
    placed = [placement.entity_id for placement in _placements(arrangement["floors"]) if placement.exposed]
    return sorted([*placed, *arrangement["exposed_without_room"]])


def _addresses(port: int) -> dict[str, str]:
    """Give what the configuration calls secrets: addresses that only this start knows."""
    return {"last_visitor_url": f"http://{HOST}:{port}/local/last_visitor.jpg"}


def _media_tools() -> str:
    """Say where ffmpeg is if the machine has none of its own: a package brings one along."""
    if shutil.which("ffmpeg"):
        return ""
    return yaml.safe_dump({"ffmpeg": {"ffmpeg_bin": imageio_ffmpeg.get_ffmpeg_exe()}})


def _store(path: Path, *, version: int, minor_version: int, data: dict[str, Any]) -> None:
    """Write a file as Home Assistant stores its own."""
    content = {"version": version, "minor_version": minor_version, "key": path.name, "data": data}
    path.write_text(json.dumps(content), encoding="utf-8")


def _web_server(port: int) -> dict[str, Any]:
    """Describe the web server: Home Assistant's defaults but for host and port (both releases read this version)."""
    stable = {
        "server_host": [HOST],
        "server_port": port,
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-11-20T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _link_integration(link: Path, integration: Path) -> None:
    """Link the integration of the checkout into the configuration."""
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(integration, target_is_directory=True)


def _placements(floors: list[dict[str, Any]]) -> list[Placement]:
    """List every entity of the arrangement with its room."""
    return [
        Placement(
            entity_id=entity_id,
            area=area["name"],
            name=(details or {}).get("name"),
            aliases=tuple((details or {}).get("aliases", ())),
            exposed=(details or {}).get("exposed", True),
        )
        for floor in floors
        for area in floor["areas"]
        for entity_id, details in area["entities"].items()
    ]


async def _add_cameras(client: HomeAssistantClient, names: list[str]) -> None:
    """Add a camera for each of these pictures, unless it is there: `front_door` becomes `camera.front_door`."""
    known = {entry["title"] for entry in await client.entries("local_file")}
    folder = Path((await client.rest("GET", "/api/config"))["config_dir"])
    for name in names:
        if name not in known:
            flow = await client.flow("local_file")
            # Home Assistant 2026.10 asks for a name; later ones take that of the file.
            asked = {"name": name} if "name" in flow.step.fields else {}
            await flow.submit({**asked, "file_path": str(picture_path(folder, name))})


async def _make_areas(socket: HomeAssistantSocket, floors: list[dict[str, Any]]) -> dict[str, str]:
    """Make the floors and rooms that are missing; room name to its id."""
    known_floors = {floor["name"]: floor["floor_id"] for floor in await socket.call("config/floor_registry/list")}
    known_areas = {area["name"]: area["area_id"] for area in await socket.call("config/area_registry/list")}
    for floor in floors:
        name = floor["name"]
        if name not in known_floors:
            made = await socket.call("config/floor_registry/create", name=name, level=floor["level"])
            known_floors[name] = made["floor_id"]
        for area in floor["areas"]:
            fields = {"name": area["name"], "floor_id": known_floors[name], "aliases": area.get("aliases", [])}
            # Onboarding has made a kitchen, a living room and a bedroom already.
            if area_id := known_areas.get(area["name"]):
                await socket.call("config/area_registry/update", area_id=area_id, **fields)
            else:
                made = await socket.call("config/area_registry/create", **fields)
                known_areas[area["name"]] = made["area_id"]
    return known_areas


async def _expose(socket: HomeAssistantSocket, placements: list[Placement], *, everywhere: list[str]) -> None:
    """Show Assist the exposed entities, hide the others, and let nothing new in by itself."""
    await socket.call("homeassistant/expose_new_entities/set", assistant=ASSISTANT, expose_new=False)
    states = {state["entity_id"] for state in await socket.call("get_states")}
    exposed = {placement.entity_id for placement in placements if placement.exposed} | set(everywhere)
    for entity_ids, should_expose in ((exposed, True), (states - exposed, False)):
        await socket.call(
            "homeassistant/expose_entity",
            assistants=[ASSISTANT],
            entity_ids=sorted(entity_ids),
            should_expose=should_expose,
        )

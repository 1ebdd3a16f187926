"""Blueprints of this checkout in a running home: imported from an address, made into automations, and taken away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
import uuid

from aiohttp import web

from .client import HomeAssistantClient
from .running import RunningHome
from .sample_home import HOST
from .waiting import wait_until
from .websocket import HomeAssistantSocket

BLUEPRINTS: Final = Path(__file__).parents[2] / "blueprints"

type Json = dict[str, Any]


@asynccontextmanager
async def published(folder: Path) -> AsyncIterator[str]:
    """Serve the YAML files of a folder; yields the address of the folder."""
    application = web.Application()
    application.router.add_static("/", folder)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def imported(home: RunningHome, file: Path) -> AsyncIterator[tuple[str, Json]]:
    """Import a blueprint by its address as the dialog does; yields its path there and what the dialog showed."""
    async with published(file.parent) as address:
        url = f"{address}/{file.name}"
        shown: Json = await home.socket.call("blueprint/import", url=url)
        domain = shown["blueprint"]["metadata"]["domain"]
        path = f"{shown['suggested_filename']}.yaml"
        await home.socket.call("blueprint/save", domain=domain, path=path, yaml=shown["raw_data"], source_url=url)
    try:
        yield path, shown
    finally:
        await home.socket.call("blueprint/delete", domain=domain, path=path)


@asynccontextmanager
async def automation_of(home: RunningHome, blueprint: str, **inputs: object) -> AsyncIterator[str]:
    """Make an automation of a blueprint as the editor does; yields its entity id."""
    # A name of its own: under an old one, Home Assistant restores when the old automation ran last.
    identifier = f"{Path(blueprint).stem}_{uuid.uuid4().hex}"
    config = {"alias": identifier, "use_blueprint": {"path": blueprint, "input": inputs}}
    address = f"/api/config/automation/config/{identifier}"
    await home.client.rest("POST", address, config)
    try:
        yield await _entity_of(home.client, home.socket, identifier)
    finally:
        await home.client.rest("DELETE", address)


async def _entity_of(client: HomeAssistantClient, socket: HomeAssistantSocket, identifier: str) -> str:
    """Give the entity of an automation once it is switched on."""

    async def found() -> str:
        for entity in await socket.call("config/entity_registry/list"):
            if (entity["platform"], entity["unique_id"]) == ("automation", identifier):
                return str(entity["entity_id"])
        return ""

    entity_id = await wait_until(found, f"the automation {identifier}")
    await client.wait_for_state(entity_id, "on")
    return entity_id

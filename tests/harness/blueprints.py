"""Blueprints of this checkout in a running home: imported from an address, made into automations, and taken away.

And whom they tell: notifications, a notebook, a calendar to read from.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
import uuid

from aiohttp import web

from .client import HomeAssistantClient
from .running import RunningHome
from .sample_home import HOST
from .satellites import entities_of
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


@asynccontextmanager
async def automation_from(home: RunningHome, file: Path, **inputs: object) -> AsyncIterator[str]:
    """Import a blueprint and make an automation of it; yields its entity id."""
    async with imported(home, file) as (blueprint, _), automation_of(home, blueprint, **inputs) as automation:
        yield automation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A home in which automations tell somebody something."""

    home: RunningHome

    async def told(self) -> list[Json]:
        """List the notifications that are shown."""
        listed: list[Json] = await self.home.socket.call("persistent_notification/get")
        return listed

    async def wait_told(self, count: int = 1) -> list[Json]:
        """Wait for so many notifications; returns them, the newest last."""

        async def enough() -> list[Json]:
            told = await self.told()
            return told if len(told) >= count else []

        told = await wait_until(enough, f"{count} notifications", deadline_s=45)
        assert len(told) == count
        return sorted(told, key=lambda notification: notification["created_at"])

    async def ring(self) -> None:
        """Press the doorbell."""
        await self.home.client.call_service("input_button", "press", entity_id="input_button.doorbell_button")

    async def run(self, automation: str, **options: bool) -> None:
        """Run an automation by hand and wait for its end, as "Run" in its menu does, or the service with options."""
        await self.home.client.call_service("automation", "trigger", entity_id=automation, **options)

    async def quiet(self, automation: str, *, runs: int = 1, outcome: str = "finished") -> None:
        """Wait until an automation has run so often, and does nothing any more."""

        async def ended() -> bool:
            state = (await self.home.client.states())[automation]
            return not state["attributes"]["current"] and await self.runs(automation, outcome) >= runs

        await wait_until(ended, f"{automation} has ended", deadline_s=45)
        assert await self.runs(automation, outcome) == runs

    async def stumbled(self, automation: str, *, over: str) -> None:
        """Wait until an automation has met an action that is not there, and confirm Home Assistant's repair for it."""
        await self.quiet(automation, outcome="error")
        listed = await self.home.socket.call("repairs/list_issues")
        (issue,) = [
            issue for issue in listed["issues"] if (issue["translation_placeholders"] or {}).get("service") == over
        ]
        flow = await self.home.client.fix_issue("automation", issue["issue_id"])
        await flow.submit({})

    async def runs(self, automation: str, outcome: str = "finished") -> int:
        """Count the runs that ended so, by their traces."""
        unique_id = (await self.home.client.states())[automation]["attributes"]["id"]
        traces = await self.home.socket.call("trace/list", domain="automation", item_id=unique_id)
        return sum(trace["script_execution"] == outcome for trace in traces)


@asynccontextmanager
async def notebook(home: RunningHome) -> AsyncIterator[tuple[str, Path]]:
    """Have a notify entity that writes into a file."""
    config = await home.client.rest("GET", "/api/config")
    path = Path(config["config_dir"]) / "www" / "notebook.txt"
    flow = await home.client.flow("file")
    await flow.submit({"next_step_id": "notify"})
    await flow.submit({"file_path": str(path)})
    (entity_id,) = await entities_of(home.socket, flow.created_entry_id)
    try:
        yield entity_id, path
    finally:
        await home.client.remove_entry(flow.created_entry_id)
        path.unlink(missing_ok=True)


@asynccontextmanager
async def calendar_of(home: RunningHome, name: str) -> AsyncIterator[str]:
    """Have a calendar of Home Assistant's own, as a user adds one; gives its entity."""
    client = home.client
    flow = await client.flow("local_calendar")
    await flow.submit({"calendar_name": name})
    entity_id = f"calendar.{name.lower()}"
    await client.wait_for_state(entity_id, "off")
    yield entity_id
    await client.remove_entry(flow.created_entry_id)

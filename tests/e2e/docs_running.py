"""Runs what the documentation shows: actions, automations, and lines of the configuration."""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final

import aiohttp

from tests.harness.running import RunningHome
from tests.harness.waiting import wait_until

from .docs_pages import Block

RUN_DEADLINE_S: Final = 20
USUAL_FOLDER: Final = "/config/"
"""Where the configuration of most installations is."""
FOLDER: Final = re.compile(rf"{USUAL_FOLDER}(\w+)")

type Sequence = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedAutomation:
    """An automation of the documentation in the running home."""

    home: RunningHome
    item_id: str

    async def store(self, config: dict[str, Any]) -> None:
        """Save it as the editor does, and wait until it is there."""
        await self.home.client.rest("POST", self._path, config)
        await wait_until(self.entity_id, f"the automation {self.item_id} is there", deadline_s=RUN_DEADLINE_S)

    async def remove(self) -> None:
        """Delete it as the editor does."""
        await self.home.client.rest("DELETE", self._path)

    async def entity_id(self) -> str:
        """Find its entity; empty where it has none."""
        states = await self.home.client.states()
        found = [name for name, state in states.items() if state["attributes"].get("id") == self.item_id]
        return found[0] if found and states[found[0]]["state"] == "on" else ""

    async def trigger(self) -> None:
        """Run its actions."""
        await self.home.client.call_service("automation", "trigger", entity_id=await self.entity_id())

    async def wait_for_run(self) -> dict[str, Any]:
        """Return the trace of its last run, when that has ended."""

        async def ended() -> dict[str, Any]:
            traces = await self.home.socket.call("trace/list", domain="automation", item_id=self.item_id)
            return traces[-1] if traces and traces[-1]["state"] == "stopped" else {}

        return await wait_until(ended, f"the automation {self.item_id} has run", deadline_s=RUN_DEADLINE_S)

    @property
    def _path(self) -> str:
        """Where the editor saves it."""
        return f"/api/config/automation/config/{self.item_id}"


def sequence_of(block: Block) -> Sequence | None:
    """Return the actions of a block that is one action, some, or a script; None for anything else."""
    data = block.data
    if isinstance(data, list):
        return data
    if "sequence" in data:
        return list(data["sequence"])
    return [data] if "action" in data else None


async def run_sequence(home: RunningHome, sequence: Sequence) -> Any:
    """Run actions as the editor's "run" does; return the last response that they keep."""
    kept = [step["response_variable"] for step in sequence if "response_variable" in step]
    is_told = any("stop" in step for step in sequence)
    stop = [{"stop": "done", "response_variable": kept[-1]}] if kept and not is_told else []
    result = await home.socket.call("execute_script", sequence=[*sequence, *stop])
    return result["response"] if kept else {}


async def speak(home: RunningHome, sequence: Sequence) -> bytes:
    """Check actions that speak to a player, and fetch what the player would."""
    checked = await home.socket.call("validate_config", actions=sequence)
    assert checked["actions"]["valid"], checked
    (action,) = sequence
    engine, message = action["target"]["entity_id"], action["data"]["message"]
    made = await home.client.rest("POST", "/api/tts_get_url", {"engine_id": engine, "message": message})
    async with aiohttp.ClientSession() as session, session.get(f"{home.client.url}{made['path']}") as response:
        response.raise_for_status()
        return await response.read()


async def check_configuration(home: RunningHome, snippet: str) -> dict[str, Any]:
    """Let Home Assistant check its configuration with some lines more; the file is as before afterwards."""
    path = home.process.folder / "configuration.yaml"
    before = path.read_text(encoding="utf-8")
    for folder in FOLDER.findall(snippet):
        (home.process.folder / folder).mkdir(exist_ok=True)
    snippet = snippet.replace(USUAL_FOLDER, f"{home.process.folder}/")
    try:
        _write(path, before, snippet)
        result: dict[str, Any] = await home.client.rest("POST", "/api/config/core/check_config")
    finally:
        path.write_text(before, encoding="utf-8")
    return result


def _write(path: Path, before: str, snippet: str) -> None:
    """Write the lines below the key that they belong to: in place of an include, else behind the key itself."""
    first, _, rest = snippet.partition("\n")
    lines = before.splitlines()
    place = next((number for number, line in enumerate(lines) if line.startswith(first)), None)
    if place is None:
        path.write_text(f"{before}\n{snippet}\n", encoding="utf-8")
        return
    lines[place : place + 1] = [first, rest]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def templates_in(node: object) -> list[str]:
    """List the templates in a piece of configuration."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in templates_in(value)]
    if isinstance(node, list):
        return [text for value in node for text in templates_in(value)]
    return [node] if isinstance(node, str) and ("{{" in node or "{%" in node) else []


async def render(home: RunningHome, template: str) -> Any:
    """Return what a template says now.

    Raises:
        CommandError: it does not work.
    """
    command = home.socket.subscribe("render_template", template=template, strict=True, report_errors=True)
    async with command as events:
        async for event in events:
            return event["result"]
    raise AssertionError(template)

"""A canary among the keys: after a full day's work it is nowhere but where it belongs."""

import json
from pathlib import Path
from typing import Final
import uuid

from tests.harness.errors import CommandError
from tests.harness.grok import add_grok_assist, agent_of, begin_setup, reauth_flow
from tests.harness.running import RunningHome
from tests.harness.simulator import SimulatorProcess
from tests.harness.spoken import find_pipeline
from tests.harness.voice import voice_turn
from tests.harness.waiting import wait_until
from tests.simulator.speech.hearing import spoken

from .conftest import Grok

# The one file in which Home Assistant itself keeps what belongs to an entry.
KEY_FILE: Final = "core.config_entries"
# What the frontend asks for, as an administrator.
FRONTEND_COMMANDS: Final = (
    "config_entries/get",
    "config_entries/flow/progress",
    "config/entity_registry/list",
    "config/device_registry/list",
    "conversation/agent/list",
    "assist_pipeline/pipeline/list",
    "repairs/list_issues",
    "system_log/list",
    "persistent_notification/get",
    "get_config",
    "get_states",
)


async def test_key_is_nowhere_else(home: RunningHome, simulator: SimulatorProcess) -> None:
    """Work with a canary, let it die, replace it by another, and look everywhere."""
    canaries = [f"xai-canary-{uuid.uuid4().hex}" for _ in range(2)]
    grok = await _work_with(home, simulator, canaries)
    places = {"log": home.process.log(), "diagnostics": json.dumps(await home.client.diagnostics(grok.entry_id))}
    places |= {"REST states": json.dumps(await home.client.states())}
    for command in FRONTEND_COMMANDS:
        places[command] = json.dumps(await home.socket.call(command))
    places["subentries"] = json.dumps(await home.socket.call("config_entries/subentries/list", entry_id=grok.entry_id))
    places["pipeline traces"] = await _pipeline_traces(grok)
    # A socket's handshake is logged line by line, its headers too, but for the one with the key.
    assert "grok_assist.grok.sockets.wire" in places["log"]
    places |= _files(home.process.folder)
    found = [(place, canary) for place, text in places.items() for canary in canaries if canary in text]
    assert found == []
    # Home Assistant writes it with a delay of a second; that it is there shows that we have looked at the right place.
    await wait_until(lambda: _is_stored(home, canaries[1]), "the key is stored")


async def _work_with(home: RunningHome, simulator: SimulatorProcess, canaries: list[str]) -> Grok:
    """Set up, converse, fail in several ways, and heal with the second key."""
    refused = await begin_setup(home.client, api_key=canaries[0], base_url="http://127.0.0.1:1/v1")
    assert refused.step.errors
    entry_id = await add_grok_assist(home.client, api_key=canaries[0], base_url=simulator.url)
    grok = Grok(home=home, simulator=simulator, entry_id=entry_id, agent=await agent_of(home.socket, entry_id))
    await grok.say("Turn on the kitchen light")
    for fault in ("unprocessable", "drop", "html"):
        await simulator.fault(fault)
        await grok.say("How are you?")
        await simulator.clear_faults()
    await _speak(grok)
    for fault in ("unauthorized", "drop_mid_audio"):
        await simulator.fault(fault, path="/v1/realtime")
        await _speak(grok)
        await simulator.clear_faults()
    await simulator.revoke(canaries[0])
    await _speak(grok)
    await grok.say("How are you?")
    flow = await reauth_flow(home.client, home.socket)
    await flow.submit({"api_key": canaries[1]})
    await home.client.reload_entry(entry_id)
    await grok.say("Turn off the kitchen light")
    return grok


async def _speak(grok: Grok) -> None:
    """Have a spoken turn, however it ends."""
    pipeline = await find_pipeline(grok.home.socket)
    _, pcm = spoken("good_morning")
    await voice_turn(grok.home.socket, grok.home.process.url, pcm, pipeline=pipeline, deadline_s=60)


async def _is_stored(home: RunningHome, key: str) -> bool:
    """Tell whether the key is in the file of the config entries."""
    return key in (home.process.folder / ".storage" / KEY_FILE).read_text(encoding="utf-8")


async def _pipeline_traces(grok: Grok) -> str:
    """Everything that the debug view of voice assistants shows of the agent."""
    try:
        listed = await grok.home.socket.call("assist_pipeline/pipeline_debug/list", pipeline_id=grok.agent)
    except CommandError:
        # Without Home Assistant's native voice packages there are no pipelines to look at.
        return ""
    runs = [
        await grok.home.socket.call(
            "assist_pipeline/pipeline_debug/get",
            pipeline_id=grok.agent,
            pipeline_run_id=run["pipeline_run_id"],
        )
        for run in listed["pipeline_runs"]
    ]
    assert runs
    return json.dumps(runs)


def _files(folder: Path) -> dict[str, str]:
    """Every file of the configuration but the one that may hold a key, the database included."""
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and path.name != KEY_FILE and "custom_components" not in path.parts
    }

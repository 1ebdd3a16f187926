"""The three agents of the bench, each set up as a user would do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.harness.client import HomeAssistantClient
from tests.harness.grok import add_grok_assist, set_options
from tests.harness.waiting import wait_until
from tests.harness.websocket import HomeAssistantSocket

KEY: Final = "xai-bench-0000"
AGENT_DEADLINE_S: Final = 60


class AgentName(StrEnum):
    """The agents by the domain of their integration."""

    GROK = "grok_assist"
    OPENAI = "openai_conversation"
    FLOOR = "bench_floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One conversation agent in the running home."""

    name: AgentName
    entity_id: str
    entry_id: str


async def add_agents(client: HomeAssistantClient, socket: HomeAssistantSocket, base_url: str) -> list[Agent]:
    """Set up all three and return them in the order of their names."""
    await client.add_integration(AgentName.FLOOR)
    flow = await client.flow(AgentName.OPENAI)
    await flow.submit({"api_key": KEY})
    assert flow.created_entry_id
    entry_id = await add_grok_assist(client, api_key=KEY, base_url=base_url, create_pipeline=False)
    # Ours bounds its requests a minute, the others do not.
    await set_options(client, entry_id, requests_per_minute=10_000, tokens_per_minute=100_000_000)
    return [await _agent(client, socket, name) for name in AgentName]


async def leave_only(socket: HomeAssistantSocket, agents: Sequence[Agent], kept: AgentName) -> None:
    """Disable the entries of all agents but one; a later start does not load them."""
    for agent in agents:
        disabled_by = None if agent.name is kept else "user"
        await socket.call("config_entries/disable", entry_id=agent.entry_id, disabled_by=disabled_by)


async def _agent(client: HomeAssistantClient, socket: HomeAssistantSocket, name: AgentName) -> Agent:
    """Find the conversation entity of an integration once it is available."""

    async def entity() -> dict[str, str] | None:
        for entry in await socket.call("config/entity_registry/list"):
            if entry["platform"] == name and entry["entity_id"].startswith("conversation."):
                state = (await client.states()).get(entry["entity_id"])
                if state and state["state"] != "unavailable":
                    return {"entity_id": entry["entity_id"], "entry_id": entry["config_entry_id"]}
        return None

    found = await wait_until(entity, f"{name} has an agent", deadline_s=AGENT_DEADLINE_S)
    assert found is not None
    return Agent(name=name, **found)

"""Grok Assist in a running home: its set-up through its own config flow, as a user would do it."""

from typing import Final

from .client import HomeAssistantClient
from .errors import HarnessError
from .flows import Flow, FlowKind, FlowStep
from .waiting import wait_until
from .websocket import HomeAssistantSocket

DOMAIN: Final = "grok_assist"
AGENT: Final = "conversation.grok"
ASSISTANT_STEP: Final = "assistant"


class SetupError(HarnessError):
    """The config flow did not end in an entry."""

    def __init__(self, step: FlowStep) -> None:
        """Keep the step at which it stood."""
        super().__init__(f"set-up stopped at {step.step_id or step.kind}: {dict(step.errors) or step.reason}")
        self.step = step


async def begin_setup(client: HomeAssistantClient, *, api_key: str, base_url: str | None) -> Flow:
    """Begin the config flow and answer its first step with the contract's fields."""
    flow = await client.flow(DOMAIN)
    address = {} if base_url is None else {"base_url": base_url}
    await flow.submit({"api_key": api_key, **address})
    return flow


async def add_grok_assist(
    client: HomeAssistantClient, *, api_key: str, base_url: str | None, create_pipeline: bool = True
) -> str:
    """Set the integration up and return its entry's id once an agent is there.

    Raises:
        SetupError: the flow showed an error or aborted.
    """
    flow = await begin_setup(client, api_key=api_key, base_url=base_url)
    if flow.step.step_id == ASSISTANT_STEP:
        await flow.submit({"create_pipeline": create_pipeline})
    if flow.step.kind != "create_entry":
        raise SetupError(flow.step)
    await wait_for_agent(client)
    return flow.created_entry_id


async def wait_for_agent(client: HomeAssistantClient, agent: str = AGENT) -> None:
    """Return when the conversation entity is there and available."""

    async def is_there() -> bool:
        states = await client.states()
        return agent in states and states[agent]["state"] != "unavailable"

    await wait_until(is_there, f"{agent} is available", deadline_s=30)


async def agent_of(socket: HomeAssistantSocket, entry_id: str) -> str:
    """Find the entry's first conversation entity: `conversation.grok` unless another entry was there before."""
    entities = await socket.call("config/entity_registry/list")
    return min(
        str(entity["entity_id"])
        for entity in entities
        if entity["config_entry_id"] == entry_id and entity["entity_id"].startswith(AGENT)
    )


async def remove_all_entries(client: HomeAssistantClient) -> None:
    """Remove every entry of the integration."""
    for entry in await client.entries(DOMAIN):
        await client.remove_entry(entry["entry_id"])


async def set_options(client: HomeAssistantClient, entry_id: str, *, agent: str = AGENT, **options: float) -> None:
    """Change some options of the entry through its options flow and return when its agent is back.

    Raises:
        SetupError: the flow did not take them.
    """
    flow = await client.flow(entry_id, FlowKind.OPTIONS)
    await flow.submit(options)
    if flow.step.kind != "create_entry":
        raise SetupError(flow.step)
    await wait_for_agent(client, agent)


async def change_subentry(
    client: HomeAssistantClient, socket: HomeAssistantSocket, entry_id: str, kind: str, **advanced: object
) -> None:
    """Change the advanced fields of the entry's subentry of a kind, and return when it is set up anew.

    Raises:
        SetupError: the flow did not take them.
    """
    listed = await socket.call("config_entries/subentries/list", entry_id=entry_id)
    (found,) = [subentry for subentry in listed if subentry["subentry_type"] == kind]
    flow = await client.flow([entry_id, kind], FlowKind.SUBENTRY, subentry_id=found["subentry_id"])
    await flow.submit({"name": found["title"], "llm_hass_api": ["assist"], "recommended": False})
    await flow.submit(advanced)
    if flow.step.reason != "reconfigure_successful":
        raise SetupError(flow.step)
    # The reload that the change begins may still be under way; this one waits for it.
    await client.reload_entry(entry_id)


async def reauth_flow(client: HomeAssistantClient, socket: HomeAssistantSocket) -> Flow:
    """Take up the re-authentication flow that Home Assistant has begun, or is about to."""

    async def flow_id() -> str:
        flows = await socket.call("config_entries/flow/progress")
        ids = [flow["flow_id"] for flow in flows if flow["handler"] == DOMAIN and flow["context"]["source"] == "reauth"]
        return ids[0] if ids else ""

    return await client.resume_flow(await wait_until(flow_id, "re-authentication is asked for", deadline_s=10))

"""A running sample home, arranged and signed in to: what tests, demo and benchmarks begin with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .client import HomeAssistantClient
from .home_assistant import HomeAssistantProcess
from .sample_home import INTEGRATION, arrange_sample_home
from .websocket import HomeAssistantSocket


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHome:
    """Home Assistant's process and the two ways to speak to it."""

    process: HomeAssistantProcess
    client: HomeAssistantClient
    socket: HomeAssistantSocket
    startup_log: str
    """What was logged until the home was arranged."""


@asynccontextmanager
async def running_home(
    *,
    folder: Path | None = None,
    port: int | None = None,
    environment: Mapping[str, str | None] | None = None,
    integration: Path | None = INTEGRATION,
) -> AsyncIterator[RunningHome]:
    """Start, sign in, arrange; stop on exit. Arguments as for `HomeAssistantProcess`."""
    process = HomeAssistantProcess(folder=folder, port=port, environment=environment, integration=integration)
    async with (
        process,
        HomeAssistantClient.open(process.url) as client,
        client.websocket() as socket,
    ):
        await arrange_sample_home(client, socket)
        yield RunningHome(process=process, client=client, socket=socket, startup_log=process.log())

"""The three processes of the bench: Home Assistant, the server, and this one which is the client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import shutil
import sys
import tempfile
from typing import Any, Final

import aiohttp

from tests.harness.child_process import ChildProcess
from tests.harness.client import HomeAssistantClient
from tests.harness.home_assistant import free_port
from tests.harness.sample_home import HOST, INTEGRATION
from tests.harness.sign_in import Door, Tokens
from tests.harness.waiting import wait_until

from .home import write_bench_home
from .server import BODY_PATH, LOG_PATH, Served

CHECKOUT: Final = Path(__file__).parents[2]
START_DEADLINE_S: Final = 120
SERVER_DEADLINE_S: Final = 20
STOP_PATIENCE_S: Final = 30
SETTLE_S: Final = 5.0
"""What integrations still do after Home Assistant says that it runs."""
PROBE_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


class BenchServer:
    """The zero-latency server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """Choose a port; nothing runs yet."""
        self._port = free_port()
        self._child = ChildProcess(
            [sys.executable, "-m", f"{__package__}.server", str(self._port)],
            output=folder / "server.log",
            folder=folder,
            environment={"PYTHONPATH": str(CHECKOUT)},
        )

    @property
    def base_url(self) -> str:
        """Address of the API as a client of it is told."""
        return f"http://{HOST}:{self._port}/v1"

    async def start(self) -> None:
        """Start it and return when it answers."""
        await self._child.start()
        await wait_until(self._answers, "the server answers", deadline_s=SERVER_DEADLINE_S)

    async def stop(self) -> None:
        """End it."""
        await self._child.stop()

    async def served(self) -> list[Served]:
        """Take what was served since this was last asked."""
        return [Served(**entry) for entry in await self._get(LOG_PATH)]

    async def last_bodies(self) -> dict[str, str]:
        """Give the last request body by the model that it names."""
        bodies: dict[str, str] = await self._get(BODY_PATH)
        return bodies

    # JSON enters here: the two callers above know what it holds.
    async def _get(self, path: bytes) -> Any:
        """Get a JSON document."""
        async with (
            aiohttp.ClientSession(timeout=PROBE_TIMEOUT) as session,
            session.get(f"http://{HOST}:{self._port}{path.decode()}") as response,
        ):
            return await response.json()

    async def _answers(self) -> bool:
        """Tell whether the server listens."""
        try:
            await self._get(LOG_PATH)
        except aiohttp.ClientError:
            return False
        return True


class BenchHome:
    """Home Assistant with a generated home; it may be stopped and started again on the same folder."""

    def __init__(self, folder: Path, entities: int, openai_url: str, integration: Path = INTEGRATION) -> None:
        """Write the home; nothing runs yet."""
        self.entities = entities
        self._folder = folder
        self._port = free_port()
        # The SDK inside core's integration reads its address from here; ours is told its own.
        self._environment = {"OPENAI_BASE_URL": openai_url, "XAI_API_KEY": None, "PYTHONPATH": None}
        self._child: ChildProcess | None = None
        self._tokens: Tokens | None = None
        write_bench_home(folder, self._port, entities, integration)

    @property
    def url(self) -> str:
        """Address of Home Assistant."""
        return f"http://{HOST}:{self._port}"

    async def start(self) -> None:
        """Start the process and return when its web server answers."""
        # Not resolved: a virtual environment is found by the place of the link.
        hass = Path(sys.executable).parent / "hass"
        self._child = ChildProcess(
            [sys.executable, hass, "--config", self._folder, "--skip-pip", "--log-no-color"],
            output=self._folder / "process.log",
            folder=self._folder,
            environment=self._environment,
        )
        await self._child.start()
        await wait_until(self._answers, "Home Assistant answers", deadline_s=START_DEADLINE_S)

    async def stop(self) -> None:
        """End the process."""
        if self._child is not None:
            await self._child.stop(patience_s=STOP_PATIENCE_S)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HomeAssistantClient]:
        """Start, sign in, wait until everything has settled; stop on exit."""
        try:
            await self.start()
            async with aiohttp.ClientSession() as session:
                door = Door(session, self.url)
                # Onboarding is closed once it is done, so a later start takes the login of the first.
                self._tokens = await (door.renew(self._tokens) if self._tokens else door.enter())
                client = HomeAssistantClient(session, self.url, self._tokens)

                async def runs() -> bool:
                    return bool((await client.rest("GET", "/api/config"))["state"] == "RUNNING")

                await wait_until(runs, "Home Assistant runs", deadline_s=START_DEADLINE_S)
                await asyncio.sleep(SETTLE_S)
                yield client
        finally:
            await self.stop()

    def log(self) -> str:
        """Return what Home Assistant has logged."""
        return "" if self._child is None else self._child.output()

    def resident_mb(self) -> float:
        """Measure the memory that is in RAM, in MB of 10^6 bytes."""
        pages = int(Path(f"/proc/{self._pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def processor_s(self) -> float:
        """Measure the processor time used so far, the kernel's for it included."""
        # The second field is the program's name in brackets and may hold blanks.
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _pid(self) -> int:
        """Process id of Home Assistant itself."""
        assert self._child is not None
        return self._child.pid

    async def _answers(self) -> bool:
        """Tell whether the web server answers."""
        assert self._child is not None
        if not self._child.running:
            sys.exit(f"Home Assistant ended at once; its log ends:\n{self._child.output_tail()}")
        try:
            async with (
                aiohttp.ClientSession(timeout=PROBE_TIMEOUT) as session,
                session.get(f"{self.url}/manifest.json") as response,
            ):
                return response.ok
        except aiohttp.ClientError, TimeoutError:
            return False


@asynccontextmanager
async def bench_folder() -> AsyncIterator[Path]:
    """Give a temporary folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="grok_assist_bench_"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""A real Home Assistant process with the sample home and this checkout's integration."""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import version
import os
from pathlib import Path
import random
import shutil
import socket
import sys
import tempfile
import time
from types import TracebackType
from typing import Final, Self

import aiohttp

from .child_process import ChildProcess
from .errors import DeadlineError, StartError
from .sample_home import HOST, INTEGRATION, write_sample_home
from .waiting import wait_until

OUTPUT_NAME: Final = "process.log"
LISTENING_PORTS: Final = (12_000, 32_000)
START_DEADLINE_S: Final = 90
STOP_PATIENCE_S: Final = 20
PROBE_TIMEOUT: Final = aiohttp.ClientTimeout(total=2)


def free_port() -> int:
    """Find a port of the loopback interface that nobody listens on at the moment, and no connection is given.

    The kernel gives connections their ports from 32,768 on, so what is found below stays free until it is used; whoever
    looks at the same time looks elsewhere.
    """
    while True:
        port = random.SystemRandom().randrange(*LISTENING_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def home_assistant_release() -> str:
    """Return the version of the Home Assistant in the environment that we run in."""
    return version("homeassistant")


class HomeAssistantProcess:
    """Home Assistant on the loopback interface, from a folder that goes away with it unless given."""

    def __init__(
        self,
        *,
        folder: Path | None = None,
        port: int | None = None,
        environment: Mapping[str, str | None] | None = None,
        integration: Path | None = INTEGRATION,
    ) -> None:
        """Choose folder (a temporary one), port (a free one), environment and integration (this checkout's)."""
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="grok_assist_home_"))
        self.port = port or free_port()
        self._integration = integration
        self._environment = {
            # A key comes from the caller, never from the shell by chance.
            "XAI_API_KEY": None,
            # Home Assistant finds the integration by its link, not by a path to the checkout.
            "PYTHONPATH": None,
            **(environment or {}),
        }
        self.started_in_s = 0.0
        self._last_log = ""
        self._child = self._new_child()

    @property
    def url(self) -> str:
        """Address of the frontend and the APIs."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of Home Assistant itself."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child.running

    async def start(self) -> None:
        """Write the sample home, start Home Assistant and return when it answers.

        Raises:
            StartError: it ended or did not answer in time; the log's tail is in the text.
        """
        write_sample_home(self.folder, self.port, self._integration)
        began = time.monotonic()
        await self._child.start()
        try:
            await wait_until(self._answers, "Home Assistant answers", deadline_s=START_DEADLINE_S)
        except DeadlineError as err:
            await self.stop()
            message = f"{err}; its log ends:\n{self._child.output_tail()}"
            raise StartError(message) from err
        self.started_in_s = time.monotonic() - began

    async def restart(self) -> None:
        """Stop the process and start it again on the same folder and port."""
        await self.halt()
        self._child = self._new_child()
        await self.start()

    async def halt(self) -> None:
        """Stop the process in order and keep its folder; `restart` starts it again."""
        await self._child.stop(patience_s=STOP_PATIENCE_S)

    async def kill(self) -> None:
        """End the process without a warning; `restart` starts it again."""
        await self._child.kill()

    async def stop(self, *, patience_s: float = STOP_PATIENCE_S) -> None:
        """Stop the process and remove the temporary folder."""
        await self._child.stop(patience_s=patience_s)
        self._last_log = self.log()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        """Start on entry."""
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop on exit, whatever happened."""
        await self.stop()

    def log(self) -> str:
        """Return everything that Home Assistant has logged since the folder was made, also after its end."""
        return self._child.output() or self._last_log

    def resident_bytes(self) -> int:
        """Measure the memory of the process that is in RAM."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def processor_s(self) -> float:
        """Measure the processor time that the process has used, its own and the kernel's for it."""
        # The second field is the program's name in brackets and may hold blanks.
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _new_child(self) -> ChildProcess:
        """Describe the process as it is started, and started again."""
        # Not resolved: a virtual environment is found by the place of the link.
        hass = Path(sys.executable).parent / "hass"
        return ChildProcess(
            [sys.executable, hass, "--config", self.folder, "--skip-pip", "--log-no-color"],
            output=self.folder / OUTPUT_NAME,
            folder=self.folder,
            environment=self._environment,
        )

    async def _answers(self) -> bool:
        """Tell whether the web server answers; an ended process never will."""
        if not self._child.running:
            message = f"Home Assistant ended at once; its log ends:\n{self._child.output_tail()}"
            raise StartError(message)
        try:
            async with (
                aiohttp.ClientSession(timeout=PROBE_TIMEOUT) as session,
                session.get(f"{self.url}/manifest.json") as response,
            ):
                return response.status == HTTPStatus.OK
        except aiohttp.ClientError, TimeoutError:
            return False

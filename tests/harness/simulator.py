"""The simulator of xAI as a process, and its control endpoints."""

import json
from pathlib import Path
import sys
import tempfile
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from .child_process import ChildProcess
from .errors import DeadlineError, RestError, StartError
from .waiting import wait_until

CHECKOUT: Final = Path(__file__).parents[2]
START_DEADLINE_S: Final = 30
TIMEOUT: Final = aiohttp.ClientTimeout(total=30)

AT_ONCE: Final[dict[str, float | str]] = {
    "transcript_s": 0,
    "first_audio_s": 0,
    "tool_s": 0,
    "search_s": 0,
    "delta_ms": 100,
    "audio_speed": 1.5,
    "resume": "auto",
    "stt_s": 0,
    "tts_s": 0,
}

type Json = dict[str, Any]


class SimulatorProcess:
    """`python -m tests.simulator` on a free port."""

    def __init__(self, *arguments: str, port: int = 0) -> None:
        """Choose the port (a free one) and further arguments of the command line."""
        self.port = port
        """As it was chosen."""
        # Opened by name for the child; the folder is ours alone and goes away with us.
        self._folder = tempfile.TemporaryDirectory(prefix="grok_assist_simulator_")
        self._child = ChildProcess(
            [sys.executable, "-m", "tests.simulator", "--port", str(port), *arguments],
            output=Path(self._folder.name) / "simulator.log",
            folder=CHECKOUT,
        )
        self._session: aiohttp.ClientSession | None = None
        self.url = ""
        """Address for the integration's `base_url`, as the simulator printed it."""

    async def start(self) -> None:
        """Start it and return when it has said where it listens.

        Raises:
            StartError: it ended or said nothing in time; its output is in the text.
        """
        await self._child.start()
        try:
            self.url = await wait_until(self._announced_url, "the simulator's address", deadline_s=START_DEADLINE_S)
        except DeadlineError as err:
            await self.stop()
            message = f"{err}; it wrote:\n{self._child.output_tail()}"
            raise StartError(message) from err
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)

    async def stop(self) -> None:
        """End it."""
        if self._session is not None:
            await self._session.close()
        await self._child.stop(patience_s=3)
        self._folder.cleanup()

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
        """End on exit, whatever happened."""
        await self.stop()

    def output(self) -> str:
        """Return everything that it has written."""
        return self._child.output()

    async def requests(self, path: str = "/v1/responses") -> list[Json]:
        """List the facts of the requests to one path, in the order of their arrival."""
        state = await self.control("GET", "state")
        return [request for request in state["requests"] if request["path"] == path]

    async def violations(self) -> list[str]:
        """List everything that a client sent and the real API would refuse."""
        return list((await self.control("GET", "state"))["violations"])

    async def script(self, *replies: Json) -> None:
        """Queue replies (their form: `tests/simulator/script.py`); after them its own mind answers."""
        await self.control("POST", "script", {"replies": replies})

    async def fault(
        self, name: str, *, times: int | None = None, path: str | None = None, retry_after: float | None = None
    ) -> None:
        """Order a fault for the coming requests, until cleared unless `times` says otherwise."""
        await self.control("POST", "fault", {"name": name, "times": times, "path": path, "retry_after": retry_after})

    async def clear_faults(self) -> None:
        """Let nothing fail any more."""
        await self.control("POST", "clear_faults", {})

    async def hostile(self) -> None:
        """Let the service be as unlike its description as it can be, until it is reset."""
        await self.control("POST", "dialect", {"profile": "hostile"})

    async def revoke(self, key: str) -> None:
        """Make a key wrong from now on."""
        await self.control("POST", "revoke", {"key": key})

    async def pace(self, *, first_delta_s: float, tokens_per_s: float) -> None:
        """Set the speed of the answers; zero means at once."""
        await self.control("POST", "pace", {"first_delta_s": first_delta_s, "tokens_per_s": tokens_per_s})

    async def voice_pace(self, **named: float | str) -> None:
        """Set times of the realtime voice, by the names of `VoicePace` (`tests/simulator/realtime/pace.py`)."""
        await self.control("POST", "voice_pace", named)

    async def sessions(self) -> list[Json]:
        """List the realtime sessions so far (their form: `tests/simulator/realtime/record.py`)."""
        return list(await self.control("GET", "sessions"))

    async def response_audio(self, session: Json | str, response: Json | str) -> bytes:
        """Give the raw PCM of one spoken answer, both named by their facts or their ids."""
        response_id = response if isinstance(response, str) else response["id"]
        return await self._audio(session, {"response": response_id})

    async def input_audio(self, session: Json | str) -> bytes:
        """Give all raw PCM that came in."""
        return await self._audio(session, {"input": "1"})

    async def drop_sessions(self) -> None:
        """Cut all realtime sockets."""
        await self.control("POST", "drop_sessions", {})

    async def pause_listening(self, seconds: float) -> None:
        """Refuse connections for so long."""
        await self.control("POST", "listening", {"paused_s": seconds})

    async def is_listening(self) -> bool:
        """Tell whether it accepts connections."""
        try:
            await self.control("GET", "state")
        except aiohttp.ClientConnectionError:
            return False
        return True

    async def reset(self) -> None:
        """Forget requests, faults, scripts and what happened to keys, and answer at once again."""
        await self.control("POST", "reset", {})
        await self.pace(first_delta_s=0, tokens_per_s=0)
        await self.voice_pace(**AT_ONCE)

    # JSON enters here: what it holds is known to the callers.
    async def control(self, method: str, path: str, json_body: object = None) -> Any:
        """Get the JSON answer of a control endpoint, `path` being what follows `/_sim/`.

        Raises:
            RestError: the simulator refused it.
        """
        if self._session is None:
            message = "the simulator was not started"
            raise RuntimeError(message)
        address = f"{self.url.removesuffix('/v1')}/_sim/{path}"
        async with self._session.request(method, address, json=json_body) as response:
            body = await response.text()
            if not response.ok:
                raise RestError(method=method, path=address, status=response.status, body=body)
            return json.loads(body) if body else None

    async def _audio(self, session: Json | str, query: dict[str, str]) -> bytes:
        """Get audio of a session."""
        session_id = session if isinstance(session, str) else session["id"]
        if self._session is None:
            message = "the simulator was not started"
            raise RuntimeError(message)
        address = f"{self.url.removesuffix('/v1')}/_sim/sessions/{session_id}/audio"
        async with self._session.get(address, params=query) as response:
            response.raise_for_status()
            return await response.read()

    async def _announced_url(self) -> str:
        """Read the address from its first line; empty before it was printed."""
        for line in self._child.output().splitlines():
            if line.startswith("{"):
                return str(json.loads(line)["url"])
        if not self._child.running:
            message = f"the simulator ended at once; it wrote:\n{self._child.output_tail()}"
            raise StartError(message)
        return ""

"""One program of ours: its start, its output in a file, and its certain end."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
import os
from pathlib import Path
import shutil
import signal
from typing import Final

TAIL_LINES: Final = 40


class ChildProcess:
    """A program that runs in a session of its own and writes to one file."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        output: Path,
        folder: Path,
        environment: Mapping[str, str | None] | None = None,
    ) -> None:
        """Describe the program; a variable set to None is taken out of our environment, nothing runs yet."""
        self._command = [str(part) for part in command]
        self._output = output
        self._folder = folder
        changed = {**os.environ, **(environment or {})}
        self._environment = {name: value for name, value in changed.items() if value is not None}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id, for those who measure it."""
        if self._process is None:
            message = "the program was not started"
            raise RuntimeError(message)
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while the program runs or before it was started."""
        return self._process.returncode if self._process else None

    @property
    def running(self) -> bool:
        """Whether the program was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the program; its output is appended to the file."""
        with self._output.open("ab") as output:
            # A session of its own: Ctrl-C in the terminal reaches only us, and we end it in order.
            self._process = await asyncio.create_subprocess_exec(
                *_dies_with_parent(),
                *self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def stop(self, *, patience_s: float = 15) -> int | None:
        """Ask the program to end, end it by force after the patience, and return its exit code."""
        if self._process is None:
            return None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience_s):
                await self._process.wait()
        except TimeoutError:
            self._kill_session(self._process.pid)
            await self._process.wait()
        else:
            # Helpers that it started (ffmpeg) share its session and may outlive it.
            self._kill_session(self._process.pid)
        return self._process.returncode

    async def kill(self) -> None:
        """End the program and its helpers without a warning, as a power cut does."""
        if self._process is not None:
            self._kill_session(self._process.pid)
            await self._process.wait()

    def output(self) -> str:
        """Return everything that the program has written so far."""
        return self._output.read_text(encoding="utf-8", errors="replace") if self._output.exists() else ""

    def output_tail(self, lines: int = TAIL_LINES) -> str:
        """Return the last lines that the program has written."""
        return "\n".join(self.output().splitlines()[-lines:])

    @staticmethod
    def _kill_session(pid: int) -> None:
        """End by force what is left of the session that the program led."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _dies_with_parent() -> list[str]:
    """Prefix that lets the kernel end the program when we die without a chance to do it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []

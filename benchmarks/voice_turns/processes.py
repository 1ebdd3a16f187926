"""What the processes of the bench use, by the kernel's account."""

from dataclasses import dataclass
import os
from pathlib import Path
from typing import Self

from tests.harness.running import RunningHome

SIMULATOR = b"tests.simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """Processor time so far, in seconds."""

    home_assistant: float
    simulator: float
    bench: float

    @classmethod
    def now(cls, home: RunningHome) -> Self:
        """Read it."""
        used = os.times()
        return cls(
            home_assistant=home.process.processor_s(),
            simulator=sum(_processor_s(pid) for pid in _own_children() if SIMULATOR in _command(pid)),
            bench=used.user + used.system,
        )

    def since(self, earlier: Cpu) -> Cpu:
        """Give what was used in between."""
        return Cpu(
            home_assistant=self.home_assistant - earlier.home_assistant,
            simulator=self.simulator - earlier.simulator,
            bench=self.bench - earlier.bench,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What Home Assistant holds."""

    sockets: int
    files: int
    """Everything that is open, sockets among it."""
    threads: int
    resident_mb: float

    @classmethod
    def of(cls, home: RunningHome) -> Self:
        """Count it."""
        folder = Path(f"/proc/{home.process.pid}")
        links = [_target(link) for link in (folder / "fd").iterdir()]
        return cls(
            sockets=sum(target.startswith("socket:") for target in links),
            files=len(links),
            threads=len(list((folder / "task").iterdir())),
            resident_mb=home.process.resident_bytes() / 1e6,
        )


def _own_children() -> list[int]:
    """List the programs that we started."""
    threads = Path("/proc/self/task").iterdir()
    return [int(pid) for thread in threads for pid in (thread / "children").read_text(encoding="ascii").split()]


def _command(pid: int) -> bytes:
    """Read the command line of a program."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _processor_s(pid: int) -> float:
    """Read the processor time of a program."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _target(link: Path) -> str:
    """Read where a link points; it may be gone by now."""
    try:
        return str(link.readlink())
    except OSError:
        return ""

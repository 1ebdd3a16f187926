"""Start a bench in the environment of the Home Assistant release that is asked for; any Python 3 runs this."""

import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[1]
RELEASES = ("2026.10", "2026.11")
BOTH = "both"


def launch(module: str, arguments: list[str], *, default_release: str) -> int:
    """Run a bench with one release after another; return the worst of their exit codes.

    Args:
        module: the bench.
        arguments: the command line's; `--release`, which may be `both`, is read here as well as there.
        default_release: where none is named.
    """
    release = default_release
    for position, argument in enumerate(arguments):
        if argument.startswith("--release="):
            release = argument.partition("=")[2]
        elif argument == "--release" and position + 1 < len(arguments):
            release = arguments[position + 1]
    return max(_run(module, each, arguments) for each in (RELEASES if release == BOTH else (release,)))


def _run(module: str, release: str, arguments: list[str]) -> int:
    """Run the bench with one release."""
    python = ROOT / ".venv" / release / "bin" / "python"
    if not python.exists():
        sys.exit(f"there is no environment of Home Assistant {release}: run script/setup first")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([str(python), "-m", module, *arguments], env=environment, check=False).returncode

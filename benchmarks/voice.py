"""What a spoken turn costs: `python benchmarks/voice.py --help`; any Python 3 starts it, see README.md."""

import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[1]
RELEASES = ("2026.10", "2026.11")
DEFAULT_RELEASE = "2026.11"
BOTH = "both"


def main(arguments: list[str]) -> None:
    """Run the bench in the environment of each Home Assistant release that is asked for."""
    release = DEFAULT_RELEASE
    for position, argument in enumerate(arguments):
        if argument.startswith("--release="):
            release = argument.partition("=")[2]
        elif argument == "--release" and position + 1 < len(arguments):
            release = arguments[position + 1]
    failures = [run(each, arguments) for each in (RELEASES if release == BOTH else (release,))]
    sys.exit(max(failures))


def run(release: str, arguments: list[str]) -> int:
    """Run the bench with one release."""
    python = ROOT / ".venv" / release / "bin" / "python"
    if not python.exists():
        sys.exit(f"there is no environment of Home Assistant {release}: run script/setup first")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(python), "-m", "benchmarks.voice_turns", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    main(sys.argv[1:])

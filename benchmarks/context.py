"""What a model is told of a home: `python benchmarks/context.py --help`; any Python 3 starts it, see README.md."""

import os
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_RELEASE = "2026.10"


def main(arguments: list[str]) -> None:
    """Run the bench in the environment of the Home Assistant release that is asked for."""
    release = DEFAULT_RELEASE
    for position, argument in enumerate(arguments):
        if argument.startswith("--release="):
            release = argument.partition("=")[2]
        elif argument == "--release" and position + 1 < len(arguments):
            release = arguments[position + 1]
    python = ROOT / ".venv" / release / "bin" / "python"
    if not python.exists():
        sys.exit(f"there is no environment of Home Assistant {release}: run script/setup first")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    os.execve(python, [str(python), "-m", "benchmarks.context_turns", *arguments], environment)


if __name__ == "__main__":
    main(sys.argv[1:])

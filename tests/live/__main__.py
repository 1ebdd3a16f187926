"""Ask the real service about everything that was never seen live: `python -m tests.live`, or `script/check-live`."""

import argparse
import asyncio
from datetime import UTC, datetime
import os
from pathlib import Path
import sys
from typing import Final

from .check import CANNOT_RUN, Check, Order

_RECORDINGS: Final = Path(__file__).parents[1] / "recordings"
_URL: Final = "https://api.x.ai/v1"


def main() -> int:
    """Read the options and run; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/check-live", description="Ask xAI's API about everything that this project relies on."
    )
    parser.add_argument("--base-url", default=_URL, help=f"default {_URL}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the recording goes; default tests/recordings")
    parser.add_argument("--yes", action="store_true", help="do not ask about the cost")
    options = parser.parse_args()
    order = Order(
        base_url=options.base_url,
        key=os.environ.get("XAI_API_KEY", "").strip(),
        folder=options.out or _RECORDINGS / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S"),
        is_agreed=options.yes,
    )
    try:
        return asyncio.run(Check(order, _say, _agree).run())
    except KeyboardInterrupt:
        print("\nStopped. No recording was left.")
    except Exception as error:  # noqa: BLE001 - a traceback could show the key
        print(f"check-live has a mistake of its own: {type(error).__name__} in {_place(error)}.")
    return CANNOT_RUN


def _say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def _agree(question: str) -> bool:
    """Ask a person."""
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _place(error: Exception) -> str:
    """Tell where an exception comes from, without what it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


if __name__ == "__main__":
    sys.exit(main())

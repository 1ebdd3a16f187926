"""Run all checks and say how they went: `python -m tests.honesty`, or `script/check-simulator`."""

import asyncio
from importlib.metadata import version
import sys

from . import with_livekit, with_pydantic_ai

_CHECKS = {"pydantic-ai-slim": with_pydantic_ai.check, "livekit-plugins-xai": with_livekit.check}


async def main() -> int:
    """Check one client after the other; give the exit code."""
    code = 0
    for name, check in _CHECKS.items():
        try:
            wrong = await check()
        except TimeoutError:
            wrong = ["the turn did not come to its end"]
        print(f"{name} {version(name)}: {'; '.join(wrong) or 'a spoken turn with a function call went right'}")
        code = code or int(bool(wrong))
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

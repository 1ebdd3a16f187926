"""The soak of the benchmarks, in little: it runs, and finds nothing left."""

import asyncio
import os
import sys
from typing import Final

from tests.harness.simulator import CHECKOUT

DEADLINE_S: Final = 140


async def test_soak_when_quick_then_nothing_is_left() -> None:
    """Odd turns end as they should, and neither tasks nor sockets nor files stay behind."""
    soak = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.soak_turns", "--quick"),
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(DEADLINE_S):
        output, _ = await soak.communicate()
    assert soak.returncode == 0, output.decode()
    assert "| after a rest |" in output.decode()

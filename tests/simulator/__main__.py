"""Run the simulator as a program: one JSON line on standard output, then serve until a signal comes."""

import argparse
import asyncio
import json
from pathlib import Path
import signal
import sys

from .dialects.dialects import Dialects
from .dialects.table import listing
from .replay_server import Replay
from .server import Simulator


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="Stand in for xAI's API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--first-delta-s", type=float, default=0.0, help="wait before the first delta")
    parser.add_argument("--tokens-per-s", type=float, default=0.0, help="speed of the answers, 0 is at once")
    parser.add_argument(
        "--dialect",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="let the service differ in a point, or in all that go together: hostile; may be given several times",
    )
    parser.add_argument("--list-dialects", action="store_true", help="show all dialects and end")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="say what a recording of script/check-live says")
    options = parser.parse_args()
    if options.list_dialects:
        sys.stdout.write(listing())
        return
    dialects = Dialects()
    try:
        dialects.choose_written(options.dialect)
    except ValueError as error:
        parser.error(str(error))
    if options.replay is None:
        asyncio.run(_serve(options, dialects))
        return
    try:
        replay = Replay(options.replay, host=options.host, port=options.port)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(_replay(replay))


async def _serve(options: argparse.Namespace, dialects: Dialects) -> None:
    """Serve until SIGINT or SIGTERM."""
    async with Simulator(host=options.host, port=options.port) as simulator:
        simulator.state.dialects = dialects
        simulator.pace(first_delta_s=options.first_delta_s, tokens_per_s=options.tokens_per_s)
        await _until_stopped(simulator.url)


async def _replay(replay: Replay) -> None:
    """Play a recording back until SIGINT or SIGTERM."""
    async with replay:
        await _until_stopped(replay.url)


async def _until_stopped(url: str) -> None:
    """Tell the address and wait for a signal."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()
    await stopping.wait()


main()

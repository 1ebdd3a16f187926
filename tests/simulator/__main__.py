"""Run the simulator as a program: one JSON line on standard output, then serve until a signal comes."""

import argparse
import asyncio
import json
import signal
import sys

from .dialects.dialects import Dialects
from .dialects.table import listing
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
    options = parser.parse_args()
    if options.list_dialects:
        sys.stdout.write(listing())
        return
    dialects = Dialects()
    try:
        dialects.choose_written(options.dialect)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(_serve(options, dialects))


async def _serve(options: argparse.Namespace, dialects: Dialects) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with Simulator(host=options.host, port=options.port) as simulator:
        simulator.state.dialects = dialects
        simulator.pace(first_delta_s=options.first_delta_s, tokens_per_s=options.tokens_per_s)
        sys.stdout.write(json.dumps({"url": simulator.url}) + "\n")
        sys.stdout.flush()
        await stopping.wait()


main()

"""Run the simulator as a program: one JSON line on standard output, then serve until a signal comes."""

import argparse
import asyncio
import json
import signal
import sys

from .server import Simulator


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="Stand in for xAI's API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--first-delta-s", type=float, default=0.0, help="wait before the first delta")
    parser.add_argument("--tokens-per-s", type=float, default=0.0, help="speed of the answers, 0 is at once")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with Simulator(host=options.host, port=options.port) as simulator:
        simulator.pace(first_delta_s=options.first_delta_s, tokens_per_s=options.tokens_per_s)
        sys.stdout.write(json.dumps({"url": simulator.url}) + "\n")
        sys.stdout.flush()
        await stopping.wait()


main()

"""A relay before the service and Home Assistant: when word of speech goes in, and when a stop comes out.

As a program it relays, and writes where it listens and then each mark, one JSON object a line. Nothing else runs in it,
so its clock is that of the wire, whatever simulator and pages are busy with.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
import json
from pathlib import Path
import sys
import tempfile
import time
from typing import Final
from urllib.parse import urlsplit

from tests.harness.child_process import ChildProcess
from tests.harness.simulator import CHECKOUT
from tests.harness.waiting import wait_until

SERVICE: Final = "service"
HOME: Final = "home"
MARKS: Final[Mapping[str, Mapping[str, bytes]]] = {
    SERVICE: {"opened": b'"session.created"', "event": b'"input_audio_buffer.speech_started"'},
    HOME: {"opened": b'"type":"ready"', "event": b'"type":"stop"'},
}
"""What is looked for in the bytes on their way to whoever has connected."""
HOST: Final = "127.0.0.1"
READ_BYTES: Final = 65_536
START_S: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The running program."""

    child: ChildProcess
    ports: Mapping[str, int]

    def address(self, side: str, url: str) -> str:
        """Give the address that leads to a url by way of the relay."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"{HOST}:{self.ports[side]}").geturl()

    def marks(self, side: str) -> list[list[float]]:
        """List when the events passed on each conversation's line, the lines in the order of their opening."""
        lines: dict[int, list[float]] = {}
        for text in self.child.output().splitlines()[1:]:
            found = json.loads(text)
            if found["side"] == side and found["mark"] == "opened":
                lines.setdefault(found["line"], [])
            elif found["side"] == side and found["line"] in lines:
                lines[found["line"]].append(found["at"])
        return list(lines.values())


@asynccontextmanager
async def relay(service_url: str, home_url: str) -> AsyncIterator[Relay]:
    """Run a relay to both."""
    targets = [f"{SERVICE}={urlsplit(service_url).netloc}", f"{HOME}={urlsplit(home_url).netloc}"]
    with tempfile.TemporaryDirectory(prefix="grok_assist_relay_") as folder:
        child = ChildProcess(
            [sys.executable, "-m", "benchmarks.live_turns.relay", *targets],
            output=Path(folder) / "relay.log",
            folder=CHECKOUT,
        )

        async def first_line() -> str:
            return child.output().partition("\n")[0] if "\n" in child.output() else ""

        await child.start()
        try:
            ports = json.loads(await wait_until(first_line, "the relay listens", deadline_s=START_S))
            yield Relay(child=child, ports=ports)
        finally:
            await child.stop(patience_s=3)


class _Line:
    """One connection, passed on in both directions."""

    def __init__(self, side: str, number: int) -> None:
        """Belong to a side."""
        self._side = side
        self._number = number

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        """Pass everything on until one end closes."""
        far_reader, far_writer = await asyncio.open_connection(host, port)
        ways = [self._pass(reader, far_writer, {}), self._pass(far_reader, writer, MARKS[self._side])]
        tasks = [asyncio.create_task(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, far_writer):
            end.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, marks: Mapping[str, bytes]
    ) -> None:
        """Pass on one direction, and note what is looked for."""
        with suppress(ConnectionError):
            while data := await reader.read(READ_BYTES):
                at = time.monotonic()
                writer.write(data)
                for mark, looked_for in marks.items():
                    if looked_for in data:
                        print(
                            json.dumps({"at": at, "side": self._side, "line": self._number, "mark": mark}), flush=True
                        )
                await writer.drain()


async def _serve(targets: Mapping[str, tuple[str, int]]) -> None:
    """Listen for each side, and relay for ever."""
    numbers = iter(range(1_000_000))
    ports: dict[str, int] = {}
    for side, (host, port) in targets.items():

        async def connected(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            *,
            side: str = side,
            host: str = host,
            port: int = port,
        ) -> None:
            await _Line(side, next(numbers)).run(reader, writer, host, port)

        server = await asyncio.start_server(connected, HOST, 0)
        ports[side] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


def _targets(arguments: list[str]) -> dict[str, tuple[str, int]]:
    """Read the command line: `side=host:port`, twice."""
    found: dict[str, tuple[str, int]] = {}
    for argument in arguments:
        side, _, place = argument.partition("=")
        host, _, port = place.rpartition(":")
        found[side] = (host, int(port))
    return found


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(_targets(sys.argv[1:])))

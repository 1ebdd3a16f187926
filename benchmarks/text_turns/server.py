"""The zero-latency server: an HTTP/1.1 server of one file that answers with ready-made bytes and keeps the times.

`python -m benchmarks.text_turns.server PORT`. `GET /bench/log` gives what was served since it was last asked.
"""

import asyncio
from dataclasses import asdict, dataclass, field
import sys
import time
from typing import Final, override

from .answers import CALLED, LOOKUPS, SPOKEN, TOOL_WORD, json_answer

LOG_PATH: Final = b"/bench/log"
BODY_PATH: Final = b"/bench/bodies"
RESPONSES_PATH: Final = b"/v1/responses"
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_RESULT: Final = b'"function_call_output"'
_CALL_WORD: Final = TOOL_WORD.encode()
_NOT_FOUND: Final = json_answer({"error": "not found"}, b"404 Not Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One request for a response; times in seconds of CLOCK_MONOTONIC, which all processes share."""

    read_at: float
    """The last byte of the request was read."""
    written_at: float
    """The last byte of the answer was handed to the socket."""
    body_bytes: int
    is_first: bool
    """Nothing was asked on this connection before: it was opened for this request."""


@dataclass(slots=True)
class Journal:
    """What was served."""

    served: list[Served] = field(default_factory=list)
    last_bodies: dict[str, str] = field(default_factory=dict)
    """The last request body by the model that it names."""


class Exchange(asyncio.Protocol):
    """One connection; requests come one after the other, never pipelined."""

    def __init__(self, journal: Journal) -> None:
        """Write into the journal that all connections share."""
        self._journal = journal
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self._is_used = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer once the request is complete."""
        self._buffer += data
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return
        head = bytes(self._buffer[:end])
        start = end + len(_END_OF_HEAD)
        if len(self._buffer) < start + _content_length(head):
            return
        read_at = time.monotonic()
        body = bytes(self._buffer[start:])
        self._buffer.clear()
        self._answer(head.split(b" ", 2)[1], body, read_at)
        self._is_used = True

    def _answer(self, path: bytes, body: bytes, read_at: float) -> None:
        """Write the answer of one request."""
        assert self._transport is not None
        if path != RESPONSES_PATH:
            self._transport.write(self._lookup(path))
            return
        wants_call = _CALL_WORD in body and _RESULT not in body
        self._transport.write(CALLED if wants_call else SPOKEN)
        served = Served(read_at=read_at, written_at=time.monotonic(), body_bytes=len(body), is_first=not self._is_used)
        self._journal.served.append(served)
        # After the answer is on its way: nobody waits for this.
        model = body.partition(b'"model":"')[2].partition(b'"')[0].decode()
        self._journal.last_bodies[model] = body.decode()

    def _lookup(self, path: bytes) -> bytes:
        """Give the answer of a path that nobody measures."""
        if path == LOG_PATH:
            served, self._journal.served = self._journal.served, []
            return json_answer([asdict(entry) for entry in served])
        if path == BODY_PATH:
            return json_answer(self._journal.last_bodies)
        return LOOKUPS.get(path, _NOT_FOUND)


def _content_length(head: bytes) -> int:
    """Read the length of the body, 0 where there is none."""
    for line in head.split(b"\r\n"):
        if line[: len(_LENGTH)].lower() == _LENGTH:
            return int(line[len(_LENGTH) :])
    return 0


async def serve(port: int) -> None:
    """Serve on the loopback interface until the process is ended."""
    journal = Journal()
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(journal), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

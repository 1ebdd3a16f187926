"""ESPHome's native API in plain text, seen from the device: framed protobuf messages over TCP."""

import asyncio
from contextlib import suppress
from typing import Final

from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO
from google.protobuf.message import Message  # type: ignore[import-untyped]

__all__ = ("EsphomeLink", "Message", "WireError")

_PREAMBLE: Final = 0
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_NUMBERS: Final[dict[type[Message], int]] = {kind: number for number, kind in MESSAGE_TYPE_TO_PROTO.items()}


class WireError(Exception):
    """The other side does not speak this protocol."""


class EsphomeLink:
    """One connection of Home Assistant to a device."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take over an open connection."""
        self._reader = reader
        self._writer = writer

    async def read(self) -> Message | None:
        """Give the next message, None where the other side has gone.

        Raises:
            WireError: what came is no message.
        """
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if (await self._reader.readexactly(1))[0] != _PREAMBLE:
                message = "the connection is encrypted or no ESPHome connection at all"
                raise WireError(message)
            size = await self._number()
            kind = MESSAGE_TYPE_TO_PROTO[await self._number()]
            body: Message = kind.FromString(await self._reader.readexactly(size))
            return body
        return None

    async def write(self, *messages: Message) -> None:
        """Send messages; nobody minds if the other side has gone."""
        with suppress(ConnectionError):
            for message in messages:
                body = message.SerializeToString()
                header = bytes([_PREAMBLE]) + _varint(len(body)) + _varint(_NUMBERS[type(message)])
                self._writer.write(header + body)
            await self._writer.drain()

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def _number(self) -> int:
        """Read a number in groups of seven bits."""
        number = shift = 0
        while True:
            group = (await self._reader.readexactly(1))[0]
            number |= (group & _SEVEN_BITS) << shift
            if not group & _MORE:
                return number
            shift += 7


def _varint(number: int) -> bytes:
    """Write a number in groups of seven bits."""
    groups = bytearray()
    while number > _SEVEN_BITS:
        groups.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    groups.append(number)
    return bytes(groups)

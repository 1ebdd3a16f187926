"""A server-sent event stream as the JSON of its events, without I/O."""

import re
from typing import Final

import orjson

from ..core.json_types import JsonMapping

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""The closing event repeats the whole reply; what is larger than any has no end."""

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_END_MARK: Final = b"[DONE]"

type Event = JsonMapping


class EventSplitter:
    """Cuts a server-sent event stream into the JSON of its events, however the bytes were cut on the way.

    Only `data` counts: every event names itself in its JSON. Some lines in place of the SDK's reader, because that one
    stops before the end of the body and so costs the connection (and 1 ms a turn). Lines end as the standard of
    server-sent events has it; what is whole on its first line does not wait for the blank one.
    """

    def __init__(self, most_bytes: int = MAX_EVENT_BYTES) -> None:
        """Start with nothing received; no event may be larger."""
        self._most_bytes = most_bytes
        self._rest = bytearray()
        """Of a line that has no end yet: grown and not searched again, for it may come in a hundred thousand pieces."""
        self._data: list[bytes] = []
        self._size = 0
        self._may_have_mark = True
        self._has_half_end = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes and return the events that are complete by now.

        Raises:
            ValueError: the data of an event is no JSON object, or far too much.
        """
        if self._has_half_end and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._has_half_end = False
        self._has_half_end = self._has_half_end or chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(chunk)
        events = [event for end in ended if (event := self._line(self._joined(end))) is not None]
        self._rest += rest
        self._weigh(len(self._rest))
        return events

    def _joined(self, end: bytes) -> bytes:
        """Return the line that ends with a piece."""
        line = bytes(self._rest) + end
        self._rest.clear()
        return line

    def _line(self, line: bytes) -> Event | None:
        """Take one line; return the event that ends with it."""
        if self._may_have_mark:
            line, self._may_have_mark = line.removeprefix(_BYTE_ORDER_MARK), False
        if not line:
            return self._end()
        name, _, value = line.partition(b":")
        if name != b"data":
            return None
        self._data.append(value.strip())
        self._size += len(value)
        self._weigh(0)
        return self._whole() if len(self._data) == 1 else None

    def _whole(self) -> Event | None:
        """Return the event of a first line that needs no other: nothing can follow whole JSON."""
        try:
            event = orjson.loads(self._data[0])
        except ValueError:
            return None
        self._clear()
        return _event(event)

    def _end(self) -> Event | None:
        """Return the event that a blank line ends, if there is one."""
        data = b"\n".join(self._data).strip()
        self._clear()
        return _event(orjson.loads(data)) if data and data != _END_MARK else None

    def _clear(self) -> None:
        """Forget the lines of an event that is over."""
        self._data.clear()
        self._size = 0

    def _weigh(self, unread: int) -> None:
        """Refuse an event without an end."""
        if self._size + unread > self._most_bytes:
            raise ValueError("an event is too large")


def _event(value: object) -> Event:
    """Return an event that is a JSON object."""
    if not isinstance(value, dict):
        raise ValueError("an event is no JSON object")
    return value

"""What went over the wire lately, for bug reports: kinds, times and sizes, never words, sound, names, ids or keys."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
import re
from typing import Final

import orjson

from ..core.json_types import JsonMapping, JsonObject
from .wire_words import masked, masked_code

ENTRIES_KEPT: Final = 200
UNKNOWN: Final = "unknown"
BINARY: Final = "binary"
STREAMED: Final = ("delta", "append", "partial", BINARY)
"""Ends of kinds that come in rows: the rows of a direction are folded even where they run beside each other."""

_KIND: Final = re.compile(r"[a-z0-9._]{1,60}")
_CODE: Final = re.compile(r"[1-5][0-9]{2}|(?=.{1,60}$)[a-z]+(?:[._:-][a-z]+){0,7}")
"""A status, or a slug without digits: what could be a key or an id is none."""
_BEGINNING: Final = re.compile(
    rb'\s*\{\s*(?:"[a-z_]{1,40}"\s*:\s*(?:"[^"\\]{0,100}"|[0-9.]{1,20})\s*,\s*){0,6}'
    rb'"type"\s*:\s*"([a-z0-9._]{1,60})"'
)
"""The usual beginning of a frame, maybe with some ids: its rest need not be read then."""
_MAY_FAIL: Final = frozenset({"error", "response.done", "response.failed", "response.incomplete"})
"""Kinds whose content may tell why something went wrong."""


class Channel(StrEnum):
    """Over what it went."""

    REALTIME = "realtime"
    STT = "stt"
    TTS = "tts"
    REST = "rest"


class Direction(StrEnum):
    """Which way it went."""

    IN = "in"
    OUT = "out"


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One event, or a row of the same kind; not frozen, as it grows."""

    at: float
    """Of the first, in seconds of the epoch."""
    until: float
    channel: Channel
    direction: Direction
    kind: str
    size: int
    number: int
    """How many entries there were before."""
    count: int = 1
    status: int | None = None
    codes: tuple[str, ...] = ()

    def to_json(self, first_at: float) -> JsonObject:
        """Write it; what there is nothing to tell of is left out."""
        told: JsonObject = {
            "time": datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds"),
            "s": round(self.at - first_at, 3),
            "channel": self.channel.value,
            "direction": self.direction.value,
            "kind": self.kind,
            "bytes": self.size,
        }
        if self.count > 1:
            told |= {"count": self.count, "lasted_s": round(self.until - self.at, 3)}
        if self.status is not None:
            told["status"] = self.status
        if self.codes:
            told["codes"] = list(self.codes)
        return told


class WireLog:
    """The last events of one account; the oldest make room."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty, with a clock that gives seconds of the epoch."""
        self._clock = clock
        self._entries: deque[_Entry] = deque(maxlen=ENTRIES_KEPT)
        self._rows: dict[tuple[Channel, Direction], dict[str, _Entry]] = {}
        """The rows that may still grow."""
        self._last: dict[Channel, _Entry] = {}
        """The newest of each channel."""
        self._kept = 0
        """How many entries there ever were."""

    def note(
        self,
        channel: Channel,
        direction: Direction,
        kind: object,
        *,
        size: int = 0,
        status: int | None = None,
        codes: tuple[object, ...] = (),
    ) -> None:
        """Keep an event: its kind, its size in bytes, and what is safe of the reasons why it failed."""
        safe_kind = masked(kind) if isinstance(kind, str) and _KIND.fullmatch(kind) else UNKNOWN
        safe_codes = tuple(dict.fromkeys(masked_code(str(code)) for code in codes if is_safe(code)))
        now = self._clock()
        rows = self._rows.setdefault((channel, direction), {})
        known = rows.get(safe_kind)
        if known is not None and self._may_grow(known) and (known.status, known.codes) == (status, safe_codes):
            known.count += 1
            known.size += size
            known.until = now
            return
        entry = _Entry(
            at=now,
            until=now,
            channel=channel,
            direction=direction,
            kind=safe_kind,
            size=size,
            number=self._kept,
            status=status,
            codes=safe_codes,
        )
        if not safe_kind.endswith(STREAMED):
            rows.clear()
        rows[safe_kind] = self._last[channel] = entry
        self._entries.append(entry)
        self._kept += 1

    def _may_grow(self, row: _Entry) -> bool:
        """Whether a row is still kept, and what it was is not over by what came since."""
        is_newest = self._last.get(row.channel) is row
        return row.number >= self._kept - ENTRIES_KEPT and (is_newest or row.kind.endswith(STREAMED))

    def note_frame(self, channel: Channel, direction: Direction, frame: bytes | str) -> None:
        """Keep a frame of a socket by its type; what is no JSON is sound."""
        raw = frame.encode(errors="replace") if isinstance(frame, str) else frame
        found = _BEGINNING.match(raw)
        kind = found[1].decode() if found else ""
        if found and kind not in _MAY_FAIL:
            self.note(channel, direction, kind, size=len(raw))
            return
        event = _read(raw)
        if event is None:
            self.note(channel, direction, BINARY, size=len(raw))
        else:
            self.note_event(channel, direction, event, size=len(raw))

    def note_event(self, channel: Channel, direction: Direction, event: JsonMapping, *, size: int = 0) -> None:
        """Keep an event that was read already."""
        kind = event.get("type")
        codes = codes_of(event) if isinstance(kind, str) and kind in _MAY_FAIL else ()
        self.note(channel, direction, kind, size=size, codes=codes)

    def to_json(self) -> list[JsonObject]:
        """Write everything, the oldest first."""
        first_at = self._entries[0].at if self._entries else 0.0
        return [entry.to_json(first_at) for entry in self._entries]


@dataclass(frozen=True, slots=True)
class ChannelLog:
    """The log of one account for one channel."""

    log: WireLog
    channel: Channel

    def frame(self, direction: Direction, frame: bytes | str) -> None:
        """Keep a frame of a socket."""
        self.log.note_frame(self.channel, direction, frame)

    def reply(self, kind: str, status: int, body: bytes = b"") -> None:
        """Keep what a request or a handshake came to, or with which code a socket was closed."""
        codes = codes_of(_read(body) or {}) if body else ()
        self.log.note(self.channel, Direction.IN, kind, size=len(body), status=status, codes=codes)

    def lost(self, kind: str, why: str) -> None:
        """Keep a request or a handshake without any reply."""
        self.log.note(self.channel, Direction.IN, kind, codes=(why,))


def codes_of(body: JsonMapping) -> tuple[object, ...]:
    """Read what may name a failure: status, type and code, of a body or of what in it is about the failure."""
    parts: list[JsonMapping] = [body]
    for name in ("error", "response", "status_details", "incomplete_details"):
        parts += [inner for part in parts if isinstance(inner := part.get(name), dict)]
    named = [part.get(name) for part in parts for name in ("type", "code", "status", "reason")]
    return tuple(code for code in named if code not in (None, "", body.get("type"), "completed"))


def is_safe(code: object) -> bool:
    """Whether a code can hold nothing of anybody."""
    return isinstance(code, str | int) and not isinstance(code, bool) and _CODE.fullmatch(str(code)) is not None


def _read(raw: bytes) -> JsonMapping | None:
    """Read a frame; None where it is no JSON object."""
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None

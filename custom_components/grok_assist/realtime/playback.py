"""The way of an answer's sound from the session to the one who plays it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ..core.errors import GrokError
from ..core.media.samples import WholeSamples
from .config import OUTPUT_RATE, SAMPLE_BYTES
from .heard import Position

BYTES_PER_S: Final = OUTPUT_RATE * SAMPLE_BYTES
PIECE_BYTES: Final = BYTES_PER_S // 10
"""What is handed over at once: a tenth of a second, so that an encoder never holds up the event loop."""
PIECE_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackLimits:
    """When silence is made for a player, and how much sound there may be."""

    lead_s: float = 0.25
    """Silence is made when the player has so little left to play …"""
    patience_s: float = 1.0
    """… and nothing came for so long: pauses between two deltas are no reason, and devices give up after about 2 s."""
    most_bytes: int = BYTES_PER_S * 600
    """Ten minutes of sound; an answer that is longer is cut."""


USUAL: Final = PlaybackLimits()


class Player(Protocol):
    """Who plays the sound of a turn, and knows how much of it was heard."""

    def position(self, now: float) -> Position | None:
        """Return where it is; None before it has begun."""

    def ends_at(self) -> float:
        """Return when everything that was given so far will have been heard, on the event loop's clock."""

    def put(self, item_id: str, pcm: bytes) -> None:
        """Add sound of an item."""

    def close(self) -> None:
        """Take note that the sound is complete."""

    def cut(self, error: GrokError | None = None) -> None:
        """End at once; with an error whoever listens is told of it."""


class PlaybackBuffer:
    """Sound of one turn, kept until a text-to-speech entity takes it, once; a `Player` by estimate."""

    def __init__(self, limits: PlaybackLimits = USUAL) -> None:
        """Start without sound."""
        self._limits = limits
        self._pieces: deque[bytes] = deque()
        self._samples = WholeSamples()
        self._news = asyncio.Event()
        self._is_closed = False
        self._error: GrokError | None = None
        self._plays_until: float | None = None
        """When a player has played everything that was given; None before the first sound."""
        self._heard: list[tuple[float, float]] = []
        """From when until when the answer itself is played, silence of ours left out."""
        self._quiet_until = 0.0
        """Before this no silence is made."""
        self.put_bytes = 0
        """Sound of the answer so far, silence of ours not counted."""
        self.is_taken = False
        self.on_taken: Callable[[], None] = lambda: None
        self._items: dict[str, int] = {}
        """Bytes of the answer's items, in the order in which they are played."""
        self._cut_at: float | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing comes any more."""
        return self._is_closed

    def put(self, item_id: str, pcm: bytes) -> None:
        """Add sound of an item."""
        if self._is_closed or self.put_bytes >= self._limits.most_bytes:
            return
        pcm = self._samples.feed(pcm)
        self.put_bytes += len(pcm)
        self._items[item_id] = self._items.get(item_id, 0) + len(pcm)
        self._quiet_until = asyncio.get_running_loop().time() + self._limits.patience_s
        self._pieces.extend(pcm[start : start + PIECE_BYTES] for start in range(0, len(pcm), PIECE_BYTES))
        self._news.set()

    def close(self) -> None:
        """Take note that the sound is complete."""
        self._is_closed = True
        self._news.set()

    def cut(self, error: GrokError | None = None) -> None:
        """End at once: what is not taken yet is dropped; with an error the player is told of it."""
        self._pieces.clear()
        self._error = error
        if self._cut_at is None:
            self._cut_at = asyncio.get_running_loop().time()
        self.close()

    def heard_s(self, now: float) -> float:
        """How much of the answer a listener has heard, were it played as it was given, in seconds."""
        return sum(min(now, end) - start for start, end in self._heard if start < now)

    def position(self, now: float) -> Position | None:
        """Where a listener is in the answer, were it played as it was given; what was cut is heard no further."""
        left_ms = self.heard_s(now if self._cut_at is None else self._cut_at) * 1000
        position = None
        for item_id, size in self._items.items():
            length_ms = size / BYTES_PER_S * 1000
            position = Position(item_id, min(left_ms, length_ms))
            if left_ms < length_ms:
                break
            left_ms -= length_ms
        return position

    def ends_at(self) -> float:
        """When a listener has heard everything that was given so far, on the event loop's clock."""
        return self._plays_until or 0.0

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the sound as it comes; silence in between, once it has begun, keeps the player from giving up.

        Raises:
            GrokError: the session broke in mid-answer.
        """
        self.is_taken = True
        self.on_taken()
        loop = asyncio.get_running_loop()
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._give(len(piece), loop.time(), is_answer=True)
                yield piece
                # A head start of several seconds must not be encoded in one go.
                await asyncio.sleep(0)
            if self._is_closed:
                if self._error is not None:
                    raise self._error
                return
            self._news.clear()
            if self._plays_until is None:
                await self._news.wait()
            elif not await self._more_before(max(self.ends_at() - self._limits.lead_s, self._quiet_until)):
                self._give(PIECE_BYTES, loop.time(), is_answer=False)
                # At the pace of life from here on: a player that ran dry must not be given the past as well.
                self._quiet_until = loop.time() + PIECE_S
                yield bytes(PIECE_BYTES)

    def _give(self, size: int, now: float, *, is_answer: bool) -> None:
        """Note when a piece is played: after those before it, or now where the player ran dry."""
        start = max(now, self._plays_until or 0.0)
        self._plays_until = end = start + size / BYTES_PER_S
        if not is_answer:
            return
        if self._heard and self._heard[-1][1] == start:
            self._heard[-1] = (self._heard[-1][0], end)
        else:
            self._heard.append((start, end))

    async def _more_before(self, moment: float) -> bool:
        """Wait for news until the player runs dry."""
        try:
            async with asyncio.timeout_at(moment):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

"""What of an answer was heard: its words by the share of its sound."""

from dataclasses import dataclass
import re
from typing import Final

from .config import OUTPUT_RATE, SAMPLE_BYTES

BYTES_PER_MS: Final = OUTPUT_RATE * SAMPLE_BYTES / 1000
LONGEST_MS: Final = 600_000
UNHEARD_MS: Final = 300
"""What may be missing at the end of an answer that counts as heard."""
_BROKEN_WORD: Final = re.compile(
    r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff]+\Z"
)
"""A word at an end, which may go on; Thai, Lao, Burmese, Khmer, Japanese and Chinese have no spaces that would tell."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a player is: so many milliseconds of an item's sound have been heard."""

    item_id: str
    ms: float


class Spoken:
    """The words and the sound of one turn's answer, as they were given to who listens."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self.text = ""
        self.is_complete = False
        """Nothing more will come, as far as anybody knows."""
        self._sizes: dict[str, int] = {}
        self._cut: tuple[str | None] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether neither words nor sound have come."""
        return not self.text.strip() and not self._sizes

    @property
    def is_too_long(self) -> bool:
        """Whether there is more sound than any player keeps."""
        return sum(self._sizes.values()) / BYTES_PER_MS > LONGEST_MS

    def sound(self, item_id: str, size: int) -> None:
        """Count bytes of sound of an item."""
        self._sizes[item_id] = self._sizes.get(item_id, 0) + size

    def cut(self, at: Position | None) -> None:
        """Take note that nothing is heard from here on."""
        if self._cut is None:
            self._cut = (self.heard_text(at),)

    def cut_items(self, at: Position | None) -> list[Position]:
        """Return what was heard of the item that is playing, and nothing of those behind it, in their order."""
        items = list(self._sizes)
        first = items.index(at.item_id) if at is not None and at.item_id in self._sizes else 0
        return [at if at is not None and item_id == at.item_id else Position(item_id, 0) for item_id in items[first:]]

    def heard_text(self, at: Position | None) -> str | None:
        """Return the words that were heard, whole ones; None where that is all of them.

        Args:
            at: where the player is, unless the answer was cut before; None: it has not begun.
        """
        if self._cut is not None:
            return self._cut[0]
        total_ms = sum(self._sizes.values()) / BYTES_PER_MS
        heard_ms = self._heard_ms(at)
        if not self.text or total_ms <= 0 or (self.is_complete and heard_ms >= total_ms - UNHEARD_MS):
            return None
        share = self.text[: int(len(self.text) * heard_ms / total_ms)]
        return _BROKEN_WORD.sub("", share).rstrip()

    def _heard_ms(self, at: Position | None) -> float:
        """Count what was heard of all items, which are played in their order."""
        if at is None:
            return 0.0
        earlier = 0
        for item_id, size in self._sizes.items():
            if item_id == at.item_id:
                break
            earlier += size
        return earlier / BYTES_PER_MS + at.ms

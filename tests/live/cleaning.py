"""Takes what is nobody's business out of all that leaves a check: recording, index, and what is printed."""

import base64
from collections.abc import Iterator
import re
from typing import Final
import unicodedata

from ..simulator.jsontypes import Json

HIDDEN_KEY: Final = "(the key)"
HIDDEN: Final = "hidden"
_PIECE: Final = 8
"""So many characters of a key on end are nobody's business …"""
_CODED_PIECE: Final = 11
"""… nor so many of its base64, which is as much."""
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MADE_UP: Final = re.compile(r"0{8}-0{4}-0{4}-0{4}-[0-9]{12}")
_CUT_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){0,3}[0-9a-f]{0,12}(?=…|”|$)", re.IGNORECASE)
"""What is left of one where a text was shortened."""
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}(?:@|%40)[\w.-]{1,255}")
_UNUSUAL: Final = re.compile(r"[^\x20-\x7e\n\r\t]")
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""What a terminal obeys, or an encoder refuses, by its category in Unicode."""
_SMALL: Final = {ord(letter.upper()): letter for letter in "abcdefghijklmnopqrstuvwxyz"}


class Cleaner:
    """Cleans texts and JSON of one check; the same id becomes the same made-up one everywhere."""

    def __init__(self, key: str) -> None:
        """Know the key."""
        small = key.translate(_SMALL)
        self._pieces = _windows(small, _PIECE)
        self._coded = frozenset(piece for coded in _codes(key) for piece in _windows(coded, _CODED_PIECE))
        self._ids: dict[str, str] = {}

    def value(self, value: Json) -> Json:
        """Give JSON without it, the names of its fields included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value

    def text(self, text: str) -> str:
        """Give a text without the key in whole or in part, ids, addresses, and characters that move a terminal."""
        text = _UNUSUAL.sub(_visible, text)
        if spans := sorted(self._spans(text)):
            text = _masked(text, spans)
        text = _CUT_UUID.sub(self._made_up, _UUID.sub(self._made_up, text))
        return _ADDRESS.sub(HIDDEN, text) if "@" in text or "%40" in text else text

    def line(self, text: str) -> str:
        """Give a text as one line."""
        return " ".join(self.text(text).split())

    def finds_key(self, text: str) -> bool:
        """Tell whether a part of the key is in a text."""
        return next(self._spans(text), None) is not None

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Give from where to where pieces of the key stand, plain in whatever case or in base64."""
        small = text.translate(_SMALL)
        for haystack, pieces in ((small, self._pieces), (text, self._coded)):
            for piece in pieces:
                start = haystack.find(piece)
                while start >= 0:
                    yield start, start + len(piece)
                    start = haystack.find(piece, start + 1)

    def _made_up(self, found: re.Match[str]) -> str:
        """Give the id that stands for one; what is made up already stays."""
        if _MADE_UP.fullmatch(found[0]):
            return found[0]
        number = len(self._ids) + 1
        return self._ids.setdefault(found[0].lower(), f"00000000-0000-0000-0000-{number:012}")


def _windows(secret: str, length: int) -> frozenset[str]:
    """Give all pieces of a length; of a shorter secret the whole."""
    return frozenset(secret[at : at + length] for at in range(max(1, len(secret) - length + 1))) - {""}


def _codes(key: str) -> Iterator[str]:
    """Give the characters of base64 that only the key decides, wherever it begins in what was encoded."""
    for shift, shared in enumerate((0, 2, 3)):
        whole = base64.b64encode(b"\0" * shift + key.encode()).decode()
        # The last character before the padding depends on what follows.
        coded = whole[shared:].rstrip("=")[: -1 if whole.endswith("=") else None]
        if len(coded) >= _CODED_PIECE:
            yield from (coded, coded.translate({ord("+"): "-", ord("/"): "_"}))


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    """Write one mask for each stretch of a text that is covered."""
    kept: list[str] = []
    end = 0
    for start, stop in spans:
        if start > end or not kept:
            kept += [text[end:start], HIDDEN_KEY]
        end = max(end, stop)
    return "".join([*kept, text[end:]])


def _visible(found: re.Match[str]) -> str:
    """Give a character that is only to be looked at."""
    return "\ufffd" if unicodedata.category(found[0]) in _INVISIBLE else found[0]

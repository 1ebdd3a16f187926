"""Words of a sentence found again among known words, though inflected, compounded or misheard."""

from collections.abc import Iterable, Mapping
import re
from typing import Final
import unicodedata

MEMORY: Final = 2_000
"""Words of sentences whose matches are remembered."""
LEAST_ALIKE: Final = 0.61
"""Dice coefficient of letter triples from which two words count as one misheard."""
LEAST_STEM: Final = 4
LEAST_PART: Final = 4
_WORD: Final = re.compile(
    r"(?:[^\W_]|[\u0900-\u0963\u0970-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3])+"
)
"""Letters, and the vowel signs of India and its neighbours, which Python takes for none, inside of words."""


def words_of(text: str) -> tuple[str, ...]:
    """Split a text into words without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(_WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))


class WordIndex:
    """Finds known words that a word may mean, each with how sure that is (0 to 1)."""

    def __init__(self, known: Iterable[str]) -> None:
        """Index the known words by their letter triples."""
        self._known = frozenset(known)
        self._triples = {word: _triples(word) for word in self._known}
        self._by_triple: dict[str, list[str]] = {}
        for word, triples in self._triples.items():
            for triple in triples:
                self._by_triple.setdefault(triple, []).append(word)
        self._found: dict[str, Mapping[str, float]] = {}

    def find(self, word: str) -> Mapping[str, float]:
        """Return the known words that a word may mean."""
        if (found := self._found.get(word)) is None:
            if len(self._found) >= MEMORY:
                self._found.clear()
            found = self._found[word] = self._search(word)
        return found

    def _search(self, word: str) -> Mapping[str, float]:
        """Compare a word with those that share letters with it."""
        if word.isdigit() or len(word) < 3:
            return {word: 1.0} if word in self._known else {}
        triples = _triples(word)
        shared: dict[str, int] = {}
        for triple in triples:
            for other in self._by_triple.get(triple, ()):
                shared[other] = shared.get(other, 0) + 1
        found: dict[str, float] = {}
        for other, count in shared.items():
            sureness = _alike(word, other, 2 * count / (len(triples) + len(self._triples[other])))
            if sureness:
                found[other] = sureness
        return found


def _alike(word: str, other: str, dice: float) -> float:
    """Tell how sure it is that two words mean the same."""
    if word == other:
        return 1.0
    shorter, longer = sorted((word, other), key=len)
    if shorter.isdigit() or len(shorter) < 3:
        return 0.0
    # Inflection: window, windows; Lampe, Lampen; Tür, Türen.
    if longer.startswith(shorter) and len(longer) - len(shorter) <= (2 if len(shorter) >= LEAST_STEM else 1):
        return 0.9
    if part := _as_compound(word, other):
        return part
    # Misheard or mistyped: seldom in the first letter (light is not night).
    return dice if dice >= LEAST_ALIKE and word[0] == other[0] else 0.0


def _as_compound(word: str, other: str) -> float:
    """Tell how sure it is that a word is a compound of another, as German and Dutch make them.

    What it is stands at the end (Wohnzimmerlampe), where at the beginning. Not the other way round: who says room does
    not mean the bathroom.
    """
    if len(other) < LEAST_PART:
        return 0.0
    if word.endswith(other):
        return 0.85
    return 0.75 if word.startswith(other) else 0.0


def _triples(word: str) -> frozenset[str]:
    """Return the letter triples of a word, its ends marked."""
    marked = f" {word} "
    return frozenset(marked[start : start + 3] for start in range(len(marked) - 2))

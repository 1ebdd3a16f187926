"""Tells the assistant's own words, which an open microphone heard from the loudspeaker, from what a user says."""

from difflib import SequenceMatcher
import re
from typing import Final

from .words import words_of

LEAST_WORDS: Final = 3
"""Fewer words are never an echo: "yes", "the kitchen" and "turn on" come from people."""
LONGEST_ANSWER: Final = 4
"""Words up to which the repetition of a piece of a question is the choice of an option that it offered."""
LONGEST_SAID: Final = 2_000
"""Last characters of an answer that are looked at; what still sounds in a room was said a moment ago."""
# One word of five may be misheard, left out or put in. A user's own sentence about the same things shares less, as the
# verb and what is asked for are new ("mach das Licht in der Küche an" after "Das Licht in der Küche ist an": 0.71).
LEAST_SHARE: Final = 0.8
# Two words count as one if their letters agree so far: "blind", "blinds" (0.91); "Jalousie", "Schalusie" (0.71) do
# not, which LEAST_SHARE allows for. Short words of other meaning stay apart: "on", "off" (0.4), "mein", "dein" (0.75).
LEAST_ALIKE: Final = 0.8
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
_USERS_WORDS: Final = frozenset(
    [
        "on",
        "off",
        "up",
        "down",
        "open",
        "close",
        "yes",
        "no",
        "not",
        "stop",
        "wait",
        "please",
        "thanks",
        "an",
        "aus",
        "auf",
        "zu",
        "ja",
        "nein",
        "nicht",
        "stopp",
        "halt",
        "warte",
        "bitte",
        "danke",
        "oui",
        "non",
        "pas",
        "arrete",
        "merci",
        "si",
        "para",
        "gracias",
        "basta",
        "ferma",
        "grazie",
        "aan",
        "uit",
        "nee",
        "niet",
        "wacht",
    ]
)
"""Words with which a user answers or changes what was said: heard, but not said, they are no error of hearing."""


def is_echo(heard: str, said: str) -> bool:
    """Tell whether words that were heard are a stretch of what the assistant said, apart from small errors."""
    words = words_of(heard)
    if len(words) < LEAST_WORDS:
        return False
    said = said[-LONGEST_SAID:]
    if len(words) > LONGEST_ANSWER:
        return _is_stretch(words, words_of(said))
    sentences = _SENTENCE.findall(said)
    asked = " ".join(sentence for sentence in sentences if "?" in sentence)
    return _is_stretch(words, words_of(said)) and not _is_stretch(words, words_of(asked))


def _is_stretch(words: tuple[str, ...], source: tuple[str, ...]) -> bool:
    """Tell whether words are, nearly, a row of the words of a text."""
    # Without word boundaries: the first word may have lost its beginning, the last one its end.
    if " ".join(words) in " ".join(source):
        return True
    start = _nearest_start(words, source)
    stretch = source[max(start, 0) : start + len(words) + 1]
    if not _USERS_WORDS.isdisjoint(set(words).difference(stretch)):
        return False
    return not _is_order(words[0], stretch) and _share(words, stretch) >= LEAST_SHARE


def _nearest_start(words: tuple[str, ...], source: tuple[str, ...]) -> int:
    """Return where in a text, beginning before it at the earliest, words most likely come from."""
    positions: dict[str, list[int]] = {}
    for index, word in enumerate(source):
        positions.setdefault(word, []).append(index)
    # Each word votes for the place where its stretch would begin, more softly for those beside it: words lost or put in
    # shift what follows them.
    votes = {0: 0}
    for index, word in enumerate(words):
        for position in positions.get(word, ()):
            exact = position - index
            for start, weight in ((exact - 1, 1), (exact, 2), (exact + 1, 1)):
                votes[start] = votes.get(start, 0) + weight
    return max(votes, key=lambda start: (votes[start], start))


def _is_order(word: str, stretch: tuple[str, ...]) -> bool:
    """Tell whether a first word is a verb's stem of which the assistant said a longer form: turn, turned."""
    return word not in stretch and any(other.startswith(word) for other in stretch[:2])


def _share(words: tuple[str, ...], stretch: tuple[str, ...]) -> float:
    """Return which part of the words heard are, in their order, words of the stretch."""
    matcher = SequenceMatcher(None, words, stretch, autojunk=False)
    found = 0
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            found += end - start
        elif kind == "replace":
            pairs = zip(words[start:end], stretch[other_start:other_end], strict=False)
            found += sum(_are_alike(word, other) for word, other in pairs)
    return found / len(words)


def _are_alike(word: str, other: str) -> bool:
    """Tell whether two words differ by a letter or two only."""
    return SequenceMatcher(None, word, other, autojunk=False).ratio() >= LEAST_ALIKE

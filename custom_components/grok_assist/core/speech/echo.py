"""Tells the assistant's own words, which an open microphone heard from the loudspeaker, from what a user says.

Only a whole answer that comes back is an echo, its opening included: what repeats a piece of it, above all of an offer,
is what people say when they accept it. In doubt it is no echo, and the model is asked.
"""

from difflib import SequenceMatcher
import re
from typing import Final

from ..words import words_of

LEAST_WORDS: Final = 3
"""Fewer words are never an echo: "yes", "the kitchen" and "turn on" come from people."""
LEAST_ASKED: Final = 6
"""Fewer words of a question are an answer to it: "Turn on the light?", "turn on the light"."""
OPENING: Final = 2
"""First words of an answer that have to come back, too."""
LONGEST_SAID: Final = 400
"""Words up to which an answer is looked at; nobody hears more through a microphone that closes at the first pause."""
# One word of five may be misheard, left out or put in.
LEAST_SHARE: Final = 0.8
LEAST_STATED: Final = 0.4
"""How much of a statement has to come back: nobody orders by its opening, and a pause may cut the rest off."""
# Two words count as one if their letters agree so far: "blind", "blinds" (0.91); "Jalousie", "Schalusie" (0.71) do
# not, which LEAST_SHARE allows for. Short words of other meaning stay apart: "on", "off" (0.4), "mein", "dein" (0.75).
LEAST_ALIKE: Final = 0.8
_CLAUSE: Final = re.compile(r"[.!?,;:]\s")
SPEAKING_RATE: Final = 12.0
"""Characters a second that are spoken at the slowest."""
LATE_S: Final = 6.0
"""From the end of the sound, and of what was heard, until its words are there."""


def is_echo(heard: str, said: str) -> bool:
    """Tell whether words that were heard are the whole of what the assistant said, apart from small errors."""
    words, source = words_of(heard), words_of(said)
    if len(words) < (LEAST_ASKED if "?" in said else LEAST_WORDS) or len(source) > LONGEST_SAID:
        return False
    # A question may stand behind a statement, and then begins with words of its own: "would you like me to …".
    clauses = [words_of(clause) for clause in _CLAUSE.split(said) if "?" in said] or [source]
    if not any(_has(words, clause[:OPENING]) for clause in (source, *clauses[1:])):
        return False
    least_whole = LEAST_SHARE if "?" in said else LEAST_STATED
    return _share(words, source) >= LEAST_SHARE and _share(source, words) >= least_whole


def is_piece(heard: str, said: str) -> bool:
    """Tell whether words that were heard over a statement are a piece of it, and so most probably its echo.

    Only for what was heard while it sounded: later the same words are somebody's. What repeats a piece of a question
    answers it.
    """
    words, source = words_of(heard), words_of(said)
    if "?" in said or len(words) < LEAST_WORDS or len(source) > LONGEST_SAID:
        return False
    return _share(words, source) >= LEAST_SHARE


def is_own_voice(heard: str, said: str) -> bool:
    """Whether what was heard over an answer are its own words."""
    return is_echo(heard, said) or is_piece(heard, said)


def _has(words: tuple[str, ...], opening: tuple[str, ...]) -> bool:
    """Tell whether an opening stands among words, one behind the other."""
    places = range(len(words) - len(opening) + 1)
    return bool(opening) and any(
        all(map(_are_alike, words[place : place + len(opening)], opening, strict=True)) for place in places
    )


def latest_echo_s(heard: str, said: str) -> float:
    """Return for how many seconds after an answer was complete its own sound may still be heard and understood."""
    return len(said) / SPEAKING_RATE + len(heard) / SPEAKING_RATE + LATE_S


def _share(words: tuple[str, ...], stretch: tuple[str, ...]) -> float:
    """Return which part of the words are, in their order, words of the other text."""
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

"""What an assistant may only do after the user has said yes, and what counts as that yes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise, takewhile
from typing import Final

from ..json_types import JsonObject
from ..words import words_of
from .deed_words import DEEDS, OPPOSITES
from .yes_words import NO, POLITE, YES

ANSWER_S: Final = 60.0
"""For how long a question stands."""
LONGEST_YES: Final = 12
"""Words of an answer that may still be a plain yes."""
LEAST_STEM: Final = 4
"""Letters in which a word of the answer and one of the question must begin alike: öffne, öffnen."""
LEAST_END: Final = 3
"""Letters of a word that may stand for a compound which ends with it: Tor, Garagentor."""
MOST_ENDING: Final = 3
"""Letters behind a common beginning in which two forms of a word may differ: scharf is not schalten."""
KEPT: Final = 64


class AskBefore(StrEnum):
    """What is held until the user has said yes."""

    NEVER = "never"
    OPENING = "opening"
    """What opens, unlocks or disarms."""
    ALL_CHANGES = "all_changes"


class Deed(StrEnum):
    """What a held call would do, as far as the question names it."""

    UNLOCK = "unlock"
    OPEN = "open"
    DISARM = "disarm"
    RUN = "run"
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    CHANGE = "change"


class Verdict(StrEnum):
    """What became of a question."""

    GRANTED = "granted"
    NOT_AGREED = "not_agreed"
    """Something else was said than a plain yes."""
    TOO_LATE = "too_late"
    FOREIGN = "foreign"
    """Somebody else answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who speaks: the person, and where nobody is signed in, the device."""

    user_id: str | None = None
    device_id: str | None = None

    def is_same(self, other: Asker) -> bool:
        """Whether an answer comes from whom the question was put to."""
        if self.user_id or other.user_id:
            return self.user_id == other.user_id
        return self.device_id == other.device_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCall:
    """A call that was not made."""

    tool_name: str
    """Home Assistant's name of the tool."""
    arguments: JsonObject
    deeds: tuple[tuple[Deed, str], ...]
    """What it would do, and to what, by the name that people use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Calls that wait for a yes."""

    calls: tuple[HeldCall, ...]
    asker: Asker
    text: str
    """As it was put."""
    asked_at: float
    sentences: int = 0
    """What the user had said in the conversation when it was put, counted in sentences."""
    answer_s: float | None = None
    """How long it waits for a yes, where that is not the usual time."""

    def is_agreed_by(self, text: str) -> bool:
        """Whether a sentence is a plain yes to all of it."""
        return is_yes(text, self.text, tuple(chain.from_iterable(call.deeds for call in self.calls)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a turn says to the question before it."""

    verdict: Verdict
    question: Question


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the user."""

    text: str
    sentences: int = 1
    """What the user has said in the conversation, this included; another agent may have answered some of it."""


@dataclass(slots=True)
class ConsentBook:
    """The open questions of an account, at most one for each conversation; any next turn closes it."""

    answer_s: float = ANSWER_S
    _open: dict[tuple[str, str], Question] = field(default_factory=dict)

    def ask(self, agent: str, conversation_id: str, question: Question) -> None:
        """Open a question."""
        self._open.pop((agent, conversation_id), None)
        if len(self._open) >= KEPT:
            del self._open[next(iter(self._open))]
        self._open[agent, conversation_id] = question

    def answer(self, agent: str, conversation_id: str, asker: Asker, said: Said, now: float) -> Answer | None:
        """Take what is said next; None where nothing was asked. Whatever the verdict, the question is closed."""
        question = self._open.pop((agent, conversation_id), None)
        if question is None:
            return None
        verdict = Verdict.GRANTED
        if not question.asker.is_same(asker):
            verdict = Verdict.FOREIGN
        elif now - question.asked_at > (question.answer_s or self.answer_s):
            verdict = Verdict.TOO_LATE
        elif said.sentences != question.sentences + 1 or not question.is_agreed_by(said.text):
            verdict = Verdict.NOT_AGREED
        return Answer(verdict=verdict, question=question)

    def forget(self, agent: str, conversation_id: str) -> None:
        """Close a question without an answer."""
        self._open.pop((agent, conversation_id), None)


def is_yes(text: str, question: str = "", deeds: Sequence[tuple[Deed, str]] = ()) -> bool:
    """Tell whether a sentence is a plain yes in one of our languages.

    It may repeat words of the question ("yes, open the garage door"), and say in others what would be done ("ja, mach
    auf"); any other word makes it something else. Whoever names some of the things asked for has agreed to no more.
    """
    words = words_of(text)
    if not words or len(words) > LONGEST_YES or "?" in text:
        return False
    reading = _Reading(words, words_of(question), deeds)
    position = 0
    while position < len(words):
        length = reading.take(position)
        if not length:
            return False
        position += length
    return reading.agrees and len(reading.meant) in {0, len(deeds)}


class _Reading:
    """An answer, read word by word against what was asked."""

    def __init__(self, words: Sequence[str], asked: Sequence[str], deeds: Sequence[tuple[Deed, str]]) -> None:
        """Begin to read."""
        self.agrees = False
        self.meant: set[int] = set()
        """The places of the deeds that were told from others."""
        self._words = words
        self._asked = asked
        self._things = [(_said_of(deed, words), words_of(name)) for deed, name in deeds]
        self._named = list(chain.from_iterable(name for _, name in self._things))
        self._against = frozenset[str]().union(*(OPPOSITES.get(deed, ()) for deed, _ in deeds))

    def take(self, position: int) -> int:
        """Read on from a word; return how many words were understood, 0 where the sentence is no plain yes."""
        rest = self._words[position:]
        if length := _longest(rest, _YES):
            # "The OK button", "seguro puerta": what is called so agrees to nothing, unless it is all that is said.
            is_name = set(rest[:length]) <= set(self._named) and length < len(self._words)
            self.agrees |= not is_name
            return length
        if rest[0] in NO or self._is_opposite(position):
            return 0
        return _longest(rest, _POLITE) or int(self._repeats(rest[0]))

    def _is_opposite(self, position: int) -> bool:
        """Tell whether a word orders the opposite; it may end a name, the front door lock, or help to say the deed."""
        word = self._words[position]
        pair = (self._words[position - 1] if position else "", word)
        means_else = any(word in said or pair in pairwise(name) for said, name in self._things)
        return word in self._against and not means_else

    def _repeats(self, word: str) -> bool:
        """Tell whether a word is of what was asked, and note which of several deeds it tells from others."""
        of = {place for place, (said, name) in enumerate(self._things) if word in said or _is_of(word, name)}
        if len(of) < len(self._things):
            self.meant |= of
        return bool(of) or _is_of(word, self._asked)


def _said_of(deed: Deed, words: Sequence[str]) -> frozenset[str]:
    """Return the words that say a deed, of phrases that are said whole, be it with others between: mach … auf."""
    phrases = (phrase for phrase in _DEEDS.get(deed, ()) if _stands_in(phrase, words))
    return frozenset(chain.from_iterable(phrases))


def _stands_in(phrase: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether the words of a phrase stand among others, in their order."""
    left = iter(words)
    return all(word in left for word in phrase)


def _longest(words: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> int:
    """Return how many words the longest phrase takes that words begin with; 0 for none."""
    return next((length for length in range(min(len(words), 6), 0, -1) if tuple(words[:length]) in phrases), 0)


def _is_of(word: str, asked: Sequence[str]) -> bool:
    """Tell whether a word stands in a question, be it in another form or as a part of a compound."""
    return any(word == other or _are_kin(word, other) for other in asked)


def _are_kin(word: str, other: str) -> bool:
    """Tell whether a word is a form of another, or begins or ends a compound: öffne, öffnen; Garage, Garagentor."""
    pairs = zip(word, other, strict=False)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if common >= LEAST_STEM and (common == len(word) or max(len(word), len(other)) - common <= MOST_ENDING):
        return True
    return len(word) >= LEAST_END and other.endswith(word)


_YES: Final = frozenset(words_of(phrase) for phrase in chain.from_iterable(YES.values()))
_POLITE: Final = frozenset(words_of(phrase) for phrase in chain.from_iterable(POLITE.values()))
_DEEDS: Final = {deed: [words_of(phrase) for phrase in phrases] for deed, phrases in DEEDS.items()}

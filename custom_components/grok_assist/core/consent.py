"""What an assistant may only do after the user has said yes, and what counts as that yes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise
from typing import Final

from .json_types import JsonObject
from .words import words_of
from .yes_words import CLOSING, NO, POLITE, YES

ANSWER_S: Final = 60.0
"""For how long a question stands."""
LONGEST_YES: Final = 12
"""Words of an answer that may still be a plain yes."""
LEAST_STEM: Final = 4
"""Letters in which a word of the answer and one of the question must begin alike: öffne, öffnen."""
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


OPENING: Final = frozenset({Deed.UNLOCK, Deed.OPEN, Deed.DISARM})


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
    parts: tuple[str, ...] = ()
    """A sentence for each thing that would be done."""
    sentences: int = 0
    """What the user had said in the conversation when it was put, counted in sentences."""

    def is_agreed_by(self, text: str) -> bool:
        """Whether a sentence is a plain yes to all of it."""
        words, opens = words_of(text), any(deed in OPENING for call in self.calls for deed, _ in call.deeds)
        if _picks(words, self.parts) or (opens and _orders_contrary(words, words_of(self.text))):
            return False
        return is_yes(text, self.text)


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
        elif now - question.asked_at > self.answer_s:
            verdict = Verdict.TOO_LATE
        elif said.sentences != question.sentences + 1 or not question.is_agreed_by(said.text):
            verdict = Verdict.NOT_AGREED
        return Answer(verdict=verdict, question=question)

    def forget(self, agent: str, conversation_id: str) -> None:
        """Close a question without an answer."""
        self._open.pop((agent, conversation_id), None)


def is_yes(text: str, question: str = "") -> bool:
    """Tell whether a sentence is a plain yes in one of our languages.

    It may repeat words of the question ("yes, open the garage door"); any other word makes it something else.
    """
    words = words_of(text)
    if not words or len(words) > LONGEST_YES or "?" in text:
        return False
    asked = words_of(question)
    agrees, position = False, 0
    while position < len(words):
        rest = words[position:]
        if length := _longest(rest, _YES):
            agrees = True
        elif rest[0] in NO:
            return False
        else:
            length = _longest(rest, _POLITE) or int(_is_of(rest[0], asked))
        if not length:
            return False
        position += length
    return agrees


def _picks(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell whether words are of some of the things that a question is about, and of others not."""
    asked = [words_of(part) for part in parts]
    touched = [{number for number, part in enumerate(asked) if _is_of(word, part)} for word in words]
    picked = set().union(*(numbers for numbers in touched if len(numbers) < len(asked)))
    return 0 < len(picked) < len(asked)


def _orders_contrary(words: Sequence[str], asked: Sequence[str]) -> bool:
    """Tell whether a word that closes is said as an order: not behind the word behind which the question has it."""
    pairs = set(pairwise(asked))
    told = [word for word in words if (word,) not in _POLITE]
    return any(word in CLOSING and pair not in pairs for pair in pairwise(("", *told)) for word in pair[1:])


def _longest(words: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> int:
    """Return how many words the longest phrase takes that words begin with; 0 for none."""
    return next((length for length in range(min(len(words), 6), 0, -1) if tuple(words[:length]) in phrases), 0)


def _is_of(word: str, asked: Sequence[str]) -> bool:
    """Tell whether a word stands in a question, be it in another form."""
    stem = word[: max(LEAST_STEM, len(word) - 2)]
    return any(word == other or (len(stem) >= LEAST_STEM and other.startswith(stem)) for other in asked)


_YES: Final = frozenset(words_of(phrase) for phrase in chain.from_iterable(YES.values()))
_POLITE: Final = frozenset(words_of(phrase) for phrase in chain.from_iterable(POLITE.values()))

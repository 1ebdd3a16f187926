"""Whether an answer says that what was ordered has been, or is being, done."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
import re
from typing import Final

from .actions import Action, Order, kin
from .language import LONGEST_WORDS, Language, plain_words
from .languages import language_of

SHORT: Final = 4
"""Words of a clause in which a particle needs no verb: “off it goes”."""
LONGEST: Final = 600
"""Characters of a sentence that may be a claim."""
SENTENCE_END: Final = re.compile(r"[.!?…:](?=[\s\"”»)])|\n")
MOST: Final = 10
"""Claims of one answer that are looked at."""
_QUESTION_ENDS: Final = "\"'\u201d\u2019\u00bb) \t\r\n"


class Detector:
    """Judges the sentences of answers to one order."""

    def __init__(self, order: Order) -> None:
        """Know what was ordered."""
        self._language = language_of(order.language)
        self._ordered = order.actions
        self._numbers = order.numbers
        self._wanted = kin(order.actions)

    def claims(self, sentence: str) -> bool:
        """Whether a sentence says that the order was, or is being, carried out."""
        return bool(self.claimed(sentence))

    def claimed(self, sentence: str) -> frozenset[Action]:
        """Return what of the order a sentence says was, or is being, done."""
        language = self._language
        if language is None or len(sentence) > LONGEST or sentence.rstrip(_QUESTION_ENDS).endswith("?"):
            return frozenset()
        words = plain_words(sentence)
        if len(words) > LONGEST_WORDS:
            return frozenset()
        clauses = list(_clauses(words))
        certain = clauses[: _unconditional(clauses, language)]
        if any(_is_bare(clause, language) for clause in certain):
            return self._ordered
        return self._wanted & frozenset[Action]().union(*(self._claimed(clause, language) for clause in certain))

    def _claimed(self, clause: Sequence[str], language: Language) -> frozenset[Action]:
        """Return the actions that a clause claims; one with the number that was ordered claims that it is set."""
        if _is_denied(clause, language):
            return frozenset()
        is_set = any(word.isdecimal() and float(word) in self._numbers for word in clause)
        return _claimed(clause, language) | (frozenset((Action.SET,)) if is_set else frozenset())

    def refuses(self, sentence: str) -> bool:
        """Whether a sentence says that something could not be done."""
        language = self._language
        if language is None:
            return False
        clauses = _clauses(plain_words(sentence[:LONGEST]))
        return any(
            language.has_any("refusals", clause) and not language.has_any("calming", clause) for clause in clauses
        )


def claims_of(order: Order, answer: str) -> Sequence[tuple[str, frozenset[Action]]]:
    """Return the sentences of an answer that claim the order, with what they claim; none where something is refused."""
    detector = Detector(order)
    found: list[tuple[str, frozenset[Action]]] = []
    for sentence in sentences_of(answer):
        if detector.refuses(sentence):
            return ()
        if len(found) < MOST and (actions := detector.claimed(sentence)):
            found.append((sentence, actions))
    return found


def sentences_of(text: str) -> Iterator[str]:
    """Split a text into sentences."""
    start = 0
    for end in SENTENCE_END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


def _clauses(words: Sequence[str]) -> Iterator[list[str]]:
    """Split a sentence's words at the marks between them."""
    clause: list[str] = []
    for word in words:
        if word != ",":
            clause.append(word)
        elif clause:
            yield clause
            clause = []
    if clause:
        yield clause


def _unconditional(clauses: Sequence[Sequence[str]], language: Language) -> int:
    """Count the clauses before the first that has a condition; one that begins with it spoils what it is said of."""
    for count, clause in enumerate(clauses):
        if language.has_any("conditions", clause):
            return max(0, count - 1) if language.has("conditions", clause[0]) else count
    return len(clauses)


def _is_bare(clause: Sequence[str], language: Language) -> bool:
    """Whether a clause says no more than that it is done."""
    return language.has_any("bare", clause) and all(
        language.has("bare", word) or language.has("around_bare", word) for word in clause
    )


def _claimed(clause: Sequence[str], language: Language) -> frozenset[Action]:
    """Return the actions that a clause claims by its words."""
    found = frozenset[Action]().union(*(_done(word, language) for word in clause))
    is_promise = language.has_any("promises", clause)
    verbs = [
        position
        for position, word in enumerate(clause)
        if language.has("carried", word) or (is_promise and language.has("carriers", word))
    ]
    if is_promise:
        found = found.union(*(_ordered(word, language) for word in clause))
    if verbs or len(clause) <= SHORT or language.has_any("copulas", clause):
        found = found.union(*(language.state_words.get(word, ()) for word in clause))
        found |= language.particles_in(clause, verbs)
    return found


def _is_denied(clause: Sequence[str], language: Language) -> bool:
    """Whether a clause says that it is not so, has long been so, or that somebody else did it; “by 2” is nobody."""
    following = (*clause[1:], "")
    if any(pair in language.denying_pairs for pair in pairwise(clause)):
        return True
    return any(
        language.has("denials", word) and not after[:1].isdigit() for word, after in zip(clause, following, strict=True)
    )


def _done(word: str, language: Language) -> frozenset[Action]:
    """Return the actions of a word if it is a verb of claiming, with a pronoun behind it or a particle before."""
    if found := language.done_verbs.get(word):
        return found
    bare = language.without_enclitic(word)
    if bare is not None and (found := language.done_verbs.get(bare)):
        return found
    return language.joined_meaning("joined_done", word)


def _ordered(word: str, language: Language) -> frozenset[Action]:
    """Return the actions of a word if it is a verb of ordering."""
    return language.order_verbs.get(word) or language.joined_meaning("joined", word)

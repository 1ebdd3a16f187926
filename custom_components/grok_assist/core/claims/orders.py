"""What a user's sentence orders, if it is an order at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
import re
from typing import Final

from .actions import Action
from .language import LONGEST_WORDS, Language, plain_words
from .languages import language_of

FIRST_WORDS: Final = 3
"""Words among which a question, a request or a talk shows itself."""
LONGEST: Final = 600
"""Characters of a sentence that may be an order, and of a text that may name what is meant."""
LONGEST_OFFER: Final = 300
"""Characters of the question that a yes answers."""
BRIEF: Final = 6
"""Words of a sentence in which a number without a verb is an order (“kitchen light 40 percent”)."""
SHORT: Final = 2
"""Words of a sentence that means what was named before, or what is not named at all."""
_NUMBER: Final = re.compile(r"(?<![\w.,])\d{1,4}(?:[.,]\d{1,2})?(?![\w]|[.,]\d)")
_QUESTION_ENDS: Final = "\"'\u201d\u2019\u00bb) \t\r\n"
_UNNAMED: Final = frozenset({Action.PLAY, Action.PAUSE, Action.NEXT, Action.MUTE, Action.UNMUTE})
"""What is ordered of whatever plays."""
PLAYER: Final = "media_player"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the user says now, and what was said before."""

    now: str = ""
    before: str = ""
    answer: str = ""
    """To what the user said before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An order by its words; whether it is one of this home, the home knows."""

    actions: frozenset[Action]
    things: Sequence[str] = ()
    """Texts that may name what is meant, the likeliest first."""
    subjects: frozenset[str] = frozenset()
    """Domains of what is ordered without being named."""
    numbers: tuple[float, ...] = ()


def find_wish(said: Said, tag: str) -> Wish | None:
    """Find out what is ordered.

    Args:
        said: in the conversation.
        tag: of its language, such as "en" or "de-CH".
    """
    language = language_of(tag)
    words = plain_words(said.now) if len(said.now) <= LONGEST else []
    if language is None or not 0 < len(words) <= LONGEST_WORDS:
        return None
    if all(word == "," or language.has("yes", word) for word in words):
        return _accepted(said, language)
    if _is_question(said.now, words, language) or _is_talk(words, language):
        return None
    return _ordered(said, words, language) or _continued(said, words, language, tag)


def _ordered(said: Said, words: Sequence[str], language: Language) -> Wish | None:
    """Find out what a sentence orders by itself; a number without a verb is one to be set."""
    numbers = _numbers(said.now)
    actions = _actions(words, language) or frozenset((Action.SET,) if numbers and len(words) <= BRIEF else ())
    if not actions:
        return None
    subjects = _subjects(words, language)
    is_short = len(words) <= SHORT
    if is_short and not subjects and actions <= _UNNAMED:
        subjects = frozenset((PLAYER,))
    refers = is_short or language.has_any("pronouns", words) or any(map(language.without_enclitic, words))
    things = (said.now, said.answer[-LONGEST:], said.before[-LONGEST:]) if refers else (said.now,)
    return Wish(actions=actions, things=things, subjects=subjects, numbers=numbers)


def _subjects(words: Sequence[str], language: Language) -> frozenset[str]:
    """Return the domains of what is ordered without being named."""
    return frozenset(language.subject_words[word] for word in words if word in language.subject_words)


def _numbers(text: str) -> tuple[float, ...]:
    """Read the numbers of a sentence."""
    return tuple(float(number.replace(",", ".")) for number in _NUMBER.findall(text)[:5])


def _is_question(sentence: str, words: Sequence[str], language: Language) -> bool:
    """Whether a sentence asks or tells something, instead of ordering."""
    following = [*words[1:], ","]
    if any(language.has("conditions", word) and after != "," for word, after in zip(words, following, strict=True)):
        return True
    first = [word for word in words if word != ","][: FIRST_WORDS + 1]
    if any(pair in language.request_pairs for pair in pairwise(first)):
        return False
    if sentence.rstrip(_QUESTION_ENDS).endswith("?") or language.has_any("questions", first[:2]):
        return True
    return language.has_any("statements", words)


def _is_talk(words: Sequence[str], language: Language) -> bool:
    """Whether the first verb of a sentence wants words only."""
    return language.has_any("talk", [word for word in words if word != ","][: FIRST_WORDS + 1])


def _actions(words: Sequence[str], language: Language) -> frozenset[Action]:
    """Collect the actions of verbs; a particle gives a verb its meaning, and stands for one where none is."""
    carriers = [position for position, word in enumerate(words) if language.has("carriers", word)]
    particles = language.particles_in(words, carriers)
    found = language.opening_verbs.get(words[0], frozenset())
    for word in words:
        if not (particles and language.has("carriers", word)):
            found |= _verb(word, language)
    return found | particles if carriers else found or particles


def _verb(word: str, language: Language) -> frozenset[Action]:
    """Return the actions of a word if it is a verb of ordering, with a pronoun behind it or a particle before."""
    if found := language.order_verbs.get(word):
        return found
    bare = language.without_enclitic(word)
    if bare is not None and (found := language.order_verbs.get(bare)):
        return found
    return language.joined_meaning("joined", word)


def _accepted(said: Said, language: Language) -> Wish | None:
    """Find out what a bare yes accepts: what the answer before offered in its last question."""
    offer = _last_question(said.answer)
    words = plain_words(offer)
    if not words or len(words) > LONGEST_WORDS or _is_talk(words, language):
        return None
    actions = _actions(words, language) or frozenset[Action]().union(
        *(language.done_verbs.get(word, ()) for word in words)
    )
    if not actions:
        return None
    subjects = _subjects(words, language)
    offer = offer.strip().partition(" ")[2]
    things = (
        (offer, said.answer[-LONGEST:], said.before[-LONGEST:]) if language.has_any("pronouns", words) else (offer,)
    )
    return Wish(actions=actions, things=things, subjects=subjects, numbers=_numbers(offer))


def _last_question(answer: str) -> str:
    """Return the question at the end of an answer; empty where there is none."""
    end = answer.rstrip(_QUESTION_ENDS)[-LONGEST_OFFER:]
    if not end.endswith("?"):
        return ""
    start = max(end.rfind(mark, 0, -1) for mark in ".!?…")
    return end[start + 1 :]


def _continued(said: Said, words: Sequence[str], language: Language, tag: str) -> Wish | None:
    """Find out what a sentence without a verb goes on to order (“and the bedroom lamp, too”)."""
    if not language.has_any("too", words):
        return None
    former = find_wish(Said(now=said.before), tag)
    return None if former is None else replace(former, things=(said.now,), numbers=_numbers(said.now))

"""The words by which a language orders and claims, as the detectors want them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
import re
from typing import Final
import unicodedata

from .actions import Action

LONGEST_WORDS: Final = 60
"""Words of a sentence that are looked at; nobody orders or claims in more."""
_ACCENTED: Final = frozenset(("está", "dès", "sí", "qué", "où", "là", "schön", "würde", "könnte", "hätte"))
"""Words that would be others without their accents."""
_TOKEN: Final = re.compile(r"[^\W_]+|[,;:!.](?=\s|\Z)|[\u2013\u2014]")
_PREFIXES: Final = range(2, 11)
"""Lengths of what may be put before a verb in one word."""

type Meanings = Mapping[str, frozenset[Action]]
"""Actions by word."""


def plain_words(text: str) -> list[str]:
    """Split a text into words without case and accents; a comma stands for each mark between clauses."""
    return [
        word if word[0].isalnum() else ","
        for word in map(_plain, _TOKEN.findall(unicodedata.normalize("NFC", text.casefold())))
    ]


def _plain(word: str) -> str:
    """Take a word's accents away, unless it would be another word then, as single letters are (“è”, “e”)."""
    if len(word) == 1 or word.isascii() or word in _ACCENTED:
        return word
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


def _words(table: str) -> frozenset[str]:
    """Read a table of words."""
    return frozenset(plain_words(table))


def _pairs(table: str) -> frozenset[tuple[str, ...]]:
    """Read a table of pairs of words."""
    return frozenset(tuple(plain_words(pair.replace("-", " "))) for pair in table.split())


def _forms(word: str, endings: str) -> list[str]:
    """Return a word of a table; one that stops at a hyphen with each of the endings (“cerrad-”)."""
    if not word.endswith("-"):
        return plain_words(word)
    return [form for ending in endings.split() for form in plain_words(word[:-1] + ending)]


def _meanings(table: Mapping[Action, str], endings: str = "") -> Meanings:
    """Read a table of words by action."""
    found: dict[str, frozenset[Action]] = {}
    for action, words in table.items():
        for word in (form for written in words.split() for form in _forms(written, endings)):
            found[word] = found.get(word, frozenset()) | {action}
    return found


@dataclass(frozen=True, kw_only=True)
class Language:
    """The tables of one language, as they are written; words between blanks, accents as usual."""

    orders: Mapping[Action, str]
    """Verbs as people order: imperatives and infinitives that need no other word."""
    openers: Mapping[Action, str] = field(default_factory=dict)
    """Verbs that order at the beginning of a sentence only, because they are other words elsewhere (para)."""
    done: Mapping[Action, str]
    """Verbs as a claim has them: participles, gerunds, the first person of the present."""
    endings: str = ""
    """What a participle that is written with a hyphen may end in."""
    carriers: str
    """Verbs of orders that get their meaning from a particle (“turn … on”)."""
    carried: str
    """The same as claims have them (“turned … on”)."""
    particles: Mapping[Action, str]
    """What those verbs, and a copula, are followed by."""
    states: Mapping[Action, str]
    """What follows a copula only: adjectives."""
    joined: str = ""
    """Verbs of orders that a particle is written together with (ausschalten)."""
    joined_done: str = ""
    """The same as claims have them (ausgeschaltet)."""
    enclitics: str = ""
    """Pronouns that are written behind the verb (apágala)."""
    copulas: str
    """Verbs of being that make a claim of a particle."""
    bare: str
    """Words of which one alone says that it is done."""
    around_bare: str
    """Words that may stand beside those."""
    denials: str
    """Words that make a clause no claim: not, already, still, by whom."""
    denied_pairs: str = ""
    """Pairs of words, each with a hyphen, that do the same (ya-está)."""
    refusals: str
    """Words after which nothing of an answer is taken for a claim: cannot, unable."""
    calming: str
    """Words beside which a refusal is none: no problem."""
    conditions: str
    """Words that make a sentence no claim, and no order of now: if, when."""
    promises: str
    """Words before a verb of ordering that make it a claim: I'll, ich werde."""
    questions: str
    """Words with which a question begins."""
    requests: str
    """Pairs of words with which a polite order begins, each written with a hyphen (can-you)."""
    talk: str
    """Verbs of orders that want words only: tell, explain, write."""
    statements: str
    """Words that no order has: is, has, I."""
    subjects: Mapping[str, str]
    """Words for what can be ordered without being named, by domain: timers, lists, the volume."""
    pronouns: str
    """Words that stand for what was named before."""
    too: str
    """Words with which an order goes on to another thing: and, too."""
    glue: str
    """What a particle may be followed by, as no preposition is."""
    yes: str
    """Words of a bare yes."""
    has_compounds: bool = False
    """Words are written together, so that a thing may stand at the end of one (Wohnzimmerlampe)."""

    @cached_property
    def order_verbs(self) -> Meanings:
        """Actions by the verbs of orders."""
        return _meanings(self.orders)

    @cached_property
    def opening_verbs(self) -> Meanings:
        """Actions by the verbs that order at the beginning only."""
        return _meanings(self.openers)

    @cached_property
    def done_verbs(self) -> Meanings:
        """Actions by the verbs of claims."""
        return _meanings(self.done, self.endings)

    @cached_property
    def particle_words(self) -> Meanings:
        """Actions by particle."""
        return _meanings(self.particles)

    @cached_property
    def state_words(self) -> Meanings:
        """Actions by the adjectives that say that they were done."""
        return _meanings(self.states)

    @cached_property
    def subject_words(self) -> Mapping[str, str]:
        """Domains by the words for what need not be named."""
        return {word: domain for domain, words in self.subjects.items() for word in plain_words(words)}

    @cached_property
    def request_pairs(self) -> frozenset[tuple[str, ...]]:
        """Pairs of words with which a polite order begins."""
        return _pairs(self.requests)

    @cached_property
    def denying_pairs(self) -> frozenset[tuple[str, ...]]:
        """Pairs of words that make a clause no claim."""
        return _pairs(self.denied_pairs)

    def is_about(self, word: str) -> bool:
        """Whether a word of an order is more than its verb, so that it may be a thing."""
        return not (word in self.order_verbs or word in self.opening_verbs or self.has("carriers", word))

    @cached_property
    def _sets(self) -> Mapping[str, frozenset[str]]:
        """Sets of words by the name of their table."""
        names = (
            *("carriers", "carried", "joined", "joined_done", "copulas", "bare", "around_bare", "denials"),
            *(
                "refusals",
                "calming",
                "conditions",
                "promises",
                "questions",
                "talk",
                "statements",
                "pronouns",
                "too",
                "glue",
            ),
            *("yes", "enclitics"),
        )
        return {name: _words(getattr(self, name)) for name in names}

    def particles_in(self, words: Sequence[str], verbs: Collection[int]) -> frozenset[Action]:
        """Return the actions of the particles among words that are no prepositions: last, before glue, beside a verb.

        Args:
            words: of a clause.
            verbs: positions of those that a particle gives its meaning.
        """
        ends = [*words[1:], ","]
        return frozenset[Action]().union(
            *(
                self.particle_words.get(word, frozenset())
                for position, (word, after) in enumerate(zip(words, ends, strict=True))
                if after == "," or self.has("glue", after) or position - 1 in verbs or position + 1 in verbs
            )
        )

    def has(self, table: str, word: str) -> bool:
        """Whether a table of words has one."""
        return word in self._sets[table]

    def has_any(self, table: str, words: Iterable[str]) -> bool:
        """Whether a table of words has any of some."""
        return not self._sets[table].isdisjoint(words)

    def joined_meaning(self, table: str, word: str) -> frozenset[Action]:
        """Return the actions of a verb that is written together with its particle."""
        verbs = self._sets[table]
        return frozenset[Action]().union(
            *(
                self.particle_words[word[:length]]
                for length in _PREFIXES
                if word[:length] in self.particle_words and word[length:] in verbs
            )
        )

    def without_enclitic(self, word: str) -> str | None:
        """Return a verb without the pronoun that is written behind it; None where there is none."""
        for length in (3, 2):
            if word[-length:] in self._sets["enclitics"] and len(word) > length + 1:
                return word[:-length]
        return None

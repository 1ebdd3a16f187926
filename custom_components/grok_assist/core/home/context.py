"""What of a home belongs into a prompt: who is meant by a sentence, and what else is worth a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from ..words import WordIndex, words_of
from .inventory import Entity

NAMED: Final = 0.6
"""Share of an entity's name that a sentence has to contain to mean it; words that its area or kind imply count less."""
IMPLIED_WEIGHT: Final = 0.3
SURE: Final = 0.95
SURE_OF_WORD: Final = 0.9
SURE_OF_AREA: Final = 0.75
SURE_OF_KIND: Final = 0.85
NEARLY: Final = 0.1
"""Where a name was said in full, others must be nearly as well matched to be meant, too."""
RECENT_S: Final = 600.0
ACTIVE: Final = frozenset(
    (
        *("on", "open", "opening", "closing", "unlocked", "unlocking", "jammed", "playing"),
        *("heat", "cool", "heat_cool", "dry", "fan_only", "cleaning", "mowing"),
        *("triggered", "pending", "arming", "home", "problem", "error"),
    )
)
POPULARITY: Final[Mapping[str, int]] = {
    "lock": 6,
    "alarm_control_panel": 6,
    "cover": 5,
    "climate": 5,
    "person": 4,
    "weather": 4,
    "light": 4,
    "media_player": 3,
    "vacuum": 3,
    "binary_sensor": 2,
    "switch": 2,
    "fan": 2,
}
VERBS: Final = frozenset({"switch", "turn", "set", "start", "stop", "power", "play", "make", "date", "time", "state"})
"""Words that are kinds of devices by accident."""
_QUANTIFIER_WORDS: Final = (
    "all any each every everywhere everything which where warmest coldest hottest brightest most upstairs downstairs"
    " alle alles jede jeder jedes jedem uberall welche welcher welches wo warmsten kaltesten oben unten irgendein"
    " tous toutes chaque partout quelle quelles quels ou todas todos cada donde cual cuales tutte tutti ogni dove quali"
    " elke overal waar welk"
)
QUANTIFIERS: Final = frozenset(_QUANTIFIER_WORDS.split())

SMALL: Final = 3
"""Letters of a word from which on it may tell a name from others."""
_SMALL_WORDS: Final = "the der die das dem den des von vom del della dello delle les los las van het een aux"
SMALL_WORDS: Final = frozenset(_SMALL_WORDS.split())
"""Words that names are joined with."""

type Reading = tuple[str, float]
"""The state of an entity in Home Assistant's own word, and when it last changed, in seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A word or two that mean a kind of device: a domain, or a class of one."""

    words: tuple[str, ...]
    domain: str
    device_class: str | None = None

    def has(self, entity: Entity) -> bool:
        """Whether an entity is of this kind."""
        return entity.domain == self.domain and self.device_class in (None, entity.device_class)


@dataclass(slots=True, kw_only=True)
class Meaning:
    """What a sentence is about."""

    named: dict[int, float] = field(default_factory=dict)
    """Entities by their position, with the share of their name that was said."""
    areas: frozenset[str] = frozenset()
    kinds: tuple[Kind, ...] = ()
    wants_all: bool = False
    """Some word asks for more than what is here."""

    @property
    def is_empty(self) -> bool:
        """Whether the sentence is about nothing of the home."""
        return not (self.named or self.areas or self.kinds)

    def follow(self, former: Meaning) -> Meaning:
        """Fill what an elliptic sentence leaves out (“and in the bedroom?”) from the one before."""
        if self.named or (self.kinds and self.areas) or not (self.kinds or self.areas):
            return self
        return Meaning(areas=self.areas or former.areas, kinds=self.kinds or former.kinds, wants_all=self.wants_all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who gets a line."""

    meant: tuple[int, ...] = ()
    """Positions of the entities that the sentence is about, the likeliest first."""
    named: frozenset[int] = frozenset()
    """Those of them whose names were said."""
    areas: tuple[str, ...] = ()
    """The areas to which the sentence is limited."""
    other: tuple[int, ...] = ()
    """Positions of what else may matter, in the order in which it does."""


class HomeIndex:
    """The exposed entities of a home, found by what people say."""

    def __init__(self, entities: Sequence[Entity], kinds: Sequence[Kind]) -> None:
        """Index names, areas and kinds."""
        self.entities = tuple(entities)
        self._kinds = tuple(kind for kind in kinds if any(map(kind.has, self.entities)))
        self._names = [self._name_words(entity) for entity in self.entities]
        self._by_word: dict[str, list[tuple[int, int]]] = {}
        for position, variants in enumerate(self._names):
            for variant, words in enumerate(variants):
                for word in words:
                    self._by_word.setdefault(word, []).append((position, variant))
        self._areas = {
            (entity.area, words)
            for entity in self.entities
            if entity.area
            for words in map(words_of, (entity.area, *entity.area_words))
            if words
        }
        known = {*self._by_word}
        known.update(word for _, words in self._areas for word in words)
        known.update(word for kind in self._kinds for word in kind.words)
        self._words = WordIndex(known)
        self._static_rank = [POPULARITY.get(entity.domain, 0) for entity in self.entities]

    def _name_words(self, entity: Entity) -> tuple[Mapping[str, float], ...]:
        """Weigh the words of each name: what area or kind imply distinguishes little."""
        implied = {word for name in (entity.area, *entity.area_words) for word in words_of(name)}
        implied.update(word for kind in self._kinds if kind.has(entity) for word in kind.words)
        implied.update(word for name in entity.names for word in words_of(name) if _is_small(word))
        return tuple(
            {word: IMPLIED_WEIGHT if word in implied else 1.0 for word in words_of(name)} for name in entity.names
        )

    def meaning(self, sentence: str) -> Meaning:
        """Find out what a sentence is about."""
        found = [(word, self._words.find(word)) for word in dict.fromkeys(words_of(sentence))]
        named, used = self._named(found)
        rest = [(word, matches) for word, matches in found if word not in used]
        said: dict[str, float] = {}
        for _, matches in rest:
            for known, sureness in matches.items():
                said[known] = max(said.get(known, 0.0), sureness)
        areas = frozenset(
            area for area, words in self._areas if all(said.get(word, 0) >= SURE_OF_AREA for word in words)
        )
        nouns = {
            known
            for word, matches in rest
            if word not in VERBS
            for known, sure in matches.items()
            if sure >= SURE_OF_KIND
        }
        kinds = tuple(kind for kind in self._kinds if nouns.issuperset(kind.words))
        wants_all = not QUANTIFIERS.isdisjoint(word for word, _ in found)
        return Meaning(named=named, areas=areas, kinds=kinds, wants_all=wants_all)

    def _named(self, found: Sequence[tuple[str, Mapping[str, float]]]) -> tuple[dict[int, float], set[str]]:
        """Find the entities whose names were said, and the words that said them."""
        heard: dict[tuple[int, int], dict[str, float]] = {}
        said = [(known, sureness) for _, matches in found for known, sureness in matches.items()]
        for known, sureness in said:
            for place in self._by_word.get(known, ()):
                words = heard.setdefault(place, {})
                words[known] = max(words.get(known, 0.0), sureness)
        shares: dict[int, float] = {}
        for (position, variant), words in heard.items():
            if (share := _share(self._names[position][variant], words)) >= NAMED:
                shares[position] = max(share, shares.get(position, 0.0))
        best = max(shares.values(), default=0.0)
        least = best - NEARLY if best >= SURE else NAMED
        shares = {position: share for position, share in shares.items() if share >= least}
        spent = {known for position in shares for weights in self._names[position] for known in weights}
        used = {word for word, matches in found if shares and spent.intersection(matches)}
        return shares, used

    def choose(
        self, meaning: Meaning, readings: Sequence[Reading | None], *, room: str, now: float, limit: int
    ) -> Choice:
        """Choose who gets a line; `limit` bounds how many of those that were not meant are ranked."""
        meant = self._meant(meaning, room)
        recent_from = now - RECENT_S

        def weight(position: int) -> int:
            reading = readings[position]
            if reading is None:
                return -1
            rank = self._static_rank[position]
            if reading[0] in ACTIVE:
                rank += 8
            if reading[1] > recent_from:
                rank += 4
            return rank + 16 if room and self.entities[position].area == room else rank

        known = set(meant)
        others = (position for position in range(len(self.entities)) if position not in known)
        other = nlargest(limit, others, key=lambda position: (weight(position), -position)) if limit else []
        return Choice(
            meant=tuple(meant),
            other=tuple(other),
            named=frozenset(meaning.named),
            areas=tuple(sorted(meaning.areas)),
        )

    def _meant(self, meaning: Meaning, room: str) -> list[int]:
        """Give those that a sentence is about: named ones, then those of the kinds and areas.

        A measured value that is asked for without a place is that of the room, unless all are asked for.
        """
        named = sorted(meaning.named, key=lambda position: (-meaning.named[position], position))
        found = self._of_kind_and_area(meaning)
        here = [position for position in found if room and self.entities[position].area == room]
        if here and meaning.kinds and not (meaning.areas or meaning.wants_all):
            found = [position for position in found if position in here or self.entities[position].domain != "sensor"]
        return list(dict.fromkeys([*named, *here, *found]))

    def aims(self, meaning: Meaning, room: str) -> tuple[int, ...]:
        """Give those that an order means: named ones alone, else those of kinds and areas, of the room if there are."""
        if meaning.named:
            return tuple(sorted(meaning.named))
        found = self._of_kind_and_area(meaning)
        here = [position for position in found if room and self.entities[position].area == room]
        is_limited = bool(meaning.areas) or meaning.wants_all
        return tuple(here if here and not is_limited else found)

    def _of_kind_and_area(self, meaning: Meaning) -> list[int]:
        """Give those of the kinds in the areas; where there are none, all of either."""
        kinds = meaning.kinds
        of_kind = [position for position, entity in enumerate(self.entities) if any(kind.has(entity) for kind in kinds)]
        in_area = [position for position, entity in enumerate(self.entities) if entity.area in meaning.areas]
        if not (of_kind and in_area):
            return of_kind or in_area
        both = set(of_kind) & set(in_area)
        return [position for position in of_kind if position in both] or [*in_area, *of_kind]


def _is_small(word: str) -> bool:
    """Whether a word is one that names are joined with."""
    return word in SMALL_WORDS or (len(word) < SMALL and not word.isdigit())


def _share(weights: Mapping[str, float], words: Mapping[str, float]) -> float:
    """Return how much of a name was said; one of words that room and kind imply has to be said in full."""
    if (
        1.0 not in map(weights.get, words)
        and min((words.get(word, 0.0) for word in weights), default=0.0) < SURE_OF_WORD
    ):
        return 0.0
    return sum(weights[word] * sureness for word, sureness in words.items()) / sum(weights.values())

"""Which entities the words of a sentence mean."""

from collections.abc import Collection
from dataclasses import dataclass
import re
from typing import Final

from ..jsontypes import JsonObject
from .home import Entity, Home

KINDS: Final = {
    "light": "light",
    "lamp": "light",
    "switch": "switch",
    "plug": "switch",
    "outlet": "switch",
    "blind": "cover",
    "curtain": "cover",
    "shutter": "cover",
    "shade": "cover",
    "cover": "cover",
    "garage": "cover",
    "gate": "cover",
    "fan": "fan",
    "lock": "lock",
    "thermostat": "climate",
    "heating": "climate",
    "heater": "climate",
    "tv": "media_player",
    "television": "media_player",
    "speaker": "media_player",
    "radio": "media_player",
    "music": "media_player",
    "player": "media_player",
    "vacuum": "vacuum",
    "hoover": "vacuum",
    "humidifier": "humidifier",
}
_ALL: Final = frozenset({"all", "every", "everything", "everywhere", "any"})
_FILLERS: Final = frozenset(
    {"the", "my", "our", "a", "an", "in", "of", "at", "please", "to", "now", "here", "on", *_ALL}
)
_WORDS: Final = re.compile(r"[\w'°%.-]+")
_SHORT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a sentence is about: one entity, or all of a kind or an area."""

    entities: tuple[Entity, ...] = ()
    name: str | None = None
    area: str | None = None
    domain: str | None = None
    is_unclear: bool = False

    @property
    def slots(self) -> JsonObject:
        """The arguments by which Home Assistant's tools take a target."""
        slots: JsonObject = {}
        if self.name is not None:
            slots["name"] = self.name
        if self.area is not None:
            slots["area"] = self.area
        if self.domain is not None:
            slots["domain"] = [self.domain]
        return slots

    @property
    def label(self) -> str:
        """The target in words."""
        if self.name is not None:
            return f"the {self.name}" if self.name[:1].islower() else self.name
        kind = {"media_player": "players"}.get(self.domain or "", f"{self.domain or 'device'}s")
        return f"the {kind} in {self.area}" if self.area else f"all {kind}"


def words_of(text: str) -> list[str]:
    """Give the words of a text in lower case and without their plural s."""
    return [_singular(word) for word in _WORDS.findall(text.lower())]


def find_target(phrase: str, home: Home, domains: Collection[str] = ()) -> Target | None:
    """Give the target that a phrase names, or None where nothing fits.

    Only entities of the given domains are meant, if any are given.
    """
    entities = [entity for entity in home.entities if not domains or entity.domain in domains]
    if not home.entities:
        return _blind_target(phrase)
    area = find_area(phrase, home)
    kind = find_kind(phrase)
    if _is_group(phrase, kind) and not _named_exactly(phrase, entities):
        return _group(home, area, kind if not domains or kind in domains else None, phrase)
    if named := _named(phrase, entities, area or home.room):
        return _single(named, home)
    return _kind_target(home, area, kind, domains)


def find_area(phrase: str, home: Home) -> str | None:
    """Give the area that a phrase names."""
    words = words_of(phrase)
    return next((area for area in home.areas if _contains(words, words_of(area))), None)


def find_kind(phrase: str) -> str | None:
    """Give the domain that a phrase speaks of in general terms."""
    return next((KINDS[word] for word in words_of(phrase) if word in KINDS), None)


def _blind_target(phrase: str) -> Target | None:
    """Give a target for a model that was told of no entity: it can only repeat the words."""
    words = [word for word in _WORDS.findall(phrase) if word.lower() not in _FILLERS]
    return Target(name=" ".join(words)) if words else None


def _is_group(phrase: str, kind: str | None) -> bool:
    """Whether a phrase means all of a kind."""
    spoken = _WORDS.findall(phrase.lower())
    has_plural = any(word.endswith("s") and _singular(word) in KINDS for word in spoken)
    return (kind is not None and has_plural) or not _ALL.isdisjoint(spoken)


def _group(home: Home, area: str | None, kind: str | None, phrase: str) -> Target | None:
    """Give all entities of a kind, in the named area, else in the speaker's own."""
    is_everywhere = not _ALL.isdisjoint(_WORDS.findall(phrase.lower()))
    where = area or (None if is_everywhere else home.room)
    if kind is None and where is None:
        return None
    found = [entity for entity in home.entities if kind in {None, entity.domain} and _is_within(entity, where)]
    is_unclear = where is None and not is_everywhere and len(found) > 1
    return Target(entities=tuple(found), area=where, domain=kind, is_unclear=is_unclear) if found else None


def _is_within(entity: Entity, area: str | None) -> bool:
    """Tell whether an entity is in an area; everything is in none."""
    return area is None or area in entity.areas


def _named_exactly(phrase: str, entities: list[Entity]) -> bool:
    """Whether a phrase is an entity's own name, plural and all."""
    said = [word for word in _WORDS.findall(phrase.lower()) if word not in _FILLERS]
    return any(said == _WORDS.findall(name.lower()) for entity in entities for name in entity.names)


def _named(phrase: str, entities: list[Entity], area: str | None) -> Entity | None:
    """Give the entity that a phrase names best: by its whole name, else by words that fit only one."""
    words = words_of(phrase)
    whole = [
        (len(words_of(name)), area in entity.areas, entity)
        for entity in entities
        for name in entity.names
        if _contains(words, words_of(name))
    ]
    if whole:
        return max(whole, key=lambda found: found[:2])[2]
    told = {word for word in words if word not in _FILLERS}
    partly = [entity for entity in entities if told and told <= _vocabulary(entity)]
    return partly[0] if len(partly) == 1 else None


def _vocabulary(entity: Entity) -> set[str]:
    """All words by which an entity may be meant."""
    return {word for name in (*entity.names, *entity.areas) for word in words_of(name)}


def _single(entity: Entity, home: Home) -> Target:
    """Give a target of one entity, with its area where the name alone is not enough."""
    has_namesakes = sum(entity.name == other.name and entity.domain == other.domain for other in home.entities) > 1
    area = entity.areas[0] if has_namesakes and entity.areas else None
    return Target(entities=(entity,), name=entity.name, area=area, domain=entity.domain)


def _wanted_kind(kind: str | None, domains: Collection[str]) -> str | None:
    """Give the kind that is meant: the named one where it fits, else the only one that does."""
    if kind and (not domains or kind in domains):
        return kind
    return next(iter(domains)) if len(domains) == 1 else None


def _kind_target(home: Home, area: str | None, kind: str | None, domains: Collection[str]) -> Target | None:
    """Give the one entity of a kind that can be meant, or all of the named area, else of the speaker's own."""
    wanted = _wanted_kind(kind, domains)
    if wanted is None:
        return None
    if not area and home.room and home.of_domain(wanted, home.room):
        area = home.room
    found = home.of_domain(wanted, area) if area else home.of_domain(wanted)
    if not found:
        return None
    if len(found) == 1:
        return _single(found[0], home)
    if area:
        return Target(entities=tuple(found), area=area, domain=wanted)
    return Target(entities=tuple(found), domain=wanted, is_unclear=True)


def _contains(words: list[str], wanted: list[str]) -> bool:
    """Whether words occur in a row."""
    if not wanted:
        return False
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _singular(word: str) -> str:
    """Give a word without its plural s."""
    stem = word.removesuffix("'s").strip(".")
    return stem[:-1] if len(stem) > _SHORT and stem.endswith("s") and not stem.endswith("ss") else stem

"""What of a home an order means."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..home.context import HomeIndex, Meaning
from ..words import words_of
from .actions import Action, Order, Reach, fits
from .detector import claims_of
from .language import plain_words
from .languages import language_of
from .orders import Wish

LEAST_STEM: Final = 3
BEGINNING: Final = 2
"""Letters that a word shares with what it means (Sherlock is no lock)."""
_STATELESS: Final = frozenset({"timer", "todo", "script"})
"""Subjects of which no entity shows whether an order is carried out, whatever else the sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence that says that an order was carried out."""

    outcomes: Sequence[tuple[Order, tuple[str, ...]]]
    """Each an order and the ids of entities; where one of them is as the order leads to, the sentence is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """An order of this home, with what shows whether it is carried out."""

    order: Order
    meant: tuple[str, ...]
    """The ids of the entities that the order means."""
    index: HomeIndex
    """Of the home, in the order's language."""

    def claims(self, answer: str) -> Sequence[Claim]:
        """Return what an answer claims of the order; a sentence about other things of the home claims nothing of it."""
        found: list[Claim] = []
        for sentence, actions in claims_of(self.order, answer):
            named = [self.index.entities[position].entity_id for position in self.index.meaning(sentence).named]
            exact = (actions & self.order.actions) - {Action.SET} or actions
            about = tuple(entity_id for entity_id in named if entity_id in self.meant)
            if about:
                claimed = replace(self.order, actions=exact, reach=Reach.NAMED)
                found.append(Claim(outcomes=((claimed, about),)))
            elif not (self.meant and named):
                claimed = replace(self.order, actions=exact)
                found.append(Claim(outcomes=((claimed, self.meant), (self.order, self.meant))))
        return found


def aim(wish: Wish, index: HomeIndex, *, room: str, language: str) -> Aim | None:
    """Find what a wish means; None where it is no order of this home.

    Args:
        wish: by its words.
        index: of the home.
        room: where the user is; empty where that is not known.
        language: tag of the wish's language.
    """
    actions = wish.actions | {Action.SET} if wish.numbers else wish.actions
    meant: Sequence[int] = ()
    reach = Reach.LOOSE
    if wish.subjects.isdisjoint(_STATELESS):
        meant, reach = _named(wish, index, room=room, language=language, actions=actions)
    if not meant:
        meant = _of_subjects(wish, index, room)
    if not meant and not wish.subjects:
        return None
    domains = {index.entities[position].domain for position in meant}
    fitting = frozenset(action for action in actions if any(fits(action, domain) for domain in domains))
    order = Order(language=language, actions=fitting or actions, numbers=wish.numbers, reach=reach)
    return Aim(order=order, meant=tuple(index.entities[position].entity_id for position in meant), index=index)


def _named(
    wish: Wish, index: HomeIndex, *, room: str, language: str, actions: Collection[Action]
) -> tuple[Sequence[int], Reach]:
    """Give what the likeliest of a wish's texts means, to which one of some actions can be done."""
    for text in filter(None, wish.things):
        meaning = _meaning(text, index, language)
        named = _fitting(index.aims(meaning, room), index, actions)
        if not meaning.named:
            if named:
                so_called = _so_called(meaning, index, actions)
                if so_called and so_called.isdisjoint(named):
                    return [*named, *sorted(so_called)], Reach.LOOSE
                return named, _reach(meaning, named, index, room)
            continue
        # A name that is only nearly right may stand beside what is really meant (“heating in the living room”).
        others = _fitting(index.aims(replace(meaning, named={}), room), index, actions) if meaning.kinds else ()
        is_of_kind = any(kind.has(index.entities[position]) for kind in meaning.kinds for position in named)
        if named and (is_of_kind or not others):
            return named, Reach.NAMED
        if found := list(dict.fromkeys([*named, *others])):
            return found, Reach.LOOSE
    return (), Reach.LOOSE


def _meaning(text: str, index: HomeIndex, tag: str) -> Meaning:
    """Find out what a text is about; its verbs are no things, and ends of words only where words are joined."""
    meaning = index.meaning(text)
    if (language := language_of(tag)) is None:
        return meaning
    words = [word for word in plain_words(text) if language.is_about(word)]
    said = frozenset(index.meaning(" ".join(words)).kinds)
    meaning = replace(meaning, kinds=tuple(kind for kind in meaning.kinds if kind in said))
    if language.has_compounds:
        return meaning
    beginnings = {word[:BEGINNING] for word in words_of(text)}
    return replace(
        meaning,
        kinds=tuple(kind for kind in meaning.kinds if beginnings.issuperset(word[:BEGINNING] for word in kind.words)),
        areas=frozenset(area for area in meaning.areas if not beginnings.isdisjoint(_area_beginnings(area, index))),
    )


def _so_called(meaning: Meaning, index: HomeIndex, actions: Collection[Action]) -> frozenset[int]:
    """Give those of the kinds that are spoken of whose names have the word: who says curtain means no blinds.

    A lamp and a light are the same.
    """
    said = frozenset(word for kind in meaning.kinds for word in kind.words)
    return frozenset(
        position
        for position in _fitting(range(len(index.entities)), index, actions)
        if index.entities[position].domain != "light"
        and any(kind.has(index.entities[position]) for kind in meaning.kinds)
        and any(_is_called(name, said) for name in index.entities[position].names)
    )


def _is_called(name: str, words: Collection[str]) -> bool:
    """Tell whether a name has one of some words, in the singular or the plural."""
    stems = tuple(word[: max(LEAST_STEM, len(word) - 2)] for word in words)
    return any(word.startswith(stems) for word in words_of(name))


def _area_beginnings(area: str, index: HomeIndex) -> frozenset[str]:
    """Return how the words of an area's names begin."""
    names = {name for entity in index.entities if entity.area == area for name in (area, *entity.area_words)}
    return frozenset(word[:BEGINNING] for name in names for word in words_of(name))


def _fitting(positions: Iterable[int], index: HomeIndex, actions: Collection[Action]) -> Sequence[int]:
    """Give those to which one of some actions can be done."""
    return [
        position for position in positions if any(fits(action, index.entities[position].domain) for action in actions)
    ]


def _reach(meaning: Meaning, found: Sequence[int], index: HomeIndex, room: str) -> Reach:
    """Tell how far a sentence reaches that names nothing."""
    is_here = bool(room) and all(index.entities[position].area == room for position in found)
    is_place = meaning.wants_all or bool(meaning.kinds and (meaning.areas or is_here))
    return Reach.PLACE if is_place else Reach.LOOSE


def _of_subjects(wish: Wish, index: HomeIndex, room: str) -> Sequence[int]:
    """Give those that need not be named: in the room, or where it has none, in the home."""
    found = [position for position, entity in enumerate(index.entities) if entity.domain in wish.subjects]
    here = [position for position in found if room and index.entities[position].area == room]
    return here or found

"""Ids and names in recorded frames, put in the place of those that a client knows."""

from collections.abc import Iterable, Iterator
from typing import Final
from uuid import uuid4

from .jsontypes import Json, JsonObject

_IDS: Final = frozenset({"id", "item_id", "response_id", "call_id", "previous_item_id", "event_id"})
_NO_IDS: Final = frozenset({"", "0", "hidden"})


class Ids:
    """Gives each recorded id one of today."""

    def __init__(self) -> None:
        """Know none yet."""
        self._today: dict[str, str] = {}

    def bind(self, recorded: Json, live: Json) -> None:
        """Learn from two events that say the same which ids are meant."""
        if not isinstance(recorded, dict) or not isinstance(live, dict):
            return
        for name in recorded.keys() & live.keys():
            if name in _IDS and isinstance(recorded[name], str) and isinstance(live[name], str):
                self._today[recorded[name]] = live[name]
            else:
                self.bind(recorded[name], live[name])

    def renew(self, recorded: Iterable[str]) -> None:
        """Let some recorded ids mean something new from now on."""
        self._today |= {one: str(uuid4()) for one in recorded}

    def known(self, value: Json) -> Json:
        """Give a value with the ids of today; one that is new gets its own."""
        if isinstance(value, list | tuple):
            return [self.known(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {name: self._one(one) if _is_id(name, one) else self.known(one) for name, one in value.items()}

    def _one(self, recorded: str) -> str:
        """Give the id of today."""
        return self._today.setdefault(recorded, str(uuid4()))


def ids_in(value: Json) -> Iterator[str]:
    """Give all ids in a value."""
    inner: Iterable[Json] = ()
    if isinstance(value, dict):
        yield from (one for name, one in value.items() if _is_id(name, one))
        inner = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    for one in inner:
        yield from ids_in(one)


def named_as_offered(value: Json, offered: list[str]) -> Json:
    """Give a value whose function calls have names that are offered: the same, one that ends alike, or the first."""
    if isinstance(value, list | tuple):
        return [named_as_offered(one, offered) for one in value]
    if not isinstance(value, dict):
        return value
    changed: JsonObject = {name: named_as_offered(one, offered) for name, one in value.items()}
    if offered and "call_id" in changed and isinstance(changed.get("name"), str):
        changed["name"] = _offered_name(changed["name"], offered)
    return changed


def _offered_name(name: str, offered: list[str]) -> str:
    """Give the offered name that is most like a recorded one."""
    if name in offered:
        return name
    base = name.rpartition("__")[2]
    return next((one for one in offered if one.rpartition("__")[2] == base), offered[0])


def _is_id(name: str, value: Json) -> bool:
    """Whether a field holds an id that means something."""
    return name in _IDS and isinstance(value, str) and value not in _NO_IDS

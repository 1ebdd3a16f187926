"""What a prompt or a tool result tells about a home: its entities, areas and states."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
import re
from typing import Final

_ENTRY: Final = re.compile(r"^\s*- (\w+): ?(.*)$")
_FIELD: Final = re.compile(r"^\s+(\w+):(?: (.*))?$")
_CONTINUED: Final = re.compile(r"^\s+(\S.*)$")
_ROOM: Final = re.compile(r"[Yy]ou are in (?:the )?(?:area )?(.+?)(?: \(floor| and all |[.,\n]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity as the model was told of it; the state is None where only its existence was told."""

    names: tuple[str, ...]
    domain: str
    areas: tuple[str, ...] = ()
    state: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name that people and tools use first."""
        return self.names[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Everything that the model was told about the home."""

    entities: tuple[Entity, ...] = ()
    room: str | None = None

    @property
    def areas(self) -> list[str]:
        """All area names, the longest first, so that the most precise one is found first."""
        names = {name for entity in self.entities for name in entity.areas}
        return sorted(names | ({self.room} if self.room else set()), key=len, reverse=True)

    def of_domain(self, domain: str, area: str | None = None) -> list[Entity]:
        """Give the entities of a domain, in one area if that is named."""
        return [item for item in self.entities if item.domain == domain and (area is None or area in item.areas)]

    def with_states(self, told: list[Entity]) -> Home:
        """Give the same home with what has been learned of its states."""
        fresh = {(item.name, item.domain, item.areas): item for item in told}
        known = [fresh.pop((item.name, item.domain, item.areas), item) for item in self.entities]
        return Home(entities=(*known, *fresh.values()), room=self.room)


type Reader = Callable[[str], Iterator[Entity]]


def read_home(prompt: str) -> Home:
    """Give the home as the system text describes it."""
    room = _ROOM.search(prompt)
    return Home(entities=tuple(read_entities(prompt)), room=room.group(1).strip() if room else None)


def read_entities(text: str) -> list[Entity]:
    """All entities that any known form of listing tells of."""
    return [entity for reader in READERS for entity in reader(text)]


def _read_yaml(text: str) -> Iterator[Entity]:
    """Give the entities in the YAML of Home Assistant's Assist prompt and of its live context."""
    fields: dict[str, str] = {}
    last = ""
    for line in [*text.splitlines(), ""]:
        if entry := _ENTRY.match(line):
            yield from _entity(fields)
            last = entry.group(1)
            fields = {last: entry.group(2)}
        elif fields and (found := _FIELD.match(line)):
            last = found.group(1)
            fields[last] = found.group(2) or ""
        elif fields and (more := _CONTINUED.match(line)):
            fields[last] += f" {more.group(1)}"
        else:
            yield from _entity(fields)
            fields = {}


def _entity(fields: dict[str, str]) -> Iterator[Entity]:
    """Give the entity that the fields of one entry describe, if they describe one."""
    plain = {key: _unquoted(value) for key, value in fields.items()}
    if not plain.get("names") or not plain.get("domain"):
        return
    yield Entity(
        names=_listed(plain.pop("names")),
        domain=plain.pop("domain"),
        areas=_listed(plain.pop("areas", "")),
        state=plain.pop("state", None),
        attributes={key: value for key, value in plain.items() if value},
    )


def _listed(text: str) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _unquoted(text: str) -> str:
    """Give a YAML scalar without its quotes."""
    value = text.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'")
    return value


# Further forms of listing get a reader of their own here.
READERS: Final[tuple[Reader, ...]] = (_read_yaml,)

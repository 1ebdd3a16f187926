"""Reads what a prompt or a tool result tells about a home."""

from collections.abc import Iterator
import re
from typing import Final

from .home import Entity, Home
from .listing import read_listing

_ENTRY: Final = re.compile(r"^\s*- (\w+): ?(.*)$")
_FIELD: Final = re.compile(r"^\s+(\w+):(?: (.*))?$")
_CONTINUED: Final = re.compile(r"^\s+(\S.*)$")
_ROOM: Final = re.compile(r"[Yy]ou are in (?:the )?(?:area )?(.+?)(?: \(floor| and all |[.,\n]|$)")


def read_home(prompt: str) -> Home:
    """Give the home as the system text describes it."""
    room = _ROOM.search(prompt)
    return Home(entities=tuple(read_entities(prompt)), room=room.group(1).strip() if room else None)


def read_entities(text: str) -> list[Entity]:
    """All entities that any known form of listing tells of."""
    return [entity for reader in (_read_yaml, read_listing) for entity in reader(text)]


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

"""Reads a home that is told as an inventory of names and, after the sentence, a block of states."""

from collections.abc import Iterator
import re
from typing import Final

from .home import Entity

_INVENTORY: Final = re.compile(r"<inventory>\n(.*?)\n</inventory>", re.DOTALL)
_BLOCK: Final = re.compile(r"<home>\n(.*?)\n</home>", re.DOTALL)
_EVERY_OTHER: Final = re.compile(r"^Every other (\w+)(?: in (.+?))?: (\S+) \(\d+\)$")
_LINE: Final = re.compile(r"^(?P<name>.+?): (?P<state>.+)$")
_VALUE: Final = re.compile(r"^(?P<number>-?[\d.]+) (?P<unit>\S.*)$")
_MEANING: Final = re.compile(r"^(?P<state>\S+) \((?P<meaning>.+)\)$")
_NOWHERE: Final = "(no area)"


def read_listing(text: str) -> Iterator[Entity]:
    """Give the entities of an inventory, with the states that a block tells."""
    if (found := _INVENTORY.search(text)) is None:
        return
    block = _BLOCK.search(text)
    states = _states(block[1] if block else "")
    others = [other.groups() for other in map(_EVERY_OTHER.match, (block[1] if block else "").splitlines()) if other]
    for names, domain, area in _listed(found[1]):
        told = states.get((names[0], area))
        if told is None:
            told = next(
                (state for kind, where, state in others if kind == domain and (not where or area in where)), None
            )
        yield _entity(names, domain, area, told)


def _listed(inventory: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Give names, domain and area of each device in an inventory."""
    area = ""
    for line in inventory.splitlines():
        if line.startswith("# "):
            area = line.removeprefix("# ")
            area = "" if area == _NOWHERE else area
            continue
        domain, _, devices = line.partition(":")
        for device in devices.split(";"):
            yield tuple(device.split(" / ")), domain, area


def _states(block: str) -> dict[tuple[str, str], str]:
    """Give what a block tells of devices, by name and area."""
    area = ""
    states: dict[tuple[str, str], str] = {}
    for line in block.splitlines():
        if line.startswith("# "):
            area = "" if line == f"# {_NOWHERE}" else line.removeprefix("# ")
        elif not _EVERY_OTHER.match(line) and (found := _LINE.match(line)):
            states[found["name"], area] = found["state"]
    return states


def _entity(names: tuple[str, ...], domain: str, area: str, told: str | None) -> Entity:
    """Give an entity with what was told of it."""
    attributes: dict[str, str] = {}
    state = told
    if told is not None:
        state, *details = told.split(", ")
        if meaning := _MEANING.match(state):
            state = meaning["state"]
            if meaning["meaning"] in ("Open", "Closed"):
                attributes["device_class"] = "door"
        elif value := _VALUE.match(state):
            state, attributes["unit_of_measurement"] = value["number"], value["unit"]
        for detail in details:
            if detail.endswith("° now"):
                attributes["current_temperature"] = detail.removesuffix("° now")
            elif detail.endswith("°"):
                attributes["temperature"] = detail.removesuffix("°")
    return Entity(names=names, domain=domain, areas=(area,) if area else (), state=state, attributes=attributes)

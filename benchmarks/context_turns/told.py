"""What can be told of the home from a request's text alone; it knows nothing of the code that wrote the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
import json
import re
from typing import Any, Final

import yaml

from .rooms import Device

_BLOCK: Final = re.compile(r"<home>\n(.*?)\n</home>", re.DOTALL)
_EVERY_OTHER: Final = re.compile(
    r"^Every other (?P<kind>.+?)(?: in (?P<rooms>.+?))?: (?P<state>.+) \((?P<count>\d+)\)$"
)
_LINE: Final = re.compile(r"^(?P<name>.+?): (?P<state>.+)$")
_OVERVIEW: Final = "Overview: "
_NOWHERE: Final = "(no area)"
_LIVE_CONTEXT: Final = "Live Context:"

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryOther:
    """A line that tells the state of all of a kind that have no line of their own."""

    line: str
    kind: str
    rooms: tuple[str, ...]
    """Empty: everywhere."""
    state: str
    count: int

    def covers(self, device: Device) -> bool:
        """Whether a reader takes a device for one of these."""
        kinds = (device.kind,) if device.domain == "binary_sensor" and device.kind else (device.domain,)
        return self.kind in kinds and (not self.rooms or device.room in self.rooms)


@dataclass(slots=True, kw_only=True)
class Told:
    """What a request tells of states."""

    lines: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """By room and name: the state as it is written, with all that stands beside it."""
    others: list[EveryOther] = field(default_factory=list)
    text: str = ""
    """The block as a whole."""

    def tells(self, device: Device, detail: str = "") -> bool:
        """Whether the state of a device can be told, and a number beside it."""
        if told := self.lines.get((device.room, device.name)):
            return any(_is_state(device, text) and _has_number(text, detail) for text in told)
        return not detail and any(other.state == device.state for other in self.others if other.covers(device))

    def falsehoods(self, devices: Sequence[Device]) -> list[str]:
        """List what a reader would take for true and is not."""
        by_place = {(device.room, device.name): device for device in devices}
        wrong = []
        for place, texts in self.lines.items():
            device = by_place.get(place)
            wrong += [f"{place}: {text}" for text in texts if device is None or not _is_state(device, text)]
        for other in self.others:
            covered = [device for device in devices if other.covers(device) and not self._has_line(device)]
            lies = [f"{device.name} is {device.state}" for device in covered if device.state != other.state]
            if lies:
                wrong.append(f"{other.line!r}, but {len(lies)} of {len(covered)} are not so: {', '.join(lies[:3])}")
            elif len(covered) != other.count:
                wrong.append(f"{other.line!r}, but it is true of {len(covered)}")
        return wrong

    def _has_line(self, device: Device) -> bool:
        """Whether a device is told by itself."""
        return (device.room, device.name) in self.lines


def read_block(body: Json) -> Told:
    """Read the block at the end of a request; nothing is told where there is none."""
    texts = [_text(item) for item in body["input"] if item.get("role") == "user"]
    blocks = [(text, found[1]) for text in texts if (found := _BLOCK.search(text))]
    if not blocks:
        return Told()
    told = Told(text=blocks[-1][0])
    room = ""
    for line in blocks[-1][1].splitlines():
        if line.startswith("# "):
            room = line.removeprefix("# ")
            room = "" if room == _NOWHERE else room
        elif found := _EVERY_OTHER.match(line):
            rooms = tuple(found["rooms"].split(", ")) if found["rooms"] else ()
            told.others.append(
                EveryOther(line=line, kind=found["kind"], rooms=rooms, state=found["state"], count=int(found["count"]))
            )
        elif not line.startswith(_OVERVIEW) and (found := _LINE.match(line)):
            told.lines.setdefault((room, found["name"]), []).append(found["state"])
    return told


def read_results(body: Json) -> Told:
    """Read what Home Assistant's tool for states has told in a request."""
    told = Told()
    for item in body["input"]:
        if item.get("type") != "function_call_output":
            continue
        for entity in _live_context(_output(item)):
            areas = str(entity.get("areas", "")).split(", ")
            beside = " ".join(f"{key} {value}" for key, value in (entity.get("attributes") or {}).items())
            for name in str(entity["names"]).split(", "):
                told.lines.setdefault((areas[0], name), []).append(f"{entity['state']}, {beside}")
    return told


def block_offset(body: Json) -> int | None:
    """Give the position of the item with the block, None where there is none."""
    found = [
        position
        for position, item in enumerate(body["input"])
        if item.get("role") == "user" and "<home>" in _text(item)
    ]
    return found[-1] if found else None


def _live_context(output: str) -> Iterator[Json]:
    """Give the entities in the output of a look at the home."""
    try:
        document = json.loads(output)
    except ValueError:
        document = output
    text = document.get("result", "") if isinstance(document, dict) else str(document)
    if isinstance(text, str) and text.startswith(_LIVE_CONTEXT):
        yield from yaml.safe_load(text.partition("\n")[2]) or ()


def _is_state(device: Device, text: str) -> bool:
    """Whether a written state is that of a device: its word, or its number with the unit where one is written."""
    word = re.split(r"[ ,]", text, maxsplit=1)[0]
    if device.domain != "sensor":
        return word == device.state
    try:
        return float(word) == float(device.state)
    except ValueError:
        return False


def _has_number(text: str, number: str) -> bool:
    """Whether a number is in a text, if one is wanted."""
    return not number or re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text) is not None


def _text(item: Json) -> str:
    """Give the text of a message item."""
    content = item.get("content") or ""
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)


def _output(item: Json) -> str:
    """Give the output of a tool as text."""
    output = item["output"]
    return output if isinstance(output, str) else _text({"content": output})

"""Questions about the home, the time and the speaker."""

import re
from typing import Final

from ..jsontypes import Json
from ..responses.ask import message_text
from .devices import joined
from .home import Entity, Home
from .scene import Rule, Scene, Step
from .targets import find_area, find_kind, words_of

_WORDS_OF_STATE: Final = {
    "on": {"on", "playing", "home", "heat", "cool", "auto", "heat_cool", "cleaning"},
    "off": {"off", "standby", "idle", "docked"},
    "open": {"open", "opening", "on"},
    "closed": {"closed", "closing", "off"},
    "shut": {"closed", "closing", "off"},
    "locked": {"locked"},
    "unlocked": {"unlocked", "unlocking"},
    "playing": {"playing"},
    "paused": {"paused"},
    "running": {"on", "cleaning", "playing"},
    "charging": {"docked", "on"},
}
_DOMAINS_OF_STATE: Final = {
    "open": ("cover", "valve", "binary_sensor"),
    "closed": ("cover", "valve", "binary_sensor"),
    "shut": ("cover", "valve", "binary_sensor"),
    "locked": ("lock",),
    "unlocked": ("lock",),
    "playing": ("media_player",),
    "paused": ("media_player",),
}
_STATES: Final = "|".join(_WORDS_OF_STATE)
_MEASURED: Final = {"warm": "temperature", "cold": "temperature", "hot": "temperature", "humid": "humidity"}


def _is_it(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell whether one device is in a state."""
    wanted = match["state"].lower()
    target = scene.target(match["what"], *_DOMAINS_OF_STATE.get(wanted, ())) or scene.target(match["what"])
    if target is None:
        return f"I could not find {match['what'].strip()} among the devices that I was given."
    if target.name is None:
        return _which_are(scene, find_kind(match["what"]), target.area, wanted)
    home = scene.look({"name": target.name})
    if not isinstance(home, Home):
        return home
    entity = _known(home, target.name, target.domain)
    if entity is None:
        return f"I do not know the state of {target.name}."
    is_so = entity.state in _WORDS_OF_STATE[wanted]
    return f"{'Yes' if is_so else 'No'}, {entity.name} is {_said_state(entity)}."


def _which(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell which devices of a kind are in a state."""
    phrase = match["what"]
    return _which_are(scene, find_kind(phrase), find_area(match[0], scene.home), match["state"].lower())


def _which_are(scene: Scene, kind: str | None, area: str | None, wanted: str) -> Step:
    """List the devices of a kind that are in a state."""
    home = scene.look(({"domain": kind} if kind else {}) | ({"area": area} if area else {}))
    if not isinstance(home, Home):
        return home
    domains = (kind,) if kind else _DOMAINS_OF_STATE.get(wanted, ("light", "switch", "fan", "media_player"))
    found = [
        entity.name
        for entity in home.entities
        if entity.domain in domains
        and (area is None or area in entity.areas)
        and entity.state in _WORDS_OF_STATE[wanted]
    ]
    word = "is" if len(found) == 1 else "are"
    return f"{joined(found)} {word} {wanted}." if found else f"Nothing of that is {wanted}."


def _measure(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell a measured value, of a room, of a device or of the whole home."""
    said = match["what"].lower()
    measure = _MEASURED.get(said, said)
    where = match["where"]
    area = find_area(where, scene.home) if where else scene.home.room
    if where and area is None:
        return _state_of(scene, f"{where} {measure}") or _state_of(scene, where)
    is_told = area is not None and _reading(scene.home, measure, area) is not None
    home = scene.home if is_told else scene.look({"area": area} if area else {})
    return _told_measure(home, measure, area) if isinstance(home, Home) else home


def _reading(home: Home, measure: str, area: str | None) -> str | None:
    """Give the first reading of a kind that is known."""
    near = [item for item in home.entities if item.state is not None and (area is None or area in item.areas)]
    return next(filter(None, (_measured(entity, measure) for entity in near)), None)


def _told_measure(home: Home, measure: str, area: str | None) -> str:
    """Give the first reading of a kind in words."""
    value = _reading(home, measure, area)
    place = f" in {area}" if area else ""
    return f"The {measure}{place} is {value}." if value else f"I have no {measure} reading{place}."


def _measured(entity: Entity, measure: str) -> str | None:
    """Tell what an entity measures of a kind, with its unit."""
    if current := entity.attributes.get(f"current_{measure}"):
        return f"{current} degrees" if measure == "temperature" else f"{current}%"
    is_sensor = entity.domain == "sensor" and (
        entity.attributes.get("device_class") == measure or measure in words_of(entity.name)
    )
    if entity.domain == "weather" and measure in entity.attributes:
        return f"{entity.attributes[measure]} degrees"
    return f"{entity.state} {entity.attributes.get('unit_of_measurement', '')}".strip() if is_sensor else None


def _state(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell the state of one device."""
    return _state_of(scene, match["what"])


def _state_of(scene: Scene, phrase: str) -> Step | None:
    """Tell the state of the device that a phrase names, if it names one."""
    target = scene.target(phrase)
    if target is None or target.name is None or not scene.home.entities:
        return None
    home = scene.look({"name": target.name})
    if not isinstance(home, Home):
        return home
    entity = _known(home, target.name, target.domain)
    return f"{entity.name} is {_said_state(entity)}." if entity else f"I do not know the state of {target.name}."


def _existing(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell what devices there are; that stands in the prompt."""
    kind = find_kind(match["what"])
    if kind is None or not scene.home.entities:
        return None
    names = [entity.name for entity in scene.home.of_domain(kind, find_area(match[0], scene.home))]
    return f"There is {joined(names)}." if names else f"I was told of no {match['what'].strip()}."


def _time(match: re.Match[str], scene: Scene) -> Step | None:
    """Tell the time or the date, from the prompt or by the tool."""
    wants_time = "time" in match[0].lower()
    pattern = (
        r"(?:[Tt]ime is|It is \w+ [\d-]+,) (\d{1,2}:\d\d)" if wants_time else r"(?:date is|It is \w+) (\d{4}-\d\d-\d\d)"
    )
    if told := re.search(pattern, scene.told):
        return f"It is {told.group(1)}."
    field = "time" if wants_time else "date"
    verb = "tell the time"
    return scene.act("GetDateTime", {}, lambda result: f"It is {_clock(result, field)}.", verb=verb)


def _clock(result: Json, field: str) -> str:
    """Give the time or the date in a tool's result."""
    value = result.get(field, "unknown") if isinstance(result, dict) else str(result)
    if field == "time":
        return str(value)[:5]
    return f"{result['weekday']}, {value}" if isinstance(result, dict) and "weekday" in result else str(value)


def _my_name(_: re.Match[str], scene: Scene) -> Step | None:
    """Tell the speaker's name, if it was said earlier in the conversation."""
    for item in reversed(scene.earlier):
        found = (
            re.search(r"\bmy name is (\w+)", message_text(item), re.IGNORECASE) if item.get("role") == "user" else None
        )
        if found:
            return f"Your name is {found.group(1)}."
    return "You have not told me your name."


def _known(home: Home, name: str, domain: str | None) -> Entity | None:
    """Give the entity of this name whose state is known."""
    found = [entity for entity in home.entities if name in entity.names and entity.state is not None]
    return next((entity for entity in found if entity.domain == domain), found[0] if found else None)


def _said_state(entity: Entity) -> str:
    """Give a state in words."""
    if entity.domain == "climate" and (now := entity.attributes.get("current_temperature")):
        return f"{entity.state} at {now} degrees"
    unit = entity.attributes.get("unit_of_measurement", "")
    if entity.domain == "binary_sensor" and entity.attributes.get("device_class") in {"door", "window", "garage_door"}:
        return "open" if entity.state == "on" else "closed"
    return f"{entity.state} {unit}".strip()


QUESTION_RULES: Final[tuple[Rule, ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), act)
    for pattern, act in (
        (r"^what(?:'s| is)? (?:the )?(?:current )?(?:time|date|day)\b|^what (?:time|day) is it|^what's today", _time),
        (r"^(?:what is|what's) my name$|^who am i$", _my_name),
        (
            (
                r"^(?:which|what|are there any|are any|is any|how many) (?P<what>.+?) "
                rf"(?:is |are )?(?:still )?(?:turned )?(?P<state>{_STATES})(?: (?:in|on) .+)?$"
            ),
            _which,
        ),
        (
            (
                r"^(?:is|are|did i leave|did you (?:turn|leave)) (?P<what>.+?) "
                rf"(?:still )?(?:turned )?(?P<state>{_STATES})$"
            ),
            _is_it,
        ),
        (
            (
                r"^(?:what(?:'s| is) the|how) (?P<what>temperature|humidity|warm|cold|hot|humid)(?: is it)?"
                r"(?: (?:in|at|of|on)? ?(?:the )?(?P<where>.+))?$"
            ),
            _measure,
        ),
        (
            (
                r"^(?:what|which|do i have|do we have|are there|list)(?: any)? (?:the )?(?P<what>\w+)"
                r"(?: do i have| do we have| are there)?(?: in .+)?$"
            ),
            _existing,
        ),
        (
            (
                r"^(?:what(?:'s| is)|how(?:'s| is| are)|tell me)(?: the)?(?: (?:state|status|value) of)?"
                r"(?: the)? (?P<what>.+?)(?: doing| like| set to)?$"
            ),
            _state,
        ),
    )
)

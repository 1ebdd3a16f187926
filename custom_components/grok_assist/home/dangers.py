"""What a tool's call would open, unlock or disarm: found out from the home before the call is made, not from words."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
import re
from typing import Any, Final

from homeassistant.components.cover import CoverDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, label_registry as lr, llm, translation
from homeassistant.util import slugify

from ..core.consent.book import AskBefore, Deed
from ..core.home.inventory import Entity
from ..core.words import words_of
from .exposed import async_get_home
from .service_calls import innermost, is_foreseen, own_steps, service_calls, text_of, texts_of

ASK_FIRST: Final = "ask_first"
"""The label of what is held although it neither opens, unlocks nor disarms."""
GUARDED_COVERS: Final = frozenset({CoverDeviceClass.GARAGE, CoverDeviceClass.GATE, CoverDeviceClass.DOOR})
GUARDED_DOMAINS: Final = frozenset({"lock", "alarm_control_panel", "valve"})
LABELLED_DOMAINS: Final = frozenset({"script", "scene", "button", "input_button"})
_WHERE: Final = frozenset({"name", "area", "floor", "domain", "device_class"})
"""Arguments that say which devices are meant."""
_UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("brightness", "position", "tilt_position", "volume_level", "volume_step", "humidity"), "%"),
    **dict.fromkeys(("hours", "start_hours"), "h"),
    **dict.fromkeys(("minutes", "start_minutes"), "min"),
    **dict.fromkeys(("seconds", "start_seconds"), "s"),
}
"""The units of what tools are told without one; a temperature has that of the home."""
_DEEDS: Final[Mapping[str, Deed]] = {
    "unlock": Deed.UNLOCK,
    "open": Deed.OPEN,  # of a lock: its latch
    "alarm_disarm": Deed.DISARM,
    "open_cover": Deed.OPEN,
    "open_valve": Deed.OPEN,
}
_OPENING_SERVICES: Final = (
    *("lock.unlock", "lock.open", "alarm_control_panel.alarm_disarm", "cover.open_cover", "cover.toggle"),
    *("cover.set_cover_position", "valve.open_valve", "valve.toggle", "valve.set_valve_position"),
    *("homeassistant.toggle", "conversation.process", "grok_assist.ask"),  # sentences may order anything
)
"""Services that a tool may be told to call; of which entities, nobody can tell from outside."""
TITLE_LIMIT: Final = 200
MOST_LOOKED_INTO: Final = 50_000
"""Characters of an unknown tool's arguments: a thousand names are looked for in them, on the event loop."""
_TEMPLATE_MARKS: Final = ("{{", "{%", "{#")
_ENTITY_ID: Final = re.compile(r"\b[a-z_]+\.[a-z0-9_]+\b")
LATER: Final = "conversation_command"
"""What Home Assistant's own agent is told when a timer ends, without anybody being there."""

type Found = tuple[Deed, str]
"""What would be done, and to what, by the name that people use."""


@callback
def async_deeds(
    hass: HomeAssistant, tool: llm.Tool, arguments: Mapping[str, Any], context: llm.LLMContext, policy: AskBefore
) -> tuple[Found, ...]:
    """Return what of a call needs the user's yes; nothing where it may be made at once."""
    inner = innermost(tool)
    if policy is AskBefore.NEVER or inner.annotations.read_only:
        return ()
    calls = list(service_calls(hass, inner, arguments, context))
    found = [deed for state, service, data in calls if (deed := _danger(hass, state, service, data)) is not None]
    found += _unseen(hass, inner)
    if not calls and not is_foreseen(hass, inner):
        found += _named_in(hass, inner, arguments)
    if command := text_of(arguments.get(LATER)):
        found += _later(hass, command)
    if not found and policy is AskBefore.ALL_CHANGES:
        found = [_change(hass, state, service, data) for state, service, data in calls]
        found = found or [(Deed.CHANGE, _title(hass, inner, arguments))]
    return tuple(dict.fromkeys(found))


def _unseen(hass: HomeAssistant, tool: llm.Tool) -> list[Found]:
    """Find the steps of a sentence's own action that open what they do not name by an id, or run what is labelled."""
    for step in own_steps(hass, tool):
        is_known = bool(step.entity_ids) and all(hass.states.get(named) is not None for named in step.entity_ids)
        if has_label(hass, step.action) or (step.action in _OPENING_SERVICES and not is_known):
            return [(Deed.CHANGE, _title(hass, tool, {}))]
    return []


def _danger(hass: HomeAssistant, state: State, service: str, data: Mapping[str, Any]) -> Found | None:
    """Judge one service on one entity; on a group for each of its members, be they exposed or not."""
    for part in _parts(hass, state):
        if (found := _danger_alone(hass, part, service, data)) is not None:
            return found if part is state else (found[0], state.name)
    return None


def _parts(hass: HomeAssistant, state: State) -> Iterable[State]:
    """Return an entity and, of a group, its members and theirs; what a scene does is not looked into."""
    found = {state.entity_id: state}
    waiting = [state]
    while waiting:
        group = waiting.pop()
        members = None if group.domain == "scene" else texts_of(group.attributes.get(ATTR_ENTITY_ID))
        for entity_id in sorted((members or set()) - found.keys()):
            if (member := hass.states.get(entity_id)) is not None:
                found[entity_id] = member
                waiting.append(member)
    return found.values()


def _danger_alone(hass: HomeAssistant, state: State, service: str, data: Mapping[str, Any]) -> Found | None:
    """Judge one service on one entity, whatever it consists of."""
    deed = _DEEDS.get(service)
    match state.domain:
        case "cover" | "valve":
            if _is_barrier(state) and (deed is Deed.OPEN or _moves_open(state, service, data)):
                return Deed.OPEN, state.name
        case "lock" if deed in (Deed.UNLOCK, Deed.OPEN):
            return deed, state.name
        case "alarm_control_panel" if deed is Deed.DISARM:
            return deed, state.name
    if has_label(hass, state.entity_id):
        return _change(hass, state, service, data)
    return None


def _is_barrier(state: State) -> bool:
    """Whether a valve or a cover keeps something out."""
    return state.domain == "valve" or state.attributes.get(ATTR_DEVICE_CLASS) in GUARDED_COVERS


def _moves_open(state: State, service: str, data: Mapping[str, Any]) -> bool:
    """Whether a service may leave a cover or a valve further open than it is."""
    if service == "toggle":
        return state.state not in ("open", "opening")
    if not service.startswith("set_"):
        return False
    try:
        wanted = float(str(data.get("position")))
    except ValueError:
        return True
    now = state.attributes.get("current_position")
    now = now if isinstance(now, int | float) else (100 if state.state == "open" else 0)
    return wanted > now


def _change(hass: HomeAssistant, state: State, service: str, data: Mapping[str, Any]) -> Found:
    """Name a change that is held for no danger of its own, with what is to be set."""
    if state.domain in LABELLED_DOMAINS:
        return Deed.RUN, state.name
    label = ", ".join([state.name, *_values(hass, {key: data[key] for key in data if key not in _WHERE})])
    deed = {"turn_on": Deed.TURN_ON, "turn_off": Deed.TURN_OFF}.get(service)
    return (deed, label) if deed else (Deed.CHANGE, f"{_service_name(hass, state.domain, service)}, {label}")


def _service_name(hass: HomeAssistant, domain: str, service: str) -> str:
    """Name a service as Home Assistant's own pages do, in the language of the home."""
    names = translation.async_get_cached_translations(hass, hass.config.language, "services", domain)
    return names.get(f"component.{domain}.services.{service}.name") or service.replace("_", " ")


def _values(hass: HomeAssistant, arguments: Mapping[str, Any]) -> list[str]:
    """Write the values of a call, each number with its unit."""
    units = {**_UNITS, "temperature": hass.config.units.temperature_unit}
    return [
        f"{text} {units[key]}" if key in units else text
        for key, value in arguments.items()
        for text in _all_texts(value)
        if text.strip()
    ]


def has_label(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether an entity, or its device, carries the label `ask_first`."""
    if (entry := er.async_get(hass).async_get(entity_id)) is None:
        return False
    device = dr.async_get(hass).async_get(entry.device_id) if entry.device_id else None
    labels = lr.async_get(hass)
    for label_id in (*entry.labels, *(device.labels if device is not None else ())):
        label = labels.async_get_label(label_id)
        if ASK_FIRST in (label_id, slugify(label.name) if label is not None else ""):
            return True
    return False


def _named_in(hass: HomeAssistant, tool: llm.Tool, arguments: Mapping[str, Any]) -> list[Found]:
    """Find what the arguments of an unknown tool name: what it does with a guarded entity nobody can know.

    A name counts wherever it stands, in a template or a list of steps, too; so does a service that opens, be its domain
    apart. What is too long to be looked into is asked about, and a template, which may write any name.
    """
    texts = [_plain(text) for text in _all_texts(arguments)]
    said = f" {' '.join(texts)} "
    title = _title(hass, tool, {})
    is_dark = len(said) > MOST_LOOKED_INTO or any(mark in said for mark in _TEMPLATE_MARKS)
    if is_dark or any(map(partial(_names_service, said, frozenset(texts)), _OPENING_SERVICES)):
        return [(Deed.CHANGE, _title(hass, tool, arguments)[:TITLE_LIMIT])]
    labelled = [entity_id for entity_id in dict.fromkeys(_ENTITY_ID.findall(said)) if _may_harm(hass, entity_id)]
    guarded = [
        entity.name
        for entity in async_get_home(hass).entities
        if _is_guarded(entity) and any(_stands_in(_plain(name), said) for name in (*entity.names, entity.entity_id))
    ]
    return [(Deed.CHANGE, f"{title}, {name}") for name in (*guarded, *labelled)]


def _names_service(said: str, texts: frozenset[str], service: str) -> bool:
    """Whether a service is named anywhere, or its domain and its own name are each an argument."""
    return service in said or texts.issuperset(service.split("."))


def _may_harm(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether an entity, or a member of it, is guarded or labelled, be it exposed or not."""
    if (state := hass.states.get(entity_id)) is None:
        return has_label(hass, entity_id)
    return any(
        part.domain in GUARDED_DOMAINS
        or part.attributes.get(ATTR_DEVICE_CLASS) in GUARDED_COVERS
        or has_label(hass, part.entity_id)
        for part in _parts(hass, state)
    )


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as words of their own."""
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _later(hass: HomeAssistant, command: str) -> list[Found]:
    """Judge a sentence that is carried out when a timer ends: only one that plainly means other devices is harmless."""
    said = words_of(command)
    home = async_get_home(hass).entities
    guarded = {word for entity in home if _is_guarded(entity) for word in _words(entity)}
    if not guarded:
        return []
    others = [name for entity in home if not _is_guarded(entity) for name in entity.names]
    means_other = any(set(words) <= set(said) for name in others if (words := words_of(name)))
    means_guarded = any(word in other for word in guarded for other in said)  # doors, unlock, Garagentor
    return [] if means_other and not means_guarded else [(Deed.CHANGE, command)]


def _is_guarded(entity: Entity) -> bool:
    """Whether something of an entity needs the user's yes."""
    return entity.domain in GUARDED_DOMAINS or entity.device_class in GUARDED_COVERS


def _words(entity: Entity) -> set[str]:
    """Return the words by which people call an entity; short ones say nothing."""
    return {
        word for name in (*entity.names, entity.device_class, entity.domain) for word in words_of(name) if len(word) > 2
    }


def _title(hass: HomeAssistant, tool: llm.Tool, arguments: Mapping[str, Any]) -> str:
    """Write a call so that people can tell what it is."""
    values = ", ".join(dict.fromkeys(_values(hass, arguments)))
    name = tool.title or tool.name
    return f"{name}: {values}" if values else name


def _all_texts(value: object) -> Iterator[str]:
    """Give the texts and numbers in a value."""
    match value:
        case str() | int() | float():
            yield str(value)
        case Mapping():
            for key, held in value.items():
                yield from _all_texts(held)
                if isinstance(key, str) and "." in key:  # entities as keys, as a scene has them
                    yield key
        case list() | tuple():
            for held in value:
                yield from _all_texts(held)


def _plain(text: str) -> str:
    """Write a name as names are compared."""
    return " ".join(text.casefold().split())

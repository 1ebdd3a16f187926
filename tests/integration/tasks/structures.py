"""More than two hundred structures for generated data, and what may happen to answers in them.

The corpus needs no fixtures of pytest, only a Home Assistant object in the running loop (templates ask for one), so
the same checks run by hand on another release: see `examine`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import json
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import SELECTORS, Selector, selector
from jsonschema import Draft202012Validator
import voluptuous as vol

from custom_components.grok_assist.core.schema.answers import StructureError, settle
from custom_components.grok_assist.tasks.structures import json_schema_of, read_data
from tests.simulator.rules.instances import instance_of
from tests.simulator.rules.parameters import check_format_schema

type Json = Any

_KITCHEN: Final = {"kitchen": {"selector": {"number": {}}, "required": True}, "note": {"selector": {"text": {}}}}
_NESTED: Final = {
    "name": {"selector": {"text": {}}, "required": True, "label": "The room's name"},
    "lamps": {"selector": {"object": {"multiple": True, "fields": _KITCHEN}}, "required": True},
    "is dark?": {"selector": {"boolean": {}}},
}
_CHOICES: Final = {"number": {"selector": {"number": {"min": 1, "max": 9}}}, "word": {"selector": {"text": {}}}}
_LABELLED: Final = [{"value": "a", "label": "Ä"}, {"value": "b", "label": "b"}]
_MULTIPLE: Final[tuple[dict[str, Any], ...]] = ({}, {"multiple": True}, {"multiple": False})

# Selector → configurations of it. Every selector of either release stands here.
CONFIGURATIONS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "action": ({},),
    "addon": ({}, {"name": "x"}),
    "app": ({}, {"slug": "x"}),
    "area": _MULTIPLE,
    "assist_pipeline": ({},),
    "attribute": ({"entity_id": "light.a"}, {"entity_id": "sun.sun", "hide_attributes": ["b"]}),
    "automation_behavior": ({"mode": "trigger"}, {"mode": "condition"}),
    "backup_location": ({},),
    "boolean": ({}, {"read_only": True}),
    "choose": (
        {"choices": _CHOICES},
        {
            "choices": {
                "many": {"selector": {"entity": {"multiple": True}}},
                "one": {"selector": {"constant": {"value": 3}}},
            }
        },
        {"choices": {"whole": {"selector": {"object": {"fields": _KITCHEN}}}}},
    ),
    "color_rgb": ({},),
    "color_temp": (
        {},
        {"unit": "kelvin", "min": 2000, "max": 6500},
        {"min_mireds": 153, "max_mireds": 500},
        {"unit": "kelvin", "min": 2000},
    ),
    "condition": ({},),
    "config_entry": ({}, {"integration": "hue"}),
    "constant": ({"value": True}, {"value": False}, {"value": 0}, {"value": 1}, {"value": "größe"}, {"value": ""}),
    "conversation_agent": ({}, {"language": "de"}),
    "country": ({}, {"countries": ["DE", "AT"]}, {"countries": ["XX", "CH"]}),
    "date": ({},),
    "datetime": ({},),
    "device": _MULTIPLE,
    "device_class": (
        {"domain": "sensor"},
        {"domain": "cover", "multiple": True},
        {"domain": "binary_sensor"},
        {"domain": "update"},
    ),
    "duration": (
        {},
        {"enable_day": True, "enable_millisecond": True},
        {"enable_second": False},
        {"allow_negative": True},
    ),
    "entity": (
        {},
        {"multiple": True},
        {"domain": "light"},
        {"domain": ["light", "input_boolean"], "multiple": True},
        {"include_entities": ["light.a", "light.b"]},
        {"include_entities": ["light.a", "switch.b"], "domain": "switch", "multiple": True},
        {"exclude_entities": ["light.z"]},
        {"filter": {"domain": "sensor", "device_class": "temperature"}},
    ),
    "file": ({"accept": ".pdf"},),
    "floor": _MULTIPLE,
    "icon": ({}, {"placeholder": "mdi:home"}),
    "label": _MULTIPLE,
    "language": ({}, {"languages": ["de", "en-GB"]}),
    "location": ({}, {"radius": True, "icon": "mdi:home"}),
    "media": ({}, {"accept": ["image/*"]}, {"multiple": True}, {"accept": ["audio/*"], "multiple": True}),
    "number": (
        {},
        {"min": 0, "max": 10},
        {"min": -2.5, "mode": "box"},
        {"max": 3, "mode": "box"},
        {"min": 0.5, "max": 3.5, "step": 0.5, "unit_of_measurement": "°C"},
        {"step": "any", "mode": "box"},
        {"min": 1e6, "max": 1e9, "step": 0.01},
    ),
    "numeric_threshold": (
        {"mode": "is"},
        {"mode": "changed"},
        {"mode": "crossed", "number": {"min": 1, "max": 5}},
        {"mode": "is", "unit_of_measurement": ["°C", "°F"]},
        {"mode": "is", "unit_of_measurement": [None, "%"]},
    ),
    "object": (
        {},
        {"multiple": True},
        {"fields": _KITCHEN},
        {"fields": _NESTED},
        {"fields": _NESTED, "multiple": True},
        {"fields": {"who": {"selector": {"entity": {}}, "required": True}, "long": {"selector": {"duration": {}}}}},
        {"fields": {"größe": {"selector": {"select": {"options": ["s", "l"]}}, "required": True}}},
        {
            "fields": {
                "at": {"selector": {"time": {}}, "required": True},
                "how": {"selector": {"choose": {"choices": _CHOICES}}},
            }
        },
    ),
    "qr_code": ({"data": "https://example.org"},),
    "select": (
        {"options": ["one", "two", "größe"]},
        {"options": ["one", "one"]},
        {"options": _LABELLED},
        {"options": ["one", "two"], "multiple": True},
        {"options": _LABELLED, "multiple": True},
        {"options": ["one"], "custom_value": True},
        {"options": _LABELLED, "custom_value": True, "multiple": True},
        {"options": [], "custom_value": True},
    ),
    "serial_port": ({},),
    "state": ({}, {"entity_id": "light.a"}, {"multiple": True}),
    "state_class": ({}, {"multiple": True}, {"state_classes": ["total", "measurement"]}),
    "statistic": _MULTIPLE,
    "target": ({}, {"entity": {"domain": "light"}}),
    "template": ({},),
    "text": ({}, {"multiline": True}, {"multiple": True}, {"type": "email"}, {"prefix": "a", "suffix": "b"}),
    "theme": ({}, {"include_default": True}),
    "time": ({},),
    "trigger": ({},),
    "unit_of_measurement": (
        {},
        {"device_classes": "temperature"},
        {"device_classes": ["temperature", "humidity"]},
        {"device_classes": "date"},
        {"state_classes": "measurement_angle"},
    ),
}
ONLY_LATER: Final = frozenset({"unit_of_measurement"})
"""Selectors that came with 2026.11."""
NOTHING_TO_GENERATE: Final = frozenset({"constant", "qr_code"})
"""They say themselves what their value is; a structure may hold them all the same, and they are examined with all."""

_NAMES: Final = ("größe", "is it on?", "a b", "1st", "wert", "x.y", "[0]", "名前", "type", "properties", "$ref", "note")

# Structures that other integrations could hand over: plain schemas, without selectors.
_PLAIN: Final[tuple[Any, ...]] = (
    str,
    int,
    float,
    bool,
    dict,
    list,
    [str],
    [int],
    [{vol.Required("name"): str, vol.Optional("count"): int}],
    {vol.Required("inner"): {vol.Required("deep"): [{vol.Required("deeper"): bool}]}},
    {vol.Optional("a"): {vol.Optional("b"): float}},
    {str: int},
    {},
    5,
    "word",
    cv.string,
    cv.boolean,
    cv.positive_int,
    [selector({"entity": {}})],
    vol.In(["a", "b"]),
    vol.In([1, 2, 3]),
    vol.In([1, "x", None]),
    vol.Maybe(str),
    vol.Maybe(vol.In(["a"])),
    vol.Any(int, str),
    vol.Any(None, {vol.Required("a"): int}),
    vol.Any({vol.Required("kind"): "a", "x": int}, {vol.Required("kind"): "b", "y": str}),
    vol.All(int, vol.Range(min=1, max=5)),
    vol.All(float, vol.Range(min=0, min_included=False)),
    vol.All(vol.Coerce(float), vol.Range(min=0, max=1)),
    vol.All(vol.Coerce(int), vol.Range(min=0, max=1)),
    vol.All(str, vol.Length(min=1, max=40)),
    vol.All([str], vol.Length(min=1, max=3)),
    vol.All(cv.ensure_list, [cv.string]),
    vol.Datetime("%Y-%m-%dT%H:%M:%SZ"),
    {vol.Inclusive("a", "both"): str, vol.Inclusive("b", "both"): str},
    {vol.Required(vol.Any("a", "b")): str},
    {vol.Optional("many", default=3): int},
    {vol.Required("odd", description={"suggested_value": 3}): int},
    {vol.Required("in list"): [selector({"select": {"options": ["a", "b"]}})]},
    {vol.Required("room"): {vol.Required("temperature"): selector({"number": {"min": 5, "max": 30}})}},
)


def _all_are(kind: type) -> Callable[[Json], bool]:
    """Make the promise of an object all of whose values are of one type."""
    return lambda value: type(value) is dict and all(type(inner) is kind for inner in value.values())


def _entries(kind: type) -> Callable[[Json], bool]:
    """Make the promise of a list all of whose entries are of one type."""
    return lambda value: type(value) is list and all(type(inner) is kind for inner in value)


# What one value of a selector is, read off Home Assistant's sources and not off our schema; all others are texts.
PROMISES: Final[Mapping[str, Callable[[Json], bool]]] = {
    "action": _entries(dict),
    "boolean": lambda value: type(value) is bool,
    "choose": lambda value: type(value) in {float, int, str, list, dict},
    "color_rgb": lambda value: _entries(int)(value) and len(value) == 3 and set(value) <= set(range(256)),
    "color_temp": lambda value: type(value) is float,
    "condition": _entries(dict),
    "constant": lambda value: type(value) in {bool, int, str},
    "duration": lambda value: _all_are(int)(value) and value != {},
    "location": lambda value: _all_are(float)(value) and {"latitude", "longitude"} <= set(value),
    "media": lambda value: _all_are(str)(value) and "media_content_id" in value,
    "number": lambda value: type(value) is float,
    "numeric_threshold": lambda value: type(value) is dict and type(value["type"]) is str,
    "object": lambda value: type(value) is dict,
    "target": _all_are(list),
    "trigger": _entries(dict),
    "unit_of_measurement": lambda value: value is None or type(value) is str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One structure with a name for the reports."""

    name: str
    structure: vol.Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """An answer with one thing wrong, and the field that has to be named for it."""

    what: str
    data: Json
    field: str


def cases() -> list[Case]:
    """Make the corpus for the release that runs."""
    return [*_of_selectors(), *_of_plain_schemas(), *_of_many_fields()]


def covered() -> set[str]:
    """Give the selectors of the running release that the corpus has."""
    return {name for name in CONFIGURATIONS if name in SELECTORS or name not in ONLY_LATER}


def _of_selectors() -> Iterator[Case]:
    """Give each configuration required, and optional under an odd name with a description."""
    for name in sorted(covered()):
        for number, config in enumerate(CONFIGURATIONS[name]):
            rule = selector({name: config})
            odd = _NAMES[(number + len(name)) % len(_NAMES)]
            yield Case(name=f"{name} {number} required", structure=vol.Schema({vol.Required("f"): rule}))
            optional = vol.Optional(odd, description=f"What {odd} is")
            yield Case(name=f"{name} {number} optional", structure=vol.Schema({optional: rule}))


def _of_plain_schemas() -> Iterator[Case]:
    """Give each plain schema as a required field beside an optional one."""
    for number, rule in enumerate(_PLAIN):
        fields = {vol.Required("größe"): rule, vol.Optional("rest"): str}
        yield Case(name=f"plain {number}", structure=vol.Schema(fields))
    yield Case(name="plain, empty", structure=vol.Schema({}))
    yield Case(name="plain, open", structure=vol.Schema({vol.Required("a"): int}, extra=vol.ALLOW_EXTRA))


def _of_many_fields() -> Iterator[Case]:
    """Give structures of two to twelve fields, each with other selectors."""
    names = sorted(covered())
    for number in range(24):
        fields: dict[Any, Any] = {}
        for place in range(2 + number % 11):
            name = names[(number * 7 + place * 5) % len(names)]
            config = CONFIGURATIONS[name][(number + place) % len(CONFIGURATIONS[name])]
            marker = vol.Required if (number + place) % 3 else vol.Optional
            fields[marker(_NAMES[place], description=f"Field {place}: {name}")] = selector({name: config})
        yield Case(name=f"many {number}", structure=vol.Schema(fields, extra=vol.PREVENT_EXTRA))


def mutants(schema: Json, data: dict[str, Any]) -> Iterator[Mutant]:
    """Make answers with one thing wrong in each field of a structure."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if schema.get("additionalProperties") is False:
        yield Mutant(what="extra field", data=data | {"not asked for": 1}, field="not asked for")
    for name, child in properties.items():
        if name in required:
            yield Mutant(what="missing", data={key: inner for key, inner in data.items() if key != name}, field=name)
        wrong: dict[str, Json] = {
            "null": None,
            "true": True,
            "number": 7.5,
            "huge number": 10**400,
            "numeric text": "5",
            "text": "certainly none of the options",
            "empty text": "",
            "list": [],
            "list of lists": [[]],
            "list of numbers": [300, -1, 2.5],
            "list of nulls": [None],
            "object": {},
            "strange object": {"no such key": None},
        }
        yield from (Mutant(what=what, data=data | {name: value}, field=name) for what, value in wrong.items())
        yield from _beyond_limits(data, name, child)
        for what, value in _inside(data.get(name)):
            yield Mutant(what=what, data=data | {name: value}, field=name)


def _beyond_limits(data: dict[str, Any], name: str, child: Json) -> Iterator[Mutant]:
    """Break the limits of a number."""
    for keyword, step in (("minimum", -1), ("maximum", 1)):
        if keyword in child:
            yield Mutant(what=f"beyond {keyword}", data=data | {name: child[keyword] + step}, field=name)


def _inside(value: Json) -> Iterator[tuple[str, Json]]:
    """Break one thing within a list or an object."""
    if isinstance(value, list) and value:
        yield "wrong entry", [*value, {"no such key": [None]}]
        yield from ((f"{what} in a list", [inner, *value[1:]]) for what, inner in _inside(value[0]))
    if isinstance(value, dict):
        yield "extra key", value | {"no such key": 1}
        for key, inner in value.items():
            yield f"without {key}", {other: kept for other, kept in value.items() if other != key}
            yield f"wrong {key}", value | {key: {"no such key": [None]}}
            yield f"false {key}", value | {key: False}
            yield f"null {key}", value | {key: None}
            yield from ((f"{what} in {key}", value | {key: broken}) for what, broken in _inside(inner))


def examine(case: Case) -> tuple[int, list[str]]:
    """Examine one structure; give how many mutants were tried, and what is wrong."""
    schema = json_schema_of(case.structure)
    check_format_schema(schema)
    Draft202012Validator.check_schema(schema)
    data = instance_of(schema)
    try:
        problems = _misread(case, schema, data)
    except StructureError as err:
        problems = [f"refuses its own instance {data!r}: {err}"]
    problems += _left_out(case, schema, data)
    count = 0
    for mutant in mutants(schema, data):
        count += 1
        problems += [f"{mutant.what}: {problem}" for problem in _try(case, schema, mutant)]
    return count, [f"{case.name}: {problem}" for problem in problems]


def _left_out(case: Case, schema: Json, data: dict[str, Any]) -> list[str]:
    """Read null for each optional field that knows no null: it is the same as nothing."""
    problems = []
    for name in schema.get("properties", {}).keys() - set(schema.get("required", ())):
        if Draft202012Validator(schema["properties"][name]).is_valid(None):
            continue
        without = {key: inner for key, inner in data.items() if key != name}
        texts = (json.dumps(without | {name: None}), json.dumps(without))
        if len({json.dumps(read_data(case.structure, text)) for text in texts}) > 1:
            problems.append(f"null for {name} is not the same as nothing")
    return problems


def _try(case: Case, schema: Json, mutant: Mutant) -> list[str]:
    """Read a mutant: either it is refused for its field, or what comes of it is valid."""
    try:
        return _misread(case, schema, mutant.data)
    except StructureError as err:
        is_named = err.field == mutant.field or err.field.startswith((f"{mutant.field}.", f"{mutant.field}["))
        is_plain = 0 < len(err.problem) < 260 and not err.problem.endswith(".") and "\n" not in err.problem
        return (
            [] if is_named and is_plain else [f"{mutant.field!r} is wrong, but told was {err.field!r}: {err.problem}"]
        )


def _misread(case: Case, schema: Json, data: dict[str, Any]) -> list[str]:
    """Read an answer, and compare what was read with what was answered and with what the selector promises.

    Home Assistant converts some values (an ID to a list of IDs, a chosen value is unwrapped); all others are valid
    in the schema itself, and all are what JSON can say.
    """
    result = read_data(case.structure, json.dumps(data))
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as err:
        return [f"{result!r} is no JSON: {err}"]
    problems = [
        f"{key} became {result[str(key)]!r}, which is not what {rule.selector_type} promises"
        for key, rule in case.structure.schema.items()
        if isinstance(rule, Selector) and str(key) in result and not _is_promised(rule, result[str(key)])
    ]
    for name, value in result.items():
        child = schema.get("properties", {}).get(name, {})
        if Draft202012Validator(child).is_valid(value) or _is_converted(child, data.get(name), value):
            continue
        problems.append(f"{name} became {value!r} of {data.get(name)!r}")
    return problems


def _is_promised(rule: Selector[Any], value: Json) -> bool:
    """Whether a value is of the type that its selector promises."""
    is_right = PROMISES.get(rule.selector_type, lambda one: type(one) is str)
    if rule.config.get("multiple"):
        return type(value) is list and all(is_right(one) for one in value)
    return is_right(value)


def _is_converted(child: Json, given: Json, value: Json) -> bool:
    """Whether a value is one that Home Assistant made of a valid one, in one of the ways that are known."""
    given = settle(given, child)
    if not Draft202012Validator(child).is_valid(given):
        return False
    match given:
        case {"active_choice": str(choice)}:
            return any(
                Draft202012Validator(form["properties"][choice]).is_valid(value)
                for form in child["anyOf"]
                if choice in form["properties"]
            )
        case [{"trigger": str()}, *_]:
            return isinstance(value, list) and all("platform" in entry for entry in value)
        case [{"condition": str()}, *_]:
            return isinstance(value, list)
        case _:
            return False

"""Home Assistant's structures for generated data: as a schema for xAI, and as the judge of what came back."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
import json
from typing import Any, Final

from homeassistant.components.sensor import SensorStateClass
from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS, STATE_CLASS_UNITS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm, selector as ha
from homeassistant.helpers.importlib import async_import_module
from probatio import to_openapi
import voluptuous as vol

from ..core.json_types import JsonObject
from ..core.schema.answers import StructureError, check, field_path, parse, settle
from ..core.schema.fitting import NOTE, fit_structure

type Selector = ha.Selector[Any]

# What a selector does with a value that it was not made for, besides saying so.
_REFUSALS: Final = (
    vol.Invalid,
    HomeAssistantError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
_PROBLEM_LIMIT: Final = 160  # characters of Home Assistant's own words, which may quote the value

_OPENAPI: Final = "3.1.0"  # whose null and exclusive limits are those of JSON Schema

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
# Home Assistant's own rule without its look-arounds: words of a-z, 0-9 with single underscores between.
_OBJECT_ID: Final = "[a-z0-9]+(_[a-z0-9]+)*"
_ENTITY_ID: Final = {"type": "string", "pattern": rf"^{_OBJECT_ID}\.{_OBJECT_ID}$", NOTE: "an entity ID"}
_BYTE: Final = {"type": "integer", "minimum": 0, "maximum": 255}


async def async_prepare(hass: HomeAssistant, structure: vol.Schema) -> None:
    """Import outside of the event loop what a structure's selectors look up, to be described and to validate."""
    for domain in sorted(_device_domains(structure)):
        await async_import_module(hass, f"homeassistant.components.{domain}")


def json_schema_of(structure: vol.Schema) -> JsonObject:
    """Write a structure as the JSON schema of an answer, in what xAI takes.

    Raises:
        StructureError: the structure is no object.
    """
    root = to_openapi(structure, custom_serializer=_serialize, openapi_version=_OPENAPI)
    if not _is_object(root):
        raise StructureError("", "is not asked for as an object")
    return fit_structure(root)


def read_data(structure: vol.Schema, text: str) -> Any:
    """Read the model's answer, checked against the schema sent and by Home Assistant itself.

    What Home Assistant's validation makes of a value is given back, unless JSON could not say it.

    Raises:
        StructureError: the answer is not in this structure.
    """
    schema = json_schema_of(structure)
    try:
        data = settle(parse(text), schema)
        check(data, schema)
        return _validate(structure, data)
    except RecursionError as err:
        raise StructureError("", "is nested too deeply") from err


def _is_object(node: JsonObject) -> bool:
    """Whether a description is of an object, at least in one of its forms."""
    forms = (form for keyword in ("anyOf", "oneOf", "allOf") for form in node.get(keyword, ()))
    return node.get("type") == "object" or any(_is_object(form) for form in forms)


def _validate(structure: vol.Schema, data: JsonObject) -> Any:
    """Let Home Assistant validate data that fits its schema.

    Raises:
        StructureError: a validator refused a value, or broke over it.
    """
    try:
        validated = structure(data)
    except vol.Invalid as err:
        first = err.errors[0] if isinstance(err, vol.MultipleInvalid) else err
        words = " ".join(first.error_message.split()).rstrip(".")[:_PROBLEM_LIMIT]
        raise StructureError(field_path(first.path), f"is refused by Home Assistant: {words}") from err
    except _REFUSALS as err:
        raise StructureError(_culprit(structure, data), "is refused by Home Assistant") from err
    if not isinstance(validated, dict):
        return validated
    # Templates and spans of time serve who runs a script; data is handed on as JSON.
    return {name: inner if _is_json(inner) else data.get(name, inner) for name, inner in validated.items()}


def _culprit(structure: vol.Schema, data: JsonObject) -> str:
    """Find the field over which a validator broke."""
    rules = structure.schema if isinstance(structure.schema, Mapping) else {}
    return next((str(key) for key, rule in rules.items() if str(key) in data and not _takes(rule, data[str(key)])), "")


def _takes(rule: Any, value: Any) -> bool:
    """Whether a validator takes a value."""
    try:
        vol.Schema(rule)(value)
    except _REFUSALS:
        return False
    return True


def _is_json(value: Any) -> bool:
    """Whether JSON can say a value."""
    try:
        json.dumps(value)
    except TypeError, ValueError:
        return False
    return True


def _serialize(node: Any) -> Any:
    """Describe a part of a structure: a selector in our words where we have them, the rest in Home Assistant's."""
    if not isinstance(node, ha.Selector) or node.selector_type not in _OWN:
        return llm.selector_serializer(node)
    described = dict(_OWN[node.selector_type](node))
    return {"type": "array", "items": described} if node.config.get("multiple") else described


def _describe(config: Selector | Mapping[str, Any]) -> JsonObject:
    """Describe a selector within another's configuration."""
    return dict(_serialize(_selector(config)))


def _selector(config: Selector | Mapping[str, Any]) -> Selector:
    """Return the selector of another's configuration."""
    return config if isinstance(config, ha.Selector) else ha.selector(config)


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> JsonObject:
    """Describe a closed object."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _steps(name: str) -> JsonObject:
    """Describe a list in the syntax of scripts, each entry of which says in one field what it is."""
    entry = {"type": "object", "properties": {name: _TEXT}, "required": [name], "additionalProperties": True}
    return {"type": "array", "items": entry, NOTE: f"in the syntax of Home Assistant's {name}s"}


def _options(values: Iterable[str | None], note: str = "") -> JsonObject:
    """Describe a choice of texts; an empty one says nothing but that it is a text."""
    options = list(dict.fromkeys(None if value is None else str(value) for value in values))
    described: JsonObject = {"type": ["string", "null"] if None in options else "string"}
    return described | ({"enum": options} if options else {}) | ({NOTE: note} if note else {})


def _accepted(node: Selector, candidates: Iterable[str | None]) -> list[str | None]:
    """Choose those candidates that a selector takes, asked one by one."""
    wrap = (lambda value: [value]) if node.config.get("multiple") else (lambda value: value)
    return [candidate for candidate in candidates if _takes(node, wrap(candidate))]


def _device_domains(structure: vol.Schema) -> set[str]:
    """Find the domains of whose device classes a structure asks for one, wherever in it."""
    domains: set[str] = set()

    def note(node: Any) -> Any:
        """Note the domain of a selector, or of those within it."""
        if not isinstance(node, ha.Selector):
            return llm.selector_serializer(node)
        match node.selector_type:
            case "device_class":
                domains.add(node.config["domain"])
            case "choose" | "object":
                for inner in (*node.config.get("choices", {}).values(), *(node.config.get("fields") or {}).values()):
                    note(_selector(inner["selector"]))
        return _TEXT

    to_openapi(structure, custom_serializer=note, openapi_version=_OPENAPI)
    return domains


def _device_class(node: Selector) -> JsonObject:
    """Describe a device class: one of its domain's, whose module was imported before the turn (`async_prepare`)."""
    domain = node.config["domain"]
    module = import_module(f"homeassistant.components.{domain}")
    return _options(list(getattr(module, ha.DeviceClassSelector.SUPPORTED_PLATFORMS[domain])))


def _unit(node: Selector) -> JsonObject:
    """Describe a unit of measurement: any, or one of those that the selector takes."""
    known = {unit for units in (*DEVICE_CLASS_UNITS.values(), *STATE_CLASS_UNITS.values()) for unit in units}
    if _takes(node, "any unit at all"):
        return {"type": ["string", "null"], NOTE: "a unit of measurement"}
    return _options(_accepted(node, [*sorted(str(unit) for unit in known if unit), None]))


def _range(low: float | None, high: float | None, note: str = "") -> JsonObject:
    """Describe a number, its limits and what it counts."""
    limits = {keyword: limit for keyword, limit in (("minimum", low), ("maximum", high)) if limit is not None}
    return {"type": "number", **limits, **({NOTE: note} if note else {})}


def _number(node: Selector) -> JsonObject:
    """Describe a number.

    The step stays a remark: the selector does not hold to it, and counts it from the minimum.
    """
    config = node.config
    remarks = [f"in {unit}"] if (unit := config.get("unit_of_measurement")) else []
    remarks += [f"in steps of {step:g}"] if isinstance(step := config.get("step"), float) and step != 1 else []
    return _range(config.get("min"), config.get("max"), ", ".join(remarks))


def _color_temp(node: Selector) -> JsonObject:
    """Describe a color temperature in its unit; the limits in mireds are the older names."""
    config = node.config
    low, high = (config.get(name, config.get(f"{name}_mireds")) for name in ("min", "max"))
    return _range(low, high, f"in {config['unit']}")


def _duration(node: Selector) -> JsonObject:
    """Describe a duration in all the parts that the selector shows, so that none is left to guess."""
    config = node.config
    shown = {
        "days": config.get("enable_day"),
        "hours": True,
        "minutes": True,
        "seconds": config.get("enable_second", True),
        "milliseconds": config.get("enable_millisecond"),
    }
    # A selector of 2026.10 knows no modes, one of 2026.11 has them beside the older option.
    is_signed = config.get("allow_negative") or config.get("mode", "positive") != "positive"
    part = {"type": "integer"} | ({} if is_signed else {"minimum": 0})
    return _object({name: part for name, is_shown in shown.items() if is_shown})


def _entity(node: Selector) -> JsonObject:
    """Describe an entity ID, of the domains or out of the list that the selector takes."""
    config = node.config
    if included := config.get("include_entities"):
        return _options(_accepted(node, included))
    domains = "|".join(config.get("domain", ()))
    return _ENTITY_ID | ({"pattern": rf"^({domains})\.{_OBJECT_ID}$"} if domains else {})


def _location(node: Selector) -> JsonObject:
    """Describe a place on earth, with a radius where the selector shows one."""
    radius = {"radius": _range(0, None, "in m")} if node.config.get("radius") else {}
    return _object({"latitude": _range(-90, 90), "longitude": _range(-180, 180)}, radius)


def _media(node: Selector) -> JsonObject:
    """Describe a medium; which player has it is said exactly where the selector does not say what it accepts."""
    player = {} if "accept" in node.config else {"entity_id": _ENTITY_ID}
    return _object({**player, "media_content_id": _TEXT, "media_content_type": _TEXT})


def _threshold(node: Selector) -> JsonObject:
    """Describe a threshold: one limit, two, or any change; each a number or an entity's state."""
    config = node.config
    bounds = config.get("number", {})
    number = {"number": _range(bounds.get("min"), bounds.get("max"))}
    units = config.get("unit_of_measurement")
    with_unit = _object({**number, "unit_of_measurement": _options(units)}) if units else _object(number)
    limit = {"anyOf": [with_unit, _object({"entity": _ENTITY_ID})]}
    forms = [
        _object({"type": _options(["above", "below"]), "value": limit}),
        _object({"type": _options(["between", "outside"]), "value_min": limit, "value_max": limit}),
    ]
    return {"anyOf": [*forms, _object({"type": _options(["any"])})] if config["mode"] == "changed" else forms}


def _fields(node: Selector) -> JsonObject:
    """Describe an object: of the given fields, or free."""
    fields = node.config.get("fields")
    if fields is None:
        return {"type": "object", "additionalProperties": True}
    described = {
        name: _describe(field["selector"]) | ({"description": field["label"]} if field.get("label") else {})
        for name, field in fields.items()
    }
    required = [name for name, field in fields.items() if field.get("required")]
    return _object(described) | {"required": required}


def _select(node: Selector) -> JsonObject:
    """Describe a choice; where another value may be written the options are a remark."""
    config = node.config
    labels = {one["value"]: one["label"] for one in config["options"] if isinstance(one, Mapping)}
    options = list(labels) or config["options"]
    remark = ", ".join(f"{value}: {label}" for value, label in labels.items() if value != label)
    if config["custom_value"]:
        examples = remark or ", ".join(options)
        return _TEXT | ({NOTE: f"for example {examples}"} if examples else {})
    return _options(options, remark)


def _choose(node: Selector) -> JsonObject:
    """Describe one of several selectors' values, together with the name of the choice."""
    choices = {name: _describe(choice["selector"]) for name, choice in node.config["choices"].items()}
    return {"anyOf": [_object({"active_choice": _options([name]), name: form}) for name, form in choices.items()]}


def _written(note: str) -> Callable[[Selector], JsonObject]:
    """Make a description of a text of which the schema cannot say the form."""
    return lambda _node: _TEXT | {NOTE: note}


# Selectors that Home Assistant's own serializer describes wrongly, or so loosely that it takes no such value.
_OWN: Final[Mapping[str, Callable[[Selector], JsonObject]]] = {
    "action": lambda _node: {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    "automation_behavior": lambda node: _options(_accepted(node, ["all", "first", "each", "any"])),
    "choose": _choose,
    "color_rgb": lambda _node: {"type": "array", "items": _BYTE, "minItems": 3, "maxItems": 3},
    "color_temp": _color_temp,
    "condition": lambda _node: _steps("condition"),
    "country": lambda node: _options(_accepted(node, node.config.get("countries", ())), "an ISO 3166-1 alpha-2 code"),
    "datetime": lambda _node: {"type": "string", "format": "date-time", NOTE: "with the offset of the local time zone"},
    "device_class": _device_class,
    "duration": _duration,
    "entity": _entity,
    "file": lambda _node: {"type": "string", "format": "uuid"},
    "language": lambda node: _options(node.config.get("languages", ()), "an RFC 5646 code"),
    "location": _location,
    "media": _media,
    "number": _number,
    "numeric_threshold": _threshold,
    "object": _fields,
    "qr_code": lambda node: _options([node.config["data"]]),
    "select": _select,
    "state_class": lambda node: _options(_accepted(node, list(SensorStateClass))),
    "target": lambda _node: _object(
        {},
        {"entity_id": {"type": "array", "items": _ENTITY_ID}}
        | dict.fromkeys(("device_id", "area_id", "floor_id", "label_id"), _TEXTS),
    ),
    "template": _written("a template in Jinja"),
    "trigger": lambda _node: _steps("trigger"),
    "unit_of_measurement": _unit,
}

"""Small values that are valid against a JSON schema, for structured output."""

from itertools import count, islice
from math import floor
from typing import Final

from jsonschema import Draft202012Validator

from ..jsontypes import Json, JsonObject
from .patterns import text_like

_FORMATS: Final = {
    "date": "2026-11-20",
    "time": "12:00:00Z",
    "date-time": "2026-11-20T12:00:00Z",
    "email": "someone@example.org",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
}
_MAX_DEPTH: Final = 8
_DIGITS: Final = 9
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def instance_of(schema: JsonObject) -> Json:
    """Give a value that fits the schema as far as its keywords are the documented ones."""
    value = _value(schema, schema, name="value", depth=0)
    Draft202012Validator(schema).validate(value)
    return value


def _value(schema: Json, root: JsonObject, *, name: str, depth: int) -> Json:
    """Give a value for one schema; `name` is where it stands and makes texts readable."""
    if not isinstance(schema, dict):
        return name
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return next((value for value in schema["enum"] if value is not None), None)
    if "$ref" in schema:
        return _value(_resolved(schema["$ref"], root), root, name=name, depth=depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            inner = next((branch for branch in schema[key] if branch != {"type": "null"}), schema[key][0])
            rest = {other: value for other, value in schema.items() if other != key}
            return _value(rest | inner, root, name=name, depth=depth + 1)
    return _typed(schema, root, name=name, depth=depth)


def _typed(schema: JsonObject, root: JsonObject, *, name: str, depth: int) -> Json:
    """Give a value by the schema's type."""
    has_properties = "properties" in schema or "additionalProperties" in schema
    kind = schema.get("type", "object" if has_properties else "array" if "items" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    match kind:
        case "object":
            return _object(schema, root, depth=depth)
        case "array":
            return _array(schema, root, name=name, depth=depth)
        case "integer" | "number":
            return _number(schema | {"type": kind})
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema, name)


def _object(schema: JsonObject, root: JsonObject, *, depth: int) -> JsonObject:
    """Give an object with all its properties, deep down only with the required ones; a free one has something in it."""
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    wanted = required if depth > _MAX_DEPTH else list(dict.fromkeys([*properties, *required]))
    further = schema.get("additionalProperties", False)
    if not wanted and further is not False and depth <= _MAX_DEPTH:
        wanted = ["value"]
    schemas = dict.fromkeys(wanted, further) | properties
    return {key: _value(schemas[key], root, name=key, depth=depth + 1) for key in wanted}


def _array(schema: JsonObject, root: JsonObject, *, name: str, depth: int) -> list[Json]:
    """Give a list that is as short as may be but not empty, its values different where they have to be."""
    least: int = schema.get("minItems", 0)
    size = least if depth > _MAX_DEPTH else max(least, min(1, schema.get("maxItems", 1)))
    first: list[Json] = schema.get("prefixItems", [])[:size]
    values = [_value(inner, root, name=name, depth=depth + 1) for inner in first]
    items = schema.get("items", {})
    if schema.get("uniqueItems") and size > 1:
        return [*values, *islice(_different(items, root, name=name, depth=depth), size - len(values))]
    return [*values, *(_value(items, root, name=name, depth=depth + 1) for _ in range(size - len(values)))]


def _different(items: JsonObject, root: JsonObject, *, name: str, depth: int) -> list[Json]:
    """Give values of one schema that are not the same: its choices, or numbered ones."""
    choices = items.get("enum") or [branch["const"] for branch in items.get("anyOf", ()) if "const" in branch]
    if choices:
        return list(choices)
    if items.get("type") in {"integer", "number"}:
        least = _number(items)
        step = items.get("multipleOf", 1)
        return [least + step * number for number in range(_DIGITS)]
    return [_value(items, root, name=f"{name} {number}", depth=depth + 1) for number in islice(count(1), _DIGITS)]


def _number(schema: JsonObject) -> int | float:
    """Give a number within the bounds, the lowest where there is one."""
    low: Json = schema.get("minimum", schema.get("exclusiveMinimum"))
    high: Json = schema.get("maximum", schema.get("exclusiveMaximum"))
    start = low if low is not None else 1 if high is None or high > 1 else high
    step: Json = schema.get("multipleOf") or (1 if schema.get("type") == "integer" else None)
    if step:
        whole = floor(round(start / step, _DIGITS))
        tries = [round((whole + further) * step, _DIGITS) for further in (0, 1, 2, -1)]
    else:
        middle = (start + (start + 2 if high is None else high)) / 2
        # A share is half of the whole: shares that are all nothing make no sense.
        tries = [middle] if (low, high) == (0, 1) else [start, middle, start - 1]
    bounds = Draft202012Validator({key: schema[key] for key in _BOUNDS if key in schema})
    value: float = next((number for number in tries if bounds.is_valid(number)), start)
    return int(value) if float(value).is_integer() else value


def _text(schema: JsonObject, name: str) -> str:
    """Give a text of the wanted form and length."""
    if known := _FORMATS.get(str(schema.get("format"))):
        return known
    if pattern := schema.get("pattern"):
        return text_like(pattern, least=schema.get("minLength", 0))
    text = f"A {name.replace('_', ' ')}"
    text += "." * max(0, schema.get("minLength", 0) - len(text))
    limit: Json = schema.get("maxLength", len(text))
    return str(text[:limit])


def _resolved(reference: str, root: JsonObject) -> Json:
    """Give the schema that a reference within the document leads to."""
    found: Json = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found

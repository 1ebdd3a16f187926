"""Small values that are valid against a JSON schema, for structured output."""

from math import ceil
from typing import Final

from jsonschema import Draft202012Validator

from .jsontypes import Json, JsonObject

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
        return schema["enum"][0]
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
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    match kind:
        case "object":
            return _object(schema, root, depth=depth)
        case "array":
            count = max(schema.get("minItems", 0), 0 if depth > _MAX_DEPTH else min(1, schema.get("maxItems", 1)))
            return [_value(schema.get("items", {}), root, name=name, depth=depth + 1) for _ in range(count)]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema, name)


def _object(schema: JsonObject, root: JsonObject, *, depth: int) -> JsonObject:
    """Give an object with all its properties, deep down only with the required ones."""
    properties = schema.get("properties", {})
    wanted = schema.get("required", []) if depth > _MAX_DEPTH else properties
    return {key: _value(properties.get(key, {}), root, name=key, depth=depth + 1) for key in wanted}


def _number(schema: JsonObject) -> int | float:
    """Give a number within the bounds, the lowest where there is one."""
    is_open = "exclusiveMinimum" in schema
    low: Json = schema.get("minimum", schema.get("exclusiveMinimum", 1))
    high: Json = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 1) + 1))
    value: float = (low + high) / 2 if is_open else min(low, high)
    if step := schema.get("multipleOf"):
        value = ceil(value / step) * step
    return round(value) if schema.get("type") == "integer" else value


def _text(schema: JsonObject, name: str) -> str:
    """Give a text of the wanted form and length."""
    if known := _FORMATS.get(str(schema.get("format"))):
        return known
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

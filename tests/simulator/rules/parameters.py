"""The rules for JSON schemas that a client sends: tool parameters and structured output."""

from collections.abc import Iterator
from typing import Final

from ..errors import RefusalError, invalid
from ..jsontypes import Json, JsonObject

_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "null", "array", "object"})
# xAI refuses these at the root of a function's parameters (seen with Home Assistant's HassStartTimer).
_ROOT_REFUSED: Final = ("oneOf", "anyOf", "allOf", "not", "enum")
_UNSUPPORTED: Final = (
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "$dynamicRef",
)
_MAPS: Final = ("properties", "$defs", "definitions")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES: Final = ("items", "additionalProperties", "not")
_MAX_DEPTH: Final = 32


def check_parameters(schema: JsonObject, name: str) -> None:
    """Refuse the parameters of a function that are outside the documented rules."""
    where = f"parameters of the function {name}"
    if schema.get("type") != "object":
        raise _refused(where, "the root must be a schema of type object", "tools")
    for keyword in _ROOT_REFUSED:
        if keyword in schema:
            raise _refused(where, f"{keyword} is not allowed at the root", "tools")
    _check_schema(schema, where, "tools")


def check_format_schema(schema: JsonObject) -> None:
    """Refuse a schema for structured output that is outside the documented rules."""
    _check_schema(schema, "response schema", "text.format")


def _check_schema(schema: JsonObject, where: str, param: str) -> None:
    """Check a schema and everything within it."""
    for inner in _walk(schema, where, param, depth=0):
        _check_keywords(inner, where, param)
    _check_references(schema, where, param)


def _walk(schema: Json, where: str, param: str, *, depth: int) -> Iterator[JsonObject]:
    """Give a schema and all schemas within it."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _refused(where, f"{schema!r} is not a schema", param)
    if depth > _MAX_DEPTH:
        raise _refused(where, "it is nested too deeply", param)
    yield schema
    for inner in _children(schema):
        yield from _walk(inner, where, param, depth=depth + 1)


def _children(schema: JsonObject) -> Iterator[Json]:
    """Give the schemas directly within a schema."""
    for keyword in _MAPS:
        if isinstance(inner := schema.get(keyword), dict):
            yield from inner.values()
    for keyword in _LISTS:
        if isinstance(inner := schema.get(keyword), list):
            yield from inner
    for keyword in _SINGLES:
        if keyword in schema:
            yield schema[keyword]


def _check_keywords(schema: JsonObject, where: str, param: str) -> None:
    """Check the keywords of one schema."""
    for keyword in _UNSUPPORTED:
        if keyword in schema:
            raise _refused(where, f"the keyword {keyword} is not supported", param)
    if len(schema.get("allOf", ())) > 1:
        raise _refused(where, "allOf with more than one member is not supported", param)
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            raise _refused(where, f"{kind!r} is not a valid type", param)
    _check_required(schema, where, param)


def _check_required(schema: JsonObject, where: str, param: str) -> None:
    """Refuse required names that are no properties; a bare branch of `anyOf` has none to compare with."""
    required = schema.get("required", [])
    if not isinstance(required, list):
        raise _refused(where, "required must be a list", param)
    if "properties" not in schema and schema.get("type") != "object":
        return
    for name in required:
        if name not in schema.get("properties", {}):
            raise _refused(where, f"the required property {name!r} is not defined", param)


def _check_references(root: JsonObject, where: str, param: str) -> None:
    """Refuse references that lead nowhere or in a circle."""
    definitions = {
        f"#/{keyword}/{name}": inner
        for keyword in ("$defs", "definitions")
        for name, inner in root.get(keyword, {}).items()
    }
    edges = {path: _references(inner) for path, inner in definitions.items()}
    start = _references({key: value for key, value in root.items() if key not in {"$defs", "definitions"}})
    for target in {*start, *(target for targets in edges.values() for target in targets)}:
        if target not in edges:
            raise _refused(where, f"the reference {target} leads nowhere or in a circle", param)
    for path in edges:
        if _reaches(path, path, edges, set()):
            raise _refused(where, f"the reference {path} leads in a circle", param)


def _references(schema: Json) -> set[str]:
    """Give the targets of all references in a schema."""
    if isinstance(schema, list):
        return {target for inner in schema for target in _references(inner)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
    return own | {target for inner in schema.values() for target in _references(inner)}


def _reaches(start: str, goal: str, edges: dict[str, set[str]], seen: set[str]) -> bool:
    """Whether references lead from one definition to another."""
    for target in edges[start] - seen:
        seen.add(target)
        if target == goal or _reaches(target, goal, edges, seen):
            return True
    return False


def _refused(where: str, why: str, param: str) -> RefusalError:
    """Give the refusal of a schema."""
    return invalid(f"Invalid schema in the {where}: {why}.", param)

"""Answers in a wanted structure: read from the model's text and checked against the schema that was sent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from ipaddress import IPv4Address
import json
import operator
import re
from typing import Any, Final
from uuid import UUID

from ..json_types import JsonMapping

_FENCE = re.compile(r"\s*```(?:json)?[ \t\r]*\n(.*)```\s*", re.DOTALL | re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_EXACT_FLOAT: Final = 2**53  # up to here each whole number is a float, too
_WHOLE_NUMBERS: Final = range(-(2**63), 2**64)  # those that Home Assistant can send on as JSON
_LIST_LIMIT: Final = 160  # characters of allowed values that a problem names

_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    # For Python a truth value is a whole number; for JSON it is not.
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_NAMES: Final[Mapping[str, str]] = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


class StructureError(Exception):
    """Data that does not fit its structure: `field` is a path ("" for the whole), `problem` what to say of it."""

    def __init__(self, field: str, problem: str) -> None:
        """Keep where the problem is, and what it is."""
        super().__init__(f"{field or 'the answer'} {problem}")
        self.field = field
        self.problem = problem


def field_path(steps: Iterable[object]) -> str:
    """Write a path as people do: names with dots between, places in a list in brackets."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else f"{step}"
    return path


def parse(text: str) -> Any:
    """Read JSON text, which may stand in a fence of Markdown.

    Raises:
        StructureError: it is not JSON, or holds what no JSON can: NaN, infinity, half a character.
    """
    fenced = _FENCE.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text)
        # What could not be sent on is refused here: json.loads takes NaN, 1e999 and half of a surrogate pair.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as err:
        raise StructureError("", "is not valid JSON") from err
    return value


def settle(value: Any, schema: JsonMapping) -> Any:
    """Say in one way what can be said in two: a null for an optional field is left out, a number is a float."""
    if branches := schema.get("anyOf"):
        return next((found for branch in branches if fits(found := settle(value, branch), branch)), value)
    if isinstance(value, dict):
        return _settle_object(value, schema)
    if isinstance(value, list):
        return [settle(item, schema.get("items", {})) for item in value]
    kinds = _kinds(schema)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole and "number" in kinds and "integer" not in kinds and abs(value) <= _EXACT_FLOAT:
        return float(value)
    return value


def fits(value: Any, schema: JsonMapping) -> bool:
    """Whether a value is what a schema describes."""
    try:
        check(value, schema)
    except StructureError:
        return False
    return True


def check(value: Any, schema: JsonMapping, field: str = "") -> None:
    """Check a value against a schema of the keywords that `schema.fit_structure` leaves.

    Raises:
        StructureError: the value is something else; `field` is the path to the first place where it is.
    """
    _check_itself(value, schema, field)
    if "anyOf" in schema:
        _check_any(value, schema["anyOf"], field)
    if isinstance(value, dict):
        _check_object(value, schema, field)
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(item, schema.get("items", {}), f"{field}[{index}]")


def _check_itself(value: Any, schema: JsonMapping, field: str) -> None:
    """Check a value's type and what else is said of it alone, not of what is in it."""
    kinds = _kinds(schema)
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise StructureError(field, f"must be {wanted}, not {_name_of(value)}")
    if _TYPES["integer"](value) and value not in _WHOLE_NUMBERS:
        raise StructureError(field, "is too large a number")
    for keyword, (is_meant, is_right, problem) in _RULES.items():
        if keyword in schema and is_meant(value) and not is_right(value, schema[keyword]):
            raise StructureError(field, problem.format(_listed(schema[keyword])))


def _settle_object(value: JsonMapping, schema: JsonMapping) -> dict[str, Any]:
    """Settle the members of an object, and leave out each null that only says that there is nothing."""
    properties, required = schema.get("properties", {}), schema.get("required", ())
    others = schema.get("additionalProperties")
    settled: dict[str, Any] = {}
    for name, inner in value.items():
        child = properties.get(name, others if isinstance(others, Mapping) else {})
        is_nothing = inner is None and name in properties and name not in required
        if not is_nothing or fits(None, child):
            settled[name] = settle(inner, child)
    return settled


def _check_any(value: Any, branches: list[JsonMapping], field: str) -> None:
    """Check a value of which several forms are allowed.

    Where one form alone fits from the outside, its own problem is named: it tells most.
    """
    problems: list[StructureError] = []
    for branch in branches:
        try:
            check(value, branch, field)
        except StructureError as err:
            problems.append(err)
        else:
            return
    inner = [problem for problem in problems if problem.field != field]
    if len(inner) == 1:
        raise inner[0]
    raise StructureError(field, "has none of the allowed forms")


def _check_object(value: JsonMapping, schema: JsonMapping, field: str) -> None:
    """Check the members of an object: none missing, none unknown, each one right."""
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            raise StructureError(_member(field, name), "is missing")
    for name, inner in value.items():
        if name in properties:
            check(inner, properties[name], _member(field, name))
        elif others is False:
            raise StructureError(_member(field, name), "is not a field of the structure")
        else:
            check(inner, others if isinstance(others, Mapping) else {}, _member(field, name))


def _member(field: str, name: str) -> str:
    """Give the path of an object's member."""
    return f"{field}.{name}" if field else name


def _kinds(schema: JsonMapping) -> list[str]:
    """Give the types that a schema allows; none where it says nothing of them."""
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


def _name_of(value: Any) -> str:
    """Name the type of a value."""
    return next((_NAMES[kind] for kind, is_kind in _TYPES.items() if is_kind(value)), "something else")


def _listed(limit: Any) -> str:
    """Write what a keyword demands, at readable length."""
    if not isinstance(limit, list):
        return str(limit)
    text = ", ".join(json.dumps(option, ensure_ascii=False) for option in limit)
    return text if len(text) <= _LIST_LIMIT else f"{text[:_LIST_LIMIT]}…"


def _is_any(_value: Any) -> bool:
    """Whether a keyword is meant for a value: for each."""
    return True


def _same(value: Any, other: Any) -> bool:
    """Whether two values are the same for JSON, to which true is not 1."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _is_multiple(value: float, step: float) -> bool:
    """Whether a number is a multiple of a step, as far as floats can say (0.3 is one of 0.1)."""
    count = value / step
    return abs(count - round(count)) <= 1e-9 * max(1.0, abs(count))


def _has_format(value: str, name: str) -> bool:
    """Whether a text has a named form; a name that we do not know says nothing."""
    try:
        return bool(_FORMATS[name](value)) if name in _FORMATS else True
    except ValueError:
        return False


_FORMATS: Final[Mapping[str, Callable[[str], Any]]] = {
    "date": lambda text: _DATE.fullmatch(text) and date.fromisoformat(text),
    "date-time": lambda text: len(text) > len("2026-11-20") and datetime.fromisoformat(text),
    "email": _EMAIL.fullmatch,
    "uuid": UUID,
    "ipv4": IPv4Address,
    "uri": _URI.fullmatch,
}

type _Rule = tuple[Callable[[Any], bool], Callable[[Any, Any], bool], str]
# Keyword → the values that it is meant for, whether such a value is right, and the problem if it is not.
_RULES: Final[Mapping[str, _Rule]] = {
    "const": (_is_any, _same, "must be {}"),
    "enum": (_is_any, lambda value, options: any(_same(value, one) for one in options), "must be one of {}"),
    "minimum": (_TYPES["number"], operator.ge, "must be at least {}"),
    "maximum": (_TYPES["number"], operator.le, "must be at most {}"),
    "exclusiveMinimum": (_TYPES["number"], operator.gt, "must be more than {}"),
    "exclusiveMaximum": (_TYPES["number"], operator.lt, "must be less than {}"),
    "multipleOf": (_TYPES["number"], _is_multiple, "must be a multiple of {}"),
    "minLength": (_TYPES["string"], lambda text, least: len(text) >= least, "must have at least {} characters"),
    "maxLength": (_TYPES["string"], lambda text, most: len(text) <= most, "must have at most {} characters"),
    "pattern": (_TYPES["string"], lambda text, pattern: re.search(pattern, text) is not None, "has not the form {}"),
    "format": (_TYPES["string"], _has_format, "is not of the form {}"),
    "minItems": (_TYPES["array"], lambda items, least: len(items) >= least, "must have at least {} entries"),
    "maxItems": (_TYPES["array"], lambda items, most: len(items) <= most, "must have at most {} entries"),
}

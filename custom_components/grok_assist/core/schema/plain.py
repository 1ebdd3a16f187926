"""Schemas without finer rules, for a model that finds them too complex; what comes back is checked here in any case."""

from collections.abc import Mapping
from typing import Any, Final

from ..json_types import JsonMapping, JsonObject

FINER_RULES: Final = frozenset(
    (
        "pattern",
        "enum",
        "format",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    )
)
_BY_NAME: Final = frozenset(("properties", "$defs", "definitions"))
"""Keywords whose keys are names, not rules."""


def plain_schema(schema: JsonMapping) -> JsonObject:
    """Return a schema with types, names and descriptions alone."""
    plain: JsonObject = {}
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            plain[key] = {name: _plain(part) for name, part in value.items()}
        elif key not in FINER_RULES:
            plain[key] = _plain(value)
    return plain


def _plain(value: Any) -> Any:
    """Make plain what may hold schemas."""
    if isinstance(value, Mapping):
        return plain_schema(value)
    return [_plain(part) for part in value] if isinstance(value, list) else value

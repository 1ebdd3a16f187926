"""Checks of both directions of traffic against the recorded JSON Schema of the API."""

from functools import cache
import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

_SCHEMA_PATH: Final = Path(__file__).with_name("xai-api.schema.json")
_MAX_ERRORS: Final = 3


def schema_errors(definition: str, value: object) -> list[str]:
    """Say in a few sentences where a value does not fit the named definition."""
    found = _validator(definition).iter_errors(value)
    return [f"{error.json_path}: {error.message[:300]}" for error, _ in zip(found, range(_MAX_ERRORS), strict=False)]


def has_definition(definition: str) -> bool:
    """Whether the schema knows the named definition."""
    return definition in _document()["$defs"]


@cache
def property_names(definition: str) -> frozenset[str]:
    """Give the property names that the named definition lists."""
    return frozenset(_document()["$defs"][definition]["properties"])


@cache
def _document() -> dict[str, Any]:
    """Give the schema file, parsed once."""
    document: dict[str, Any] = json.loads(_SCHEMA_PATH.read_text(encoding="utf-8"))
    return document


@cache
def _registry() -> Registry[Any]:
    """Give a registry in which the schema's own references resolve."""
    document = _document()
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(document["$id"], Resource.from_contents(document))
    return filled


@cache
def _validator(definition: str) -> Draft202012Validator:
    """Give a validator for one definition, built once."""
    reference = f"{_document()['$id']}#/$defs/{definition}"
    return Draft202012Validator({"$ref": reference}, registry=_registry())

"""What a service that differs from our expectations refuses, or passes over, in a body (`service-variance.md` 2.1)."""

from collections.abc import Iterator
from typing import Final

from ..dialects.dialects import Dialects
from ..errors import BodyShape, RefusalError
from ..jsontypes import Json, JsonObject
from .input import UNDECRYPTABLE

_DOCUMENTED_TOOLS: Final = 350
_INSTRUCTING: Final = frozenset({"system", "developer"})
# What a grammar for constrained decoding grows by; a plain structure of types is no trouble.
COSTLY_KEYWORDS: Final = frozenset(
    {
        "pattern", "enum", "format", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "minimum",
        "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties",
    }
)  # fmt: skip
_NAMED_SCHEMAS: Final = ("properties", "$defs", "patternProperties")
_LISTED_SCHEMAS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_INNER_SCHEMAS: Final = ("items", "additionalProperties", "not")


def check_dialect(body: JsonObject, items: list[JsonObject], dialects: Dialects) -> None:
    """Refuse what the service does not take as it is at the moment.

    Raises:
        RefusalError: 400 in the words that were seen, of nothing that a client could have known before.
    """
    if (name := dialects["refused_argument"]) in body:
        raise RefusalError(400, f"Argument not supported: {name}", code="400")
    _check_tools(body.get("tools") or [], dialects)
    _check_messages(items, dialects)
    if dialects["later_system"] == "refused" and _later_system(body, items):
        raise RefusalError(400, "Invalid request content: Only one system message is allowed, and it must come first.")


def seen_items(body: JsonObject, items: list[JsonObject], dialects: Dialects) -> list[JsonObject]:
    """Give the items that the model gets to see."""
    if dialects["later_system"] != "ignored":
        return items
    unseen = _later_system(body, items)
    return [item for item in items if not any(item is other for other in unseen)]


def _check_tools(tools: list[JsonObject], dialects: Dialects) -> None:
    """Refuse too many tools, and schemas that are too much."""
    most = int(dialects["most_tools"])
    if len(tools) > most:
        message = f"Too many tools: {len(tools)}. The maximum is {most}."
        raise RefusalError(400, message, shape=BodyShape.OPENAI, param="tools", is_violation=most >= _DOCUMENTED_TOOLS)
    if dialects["grammar"] == "simple" and any(_is_costly(tool.get("parameters")) for tool in tools):
        raise RefusalError(400, "Grammar is too complex.")


def _check_messages(items: list[JsonObject], dialects: Dialects) -> None:
    """Refuse messages that say nothing, and reasoning that comes back."""
    for item in items:
        kind = item.get("type", "message")
        if kind == "message" and dialects["empty_content"] == "refused" and _is_empty(item.get("content")):
            raise RefusalError(
                400,
                "Invalid request content: Each message must have at least one content element.",
                is_violation=True,
            )
        if kind == "reasoning" and dialects["reasoning_replay"] == "refused" and item.get("encrypted_content"):
            raise RefusalError(400, UNDECRYPTABLE)


def _is_empty(content: Json) -> bool:
    """Whether a content holds nothing at all."""
    if isinstance(content, list):
        return all("text" in part and not part["text"] for part in content)
    return content in {"", None}


def _later_system(body: JsonObject, items: list[JsonObject]) -> list[JsonObject]:
    """Give the messages that instruct the model beside the one at the front, which `instructions` are too."""
    allowed = 0 if body.get("instructions") else 1
    return [item for place, item in enumerate(items) if item.get("role") in _INSTRUCTING and place >= allowed]


def _is_costly(schema: Json) -> bool:
    """Whether a schema says more than which types stand where."""
    if not isinstance(schema, dict):
        return False
    return not COSTLY_KEYWORDS.isdisjoint(schema) or any(map(_is_costly, _inner_schemas(schema)))


def _inner_schemas(schema: JsonObject) -> Iterator[Json]:
    """Give the schemas within a schema; what a property is called says nothing."""
    for name in _NAMED_SCHEMAS:
        yield from (schema.get(name) or {}).values()
    for name in _LISTED_SCHEMAS:
        yield from schema.get(name) or ()
    for name in _INNER_SCHEMAS:
        yield schema.get(name)

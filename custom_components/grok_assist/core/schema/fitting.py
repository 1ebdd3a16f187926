"""Tool schemas made fit for xAI's rules: flat, closed, and with an object at the root.

Source of the rules: xAI "Structured Outputs" page (2026) and a refusal seen in the field: a tool whose
parameters have `anyOf` at the root (Home Assistant's HassStartTimer) is rejected.
"""

from collections.abc import Iterable, Mapping
import re
from typing import Final

from text_unidecode import unidecode  # type: ignore[import-untyped]  # Home Assistant's own slugs are made by it

from ..json_types import JsonMapping, JsonObject

# Server-side tools of xAI; a function of such a name is refused (xAI realtime docs; applied to REST too).
RESERVED_NAMES: Final = frozenset(
    {
        "web_search",
        "x_search",
        "file_search",
        "code_interpreter",
        "code_execution",
        "collections_search",
        "document_search",
        "image_generation",
        "mcp",
        "shell",
        "tool_search",
        "browse_page",
        "view_image",
        "view_x_video",
    }
)
NAME_LIMIT: Final = 64
TOOL_LIMIT: Final = 350  # xAI OpenAPI document, `tools`

_FORBIDDEN_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_ROOT_COMBINATIONS: Final = ("anyOf", "oneOf", "allOf")
_DROPPED_KEYWORDS: Final = frozenset(
    {
        "if",
        "then",
        "else",
        "not",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "patternProperties",
        "propertyNames",
        "unevaluatedProperties",
        "$schema",
        "$id",
        "$comment",
    }
)
# What else Home Assistant writes into `format` is its own (entity_id, RGB, jinja2, …) and helps no checker.
_KNOWN_FORMATS: Final = frozenset({"date", "time", "date-time", "email", "uuid", "ipv4", "ipv6", "uri", "hostname"})

# What an answer's schema may say: exactly what xAI documents and `structured.check` checks, and words.
_ANSWER_KEYWORDS: Final = frozenset(
    {
        "type",
        "description",
        "title",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minItems",
        "maxItems",
    }
)
_CLOCK_TIME: Final = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
NOTE: Final = "note"
"""Not a keyword: a remark that `fit_structure` adds to the description, whoever wrote that."""


def fit_names(names: Iterable[str]) -> dict[str, str]:
    """Map each tool name to the one to send: allowed characters, at most 64 of them, unique, not reserved."""
    fitted: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        # Spelled in Latin letters, so that names of another script can be told apart.
        spelled = name if name.isascii() else unidecode(name)
        base = _FORBIDDEN_NAME.sub("_", spelled)[:NAME_LIMIT] or "tool"
        if base.lower() in RESERVED_NAMES:
            base = f"home_{base}"
        sent, number = base, 2
        while sent in taken:
            suffix = f"_{number}"
            sent, number = base[: NAME_LIMIT - len(suffix)] + suffix, number + 1
        taken.add(sent)
        fitted[name] = sent
    return fitted


def fit_parameters(schema: JsonMapping) -> JsonObject:
    """Return the parameter schema of a tool as xAI takes it.

    Combinations at the root become one object that allows every property of every branch; a property is
    required only if each branch requires it. The tool itself still checks its arguments strictly.
    """
    root = _fit(schema)
    for keyword in _ROOT_COMBINATIONS:
        branches = root.pop(keyword, None)
        if branches:
            root = _merge_branches(root, branches, is_any=keyword != "allOf")
    root.pop("enum", None)
    root["type"] = "object"
    properties = root.setdefault("properties", {})
    required = [name for name in root.pop("required", ()) if name in properties]
    if required:
        root["required"] = required
    root.setdefault("additionalProperties", False)
    return root


def fit_structure(schema: JsonMapping) -> JsonObject:
    """Return the schema of an answer as xAI takes it: an object, closed all through, with nothing unchecked in it."""
    return _close(fit_parameters(schema))


def _close(schema: JsonMapping) -> JsonObject:
    """Copy a fitted node in the fewest keywords, and with it all nodes within."""
    node = _reduce(schema)
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), Mapping):
            node[keyword] = _close(node[keyword])
    if "properties" in node:
        node["properties"] = {name: _close(child) for name, child in node["properties"].items()}
    if "anyOf" in node:
        node["anyOf"] = [_close(child) for child in node["anyOf"]]
    if node.get("type") == "object":
        node.setdefault("additionalProperties", False)
    return node


def _reduce(schema: JsonMapping) -> JsonObject:
    """Write one node in the keywords of an answer's schema."""
    if "$ref" in schema:
        # Home Assistant refers to nothing but the whole, and xAI takes no circles: whatever is in there may come.
        return {"type": "object", "additionalProperties": True}
    node = dict(schema)
    for member in node.pop("allOf", ()):
        node = {**member, **node}
    if "oneOf" in node:
        node.setdefault("anyOf", node["oneOf"])
    if members := node.pop("prefixItems", None):
        node |= {"items": {"anyOf": members}, "minItems": len(members), "maxItems": len(members)}
    if node.get("format") == "time":
        # With JSON's "time" goes a zone, which Home Assistant refuses.
        del node["format"]
        node |= {"pattern": _CLOCK_TIME, NOTE: "as HH:MM:SS"}
    words = [text for text in (node.pop("description", None), node.get(NOTE)) if text and isinstance(text, str)]
    if words:
        node["description"] = f"{words[0]} ({words[1]})" if len(words) > 1 else words[0]
    if not node.get("required", True):
        del node["required"]
    return {keyword: value for keyword, value in node.items() if keyword in _ANSWER_KEYWORDS}


def _merge_branches(root: JsonObject, branches: list[JsonObject], *, is_any: bool) -> JsonObject:
    """Fold alternatives (or conjunctions) of the root into the root's own properties."""
    merged = dict(root)
    properties = dict(merged.get("properties", {}))
    for branch in branches:
        for name, child in branch.get("properties", {}).items():
            properties.setdefault(name, child)
    merged["properties"] = properties
    sets = [set(branch.get("required", ())) for branch in branches]
    shared = set.intersection(*sets) if is_any else set.union(*sets)
    merged["required"] = sorted({*merged.get("required", ()), *shared})
    return merged


def _fit(schema: JsonMapping) -> JsonObject:
    """Copy one schema node without what xAI refuses."""
    node: JsonObject = {}
    for keyword, value in schema.items():
        if keyword in _DROPPED_KEYWORDS or (keyword == "format" and value not in _KNOWN_FORMATS):
            continue
        if keyword in ("properties", "$defs", "definitions"):
            node[keyword] = {name: _fit(child) for name, child in value.items()}
        elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            node[keyword] = [_fit(child) for child in value]
        elif keyword in ("items", "contains", "additionalProperties") and isinstance(value, Mapping):
            node[keyword] = _fit(value)
        else:
            node[keyword] = value
    return _simplify(node)


def _simplify(node: JsonObject) -> JsonObject:
    """Bring one node into a form that the documented rules name."""
    if node.pop("nullable", False) and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    conjunction = node.get("allOf")
    if conjunction and len(conjunction) > 1:
        del node["allOf"]
        node = _merge_conjunction(node, conjunction)
    if node.get("type") == "object" and not node.get("properties") and "additionalProperties" not in node:
        # An object of which nothing is known is free-form; closed (xAI's default) it could only be empty.
        node["additionalProperties"] = True
    return node


def _merge_conjunction(node: JsonObject, members: list[JsonObject]) -> JsonObject:
    """Fold `allOf` with several members, which xAI does not take, into one node."""
    merged = _merge_branches(node, members, is_any=False) if any("properties" in m for m in members) else dict(node)
    for member in members:
        for keyword, value in member.items():
            merged.setdefault(keyword, value)
    if not merged.get("required", True):
        del merged["required"]
    return merged

"""The rules for a whole `POST /v1/responses` body: what the API refuses, and how."""

from dataclasses import dataclass
from typing import Final

from ..dialects.dialects import Dialects
from ..errors import invalid, unreadable, unsupported
from ..files.files import FileStore, KeptFile
from ..jsontypes import JsonObject
from ..keys import Key
from ..responses.ask import Ask, file_parts, input_items
from ..responses.models import Catalogue, Model
from ..responses.store import ResponseStore
from ..schema import property_names, schema_errors
from .dialect import check_dialect, seen_items
from .input import check_conversation, check_items
from .parameters import check_format_schema
from .tools import check_tool_choice, check_tools

_REQUEST: Final = "responses.request"
_REASONING_FIELDS: Final = frozenset({"effort", "summary"})
_TEXT_FIELDS: Final = frozenset({"format"})
_RANGES: Final = {"temperature": (0, 2), "top_p": (0, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What a request may refer to: models, kept responses and uploaded files, and how the service is at the moment."""

    catalogue: Catalogue
    store: ResponseStore
    files: FileStore
    dialects: Dialects


def accept(body: object, *, key: Key, vendor: Vendor) -> Ask:
    """Check a request body and turn it into what the model is asked.

    Raises:
        RefusalError: the real API would not answer this request.
    """
    if not isinstance(body, dict):
        raise unreadable("Failed to deserialize the JSON body into the target type: expected an object.")
    _check_fields(body)
    model = _model(body, key=key, vendor=vendor)
    _check_effort(body, model)
    _check_ranges(body)
    check_tools(body.get("tools"), model)
    check_tool_choice(body)
    _check_memory(body)
    check_items(body.get("input"))
    if errors := schema_errors(_REQUEST, body):
        raise unreadable(f"Failed to deserialize the JSON body into the target type: {'; '.join(errors)}")
    _check_format(body)
    earlier = vendor.store.conversation(body.get("previous_response_id"), key)
    items = [*earlier, *input_items(body["input"])]
    check_conversation(items)
    check_dialect(body, items, vendor.dialects)
    items = seen_items(body, items, vendor.dialects)
    return Ask(body=body, model=model, key=key, items=items, attachments=_attachments(items, vendor.files, key))


def _attachments(items: list[JsonObject], files: FileStore, key: Key) -> dict[str, KeptFile]:
    """Give the uploaded files that the items speak of, all of which must be there still."""
    wanted = [part["file_id"] for part in file_parts(items) if part.get("file_id") is not None]
    return {file_id: files.find(file_id, key) for file_id in wanted}


def _check_fields(body: JsonObject) -> None:
    """Refuse fields that the API does not know, such as `background`, `metadata`, `truncation` or `stop`."""
    if unknown := sorted(body.keys() - property_names(_REQUEST)):
        raise unsupported(f"Argument not supported: {', '.join(unknown)}")
    _check_inner_fields(body, "reasoning", _REASONING_FIELDS)
    _check_inner_fields(body, "text", _TEXT_FIELDS)


def _check_inner_fields(body: JsonObject, name: str, known: frozenset[str]) -> None:
    """Refuse unknown fields inside one object field."""
    inner = body.get(name)
    if isinstance(inner, dict) and (unknown := sorted(inner.keys() - known)):
        raise unsupported(f"Argument not supported: {name}.{unknown[0]}")


def _model(body: JsonObject, *, key: Key, vendor: Vendor) -> Model:
    """Give the model that is to answer, if there is one and the key may use it."""
    name = body.get("model")
    if not isinstance(name, str):
        raise unreadable("Failed to deserialize the JSON body into the target type: missing field `model`.", "model")
    if not name.strip():
        raise invalid("The model must not be empty.", "model")
    reasoning = body.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else None
    has_substitutes = vendor.dialects["retired_model"] == "substituted"
    model = vendor.catalogue.route(name, effort, has_substitutes=has_substitutes)
    key.require("model", model.id)
    return model


def _check_effort(body: JsonObject, model: Model) -> None:
    """Refuse an effort that the model does not take."""
    reasoning = body.get("reasoning")
    if not isinstance(reasoning, dict) or "effort" not in reasoning:
        return
    if not model.efforts:
        raise unsupported(f"Model {model.id} does not support parameter reasoningEffort.")
    if reasoning["effort"] not in model.efforts:
        raise unsupported(
            f"Invalid reasoning effort for model {model.id}. Allowed values are: {', '.join(model.efforts)}."
        )


def _check_ranges(body: JsonObject) -> None:
    """Refuse numbers outside their range."""
    for name, (low, high) in _RANGES.items():
        value = body.get(name)
        if isinstance(value, int | float) and not low <= value <= high:
            raise invalid(f"The {name} must be between {low} and {high}.", name)


def _check_memory(body: JsonObject) -> None:
    """Refuse instructions beside a stored response, which has its own."""
    if body.get("instructions") is not None and body.get("previous_response_id") is not None:
        raise invalid("Instructions cannot be used together with previous_response_id.", "instructions")


def _check_format(body: JsonObject) -> None:
    """Refuse a schema for structured output that is outside the documented rules."""
    wanted = (body.get("text") or {}).get("format") or {}
    if wanted.get("type") == "json_schema":
        check_format_schema(wanted["schema"])

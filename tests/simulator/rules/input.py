"""The rules for input items: their kinds, their pictures, and the pairing of calls with outputs."""

from typing import Final

from ..errors import RefusalError, invalid, unreadable
from ..images.images import is_public, picture_of
from ..jsontypes import Json, JsonObject
from ..responses.output import is_our_cipher

# As it was seen on the live service.
UNDECRYPTABLE: Final = (
    "Could not decrypt the provided encrypted_content."
    " Ensure the value is the unmodified encrypted_content from a previous response."
)
_PARAM: Final = "input"
_ROLES: Final = ("system", "developer", "user", "assistant")
_TEXT_PARTS: Final = ("input_text", "output_text", "text")
_PART_TYPES: Final = (*_TEXT_PARTS, "input_image", "input_file")
_CALL_ITEMS: Final = (
    "reasoning",
    "web_search_call",
    "x_search_call",
    "file_search_call",
    "code_interpreter_call",
    "mcp_call",
    "custom_tool_call",
    "image_generation_call",
)
_DETAILS: Final = ("auto", "low", "high")


def check_items(value: object) -> None:
    """Refuse items of kinds that the API does not know; the schema sees to the rest of their form."""
    if not isinstance(value, list):
        return
    for item in value:
        if not isinstance(item, dict):
            raise unreadable("Input items must be objects.", _PARAM)
        _check_item(item)


def check_conversation(items: list[JsonObject]) -> None:
    """Refuse a conversation in which a call lacks its output or an output its call."""
    open_calls: set[str] = set()
    known_calls: set[str] = set()
    for item in items:
        match item.get("type", "message"):
            case "function_call":
                _open(item["call_id"], open_calls, known_calls)
            case "function_call_output":
                _close(item["call_id"], open_calls)
            case "message" if item["role"] == "user":
                _require_closed(open_calls)
    _require_closed(open_calls)


def _check_item(item: JsonObject) -> None:
    """Check one item by its kind."""
    match item.get("type", "message"):
        case "message":
            _check_role(item)
            _check_content(item.get("content"), "content")
        case "function_call_output":
            _check_content(item.get("output"), "output")
        case "function_call":
            pass
        case "reasoning":
            _check_reasoning(item)
        case kind if kind not in _CALL_ITEMS:
            raise unreadable(f"Unknown input item type `{kind}`.", _PARAM)


def _check_role(item: JsonObject) -> None:
    """Refuse a message of nobody known."""
    if item.get("role") not in _ROLES:
        raise unreadable(f"Unknown role `{item.get('role')}`, expected one of {', '.join(_ROLES)}.", _PARAM)


def _check_content(content: Json, name: str) -> None:
    """Check a string, or the parts of a content that has parts."""
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise unreadable(f"The {name} of an input item must be a string or a list of parts.", _PARAM)
    for part in content:
        if not isinstance(part, dict) or part.get("type") not in _PART_TYPES:
            raise unreadable(f"Unknown content part, expected one of {', '.join(_PART_TYPES)}.", _PARAM)
        if part["type"] == "input_image":
            _check_image(part)
        if part["type"] == "input_file":
            _check_file(part)


def _check_image(part: JsonObject) -> None:
    """Check a picture: a plain string that leads to a whole JPEG or PNG; the id of a file is no picture."""
    address = part.get("image_url")
    if not isinstance(address, str):
        raise unreadable("invalid type for `image_url`: expected a string", _PARAM)
    if part.get("detail", "auto") not in _DETAILS:
        raise unreadable(f"Unknown detail, expected one of {', '.join(_DETAILS)}.", _PARAM)
    picture_of(address)


def _check_file(part: JsonObject) -> None:
    """Check a file: the id of an uploaded one or a public address, as the guides show it; bytes are not taken."""
    if part.get("file_data") is not None:
        raise invalid("The file_data of an input_file is not supported. Use file_id or file_url.", _PARAM)
    address = part.get("file_url")
    if (part.get("file_id") is None) == (address is None):
        raise invalid("Exactly one of file_id and file_url must be set in an input_file.", _PARAM)
    if isinstance(address, str) and not is_public(address):
        raise invalid("The file_url must be a public URL.", _PARAM)


def _check_reasoning(item: JsonObject) -> None:
    """Refuse reasoning that is not as it came: a content that is null, or a cipher without its summary (seen live)."""
    if "content" in item and item["content"] is None:
        raise unreadable("data did not match any variant of untagged enum ModelInput", _PARAM)
    if item.get("encrypted_content") and not isinstance(item.get("summary"), list):
        raise RefusalError(
            400,
            "Could not decode the compaction blob. Ensure it is unmodified from the compact response.",
            is_violation=True,
        )
    _check_cipher(item.get("encrypted_content"))


def _check_cipher(cipher: object) -> None:
    """Refuse encrypted reasoning that did not come from us or was changed on the way."""
    if cipher is not None and not (isinstance(cipher, str) and is_our_cipher(cipher)):
        raise RefusalError(400, UNDECRYPTABLE, is_violation=True)


def _open(call_id: str, open_calls: set[str], known_calls: set[str]) -> None:
    """Note a call that waits for its output."""
    if call_id in known_calls:
        raise invalid(f"Duplicate function call with call_id {call_id}.", _PARAM)
    known_calls.add(call_id)
    open_calls.add(call_id)


def _close(call_id: str, open_calls: set[str]) -> None:
    """Pair an output with its call."""
    if call_id not in open_calls:
        raise invalid(f"No function call found for the function call output with call_id {call_id}.", _PARAM)
    open_calls.discard(call_id)


def _require_closed(open_calls: set[str]) -> None:
    """Refuse to go on while a call has no output."""
    if open_calls:
        raise _missing_output(min(open_calls))


def _missing_output(call_id: str) -> RefusalError:
    """Give the refusal of a call that nobody answered."""
    return invalid(f"No tool output found for function call {call_id}.", _PARAM)

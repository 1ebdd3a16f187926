"""The rules for the tools that a request offers."""

from datetime import date
import re
from typing import Final

from ..errors import invalid, unreadable, unsupported
from ..jsontypes import Json, JsonObject
from ..responses.models import Model
from .parameters import check_parameters

# The vendor's own functions behind its server-side tools (API reference 3.8).
RESERVED_NAMES: Final = frozenset(
    {
        "web_search",
        "browse_page",
        "x_search",
        "x_keyword_search",
        "x_semantic_search",
        "x_user_search",
        "x_thread_fetch",
        "collections_search",
        "file_search",
        "code_interpreter",
    }
)
_PARAM: Final = "tools"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SERVER_TOOLS: Final = frozenset(
    {"web_search", "x_search", "file_search", "code_interpreter", "mcp", "image_generation", "shell", "tool_search"}
)
_SEARCH_OPTIONS: Final = {
    "web_search": frozenset(
        {
            "type",
            "allowed_domains",
            "excluded_domains",
            "filters",
            "enable_image_understanding",
            "enable_image_search",
        }
    ),
    "x_search": frozenset(
        {
            "type",
            "allowed_x_handles",
            "excluded_x_handles",
            "from_date",
            "to_date",
            "enable_image_understanding",
            "enable_video_understanding",
        }
    ),
}
_MAX_DOMAINS: Final = 5
_MAX_HANDLES: Final = 10


def check_tools(value: object, model: Model) -> None:
    """Refuse tools that the API or the model does not take; the schema sees to the rest of their form."""
    if not isinstance(value, list):
        return
    names: set[str] = set()
    for tool in value:
        if not isinstance(tool, dict):
            raise unreadable("Tools must be objects.", _PARAM)
        if tool.get("type") == "function":
            _check_function(tool, names, model)
        else:
            _check_server_tool(tool)


def check_tool_choice(body: JsonObject) -> None:
    """Refuse a choice among no tools, or of a tool that is not offered."""
    choice = body.get("tool_choice")
    if choice is None:
        return
    tools = body.get("tools")
    if not tools or not isinstance(tools, list):
        raise unsupported("A tool_choice was set on the request but no tools were specified.")
    if isinstance(choice, dict) and choice.get("name") not in {tool.get("name") for tool in tools}:
        raise invalid(f"The tool_choice names the function {choice.get('name')}, which is not offered.", "tool_choice")


def _check_function(tool: JsonObject, names: set[str], model: Model) -> None:
    """Check a function tool's form, name and parameters."""
    if not model.takes_functions:
        raise unsupported(f"Client-side tools are not supported on the model {model.id}.")
    name = tool.get("name")
    if not isinstance(name, str):
        raise unreadable("tools: missing field `name`", _PARAM)
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid function name {name!r}: it must match [A-Za-z0-9_-] and have 1 to 64 letters.", _PARAM)
    if name in RESERVED_NAMES:
        raise invalid(f"The function name {name} is reserved for a server-side tool.", _PARAM)
    if name in names:
        raise invalid(f"Duplicate function name {name}.", _PARAM)
    names.add(name)
    if isinstance(tool.get("parameters"), dict):
        check_parameters(tool["parameters"], name)


def _check_server_tool(tool: JsonObject) -> None:
    """Check a server-side tool's kind and options."""
    kind = tool.get("type")
    if kind not in _SERVER_TOOLS:
        raise unreadable(f"Unknown tool type `{kind}`.", _PARAM)
    options = _SEARCH_OPTIONS.get(str(kind))
    if options is None:
        return
    if unknown := sorted(tool.keys() - options):
        raise unsupported(f"Argument not supported: {kind}.{unknown[0]}")
    if kind == "web_search":
        _check_lists(tool, "allowed_domains", "excluded_domains", _MAX_DOMAINS)
        _check_filters(tool)
    else:
        _check_lists(tool, "allowed_x_handles", "excluded_x_handles", _MAX_HANDLES)
        _check_dates(tool)


def _check_filters(tool: JsonObject) -> None:
    """Check the domains where they are given under `filters`."""
    filters = tool.get("filters")
    if not isinstance(filters, dict):
        return
    if unknown := sorted(filters.keys() - {"allowed_domains", "excluded_domains"}):
        raise unsupported(f"Argument not supported: web_search.filters.{unknown[0]}")
    _check_lists(filters, "allowed_domains", "excluded_domains", _MAX_DOMAINS)


def _check_lists(options: JsonObject, allowed: str, excluded: str, maximum: int) -> None:
    """Refuse both lists at once, or one that is too long."""
    if options.get(allowed) and options.get(excluded):
        raise invalid(f"Only one of {allowed} and {excluded} can be set.", _PARAM)
    for name in (allowed, excluded):
        if _length(options.get(name)) > maximum:
            raise invalid(f"At most {maximum} entries can be set in {name}.", _PARAM)


def _length(value: Json) -> int:
    """Give the length of a list, nothing for whatever else."""
    return len(value) if isinstance(value, list) else 0


def _check_dates(tool: JsonObject) -> None:
    """Refuse dates that are none, or in the wrong order."""
    days = [_day(tool[name], name) for name in ("from_date", "to_date") if name in tool]
    if days != sorted(days):
        raise invalid("The from_date must not be after the to_date.", _PARAM)


def _day(value: object, name: str) -> date:
    """Give a day written as YYYY-MM-DD."""
    try:
        return date.strptime(str(value), "%Y-%m-%d")
    except ValueError:
        raise invalid(f"The {name} must have the form YYYY-MM-DD.", _PARAM) from None

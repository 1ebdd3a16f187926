"""Home Assistant's LLM tools as functions that xAI takes: fitted names and schemas, converted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import json
from typing import Any, Final

from homeassistant.helpers import llm
from homeassistant.helpers.json import json_dumps
from probatio import to_openapi

from ..core.json_types import JsonObject, plain
from ..core.schema.fitting import TOOL_LIMIT, fit_names, fit_parameters
from ..grok.messages import ToolSpec

CACHE_LIMIT: Final = 512

type Serializer = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTools:
    """The tools of one request, and the way back from the names sent to Home Assistant's own."""

    specs: Sequence[ToolSpec] = ()
    own_names: dict[str, str]
    """Sent name → Home Assistant's name."""
    sent_names: dict[str, str]
    read_only: frozenset[str]
    """Home Assistant's names of tools that change nothing."""


MICROPHONE: Final = "set_microphone"
"""Our own tool, by which the model closes or keeps the microphone; Home Assistant never sees it."""
MICROPHONE_SET: Final = '{"success": true}'
MICROPHONE_SPEC: Final = ToolSpec(
    name=MICROPHONE,
    description=(
        "Say whether the user's microphone stays open after this answer. Call it together with your words, never"
        " alone: open=true where you expect the user to answer, open=false where the conversation is over."
    ),
    parameters={
        "type": "object",
        "properties": {"open": {"type": "boolean"}},
        "required": ["open"],
        "additionalProperties": False,
    },
)
NO_TOOLS: Final = OfferedTools(own_names={}, sent_names={}, read_only=frozenset())


class Toolbox:
    """Converts tools to what is sent, and remembers it: Home Assistant makes its tools anew for each turn."""

    def __init__(self) -> None:
        """Start without anything converted."""
        self._converted: dict[tuple[str, str], tuple[object, JsonObject]] = {}
        self._last: tuple[list[llm.Tool], OfferedTools] | None = None

    def offer(self, api: llm.APIInstance | None, *, has_microphone: bool = False) -> OfferedTools:
        """Write the tools of one API instance, or none; with ours for the microphone if that is wanted."""
        offered = self._offered(api)
        return replace(offered, specs=(*offered.specs, MICROPHONE_SPEC)) if has_microphone else offered

    def _offered(self, api: llm.APIInstance | None) -> OfferedTools:
        """Write the tools of an API instance; the same list of tools is written once."""
        if api is None or not api.tools:
            return NO_TOOLS
        if self._last is None or self._last[0] is not api.tools:
            self._last = (api.tools, self._write(api))
        return self._last[1]

    def _write(self, api: llm.APIInstance) -> OfferedTools:
        """Write tools."""
        tools = api.tools[: TOOL_LIMIT - 1]
        sent_names = fit_names(tool.name for tool in tools)
        return OfferedTools(
            specs=tuple(
                ToolSpec(
                    name=sent_names[tool.name],
                    description=tool.description or tool.title or tool.name,
                    parameters=self._parameters(tool, api.custom_serializer),
                )
                for tool in tools
            ),
            own_names={sent: own for own, sent in sent_names.items()},
            sent_names=sent_names,
            read_only=frozenset(tool.name for tool in tools if tool.annotations.read_only),
        )

    def _parameters(self, tool: llm.Tool, serializer: Serializer | None) -> JsonObject:
        """Convert a tool's parameters, or find them converted.

        The schema's own text is the key: ten times cheaper than a conversion. The schema is kept beside the
        result, so that no address in that text can come to mean another object.
        """
        key = (tool.name, repr(tool.parameters.schema))
        found = self._converted.get(key)
        if found is None:
            if len(self._converted) >= CACHE_LIMIT:
                self._converted.clear()
            converted = fit_parameters(to_openapi(tool.parameters, custom_serializer=serializer))
            found = self._converted[key] = (tool.parameters, converted)
        return found[1]


def json_text(value: object) -> str:
    """Write what another integration gave, as Home Assistant does; what cannot be written so becomes text."""
    try:
        return json_dumps(value)
    except TypeError:
        return json_dumps(plain(value))


def microphone_wish(arguments: str) -> bool | None:
    """Read whether the model wants the microphone open; None where it makes no sense."""
    try:
        wish = json.loads(arguments)
    except ValueError:
        return None
    found = wish.get("open") if isinstance(wish, dict) else None
    return found if isinstance(found, bool) else None

"""Home Assistant's LLM tools as functions that xAI takes: fitted names and schemas, converted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.helpers import llm
from probatio import to_openapi

from .core.json_types import JsonObject
from .core.schema import TOOL_LIMIT, fit_names, fit_parameters
from .grok.messages import ToolSpec

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


NO_TOOLS: Final = OfferedTools(own_names={}, sent_names={}, read_only=frozenset())


class Toolbox:
    """Converts tools to what is sent, and remembers it: Home Assistant makes its tools anew for each turn."""

    def __init__(self) -> None:
        """Start without anything converted."""
        self._converted: dict[tuple[str, str], tuple[object, JsonObject]] = {}

    def offer(self, api: llm.APIInstance | None) -> OfferedTools:
        """Write the tools of one API instance, or none."""
        if api is None or not api.tools:
            return NO_TOOLS
        tools = api.tools[:TOOL_LIMIT]
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

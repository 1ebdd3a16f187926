"""Every tool of an agent, with what holds for all of them wrapped around it: one place where calls are handed over.

What was meant is tried before "no match", what needs the user's yes is held, whatever a tool raises is told to the
model, and a result that no turn can carry is cut.
"""

from collections.abc import Mapping
from contextvars import ContextVar
import logging
from typing import Any, Final, Protocol, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, floor_registry as fr, llm
import voluptuous as vol

from ..const import DOMAIN
from ..core.arguments import NameBook
from ..core.consent.book import AskBefore, HeldCall
from ..core.json_types import JsonObject
from ..home.dangers import async_deeds
from ..home.exposed import async_get_home
from .tools import json_text

_LOGGER = logging.getLogger(__name__)

RESULT_LIMIT: Final = 32_000
"""Characters of a result that a turn can carry."""
BEGINNING: Final = 8_000
"""Characters that are told of a longer one."""
_NAMES: Final = ("name", "area", "floor")


class Holder(Protocol):
    """Keeps the calls of a turn that wait for the user's yes."""

    @property
    def policy(self) -> AskBefore:
        """What is to be held."""

    @property
    def told(self) -> str:
        """What the model is told of a call that was held."""

    def hold(self, call: HeldCall) -> None:
        """Keep a call that was not made."""

    def has_yes_for(self, call: HeldCall) -> bool:
        """Whether the user has agreed to all that a call would do now."""


HOLDER: ContextVar[Holder | None] = ContextVar(f"{DOMAIN}_holder", default=None)
"""Of the turn that runs; Home Assistant runs tools in copies of its context."""
NOBODY: Final = "Not done: this needs the yes of a user, and here is nobody who could be asked."


class GuardedTool(llm.Tool):
    """A tool of Home Assistant or of another integration as an agent calls it."""

    def __init__(self, tool: llm.Tool) -> None:
        """Look like the tool."""
        self.tool = tool
        self.name = tool.name
        self.title = tool.title
        self.description = tool.description
        self.parameters = tool.parameters
        self.annotations = tool.annotations
        self.integration = tool.integration

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Call the tool, unless the user has to agree first.

        Raises:
            HomeAssistantError: it failed; Home Assistant tells the model.
        """
        arguments = _meant(hass, tool_input.tool_args) if _matches_names(self.tool) else dict(tool_input.tool_args)
        holder = HOLDER.get()
        policy = AskBefore.OPENING if holder is None else holder.policy
        if deeds := async_deeds(hass, self.tool, arguments, llm_context, policy):
            if holder is None:
                return llm.ToolResult(data={"error": NOBODY}, error=True)
            call = HeldCall(tool_name=self.name, arguments=arguments, deeds=deeds)
            if not holder.has_yes_for(call):
                holder.hold(call)
                return llm.ToolResult(data={"held": holder.told}, error=True)
        tool_input.tool_args = arguments
        try:
            result = await self.tool.async_call(hass, tool_input, llm_context)
        except HomeAssistantError, vol.Invalid:
            raise
        except Exception as error:
            # Home Assistant tells the model of its own errors only; any other would end the turn.
            _LOGGER.debug("The tool %s raised %r", self.name, error)
            raise HomeAssistantError(f"{type(error).__name__}: {error}") from error
        return _cut(result)


def guarded(tool: llm.Tool) -> llm.Tool:
    """Wrap a tool, once."""
    return tool if isinstance(tool, GuardedTool) else GuardedTool(tool)


def _cut(result: Any) -> llm.ToolResult:
    """Shorten a result that is larger than a turn can carry, in words that the model understands."""
    whole = result if isinstance(result, llm.ToolResult) else llm.ToolResult(data=result)
    text = json_text(whole.data)
    if len(text) <= RESULT_LIMIT:
        return whole
    data: JsonObject = {
        "too_long": (
            f"The result has {len(text)} characters, more than can be told; only its beginning follows. Ask for less:"
            " for one device, one area, one kind, or a shorter time."
        ),
        "beginning": text[:BEGINNING],
    }
    return llm.ToolResult(data=data, error=whole.error)


def _matches_names(tool: llm.Tool) -> bool:
    """Whether names in a tool's arguments are those of the home: so in Home Assistant's own tools for Assist."""
    inner = tool.tool if isinstance(tool, llm.NamespacedTool) else tool
    return isinstance(inner, llm.IntentTool) or inner.integration == "homeassistant"


def _meant(hass: HomeAssistant, arguments: Mapping[str, Any]) -> JsonObject:
    """Write the names in arguments as tools match them."""
    fitted = dict(arguments)
    for key in _NAMES:
        if isinstance(written := fitted.get(key), str):
            fitted[key] = _book(hass, key).meant(written)
    return fitted


def _book(hass: HomeAssistant, key: str) -> NameBook:
    """Return the names that an argument may have."""
    match key:
        case "name":
            return async_get_home(hass).names
        case "area":
            areas = ar.async_get(hass).async_list_areas()
            return NameBook(name for area in areas for name in (area.name, *area.aliases))
    floors = fr.async_get(hass).async_list_floors()
    return NameBook(name for floor in floors for name in (floor.name, *floor.aliases))

"""LLM APIs of other integrations: one that counts, one that never gets ready."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm
import voluptuous as vol


class LibraryError(Exception):
    """What a library raises that knows nothing of Home Assistant: no kind of error that anybody could list."""


class CountingTool(llm.Tool):
    """A tool of another API, with a name that must be fitted."""

    name = "count things.now"
    description = "Count"
    parameters = vol.Schema({vol.Required("what"): str})
    integration = "test"

    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Count, unless it should break."""
        what = tool_input.tool_args["what"]
        if what == "disaster":
            raise LibraryError
        return llm.ToolResult(data={"count": 3, "list": "x" * 300_000} if what == "everything" else {"count": 3})


class CountingAPI(llm.API):
    """A second API beside Assist."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Offer the tool."""
        return llm.APIInstance(self, "Count when asked.", llm_context, [CountingTool()])


class HangingAPI(llm.API):
    """An API of another integration that never gets ready."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise NotImplementedError


class BrokenAPI(llm.API):
    """An API of another integration that cannot be had."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Fail as any library may."""
        raise LibraryError

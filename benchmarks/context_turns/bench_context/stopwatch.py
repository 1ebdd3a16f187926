"""How long it keeps the event loop to write the prompt and the tools of one turn."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant, ServiceResponse
from homeassistant.helpers import area_registry as ar, llm
from homeassistant.util.json import JsonValueType

from custom_components.grok_assist.chat.prompt import PromptWriter
from custom_components.grok_assist.chat.tools import Toolbox
from custom_components.grok_assist.core.settings import AgentSettings

INTEGRATION: Final = "grok_assist"
STOCK: Final = "stock"
CHANGES: Final = 5
"""So often the registry is changed for each way to write."""
SETTLE_S: Final = 0.3
"""What others do after a change of the registry is not ours."""

type Build = Callable[[], Awaitable[None]]


async def async_measure(hass: HomeAssistant, *, sentence: str, device_id: str, rounds: int) -> ServiceResponse:
    """Measure each agent by its mode, and Home Assistant alone.

    Returns:
        For each way to write: `same` and `changed`, milliseconds of builds where nothing changed and of the first
        one after a change of the registry.
    """
    users = await hass.auth.async_get_users()
    owner = next(user for user in users if user.is_owner)
    context = llm.LLMContext(
        platform=INTEGRATION,
        context=Context(user_id=owner.id),
        language="en",
        assistant=conversation.DOMAIN,
        device_id=device_id,
    )
    ways: dict[str, Build] = {STOCK: _stock(hass, context, sentence)}
    for entry in hass.config_entries.async_entries(INTEGRATION):
        for subentry in entry.get_subentries_of_type("conversation"):
            settings = AgentSettings.from_data(subentry.data)
            ways[settings.state_context.value] = _ours(hass, settings, context, sentence)
    measured: dict[str, JsonValueType] = {}
    for name, build in ways.items():
        await build()
        same = [await _timed(build) for _ in range(rounds)]
        changed = []
        for _ in range(CHANGES):
            _change_registry(hass)
            await asyncio.sleep(SETTLE_S)
            changed.append(await _timed(build))
        measured[name] = {"same": list(same), "changed": list(changed)}
    return measured


def _ours(hass: HomeAssistant, settings: AgentSettings, context: llm.LLMContext, sentence: str) -> Build:
    """Write as an agent with these settings does."""
    writer = PromptWriter(hass, settings)
    toolbox = Toolbox()

    async def build() -> None:
        """Write one prompt and its tools."""
        log = _chat_log(hass, sentence)
        await writer.async_write(log, context, sentences=(sentence, ""))
        toolbox.offer(log.llm_api)

    return build


def _stock(hass: HomeAssistant, context: llm.LLMContext, sentence: str) -> Build:
    """Have Home Assistant write its prompt and make its tools, as other agents do at each turn."""

    async def build() -> None:
        """Write one prompt."""
        await _chat_log(hass, sentence).async_provide_llm_data(context, [llm.LLM_API_ASSIST], None, None)

    return build


def _chat_log(hass: HomeAssistant, sentence: str) -> conversation.ChatLog:
    """Make the chat log of a new conversation in which something was said."""
    log = conversation.ChatLog(hass, "bench")
    log.async_add_user_content(conversation.UserContent(content=sentence))
    return log


def _change_registry(hass: HomeAssistant) -> None:
    """Give an area another name beside its own."""
    areas = ar.async_get(hass)
    area = next(iter(areas.async_list_areas()))
    areas.async_update(area.id, aliases={f"Bench {time.monotonic_ns()}"})


async def _timed(build: Build) -> float:
    """Give the milliseconds that a build takes; nothing in it waits for anything outside the event loop."""
    began = time.perf_counter()
    await build()
    return (time.perf_counter() - began) * 1000

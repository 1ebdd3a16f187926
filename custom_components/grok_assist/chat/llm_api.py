"""Home Assistant's LLM APIs as one agent uses them: kept between turns, fitted to our prompt, and with eyes."""

from dataclasses import replace
from typing import Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm

from ..core.home.assist_prompt import StateContext, trim
from ..faults import async_tried
from ..home.exposed import Home, async_get_home
from ..vision.camera_tool import CameraTool, shown_entities
from .guarded_tools import guarded

KEPT: Final = 16
"""Instances that are kept: one for each device, user and language that lately spoke."""
KEPT_S: Final = 300.0
"""Another integration may change its tools without a word."""

type Key = tuple[str | None, ...]


class HomeApi(llm.API):
    """The LLM APIs of one agent.

    Home Assistant makes prompt and tools anew for each turn, which costs milliseconds at a thousand entities. They
    depend on registries, exposure and services, which announce their changes.
    """

    def __init__(
        self, hass: HomeAssistant, api_ids: tuple[str, ...], context: StateContext, *, may_look: bool = False
    ) -> None:
        """Stand for the APIs of these ids; with Assist's, the exposed cameras may be looked at."""
        super().__init__(hass=hass, id="+".join(api_ids), name="Grok Assist")
        self._api_ids = list(api_ids)
        self._context = context
        self._may_look = may_look and llm.LLM_API_ASSIST in api_ids
        self._home: Home = async_get_home(hass)
        self._kept: dict[Key, tuple[int, float, llm.APIInstance]] = {}
        self.missing: tuple[str, ...] = ()
        """APIs that could not be had the last time: gone, or their integration fails."""

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return prompt and tools, from memory where nothing has changed.

        Raises:
            HomeAssistantError: there is no API of such an id, or it may not be used.
        """
        if self._api_ids != [llm.LLM_API_ASSIST]:
            return self._trimmed(await self._present(llm_context))
        user_id = llm_context.context.user_id if llm_context.context else None
        key = (llm_context.device_id, user_id, llm_context.language, llm_context.assistant)
        revision, now = self._home.revision, self.hass.loop.time()
        kept = self._kept.get(key)
        if kept is None or kept[0] != revision or now - kept[1] > KEPT_S:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            instance = self._trimmed(await llm.async_get_api(self.hass, self._api_ids, llm_context))
            kept = self._kept[key] = (revision, now, instance)
        return replace(kept[2], llm_context=llm_context)

    async def _present(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the APIs that can be had; one that is gone costs its own tools only.

        Raises:
            Exception: none can be had; what the first of them raises.
        """
        self.missing = ()
        whole = await async_tried(llm.async_get_api(self.hass, self._api_ids, llm_context))
        if not isinstance(whole, Exception):
            return whole
        present = [api_id for api_id in self._api_ids if await self._is_there(api_id, llm_context)]
        if not present:
            raise whole
        self.missing = tuple(api_id for api_id in self._api_ids if api_id not in present)
        return await llm.async_get_api(self.hass, present, llm_context)

    async def _is_there(self, api_id: str, llm_context: llm.LLMContext) -> bool:
        """Whether one of the APIs can be had."""
        found = await async_tried(llm.async_get_api(self.hass, api_id, llm_context))
        return not isinstance(found, Exception)

    def _trimmed(self, instance: llm.APIInstance) -> llm.APIInstance:
        """Take out of the prompt what we tell ourselves, and add our own tool where there is something to see."""
        has_view = self._may_look and bool(shown_entities(self._home.entities))
        tools = [guarded(tool) for tool in instance.tools]
        if has_view:
            tools.append(CameraTool(tool.name for tool in tools))
        return replace(instance, api_prompt=trim(instance.api_prompt, self._context), tools=tools)

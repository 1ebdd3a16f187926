"""Flows of the subentries: add one, change one."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_API_KEY, CONF_LLM_HASS_API, CONF_NAME, CONF_PROMPT
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TemplateSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..account.clients import async_make_client
from ..account.own_keys import CONF_KEY_ORIGIN, origin_of
from ..const import (
    CONF_CHAT_MODEL,
    CONF_RECOMMENDED,
    DEFAULT_SUBENTRIES,
    SUBENTRY_AI_TASK,
    SUBENTRY_CONVERSATION,
    SUBENTRY_STT,
    SUBENTRY_TTS,
    SUBENTRY_VOICE,
)
from ..core.errors import GrokError
from ..core.json_types import JsonObject
from ..core.models import DEFAULT_MODEL, Catalogue
from ..core.settings import Deadlines
from ..faults import fault_of
from .subentry_fields import (
    AGENT_FIELDS,
    CONF_SPEED,
    CONF_VOICE,
    MODEL_FIELDS,
    REALTIME_FIELDS,
    TASK_FIELDS,
    Fields,
    agent_fields,
    model_fields,
    realtime_fields,
    speed_field,
    task_fields,
    voice_field,
)

USE_ACCOUNT_KEY: Final = "use_account_key"
KEY_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))


class GrokSubentryFlow(ConfigSubentryFlow):
    """Add or change something that belongs to an account: first what everybody needs, then the rest."""

    has_agent = False
    """It converses: with a prompt and tools, a model and searches."""
    has_voice = False
    """It speaks."""
    is_realtime = False
    """It listens and speaks in one session."""
    has_tasks = False
    """It works for automations."""
    default_name = ""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        self._data: JsonObject = {}

    async def async_step_user(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask what a new agent is called and what it may do."""
        return await self._step_basics("user", user_input)

    async def async_step_reconfigure(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask the same of an existing agent."""
        if not self._data:
            if (reason := self._obstacle()) is not None:
                return self.async_abort(reason=reason)
            subentry = self._get_reconfigure_subentry()
            self._data = {CONF_NAME: subentry.title, **subentry.data}
        return await self._step_basics("reconfigure", user_input)

    async def _step_basics(self, step_id: str, user_input: JsonObject | None) -> SubentryFlowResult:
        """Show or read the first form."""
        if (reason := self._obstacle()) is not None:
            return self.async_abort(reason=reason)
        errors: dict[str, str] = {}
        if user_input is not None:
            self._take_basics(user_input, is_new=step_id == "user")
            await self._check_key(user_input.get(CONF_API_KEY), errors)
            if not errors:
                has_more = self.has_agent or self.has_voice or self.has_tasks
                if self._data[CONF_RECOMMENDED] or not has_more:
                    return self._finish()
                return await self.async_step_advanced()
        return self.async_show_form(step_id=step_id, data_schema=self._basics_schema(), errors=errors)

    def _obstacle(self) -> str | None:
        """Return why the form cannot go on; a user may leave it open while the account or its agent goes."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return "entry_not_loaded"
        is_gone = self.source != SOURCE_USER and self._reconfigure_subentry_id not in self._get_entry().subentries
        return "subentry_gone" if is_gone else None

    def _take_basics(self, user_input: JsonObject, *, is_new: bool) -> None:
        """Take over the first form; a field that was emptied is absent from it and must not survive from before."""
        kept = {key: value for key, value in self._data.items() if key not in _BASIC_FIELDS}
        if self._data.get(CONF_API_KEY) and not user_input.get(USE_ACCOUNT_KEY):
            # A stored key is never shown, so its field is empty where it should stay.
            kept |= {name: self._data[name] for name in (CONF_API_KEY, CONF_KEY_ORIGIN) if name in self._data}
        if user_input.get(CONF_API_KEY):
            kept[CONF_KEY_ORIGIN] = origin_of(self._get_entry().data)
        agent: JsonObject = {CONF_LLM_HASS_API: [llm.LLM_API_ASSIST] if is_new else []} if self.has_agent else {}
        self._data = {CONF_RECOMMENDED: True, **agent, **kept, **user_input}
        self._data.pop(USE_ACCOUNT_KEY, None)

    async def async_step_advanced(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask for model, search and follow-ups."""
        if (reason := self._obstacle()) is not None:
            return self.async_abort(reason=reason)
        errors: dict[str, str] = {}
        placeholders = {"efforts": ""}
        catalogue = self._catalogue()
        if user_input is not None:
            kept = {key: value for key, value in self._data.items() if key not in _ADVANCED_FIELDS}
            self._data = {**kept, **user_input}
            model = catalogue.find(catalogue.resolve(self._data.get(CONF_CHAT_MODEL, DEFAULT_MODEL)))
            effort = self._data.get("reasoning_effort")
            if model is None or not model.efforts or effort is None or effort in model.efforts:
                return self._finish()
            errors["reasoning_effort"] = "effort_not_allowed"
            placeholders["efforts"] = ", ".join(model.efforts)
        return self.async_show_form(
            step_id="advanced",
            data_schema=vol.Schema(self._advanced_fields(catalogue)),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _advanced_fields(self, catalogue: Catalogue) -> Fields:
        """Offer what this kind has beyond the first form."""
        fields: Fields = {}
        if self.has_agent or self.has_tasks:
            fields |= model_fields(self._data, catalogue)
        if self.has_agent:
            fields |= agent_fields(self._data)
        if self.has_tasks:
            fields |= task_fields(self._data)
        if self.has_voice:
            fields |= speed_field(self._data)
        if self.is_realtime:
            fields |= realtime_fields(self._data)
        return fields

    def _finish(self) -> SubentryFlowResult:
        """Save the agent."""
        data = dict(self._data)
        title = str(data.pop(CONF_NAME, "")).strip() or self.default_name
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=title, data=data)
        return self.async_update_and_abort(self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data)

    async def _check_key(self, key: str | None, errors: dict[str, str]) -> None:
        """Try a new key of the agent's own."""
        if not key:
            return
        try:
            client = await async_make_client(self.hass, key, self._get_entry().data, Deadlines())
            await client.key_facts()
        except GrokError as error:
            errors[CONF_API_KEY] = fault_of(error).form_error

    def _catalogue(self) -> Catalogue:
        """Return the account's model list."""
        catalogue: Catalogue = self._get_entry().runtime_data.coordinator.data
        return catalogue

    def _basics_schema(self) -> vol.Schema:
        """Write the first form with what is known filled in."""
        apis = [SelectOptionDict(label=api.name, value=api.id) for api in llm.async_get_apis(self.hass)]
        known_ids = {api["value"] for api in apis}
        chosen = [api for api in self._data.get(CONF_LLM_HASS_API, [llm.LLM_API_ASSIST]) if api in known_ids]
        fields: Fields = {vol.Required(CONF_NAME, default=self._data.get(CONF_NAME, self.default_name)): TextSelector()}
        if self.has_agent:
            fields |= {
                vol.Optional(
                    CONF_PROMPT,
                    description={"suggested_value": self._data.get(CONF_PROMPT, llm.DEFAULT_INSTRUCTIONS_PROMPT)},
                ): TemplateSelector(),
                vol.Optional(CONF_LLM_HASS_API, description={"suggested_value": chosen}): SelectSelector(
                    SelectSelectorConfig(options=apis, multiple=True)
                ),
            }
        if self.has_voice:
            fields |= voice_field(self._data, self._catalogue())
        fields[vol.Optional(CONF_API_KEY)] = KEY_FIELD
        if self._data.get(CONF_API_KEY):
            fields[vol.Optional(USE_ACCOUNT_KEY, default=False)] = BooleanSelector()
        fields[vol.Optional(CONF_RECOMMENDED, default=self._data.get(CONF_RECOMMENDED, True))] = BooleanSelector()
        return vol.Schema(fields)


class AgentSubentryFlow(GrokSubentryFlow):
    """Add or change a conversation agent."""

    has_agent = True
    default_name = DEFAULT_SUBENTRIES[SUBENTRY_CONVERSATION]


class VoiceSubentryFlow(GrokSubentryFlow):
    """Add or change a voice."""

    has_agent = has_voice = is_realtime = True
    default_name = DEFAULT_SUBENTRIES[SUBENTRY_VOICE]


class TranscriptionSubentryFlow(GrokSubentryFlow):
    """Add or change a transcription."""

    default_name = DEFAULT_SUBENTRIES[SUBENTRY_STT]


class SpeechSubentryFlow(GrokSubentryFlow):
    """Add or change a speaker."""

    has_voice = True
    default_name = DEFAULT_SUBENTRIES[SUBENTRY_TTS]


class TaskSubentryFlow(GrokSubentryFlow):
    """Add or change what works for automations."""

    has_tasks = True
    default_name = DEFAULT_SUBENTRIES[SUBENTRY_AI_TASK]


SUBENTRY_FLOWS: Final[Mapping[str, type[ConfigSubentryFlow]]] = {
    SUBENTRY_CONVERSATION: AgentSubentryFlow,
    SUBENTRY_VOICE: VoiceSubentryFlow,
    SUBENTRY_STT: TranscriptionSubentryFlow,
    SUBENTRY_TTS: SpeechSubentryFlow,
    SUBENTRY_AI_TASK: TaskSubentryFlow,
}
_BASIC_FIELDS: Final = frozenset(
    {CONF_NAME, CONF_PROMPT, CONF_LLM_HASS_API, CONF_API_KEY, CONF_KEY_ORIGIN, CONF_RECOMMENDED, CONF_VOICE}
)
_ADVANCED_FIELDS: Final = MODEL_FIELDS | AGENT_FIELDS | REALTIME_FIELDS | TASK_FIELDS | {CONF_SPEED}

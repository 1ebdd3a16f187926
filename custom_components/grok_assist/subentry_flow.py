"""Flows of the conversation agents: add one, change one."""

from typing import Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_API_KEY, CONF_LLM_HASS_API, CONF_NAME, CONF_PROMPT
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TemplateSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_CHAT_MODEL, CONF_RECOMMENDED
from .core.errors import GrokError
from .core.json_types import JsonMapping, JsonObject
from .core.models import DEFAULT_MODEL, Catalogue
from .core.settings import (
    DEFAULT_EFFORT,
    DEFAULT_MAX_TOKENS,
    EFFORTS,
    MAX_TOKENS_LIMIT,
    TEMPERATURE_LIMIT,
    Deadlines,
    FollowUp,
)
from .faults import fault_of
from .runtime import async_make_client

DEFAULT_NAME: Final = "Grok"
USE_ACCOUNT_KEY: Final = "use_account_key"
KEY_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))


class AgentSubentryFlow(ConfigSubentryFlow):
    """Add or change a conversation agent."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        self._data: JsonObject = {}

    async def async_step_user(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask what a new agent is called and what it may do."""
        return await self._step_basics("user", user_input)

    async def async_step_reconfigure(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask the same of an existing agent."""
        if not self._data:
            subentry = self._get_reconfigure_subentry()
            self._data = {CONF_NAME: subentry.title, **subentry.data}
        return await self._step_basics("reconfigure", user_input)

    async def _step_basics(self, step_id: str, user_input: JsonObject | None) -> SubentryFlowResult:
        """Show or read the first form."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            self._take_basics(user_input, is_new=step_id == "user")
            await self._check_key(user_input.get(CONF_API_KEY), errors)
            if not errors:
                return self._finish() if self._data[CONF_RECOMMENDED] else await self.async_step_advanced()
        return self.async_show_form(step_id=step_id, data_schema=self._basics_schema(), errors=errors)

    def _take_basics(self, user_input: JsonObject, *, is_new: bool) -> None:
        """Take over the first form; a field that was emptied is absent from it and must not survive from before."""
        kept = {key: value for key, value in self._data.items() if key not in _BASIC_FIELDS}
        if self._data.get(CONF_API_KEY) and not user_input.get(USE_ACCOUNT_KEY):
            # A stored key is never shown, so its field is empty where it should stay.
            kept[CONF_API_KEY] = self._data[CONF_API_KEY]
        apis = [llm.LLM_API_ASSIST] if is_new else []
        self._data = {CONF_RECOMMENDED: True, CONF_LLM_HASS_API: apis, **kept, **user_input}
        self._data.pop(USE_ACCOUNT_KEY, None)

    async def async_step_advanced(self, user_input: JsonObject | None = None) -> SubentryFlowResult:
        """Ask for model, search and follow-ups."""
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
            data_schema=_advanced_schema(self._data, catalogue),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _finish(self) -> SubentryFlowResult:
        """Save the agent."""
        data = dict(self._data)
        title = str(data.pop(CONF_NAME, "") or DEFAULT_NAME)
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
        fields: dict[vol.Marker, object] = {
            vol.Required(CONF_NAME, default=self._data.get(CONF_NAME, DEFAULT_NAME)): TextSelector(),
            vol.Optional(
                CONF_PROMPT,
                description={"suggested_value": self._data.get(CONF_PROMPT, llm.DEFAULT_INSTRUCTIONS_PROMPT)},
            ): TemplateSelector(),
            vol.Optional(CONF_LLM_HASS_API, description={"suggested_value": chosen}): SelectSelector(
                SelectSelectorConfig(options=apis, multiple=True)
            ),
            vol.Optional(CONF_API_KEY): KEY_FIELD,
        }
        if self._data.get(CONF_API_KEY):
            fields[vol.Optional(USE_ACCOUNT_KEY, default=False)] = BooleanSelector()
        fields[vol.Optional(CONF_RECOMMENDED, default=self._data.get(CONF_RECOMMENDED, True))] = BooleanSelector()
        return vol.Schema(fields)


_BASIC_FIELDS: Final = frozenset({CONF_NAME, CONF_PROMPT, CONF_LLM_HASS_API, CONF_API_KEY, CONF_RECOMMENDED})
_ADVANCED_FIELDS: Final = frozenset(
    {CONF_CHAT_MODEL, "reasoning_effort", "max_tokens", "temperature", "web_search", "x_search", "follow_up"}
)


def model_field(catalogue: Catalogue) -> SelectSelector:
    """Make a field that offers the models with tools and takes any other name."""
    names = [model.model_id for model in catalogue.models if model.has_tools]
    return SelectSelector(
        SelectSelectorConfig(options=names, custom_value=True, mode=SelectSelectorMode.DROPDOWN, sort=True)
    )


def _advanced_schema(data: JsonMapping, catalogue: Catalogue) -> vol.Schema:
    """Write the second form with what is known filled in."""
    return vol.Schema(
        {
            vol.Optional(
                CONF_CHAT_MODEL, default=catalogue.resolve(data.get(CONF_CHAT_MODEL, DEFAULT_MODEL))
            ): model_field(catalogue),
            vol.Optional("reasoning_effort", default=data.get("reasoning_effort", DEFAULT_EFFORT)): _choice(
                "reasoning_effort", EFFORTS
            ),
            vol.Optional("max_tokens", default=data.get("max_tokens", DEFAULT_MAX_TOKENS)): NumberSelector(
                NumberSelectorConfig(min=1, max=MAX_TOKENS_LIMIT, step=1, mode=NumberSelectorMode.BOX)
            ),
            vol.Optional("temperature", description={"suggested_value": data.get("temperature")}): NumberSelector(
                NumberSelectorConfig(min=0, max=TEMPERATURE_LIMIT, step=0.05, mode=NumberSelectorMode.SLIDER)
            ),
            vol.Optional("web_search", default=data.get("web_search", False)): BooleanSelector(),
            vol.Optional("x_search", default=data.get("x_search", False)): BooleanSelector(),
            vol.Optional("follow_up", default=data.get("follow_up", FollowUp.ON_QUESTION)): _choice(
                "follow_up", [policy.value for policy in FollowUp]
            ),
        }
    )


def _choice(key: str, values: tuple[str, ...] | list[str]) -> SelectSelector:
    """Make a field of translated choices."""
    return SelectSelector(
        SelectSelectorConfig(options=list(values), translation_key=key, mode=SelectSelectorMode.DROPDOWN)
    )

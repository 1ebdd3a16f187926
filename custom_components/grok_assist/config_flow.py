"""Config flow of the account: key and address, re-authentication, reconfiguration."""

import asyncio
import logging
import os
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_API_KEY
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector, TextSelector, TextSelectorConfig, TextSelectorType
import voluptuous as vol
from yarl import URL

from .account.clients import account_key, async_make_client
from .account.own_keys import async_note_origins
from .const import (
    CONF_BASE_URL,
    CONF_CREATE_PIPELINE,
    CONF_KNOWN_TYPES,
    CONF_TEAM_ID,
    DEFAULT_BASE_URL,
    DEFAULT_SUBENTRIES,
    DOMAIN,
    KEY_VARIABLE,
    KEYS_URL,
)
from .core.errors import GrokAuthError, GrokCreditsError, GrokError, GrokTimeoutError
from .core.json_types import JsonMapping, JsonObject
from .core.settings import Deadlines
from .faults import fault_of
from .flows.defaults import default_subentry
from .flows.options_flow import GrokOptionsFlow
from .flows.subentry_flow import SUBENTRY_FLOWS
from .grok.key_facts import KeyFacts
from .runtime import GrokConfigEntry

_LOGGER = logging.getLogger(__name__)

CHECK_TIMEOUT_S: Final = 25.0  # a step answers within 30 s, whatever the server does

KEY_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
URL_FIELD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))


def normalized_url(text: str) -> str | None:
    """Return the API's address without a slash at its end, or None if it is no web address."""
    try:
        url = URL(text.strip())
    except ValueError:
        return None
    has_more = url.query_string or url.fragment or "@" in url.raw_authority
    if url.scheme not in ("http", "https") or not url.host or has_more:
        return None
    return str(url).rstrip("/")


class GrokConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up an xAI account."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Start with nothing known."""
        self._title = ""
        self._data: JsonObject = {}

    @override
    async def async_step_user(self, user_input: JsonObject | None = None) -> ConfigFlowResult:
        """Ask for key and address."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {CONF_API_KEY: "", CONF_BASE_URL: DEFAULT_BASE_URL, **user_input}
            facts = await self._check(data, errors)
            if facts is not None:
                await self.async_set_unique_id(facts.key_id)
                self._abort_if_unique_id_configured()
                self._title = facts.name
                self._data = {**data, CONF_TEAM_ID: facts.team_id}
                if "assist_pipeline" in self.hass.config.components:
                    return await self.async_step_assistant()
                return self._create({CONF_CREATE_PIPELINE: False})
        return self._form("user", user_input, errors, has_url=True)

    async def async_step_assistant(self, user_input: JsonObject | None = None) -> ConfigFlowResult:
        """Ask whether to make an assistant of the new voice."""
        if user_input is not None:
            return self._create({CONF_CREATE_PIPELINE: True, **user_input})
        fields = vol.Schema({vol.Optional(CONF_CREATE_PIPELINE, default=True): BooleanSelector()})
        return self.async_show_form(step_id="assistant", data_schema=fields)

    def _create(self, choice: JsonObject) -> ConfigFlowResult:
        """Make the entry with one subentry of each type."""
        return self.async_create_entry(
            title=self._title,
            data={**self._data, **choice, CONF_KNOWN_TYPES: list(DEFAULT_SUBENTRIES)},
            subentries=[default_subentry(kind) for kind in DEFAULT_SUBENTRIES],
        )

    async def async_step_reauth(self, entry_data: JsonMapping) -> ConfigFlowResult:
        """Begin to ask for a new key."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: JsonObject | None = None) -> ConfigFlowResult:
        """Ask for a new key of the same team."""
        return await self._step_change("reauth_confirm", self._get_reauth_entry(), user_input)

    async def async_step_reconfigure(self, user_input: JsonObject | None = None) -> ConfigFlowResult:
        """Ask for another key or address of the same team."""
        return await self._step_change("reconfigure", self._get_reconfigure_entry(), user_input)

    async def _step_change(self, step_id: str, entry: ConfigEntry, user_input: JsonObject | None) -> ConfigFlowResult:
        """Check new values against the account of an existing entry and take them over."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {CONF_BASE_URL: DEFAULT_BASE_URL, **entry.data, CONF_API_KEY: "", **user_input}
            facts = await self._check(data, errors)
            if facts is not None:
                if facts.team_id != entry.data.get(CONF_TEAM_ID):
                    return self.async_abort(reason="wrong_account")
                other = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, facts.key_id)
                if other is not None and other.entry_id != entry.entry_id:
                    return self.async_abort(reason="already_configured")
                async_note_origins(self.hass, entry)  # their keys stay with the address so far
                # A loaded entry's own listener reloads it; one whose setup failed has none.
                finish = self.async_update_and_abort if entry.update_listeners else self.async_update_reload_and_abort
                return finish(entry, unique_id=facts.key_id, data=data)
        known = user_input if user_input is not None else {CONF_BASE_URL: entry.data.get(CONF_BASE_URL)}
        return self._form(step_id, known, errors, has_url=self.source == SOURCE_RECONFIGURE)

    def _form(
        self, step_id: str, known: JsonMapping | None, errors: dict[str, str], *, has_url: bool
    ) -> ConfigFlowResult:
        """Show a form; a key that was typed is not shown again."""
        fields: dict[vol.Marker, Any] = {}
        optional = bool(os.environ.get(KEY_VARIABLE)) and self.source != SOURCE_REAUTH
        fields[(vol.Optional if optional else vol.Required)(CONF_API_KEY)] = KEY_FIELD
        if has_url:
            address = (known or {}).get(CONF_BASE_URL) or DEFAULT_BASE_URL
            fields[vol.Optional(CONF_BASE_URL, default=address)] = URL_FIELD
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(fields),
            errors=errors,
            description_placeholders={"keys_url": KEYS_URL},
        )

    async def _check(self, data: JsonObject, errors: dict[str, str]) -> KeyFacts | None:
        """Return what the service says of the key, or note the form's error."""
        address = normalized_url(str(data[CONF_BASE_URL]))
        if address is None:
            errors[CONF_BASE_URL] = "invalid_url"
            return None
        data[CONF_BASE_URL] = address
        data[CONF_API_KEY] = str(data[CONF_API_KEY]).strip()
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                return await self._ask(data)
        except GrokError as error:
            errors["base"] = fault_of(error).form_error
        except TimeoutError:
            errors["base"] = fault_of(GrokTimeoutError(CHECK_TIMEOUT_S)).form_error
        except Exception:  # the flow's last resort: the user gets a form, the log the trace
            _LOGGER.exception("Unexpected failure of the key check")
            errors["base"] = "unknown"
        return None

    async def _ask(self, data: JsonMapping) -> KeyFacts:
        """Ask the service for the key's facts and the models it may use.

        Raises:
            GrokError: the key cannot be used now.
        """
        key = account_key(data)
        if not key:
            raise GrokAuthError("no key")
        client = await async_make_client(self.hass, key, data, Deadlines())
        facts = await client.key_facts()
        try:
            await client.models()
        except GrokAuthError, GrokCreditsError:
            raise
        except GrokError as error:
            _LOGGER.debug("No model list: %s", error.detail)  # the built-in one serves
        return facts

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: GrokConfigEntry) -> OptionsFlow:
        """Offer the account's options."""
        return GrokOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Offer the kinds of subentries."""
        return dict(SUBENTRY_FLOWS)

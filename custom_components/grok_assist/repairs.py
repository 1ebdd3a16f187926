"""Fix flows of the repair issues."""

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import voluptuous as vol

from .account.meter import Meter
from .const import CONF_CHAT_MODEL, CONF_RECOMMENDED
from .core.models import DEFAULT_MODEL, Catalogue
from .flows.subentry_fields import model_field
from .issues import USAGE_ISSUE


class ModelGoneFlow(RepairsFlow):
    """Gives an agent another model in place of one that has gone."""

    def __init__(self, entry_id: str, subentry_id: str, model: str) -> None:
        """Take what the issue says."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._model = model

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_choose()

    async def async_step_choose(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask for the new model and save it."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry.subentries.get(self._subentry_id) if entry else None
        if entry is None or subentry is None:
            return self.async_abort(reason="agent_gone")
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        catalogue: Catalogue = entry.runtime_data.coordinator.data
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = user_input[CONF_CHAT_MODEL]
            if not catalogue.has_lost(chosen):
                self.hass.config_entries.async_update_subentry(
                    entry, subentry, data={**subentry.data, CONF_CHAT_MODEL: chosen, CONF_RECOMMENDED: False}
                )
                return self.async_create_entry(data={})
            errors[CONF_CHAT_MODEL] = "model_not_listed"
        suggestion = DEFAULT_MODEL if not catalogue.has_lost(DEFAULT_MODEL) else catalogue.models[0].model_id
        return self.async_show_form(
            step_id="choose",
            data_schema=vol.Schema({vol.Required(CONF_CHAT_MODEL, default=suggestion): model_field(catalogue)}),
            errors=errors,
            description_placeholders={"agent": subentry.title, "model": self._model},
        )


class UsageFlow(RepairsFlow):
    """Has an account's usage counted anew where what was counted cannot be read."""

    def __init__(self, entry_id: str) -> None:
        """Take what the issue says."""
        self._entry_id = entry_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask whether to count anew."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders={"account": entry.title}
            )
        meter: Meter = entry.runtime_data.meter
        if not await meter.async_count_anew():
            return self.async_abort(reason="still_unreadable")
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Make the flow that fixes an issue."""
    if data is None:
        return ConfirmRepairFlow()
    if issue_id.startswith(USAGE_ISSUE):
        return UsageFlow(str(data["entry_id"]))
    return ModelGoneFlow(str(data["entry_id"]), str(data["subentry_id"]), str(data[CONF_CHAT_MODEL]))

"""Who may see or control an entity, and what may be shown at all."""

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import Context, HomeAssistant

from ..faults import input_error
from .exposed import ASSISTANT


def check_exposed(hass: HomeAssistant, entity_id: str) -> None:
    """Make sure that an entity may be shown.

    Raises:
        ServiceValidationError: it does not exist, or is not exposed to Assist.
    """
    if hass.states.get(entity_id) is None:
        raise input_error("entity_not_found", entity=entity_id)
    if not async_should_expose(hass, ASSISTANT, entity_id):
        raise input_error("entity_not_exposed", entity=entity_id)


async def check_user(hass: HomeAssistant, entity_id: str, context: Context | None, policy: str = POLICY_READ) -> None:
    """Make sure that the user who asks may see an entity, or whatever else the policy says; an automation may.

    Raises:
        ServiceValidationError: the user may not.
    """
    if context is None or context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None or not user.permissions.check_entity(entity_id, policy):
        raise input_error("entity_not_allowed", entity=entity_id)

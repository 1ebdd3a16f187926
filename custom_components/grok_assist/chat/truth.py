"""Whether an answer claims what no tool has done and the home does not show."""

from homeassistant.core import HomeAssistant

from ..core.claims.actions import Order
from ..core.claims.aims import Aim, Claim
from ..core.claims.outcome import Seen, is_shown


def async_is_false(hass: HomeAssistant, aim: Aim | None, answer: str) -> bool:
    """Whether an answer to an order, written or spoken, claims that it was carried out though no state shows it.

    Only for turns in which no tool has done anything; without an order every answer is believed.
    """
    return aim is not None and not all(_is_true(hass, claim) for claim in aim.claims(answer))


def _is_true(hass: HomeAssistant, claim: Claim) -> bool:
    """Whether the home shows what is claimed."""
    return any(_shows(hass, order, entity_ids) for order, entity_ids in claim.outcomes)


def _shows(hass: HomeAssistant, order: Order, entity_ids: tuple[str, ...]) -> bool:
    """Whether the states are now what an order leads to."""
    states = [state for entity_id in entity_ids if (state := hass.states.get(entity_id)) is not None]
    return is_shown(
        order, [Seen(domain=state.domain, state=state.state, attributes=state.attributes) for state in states]
    )

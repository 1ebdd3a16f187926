"""A home with what opens, unlocks and disarms, whose services note what they are called with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er, intent, label_registry as lr

STATES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "lock.front_door": ("locked", {"friendly_name": "Front door"}),
    "cover.garage": ("closed", {"friendly_name": "Garage door", "device_class": "garage", "current_position": 0}),
    "cover.blinds": ("closed", {"friendly_name": "Blinds", "device_class": "blind", "current_position": 0}),
    "cover.all": ("closed", {"friendly_name": "All covers", "entity_id": ["cover.blinds", "cover.garage"]}),
    "valve.water": ("closed", {"friendly_name": "Water"}),
    "alarm_control_panel.house": ("armed_away", {"friendly_name": "House alarm"}),
    "light.hall": ("off", {"friendly_name": "Hall light"}),
    "scene.party": ("unknown", {"friendly_name": "Party"}),
    "button.gate": ("unknown", {"friendly_name": "Gate opener"}),
}
SERVICES = (
    *("lock.unlock", "lock.lock", "cover.open_cover", "cover.close_cover", "cover.set_cover_position"),
    *("valve.open_valve", "valve.close_valve", "valve.set_valve_position", "alarm_control_panel.alarm_disarm"),
    *("homeassistant.turn_on", "homeassistant.turn_off", "light.turn_on", "light.turn_off", "scene.turn_on"),
    "button.press",
)


@dataclass(slots=True)
class GuardedHome:
    """The home, and what was done in it."""

    hass: HomeAssistant
    done: list[tuple[str, str]] = field(default_factory=list)
    """Services that were called, each with its entity."""

    async def set_up(self) -> None:
        """Have its entities and its services."""
        for entity_id, (state, attributes) in STATES.items():
            self.add(entity_id, state, attributes)
        for service in SERVICES:
            domain, _, name = service.partition(".")
            self.hass.services.async_register(domain, name, self._note)
        disarm = intent.ServiceIntentHandler(
            "DisarmAlarm", "alarm_control_panel", "alarm_disarm", required_domains={"alarm_control_panel"}
        )
        intent.async_register(self.hass, disarm)

    def add(self, entity_id: str, state: str, attributes: Mapping[str, Any]) -> None:
        """Have an entity, exposed."""
        self.hass.states.async_set(entity_id, state, attributes)
        async_expose_entity(self.hass, "conversation", entity_id, should_expose=True)

    def label(self, entity_id: str) -> None:
        """Give an entity the label of what is asked first."""
        domain, name = entity_id.split(".")
        entities = er.async_get(self.hass)
        self.hass.states.async_remove(entity_id)
        made = entities.async_get_or_create(
            domain, "test", name, suggested_object_id=name, original_name=STATES[entity_id][1]["friendly_name"]
        )
        assert made.entity_id == entity_id
        label = lr.async_get(self.hass).async_create("Ask first")
        entities.async_update_entity(entity_id, labels={label.label_id})
        self.hass.states.async_set(entity_id, *STATES[entity_id])
        async_expose_entity(self.hass, "conversation", entity_id, should_expose=True)

    async def _note(self, call: ServiceCall) -> None:
        """Note a call."""
        entity_id = call.data["entity_id"]
        self.done.append((f"{call.domain}.{call.service}", entity_id if isinstance(entity_id, str) else entity_id[0]))

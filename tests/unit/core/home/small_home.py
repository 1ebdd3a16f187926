"""A small home for the tests of what is told of it."""

from custom_components.grok_assist.core.home.context import HomeIndex, Reading
from custom_components.grok_assist.core.home.inventory import Entity
from custom_components.grok_assist.core.home.vocabulary import kinds_of

NOW = 1_000_000.0
TRANSLATIONS = {
    "component.light.entity_component._.name": "Light",
    "component.cover.entity_component.garage.name": "Garage",
    "component.binary_sensor.entity_component.garage_door.name": "Garage door",
    "component.binary_sensor.entity_component.window.state.on": "Open",
    "component.sensor.entity_component._.name": "Sensor",
    "unrelated": "Text",
}


def entity(entity_id: str, *names: str, area: str = "", device_class: str = "", words: tuple[str, ...] = ()) -> Entity:
    """Make an entity."""
    return Entity(entity_id=entity_id, names=names, area=area, device_class=device_class, area_words=words)


ENTITIES = (
    entity("light.ceiling", "Kitchen ceiling light", "Big lamp", area="Kitchen", words=("Galley",)),
    entity("light.counter", "Counter light", area="Kitchen"),
    entity("light.bedroom", "Bedroom light", area="Bedroom"),
    entity("cover.garage", "Garage door", area="Garage", device_class="garage"),
    entity("binary_sensor.bath", "Bath window", area="Bathroom", device_class="window"),
    entity("sensor.bedroom", "Bedroom temperature", area="Bedroom", device_class="temperature"),
    entity("lock.front", "Front door", area="Hall"),
    entity("light.de", "Küchenlicht", area="Küche"),
    entity("switch.fountain", "Fountain"),
)
STATES = ("on", "off", "off", "closed", "off", "21.5", "locked", "off", "on")


def index(language: str = "en") -> HomeIndex:
    """Index the home."""
    return HomeIndex(ENTITIES, kinds_of(language, TRANSLATIONS))


def readings(*, changed: str = "") -> list[Reading | None]:
    """Return the states, all old but that of one entity."""
    return [
        (state, NOW - 1 if entity.entity_id == changed else 0.0) for entity, state in zip(ENTITIES, STATES, strict=True)
    ]

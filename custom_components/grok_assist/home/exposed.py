"""What of the home the model may see: exposed entities, their areas and states, the speaker's room and name."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_listen_entity_updates, async_should_expose
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_FRIENDLY_NAME,
    EVENT_CALL_SERVICE,
    EVENT_COMPONENT_LOADED,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_SERVICE_REGISTERED,
    EVENT_SERVICE_REMOVED,
    EVENT_STATE_CHANGED,
    MATCH_ALL,
    STATE_UNAVAILABLE,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    intent,
    llm,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.language import matches

from ..const import DOMAIN
from ..core.arguments import NameBook
from ..core.claims.aims import Aim, aim
from ..core.claims.orders import Said, find_wish
from ..core.home.context import HomeIndex, Reading
from ..core.home.inventory import Entity, told_name, write_inventory
from ..core.home.live_block import LiveBlock, Situation
from ..core.home.vocabulary import kinds_of
from .state_words import described

TOOL_DOMAINS: Final = frozenset({"calendar", "script"})
"""Home Assistant gives these tools of their own instead of a line in the list."""
RANKED: Final = 100
MOST_INDICES: Final = 4
"""A megabyte or two each in a large home; more languages than that are written anew when they are spoken."""
NO_LANGUAGE: Final = "en"
"""Whose words stand for those of a language that nobody knows."""
HOME: HassKey[Home] = HassKey(f"{DOMAIN}_home")
ASSISTANT: Final = conversation.DOMAIN
_REGISTRY_EVENTS: Final = (
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    ar.EVENT_AREA_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
    EVENT_COMPONENT_LOADED,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_SERVICE_REGISTERED,
    EVENT_SERVICE_REMOVED,
)


class Home:
    """The exposed part of a home; what rarely changes is kept until something announces a change."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Watch for changes as long as Home Assistant runs: one home serves all accounts."""
        self.revision = 0
        """Counts changes of what exists, what it is called and who may see it."""
        self._hass = hass
        self._entities: tuple[Entity, ...] = ()
        self._inventory = ""
        self._names = NameBook(())
        self._indices: dict[str, tuple[HomeIndex, Mapping[str, str]]] = {}
        self._read_at = -1
        self._unsubscribe: list[CALLBACK_TYPE] = [
            async_listen_entity_updates(hass, ASSISTANT, self._changed),
            *(hass.bus.async_listen(event, self._on_event) for event in _REGISTRY_EVENTS),
            hass.bus.async_listen(EVENT_STATE_CHANGED, self._on_event, event_filter=_changes_what_exists),
            hass.bus.async_listen(EVENT_CALL_SERVICE, self._on_event, event_filter=_reloads),
        ]

    @callback
    def _changed(self) -> None:
        """Note that something that was kept may be wrong."""
        self.revision += 1

    @callback
    def _on_event(self, event: Event[Any]) -> None:
        """Note a change that an event announces."""
        self._changed()

    @property
    def inventory(self) -> str:
        """The list of devices for the stable part of a prompt; empty where nothing is exposed."""
        self._refresh()
        return self._inventory

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The exposed entities, by name."""
        self._refresh()
        return self._entities

    @property
    def names(self) -> NameBook:
        """The names of exposed entities, found however they are written."""
        self._refresh()
        return self._names

    async def async_index(self, language: str) -> tuple[HomeIndex, Mapping[str, str]]:
        """Return the index for sentences of a language, and Home Assistant's words for states."""
        self._refresh()
        known = _known_language(language)
        if (found := self._indices.pop(known, None)) is None:
            revision = self._read_at
            domains = {entity.domain for entity in self._entities}
            words = await async_get_translations(self._hass, known, "entity_component", domains)
            # Tens of milliseconds at a thousand devices: not on the event loop.
            index = await self._hass.async_add_executor_job(HomeIndex, self._entities, kinds_of(known, words))
            found = (index, words)
            if revision != self._read_at:
                return found
        self._indices[known] = found  # the last one used is the last one that goes
        while len(self._indices) > MOST_INDICES:
            del self._indices[next(iter(self._indices))]
        return found

    async def async_situation(self, context: llm.LLMContext) -> Situation:
        """Tell who speaks, where and when."""
        user_id = context.context.user_id if context.context else None
        user = await self._hass.auth.async_get_user(user_id) if user_id else None
        area, floor = self._room(context.device_id)
        return Situation(
            room=area.name if area else "",
            floor=floor.name if floor else "",
            user=(user.name or "") if user else "",
            time=dt_util.now().strftime("%A %Y-%m-%d, %H:%M"),
        )

    async def async_block(
        self,
        sentences: tuple[str, str],
        situation: Situation,
        *,
        language: str,
        budget: int,
        background: int | None = None,
    ) -> str:
        """Write the changing end of a prompt.

        Args:
            sentences: what the user says now, and what they said before.
            situation: who speaks, where and when.
            language: of the sentences.
            budget: tokens that the states may have.
            background: tokens of what the sentence is not about; None: the usual few.
        """
        index, words = await self.async_index(language)
        states = [self._hass.states.get(entity.entity_id) for entity in index.entities]
        readings: list[Reading | None] = [
            (state.state, state.last_changed_timestamp) if state is not None else None for state in states
        ]
        meaning = index.meaning(sentences[0]).follow(index.meaning(sentences[1]))
        choice = index.choose(meaning, readings, room=situation.room, now=dt_util.utcnow().timestamp(), limit=RANKED)

        def describe(position: int) -> str:
            """Write the state of an entity that was chosen."""
            state = states[position]
            return described(self._hass, state, words) if state is not None else STATE_UNAVAILABLE

        block = LiveBlock(index=index, readings=readings, describe=describe, budget=budget)
        if background is not None:
            block.background = background
        return block.write(choice, situation)

    async def async_aim(self, said: Said, *, room: str, language: str) -> Aim | None:
        """Tell what a sentence orders of the home, and what shows whether it is carried out."""
        if (wish := find_wish(said, language)) is None:
            return None
        index, _ = await self.async_index(language)
        return aim(wish, index, room=room, language=language)

    def _refresh(self) -> None:
        """Read the registries again if anything changed."""
        if self._read_at == self.revision:
            return
        self._read_at = self.revision
        self._indices.clear()
        self._entities = tuple(self._read())
        self._inventory = write_inventory(self._entities)
        names = [name for entity in self._entities for name in (*entity.names, entity.entity_id)]
        self._names = NameBook(names, {told_name(name): name for name in names})

    def _read(self) -> list[Entity]:
        """Read the exposed entities, by name."""
        entities = er.async_get(self._hass)
        found: list[Entity] = []
        for state in self._hass.states.async_all():
            if state.domain in TOOL_DOMAINS or not async_should_expose(self._hass, ASSISTANT, state.entity_id):
                continue
            entry = entities.async_get(state.entity_id)
            area = self._area_of(entry)
            names = [name for name in intent.async_get_entity_aliases(self._hass, entry, state=state) if name.strip()]
            found.append(
                Entity(
                    entity_id=state.entity_id,
                    names=tuple(names) or (state.name.strip() or state.entity_id,),
                    area=area.name if area else "",
                    area_words=tuple(sorted(area.aliases)) if area else (),
                    device_class=str(state.attributes.get(ATTR_DEVICE_CLASS) or ""),
                )
            )
        return sorted(found, key=lambda entity: (entity.name, entity.entity_id))

    def _area_of(self, entry: er.RegistryEntry | None) -> ar.AreaEntry | None:
        """Return the area of an entity, or of its device."""
        if entry is None:
            return None
        area_id = entry.area_id
        if area_id is None and entry.device_id is not None:
            device = dr.async_get(self._hass).async_get(entry.device_id)
            area_id = dr.async_get_effective_area_id(self._hass, device) if device is not None else None
        return ar.async_get(self._hass).async_get_area(area_id) if area_id is not None else None

    def _room(self, device_id: str | None) -> tuple[ar.AreaEntry | None, fr.FloorEntry | None]:
        """Return where a device stands."""
        device = dr.async_get(self._hass).async_get(device_id) if device_id else None
        area_id = dr.async_get_effective_area_id(self._hass, device) if device is not None else None
        area = ar.async_get(self._hass).async_get_area(area_id) if area_id else None
        floor = fr.async_get(self._hass).async_get_floor(area.floor_id) if area and area.floor_id else None
        return area, floor


def _known_language(language: str) -> str:
    """Return the nearest language that Home Assistant has words in; of all that it does not know the same one."""
    if language in LANGUAGES:
        return language
    return next(iter(matches(language, LANGUAGES)), NO_LANGUAGE) if language != MATCH_ALL else NO_LANGUAGE


@callback
def async_get_home(hass: HomeAssistant) -> Home:
    """Return the home; it is watched from the first call on."""
    if (home := hass.data.get(HOME)) is None:
        home = hass.data[HOME] = Home(hass)
    return home


@callback
def _changes_what_exists(data: Mapping[str, Any]) -> bool:
    """Whether a state came, went, was renamed, or a satellite came or went, which decides on its timers."""
    old, new = data["old_state"], data["new_state"]
    if old is None or new is None:
        return True
    if old.attributes is not new.attributes and (
        old.attributes.get(ATTR_FRIENDLY_NAME) != new.attributes.get(ATTR_FRIENDLY_NAME)
        or old.attributes.get(ATTR_DEVICE_CLASS) != new.attributes.get(ATTR_DEVICE_CLASS)
    ):
        return True
    is_satellite: bool = new.domain == "assist_satellite"
    return is_satellite and (old.state == STATE_UNAVAILABLE) != (new.state == STATE_UNAVAILABLE)


@callback
def _reloads(data: Mapping[str, Any]) -> bool:
    """Whether a service makes an integration read its configuration again, and with it perhaps its intents."""
    return str(data.get("service", "")).startswith("reload")

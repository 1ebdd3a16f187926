"""The names that people say at home, as a hint for whoever transcribes."""

from typing import Final

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

TERM_LIMIT: Final = 100
TERM_LENGTH: Final = 50
"""Both are the service's own limits."""
FRESH_S: Final = 60.0


class KeytermList:
    """Names of areas and of exposed entities; read again when the list is a minute old."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without names."""
        self._hass = hass
        self._terms: tuple[str, ...] = ()
        self._read_at: float | None = None

    def terms(self) -> tuple[str, ...]:
        """Return the names, areas first."""
        now = self._hass.loop.time()
        if self._read_at is None or now - self._read_at > FRESH_S:
            self._read_at = now
            self._terms = self._read()
        return self._terms

    def _read(self) -> tuple[str, ...]:
        """Read the registries."""
        names = [area.name for area in ar.async_get(self._hass).async_list_areas()]
        names += sorted(
            state.name
            for state in self._hass.states.async_all()
            if async_should_expose(self._hass, "conversation", state.entity_id)
        )
        fitting = [name.strip() for name in names if 0 < len(name.strip()) <= TERM_LENGTH]
        return tuple(dict.fromkeys(fitting))[:TERM_LIMIT]

"""Keeps the account's model list fresh and tells which agents have lost their model."""

from datetime import timedelta
import logging
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN
from .core.errors import GrokAuthError, GrokError
from .core.models import FALLBACK_CATALOGUE, Catalogue
from .faults import translation_of
from .grok.client import GrokClient

if TYPE_CHECKING:
    from .runtime import GrokConfigEntry

_LOGGER = logging.getLogger(__name__)

REFRESH_INTERVAL: Final = timedelta(hours=1)


class CatalogueCoordinator(DataUpdateCoordinator[Catalogue]):
    """Asks for the model list every hour; the built-in list serves until the first answer."""

    config_entry: GrokConfigEntry

    def __init__(self, hass: HomeAssistant, entry: GrokConfigEntry, client: GrokClient) -> None:
        """Start with the built-in list."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} models",
            update_interval=REFRESH_INTERVAL,
            always_update=False,
        )
        self._client = client
        self.data = FALLBACK_CATALOGUE

    @override
    async def _async_update_data(self) -> Catalogue:
        """Fetch the list."""
        try:
            models = await self._client.models()
        except GrokAuthError as error:
            key, placeholders = translation_of(error)
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
            ) from error
        except GrokError as error:
            key, placeholders = translation_of(error)
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
            ) from error
        if not models:
            return FALLBACK_CATALOGUE
        return Catalogue(models, is_live=True, voices=await self._voices())

    async def _voices(self) -> tuple[str, ...]:
        """Fetch the voices; without them the list so far serves."""
        try:
            return await self._client.voices() or self.data.voices
        except GrokError as error:
            _LOGGER.debug("No list of voices: %s %s", type(error).__name__, error.detail)
            return self.data.voices

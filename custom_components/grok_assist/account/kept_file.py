"""A file of one account: what cannot be read is never written over."""

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
import logging
from pathlib import Path
import shutil
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..core.json_types import JsonObject

_LOGGER = logging.getLogger(__name__)

AGAIN_AFTER_S: Final = (0.2, 0.5)
"""A disk that is busy or just coming up is asked again after so long."""
ASIDE: Final = "unreadable"
_FAILURES: Final = (HomeAssistantError, OSError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError)
"""What Home Assistant's store raises for a file of a newer version, and for JSON that is no file of its own."""


class Trouble(StrEnum):
    """Why a file could not be read."""

    FOREIGN = "foreign"
    """It is of a newer version, or no file of ours."""
    AWAY = "away"
    """The disk does not give it now; it may later."""
    BROKEN = "broken"
    """It was no JSON, and Home Assistant has put it aside."""


class KeptFile:
    """One file in Home Assistant's storage, and what is wrong with it."""

    def __init__(
        self, hass: HomeAssistant, version: int, key: str, again_after_s: Sequence[float] = AGAIN_AFTER_S
    ) -> None:
        """Read nothing yet."""
        self._hass = hass
        self._store: Store[JsonObject] = Store(hass, version, key, private=True, atomic_writes=True)
        self._again_after_s = again_after_s
        self.trouble: Trouble | None = None
        """What was wrong when it was last read."""

    @property
    def is_writable(self) -> bool:
        """Whether nothing would be lost by writing."""
        return self.trouble in (None, Trouble.BROKEN)

    async def async_load(self) -> JsonObject | None:
        """Return what the file holds; None where there is none or it cannot be read, which is told once."""
        former, self.trouble = self.trouble, None
        detail = ""
        for pause_s in (*self._again_after_s, None):
            try:
                return await self._read()
            except _FAILURES as error:
                detail = f"{type(error).__name__}: {error}"
                is_away = isinstance(error, OSError) or isinstance(error.__cause__, OSError)
            self.trouble = Trouble.AWAY if is_away else Trouble.FOREIGN
            if pause_s is None or not is_away:
                break
            await asyncio.sleep(pause_s)
        if former is None:
            _LOGGER.warning("The file %s cannot be read and stays as it is: %s", self._store.key, detail)
        return None

    async def _read(self) -> JsonObject | None:
        """Read once."""
        path = Path(self._store.path)
        is_there = await self._hass.async_add_executor_job(path.exists)
        stored = await self._store.async_load()
        # Home Assistant promises the type and does not check it.
        if stored is not None and type(stored) is not dict:
            raise TypeError("it holds something else")
        is_gone = stored is None and is_there and not await self._hass.async_add_executor_job(path.exists)
        self.trouble = Trouble.BROKEN if is_gone else None
        return stored

    @callback
    def refuse(self) -> None:
        """Note that what was read is not what a file of ours holds: it stays as it is."""
        _LOGGER.warning("The file %s holds what this version does not know and stays as it is", self._store.key)
        self.trouble = Trouble.FOREIGN

    async def async_save(self, data: JsonObject) -> None:
        """Write now, unless something would be lost."""
        if self.is_writable:
            await self._store.async_save(data)

    @callback
    def async_delay_save(self, data: Callable[[], JsonObject], delay_s: float) -> None:
        """Write soon, unless something would be lost."""
        if self.is_writable:
            self._store.async_delay_save(data, delay_s)

    async def async_set_aside(self) -> bool:
        """Keep what cannot be read under another name, in place of what was kept before; tell whether it is safe."""
        try:
            await self._hass.async_add_executor_job(self._set_aside)
        except OSError as error:
            _LOGGER.warning("The file %s cannot be kept under another name: %s", self._store.key, error)
            return False
        self.trouble = None
        return True

    def _set_aside(self) -> None:
        """Copy the file, or rename it where it cannot even be copied."""
        path = Path(self._store.path)
        if not path.exists():
            return
        former = self._put_aside()
        kept = path.with_name(f"{path.name}.{ASIDE}-{dt_util.utcnow():%Y%m%dT%H%M%S%f}")
        try:
            shutil.copy2(path, kept)
        except OSError:
            kept.unlink(missing_ok=True)
            path.rename(kept)
        for other in former:
            other.unlink(missing_ok=True)

    def _put_aside(self, *others: str) -> list[Path]:
        """Return what was put aside under other names."""
        path = Path(self._store.path)
        return [found for kind in (ASIDE, *others) for found in path.parent.glob(f"{path.name}.{kind}*")]

    async def async_remove(self) -> None:
        """Delete the file, and what was put aside."""
        await self._store.async_remove()
        await self._hass.async_add_executor_job(self._remove_aside)

    def _remove_aside(self) -> None:
        """Delete what we or Home Assistant put aside."""
        for found in self._put_aside("corrupt."):
            found.unlink(missing_ok=True)

"""Has Home Assistant keep nothing of what a stand-in has spoken in the place of Grok's own voice."""

import asyncio
from collections.abc import AsyncGenerator
from hashlib import sha1
import logging
from pathlib import Path
from typing import Final

from homeassistant.components.tts.const import DATA_TTS_MANAGER
from homeassistant.core import HomeAssistant

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

LOOKS_S: Final = (*[0.1] * 30, 1.0, 2.0, 4.0)
"""Pauses between two looks for what was kept: it is written soon after the sound has ended, on a slow card later."""


async def unkept(
    hass: HomeAssistant, sound: AsyncGenerator[bytes], text: str, engine_id: str, looks_s: tuple[float, ...] = LOOKS_S
) -> AsyncGenerator[bytes]:
    """Give a sound of which nothing is to be kept, and have it forgotten after its end.

    An error at its end would be quicker, but Home Assistant loses the whole sound with it where the player comes later
    than the end: it gets an HTTP 500, and nobody hears a word.
    """
    async for piece in sound:
        yield piece
    forgetting = _forget(hass, text, engine_id, looks_s)
    hass.async_create_background_task(forgetting, f"{DOMAIN} forgets what a stand-in spoke")


async def _forget(hass: HomeAssistant, text: str, engine_id: str, looks_s: tuple[float, ...]) -> None:
    """Take a text out of the memory and the folder of Home Assistant's speech, in every form and language."""
    manager = hass.data[DATA_TTS_MANAGER]
    begins, ends = f"{sha1(text.encode(), usedforsecurity=False).hexdigest()}_", f"_{engine_id}".lower()
    for wait_s in looks_s:
        await asyncio.sleep(wait_s)
        for key in [key for key in manager.mem_cache if key.startswith(begins) and key.endswith(ends)]:
            manager.mem_cache.pop(key, None)
        for key in [key for key in manager.file_cache if key.startswith(begins) and key.endswith(ends)]:
            path = Path(manager.cache_dir) / manager.file_cache.pop(key)
            await hass.async_add_executor_job(_remove, path)


def _remove(path: Path) -> None:
    """Delete a file, if it is there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _LOGGER.debug("%s cannot be deleted: %s", path.name, type(error).__name__)

"""Pictures that may be shown to a model: fresh snapshots of what is exposed, and files of allowed folders."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import Context, HomeAssistant, valid_entity_id
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.importlib import async_import_module
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.media.pictures import MAX_INPUT_BYTES, FittedPicture, PictureError, PictureFault, fit_picture
from ..faults import input_error
from ..grok.messages import Picture
from ..home.permissions import check_exposed, check_user

SHOWN_DOMAINS: Final = frozenset({Platform.CAMERA, Platform.IMAGE})
MAX_PICTURES: Final = 8
MEDIA_SOURCE: Final = "media-source://"
GRACE_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQueue:
    """Makes pictures fit to leave one after another, whoever asks, and says how long each is waited for."""

    snapshot_s: int = 8
    """For a camera to give a picture."""
    fit_s: float = 30.0
    """For one picture to be read and made smaller: a folder on a network that is away never gives it."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A large file takes a hundred megabytes while it is made smaller."""


PICTURE_QUEUE: HassKey[PictureQueue] = HassKey(f"{DOMAIN}_pictures")


async def async_view(hass: HomeAssistant, sources: Sequence[str], context: Context | None) -> tuple[Picture, ...]:
    """Take the pictures of cameras, image entities and files.

    Args:
        sources: entity ids, and paths: absolute, or from the configuration's folder.
        context: of the one who asks; a user has to be allowed to see the entities.

    Raises:
        ServiceValidationError: one of them does not exist or may not be shown, or is no whole picture.
        HomeAssistantError: a camera gives no picture.
    """
    if len(sources) > MAX_PICTURES:
        raise input_error("too_many_pictures", limit=str(MAX_PICTURES))
    sources = [_plain_source(hass, source) for source in sources]
    for entity_id in filter(_is_entity, sources):
        check_exposed(hass, entity_id)
        await check_user(hass, entity_id, context)
    entity_ids = list(dict.fromkeys(filter(_is_entity, sources)))
    # Cameras are slow, and their pictures small: together. Files are fast, and may be large: each when it is its turn.
    taken = await asyncio.gather(*(async_snapshot(hass, entity_id) for entity_id in entity_ids), return_exceptions=True)
    snapshots = dict(zip(entity_ids, taken, strict=True))
    pictures: list[Picture] = []
    for source in sources:
        snapshot = snapshots.get(source)
        if isinstance(snapshot, BaseException):
            raise snapshot
        read = partial(_read_file, hass, source) if snapshot is None else partial(bytes, snapshot)
        pictures.append(await async_fit(hass, label_of(hass, source), source, read))
    return tuple(pictures)


async def async_snapshot(hass: HomeAssistant, entity_id: str) -> bytes:
    """Take a fresh picture of a camera or an image entity.

    Raises:
        HomeAssistantError: there is none.
    """
    state = hass.states.get(entity_id)
    if state is None or state.state == STATE_UNAVAILABLE:
        raise _unavailable(entity_id)
    snapshot_s = _queue(hass).snapshot_s
    # Imported by name: Home Assistant installs what a camera needs only where there is one.
    module = await async_import_module(hass, f"homeassistant.components.{state.domain}")
    # In a task of its own: Home Assistant 2026.10 swallows a cancellation there, and with it our deadlines.
    taking = hass.async_create_background_task(
        module.async_get_image(hass, entity_id, timeout=snapshot_s), f"{DOMAIN} takes a picture of {entity_id}"
    )
    taking.add_done_callback(_drop_failure)
    try:
        await asyncio.wait((taking,), timeout=snapshot_s + GRACE_S)
        content: bytes = taking.result().content
    except Exception as error:  # it is too late, or whatever the camera's integration raises
        raise _unavailable(entity_id) from error
    finally:
        taking.cancel()
    return content


def _queue(hass: HomeAssistant) -> PictureQueue:
    """Return the queue of this Home Assistant."""
    return hass.data.setdefault(PICTURE_QUEUE, PictureQueue())


def _drop_failure(taking: asyncio.Task[object]) -> None:
    """Look at the end of a task that nobody may wait for any more."""
    if not taking.cancelled():
        taking.exception()


async def async_fit(hass: HomeAssistant, label: str, source: str, read: Callable[[], bytes]) -> Picture:
    """Make a picture fit to leave the house; it is read, outside of the event loop, when it is its turn.

    Raises:
        ServiceValidationError: it is no whole picture, or too large, or cannot be read in time.
    """
    queue = _queue(hass)
    try:
        async with queue.lock, asyncio.timeout(queue.fit_s):
            return await hass.async_add_executor_job(_fitted, label, read)
    except TimeoutError:
        raise input_error("file_not_readable", path=source) from None
    except PictureError as error:
        raise input_error(error.fault.value, source=source) from None


def label_of(hass: HomeAssistant, source: str) -> str:
    """Return what a picture is called in front of the model: the entity's name, the file's without its folder."""
    state = hass.states.get(source) if _is_entity(source) else None
    return state.name if state is not None else Path(source).name


def _read_file(hass: HomeAssistant, source: str) -> bytes:
    """Read a file that Home Assistant may read."""
    path = Path(hass.config.path(source))
    try:
        if not hass.config.is_allowed_path(str(path)):
            raise input_error("path_not_allowed", path=source)
        if not path.is_file():
            raise input_error("file_not_found", path=source)
        if path.stat().st_size > MAX_INPUT_BYTES:
            raise input_error(PictureFault.TOO_LARGE.value, source=source)
        return path.read_bytes()
    except OSError, ValueError:
        raise input_error("file_not_readable", path=source) from None


def _fitted(label: str, read: Callable[[], bytes]) -> Picture:
    """Read a picture, fit it and write it as it is sent; takes tens of milliseconds."""
    fitted: FittedPicture = fit_picture(read())
    return Picture(label=label, data_url=f"data:{fitted.mime};base64,{base64.b64encode(fitted.data).decode()}")


def _plain_source(hass: HomeAssistant, source: str) -> str:
    """Return the entity id or the path that a source means; an attachment's form of a camera is understood, too.

    Raises:
        ServiceValidationError: it is an address, or another kind of entity.
    """
    entity_id = source.removeprefix(MEDIA_SOURCE).partition("/")[2] if source.startswith(MEDIA_SOURCE) else source
    if _is_entity(entity_id):
        return entity_id
    if "://" in source or hass.states.get(source) is not None:
        raise input_error("source_unknown", source=source)
    return source


def _is_entity(source: str) -> bool:
    """Whether a source names an entity that can be shown; everything else is a path."""
    return valid_entity_id(source) and source.partition(".")[0] in SHOWN_DOMAINS


def _unavailable(entity_id: str) -> HomeAssistantError:
    """Write the error of a camera that gives no picture."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="camera_unavailable", translation_placeholders={"entity": entity_id}
    )

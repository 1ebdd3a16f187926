"""What Home Assistant attaches to a task: pictures as they are sent, and documents that are uploaded for a moment."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
import logging
from pathlib import Path
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant

from ..const import DOMAIN
from ..core.errors import GrokConnectionError, GrokError, GrokRateLimitError, GrokServerError
from ..core.media.file_kinds import BEGINNING, FileKind, kind_of
from ..core.media.pictures import MAX_INPUT_BYTES, PictureFault
from ..faults import input_error, kind_of_fault
from ..grok.documents import MAX_BYTES, DocumentClient
from ..grok.messages import Picture
from ..home.permissions import check_exposed, check_user
from ..vision.snapshots import MAX_PICTURES, MEDIA_SOURCE, SHOWN_DOMAINS, async_fit

_LOGGER = logging.getLogger(__name__)

PDF: Final = "application/pdf"
DOCUMENT_TYPES: Final = frozenset({PDF, "application/json"})
"""Beside texts of all kinds."""
MAX_DOCUMENTS: Final = 8
DELETE_AGAIN_S: Final = (1.0, 5.0)
"""Waits before a document is tried to be deleted once more."""
MAX_TOTAL_BYTES: Final = 100_000_000
"""Of all documents of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that is attached and was not read yet."""

    name: str
    mime: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is attached to a task, by what it is."""

    pictures: Sequence[Source] = ()
    documents: Sequence[Source] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that goes along with a task."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What goes along with a task."""

    pictures: Sequence[Picture] = ()
    documents: Sequence[Document] = ()


async def async_list(
    hass: HomeAssistant, attachments: Sequence[conversation.Attachment] | None, context: Context | None
) -> Listed:
    """Look through the attachments of a task without reading them.

    Args:
        attachments: of the task.
        context: of the one who asks; a user has to be allowed to see the entities (before 2026.11 nobody checks it).

    Raises:
        ServiceValidationError: there are too many, or one is of an unknown kind or shows what may not be shown.
    """
    pictures: list[Source] = []
    documents: list[Source] = []
    for attachment in attachments or ():
        entity_id = _shown_entity(attachment.media_content_id)
        if entity_id is not None:
            check_exposed(hass, entity_id)
            await check_user(hass, entity_id, context)
        label = attachment.mime_type.partition(";")[0].strip().lower()
        kind = await hass.async_add_executor_job(_kind, attachment.path)
        mime = _mime(kind, label)
        source = Source(name=entity_id or attachment.path.name, mime=mime, path=attachment.path)
        if mime.startswith("image/"):
            pictures.append(source)
        elif mime in DOCUMENT_TYPES or mime.startswith("text/"):
            documents.append(source)
        else:
            raise input_error("attachment_unsupported", source=source.name, kind=label or "-")
    if len(pictures) > MAX_PICTURES:
        raise input_error("too_many_pictures", limit=str(MAX_PICTURES))
    if len(documents) > MAX_DOCUMENTS:
        raise input_error("too_many_documents", limit=str(MAX_DOCUMENTS))
    return Listed(pictures=tuple(pictures), documents=tuple(documents))


async def async_read(hass: HomeAssistant, listed: Listed) -> Attached:
    """Read what is attached to a task, once its size is known.

    Raises:
        ServiceValidationError: a file is broken or too large.
    """
    await hass.async_add_executor_job(_check_sizes, listed)
    pictures = [await async_fit(hass, source.name, source.name, partial(_read, source)) for source in listed.pictures]
    documents: list[Document] = []
    for source in listed.documents:
        data = await hass.async_add_executor_job(_read, source)
        _check_document(source, data)
        documents.append(Document(name=source.name, mime=source.mime, data=data))
    return Attached(pictures=tuple(pictures), documents=tuple(documents))


@asynccontextmanager
async def uploaded(
    hass: HomeAssistant, client: DocumentClient, documents: Sequence[Document]
) -> AsyncGenerator[tuple[str, ...]]:
    """Keep documents at the service for a block; give their ids.

    They are deleted in the background, however the block ends: nobody waits for it, and no cancellation stops it.

    Raises:
        GrokError: one could not be uploaded.
    """
    file_ids: list[str] = []
    try:
        for document in documents:
            file_id = await _upload(client, document)
            file_ids.append(file_id)
        yield tuple(file_ids)
    finally:
        for file_id in file_ids:
            hass.async_create_background_task(_delete(client, file_id), f"{DOMAIN} deletes {file_id}")


async def _upload(client: DocumentClient, document: Document) -> str:
    """Upload a document; where its id is lost on the way, say so.

    Raises:
        GrokError: the service did not take it.
    """
    may_be_kept = True
    try:
        file_id = await client.upload(document.name, document.mime, document.data)
        may_be_kept = False
        return file_id
    except GrokError as error:
        may_be_kept = error.may_have_acted
        raise
    finally:
        if may_be_kept:
            _LOGGER.warning(
                "The upload of the document %s did not end properly; it may still be kept at xAI: delete it in the xAI"
                " console",
                document.name,
            )


async def _delete(client: DocumentClient, file_id: str) -> None:
    """Delete a document, after some waiting where the service is in trouble; say so where it stays."""
    problem = "Home Assistant stopped"
    try:
        for wait_s in (*DELETE_AGAIN_S, None):
            try:
                await client.delete(file_id)
            except GrokError as error:
                problem = kind_of_fault(error)
                _LOGGER.debug("The file %s stays: %s", file_id, error.detail)
                if wait_s is None or not isinstance(error, GrokConnectionError | GrokServerError | GrokRateLimitError):
                    break
                await asyncio.sleep(wait_s)
            else:
                problem = ""
                break
    finally:
        if problem:
            _LOGGER.warning(
                "A document that went along with a task could not be deleted at xAI (%s); delete the file %s in the xAI"
                " console",
                problem,
                file_id,
            )


def _kind(path: Path) -> FileKind | None:
    """Look at the beginning of a file; what cannot be read is found out when it is read."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(BEGINNING))
    except OSError:
        return None


def _mime(kind: FileKind | None, label: str) -> str:
    """Return as what a file is sent: the file is believed more than what an automation calls it."""
    match kind:
        case FileKind.PICTURE:
            return label if label.startswith("image/") else "image/*"
        case FileKind.PDF:
            return PDF
        case FileKind.TEXT if label not in DOCUMENT_TYPES and not label.startswith(("text/", "image/")):
            return "text/plain"
    return label


def _shown_entity(media_content_id: str) -> str | None:
    """Return the camera or image entity that an attachment was taken from."""
    domain, _, entity_id = media_content_id.removeprefix(MEDIA_SOURCE).partition("/")
    is_entity = media_content_id.startswith(MEDIA_SOURCE) and domain in SHOWN_DOMAINS and entity_id
    return entity_id if is_entity else None


def _check_sizes(listed: Listed) -> None:
    """Make sure that no file is larger than what is read, and that all documents fit together."""
    for source in listed.pictures:
        if _size(source) > MAX_INPUT_BYTES:
            raise input_error(PictureFault.TOO_LARGE.value, source=source.name)
    total = 0
    for source in listed.documents:
        if (size := _size(source)) > MAX_BYTES:
            raise input_error("document_too_large", source=source.name)
        total += size
        if total > MAX_TOTAL_BYTES:
            raise input_error("documents_too_large", source=source.name)


def _size(source: Source) -> int:
    """Return how many bytes a file has."""
    try:
        return source.path.stat().st_size
    except OSError:
        raise input_error("file_not_readable", path=source.name) from None


def _read(source: Source) -> bytes:
    """Read a file."""
    try:
        return source.path.read_bytes()
    except OSError:
        raise input_error("file_not_readable", path=source.name) from None


def _check_document(source: Source, data: bytes) -> None:
    """Make sure that a document is one."""
    if not data:
        raise input_error("document_empty", source=source.name)
    if source.mime == PDF and b"%PDF-" not in data[:1024]:
        raise input_error("document_broken", source=source.name)

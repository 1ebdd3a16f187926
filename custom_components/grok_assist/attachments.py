"""What Home Assistant attaches to a task: pictures as they are sent, and documents that are uploaded for a moment."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import logging
from pathlib import Path
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .core.errors import GrokError
from .grok.documents import MAX_BYTES, DocumentClient
from .grok.messages import Picture
from .snapshots import MAX_PICTURES, SHOWN_DOMAINS, async_fit, check_exposed

_LOGGER = logging.getLogger(__name__)

MEDIA_SOURCE: Final = "media-source://"
PDF: Final = "application/pdf"
DOCUMENT_TYPES: Final = frozenset({PDF, "application/json"})
"""Beside texts of all kinds."""


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


async def async_read(hass: HomeAssistant, attachments: Sequence[conversation.Attachment] | None) -> Attached:
    """Read the attachments of a task.

    Raises:
        ServiceValidationError: one is of an unknown kind, broken or too large, or shows what is not exposed.
    """
    pictures: list[Picture] = []
    documents: list[Document] = []
    for attachment in attachments or ():
        entity_id = _shown_entity(attachment.media_content_id)
        if entity_id is not None:
            check_exposed(hass, entity_id)
        mime = attachment.mime_type.partition(";")[0].strip().lower()
        name = entity_id or attachment.path.name
        if mime.startswith("image/"):
            data = await hass.async_add_executor_job(_read, attachment.path, name)
            pictures.append(await async_fit(hass, name, name, data))
        elif mime in DOCUMENT_TYPES or mime.startswith("text/"):
            data = await hass.async_add_executor_job(_read, attachment.path, name)
            _check_document(name, mime, data)
            documents.append(Document(name=name, mime=mime, data=data))
        else:
            raise _invalid("attachment_unsupported", {"source": name, "kind": mime or "-"})
    if len(pictures) > MAX_PICTURES:
        raise _invalid("too_many_pictures", {"limit": str(MAX_PICTURES)})
    return Attached(pictures=tuple(pictures), documents=tuple(documents))


@asynccontextmanager
async def uploaded(client: DocumentClient, documents: Sequence[Document]) -> AsyncGenerator[tuple[str, ...]]:
    """Keep documents at the service for a block; give their ids.

    Raises:
        GrokError: one could not be uploaded.
    """
    file_ids: list[str] = []
    try:
        for document in documents:
            file_id = await client.upload(document.name, document.mime, document.data)
            file_ids.append(file_id)
        yield tuple(file_ids)
    finally:
        for file_id in file_ids:
            try:
                await client.delete(file_id)
            except GrokError as error:
                _LOGGER.warning(
                    "A document that went along with a task could not be deleted at xAI (%s: %s); delete the file %s in"
                    " the xAI console",
                    type(error).__name__,
                    error.detail,
                    file_id,
                )


def _shown_entity(media_content_id: str) -> str | None:
    """Return the camera or image entity that an attachment was taken from."""
    domain, _, entity_id = media_content_id.removeprefix(MEDIA_SOURCE).partition("/")
    is_entity = media_content_id.startswith(MEDIA_SOURCE) and domain in SHOWN_DOMAINS and entity_id
    return entity_id if is_entity else None


def _read(path: Path, name: str) -> bytes:
    """Read a file."""
    try:
        return path.read_bytes()
    except OSError:
        raise _invalid("file_not_readable", {"path": name}) from None


def _check_document(name: str, mime: str, data: bytes) -> None:
    """Make sure that a document is one."""
    if not data:
        raise _invalid("document_empty", {"source": name})
    if len(data) > MAX_BYTES:
        raise _invalid("document_too_large", {"source": name})
    if mime == PDF and b"%PDF-" not in data[:1024]:
        raise _invalid("document_broken", {"source": name})


def _invalid(key: str, placeholders: dict[str, str]) -> ServiceValidationError:
    """Write an error of the input."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)

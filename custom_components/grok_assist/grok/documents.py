"""I/O shell of the file API: a document is uploaded for one question and deleted after it.

Wire facts: docs.x.ai "Files" and "Chat with files", read 2026-11-21: a part of a message may only name an uploaded file
or a public address; the service then searches the document by itself.
"""

from typing import Final

from ..core.errors import GrokServerError
from .shell import LOOKUP_TIMEOUT_S, Shell, now

PURPOSE: Final = "assistants"
MAX_BYTES: Final = 50_000_000
UPLOAD_TIMEOUT_S: Final = 30.0


class DocumentClient:
    """Keeps documents at the service for a moment."""

    def __init__(self, shell: Shell) -> None:
        """Share the key of the text client."""
        self._shell = shell

    async def upload(self, name: str, mime: str, data: bytes) -> str:
        """Upload a document; return its id.

        Raises:
            GrokError: the service did not take it.
        """
        files = self._shell.sdk.files
        pending = files.create(file=(name, data, mime), purpose=PURPOSE, timeout=UPLOAD_TIMEOUT_S)
        uploaded = await self._shell.within(now() + UPLOAD_TIMEOUT_S, pending)
        if not uploaded.id:
            raise GrokServerError(200, "the uploaded document has no id")
        return uploaded.id

    async def delete(self, file_id: str) -> None:
        """Delete a document.

        Raises:
            GrokError: it may still be there.
        """
        pending = self._shell.sdk.files.delete(file_id, timeout=LOOKUP_TIMEOUT_S)
        await self._shell.within(now() + LOOKUP_TIMEOUT_S, pending)

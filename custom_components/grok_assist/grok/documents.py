"""I/O shell of the file API: a document is uploaded for one question and deleted after it.

Wire facts: docs.x.ai "Files" and "Chat with files", read 2026-11-21: a part of a message may only name an uploaded file
or a public address; the service then searches the document by itself.
"""

from dataclasses import dataclass
from typing import Final

from ..core.errors import GrokRateLimitError, GrokServerError
from .gate import Gate
from .patience import USUAL_PATIENCE
from .rest import LOOKUP_TIMEOUT_S, RestApi, now

PURPOSE: Final = "assistants"
MAX_BYTES: Final = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """How long an upload may take, in seconds: a slow line carries 100 kilobytes a second."""

    least_s: float = 30.0
    per_megabyte_s: float = 10.0
    most_s: float = 300.0

    def for_size(self, size: int) -> float:
        """Return how long so many bytes may take."""
        return min(self.most_s, self.least_s + self.per_megabyte_s * size / 1e6)


USUAL_LIMITS: Final = UploadLimits()


class DocumentClient:
    """Keeps documents at the service for a moment, within an account's limits."""

    def __init__(self, rest: RestApi, gate: Gate, limits: UploadLimits = USUAL_LIMITS) -> None:
        """Share the key and the gate of the text client."""
        self._rest = rest
        self._gate = gate
        self.limits = limits

    async def upload(self, name: str, mime: str, data: bytes, *, patience_s: float = USUAL_PATIENCE.queue_s) -> str:
        """Upload a document; return its id.

        Raises:
            GrokError: the service did not take it, or a limit holds it back for longer than the patience.
        """
        with await self._gate.enter(tokens=0, patience_s=patience_s) as permit:
            try:
                file_id = await self._upload(name, mime, data)
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise
            permit.accept()
            return file_id

    async def _upload(self, name: str, mime: str, data: bytes) -> str:
        """Upload a document now."""
        limit_s = self.limits.for_size(len(data))
        pending = self._rest.sdk.files.create(file=(name, data, mime), purpose=PURPOSE, timeout=limit_s)
        # The SDK passes on whatever came with a status of success, even a page of HTML.
        file_id = getattr(await self._rest.within(now() + limit_s, pending, call="files", size=len(data)), "id", None)
        if not isinstance(file_id, str) or not file_id:
            raise GrokServerError(200, "the uploaded document has no id")
        return file_id

    async def delete(self, file_id: str) -> None:
        """Delete a document.

        Raises:
            GrokError: it may still be there.
        """
        pending = self._rest.sdk.files.delete(file_id, timeout=LOOKUP_TIMEOUT_S)
        await self._rest.within(now() + LOOKUP_TIMEOUT_S, pending, call="files/delete")

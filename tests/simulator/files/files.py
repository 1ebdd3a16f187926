"""Files that teams have uploaded, kept until they are deleted or run out."""

from dataclasses import dataclass, field
import time
from typing import Final
from uuid import uuid4

from ..errors import RefusalError
from ..jsontypes import JsonObject
from ..keys import Key

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
# What cannot be read as text is counted as if so many of its bytes made one byte of text.
_BYTES_PER_TEXT_BYTE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One file as it was uploaded."""

    team_id: str
    filename: str
    content_type: str
    data: bytes = field(repr=False)
    purpose: str = ""
    life_s: int | None = None
    id: str = field(default_factory=lambda: f"file_{uuid4()}")
    created_at: float = field(default_factory=time.time)

    @property
    def expires_at(self) -> int | None:
        """When the file deletes itself."""
        return None if self.life_s is None else int(self.created_at) + self.life_s

    @property
    def facts(self) -> JsonObject:
        """What the API tells of the file."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": int(self.created_at),
            "expires_at": self.expires_at,
            "filename": self.filename,
            "purpose": self.purpose,
        }

    @property
    def text(self) -> str:
        """What the model reads; of a file that is no text a filler of fitting length."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return "#" * (len(self.data) // _BYTES_PER_TEXT_BYTE)


class FileStore:
    """The files of all teams."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[str, KeptFile] = {}
        self.uploads: list[KeptFile] = []
        """Every file that was ever uploaded, in order of arrival."""

    @property
    def kept(self) -> list[KeptFile]:
        """The files that are still there, the oldest first."""
        return [file for file in self._kept.values() if file.expires_at is None or file.expires_at > time.time()]

    def keep(self, file: KeptFile) -> None:
        """Keep a file."""
        self._kept[file.id] = file
        self.uploads.append(file)

    def of_team(self, key: Key) -> list[KeptFile]:
        """Give the files of the key's team, the oldest first."""
        return [file for file in self.kept if file.team_id == key.team_id]

    def find(self, file_id: str, key: Key) -> KeptFile:
        """Give a file of the key's team.

        Raises:
            RefusalError: 404, there is none of this id, or not any more.
        """
        for file in self.of_team(key):
            if file.id == file_id:
                return file
        raise RefusalError(404, f"File with id {file_id} was not found.", is_violation=True)

    def delete(self, file_id: str, key: Key) -> None:
        """Forget one file."""
        del self._kept[self.find(file_id, key).id]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self.uploads.clear()

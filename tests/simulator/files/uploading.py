"""`/v1/files`: files that are uploaded, listed, read and deleted."""

from dataclasses import dataclass, field
import re
from typing import Final

from aiohttp import BodyPartReader, web

from ..errors import RefusalError, invalid, unsupported
from ..exchange import KEY, RECORD, json_reply
from ..jsontypes import JsonObject
from ..keys import Key
from ..state import State
from .files import MAX_FILE_BYTES, KeptFile

_FILE: Final = "file"
_PURPOSE: Final = "purpose"
_EXPIRY: Final = "expires_after"
_LIFE_S: Final = (3_600, 2_592_000)
_MAX_LISTED: Final = 100
_CHUNK_BYTES: Final = 64 * 1024
_NUMBER: Final = re.compile(r"\d{1,9}")


@dataclass(slots=True, kw_only=True)
class _Form:
    """A multipart body, filled part by part in the order in which it comes."""

    purpose: str = ""
    life_s: int | None = None
    filename: str | None = None
    content_type: str = "application/octet-stream"
    data: bytearray | None = None
    unknown: list[str] = field(default_factory=list)

    @property
    def facts(self) -> JsonObject:
        """What the record of the request tells."""
        fields = {_PURPOSE: self.purpose} | ({} if self.life_s is None else {_EXPIRY: self.life_s})
        size = None if self.data is None else len(self.data)
        return {
            "fields": fields,
            "filename": self.filename,
            "content_type": self.content_type,
            "file_bytes": size,
        }


class Files:
    """The store of files."""

    def __init__(self, state: State) -> None:
        """Keep files in the shared state."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.post("/v1/files", self._upload),
            web.get("/v1/files", self._list, allow_head=False),
            web.get("/v1/files/{id}", self._read, allow_head=False),
            web.get("/v1/files/{id}/content", self._content, allow_head=False),
            web.delete("/v1/files/{id}", self._delete),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        """Keep a file."""
        key = self._key(request)
        form = await _read(request)
        request[RECORD].body = form.facts
        if form.data is None or not form.filename:
            raise unsupported("The form has no part `file` with a filename.")
        if not form.data:
            raise unsupported("The file is empty.")
        file = KeptFile(
            team_id=key.team_id,
            filename=form.filename,
            content_type=form.content_type,
            data=bytes(form.data),
            purpose=form.purpose,
            life_s=form.life_s,
        )
        self._state.files.keep(file)
        return json_reply(self._state, file.facts, definition="files.file")

    async def _list(self, request: web.Request) -> web.Response:
        """List the files of the team, the newest first, and say where the next page begins."""
        files = self._state.files.of_team(self._key(request))
        if request.query.get("order", "desc") == "desc":
            files.reverse()
        if token := request.query.get("pagination_token"):
            ids = [file.id for file in files]
            files = files[ids.index(token) + 1 :] if token in ids else []
        limit = _limit(request.query.get("limit"))
        page = files[:limit]
        token = page[-1].id if len(files) > limit else None
        reply = {"data": [file.facts for file in page], "pagination_token": token}
        return json_reply(self._state, reply, definition="files.list")

    async def _read(self, request: web.Request) -> web.Response:
        """Tell about one file."""
        file = self._state.files.find(request.match_info["id"], self._key(request))
        return json_reply(self._state, file.facts, definition="files.file")

    async def _content(self, request: web.Request) -> web.Response:
        """Give what a file holds."""
        file = self._state.files.find(request.match_info["id"], self._key(request))
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _delete(self, request: web.Request) -> web.Response:
        """Forget one file."""
        file_id = request.match_info["id"]
        self._state.files.delete(file_id, self._key(request))
        reply = {"id": file_id, "object": "file", "deleted": True}
        return json_reply(self._state, reply, definition="files.deleted")

    def _key(self, request: web.Request) -> Key:
        """Give the calling key, which must be allowed to handle files."""
        key = request[KEY]
        key.require("endpoint", "files")
        return key


async def _read(request: web.Request) -> _Form:
    """Read a multipart body; its file may not be followed by when it is to run out."""
    if request.content_type != "multipart/form-data":
        raise RefusalError(415, "Expected request with `Content-Type: multipart/form-data`.", is_violation=True)
    form = _Form()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise unsupported("A part of the form has no name.")
            await _take(form, part)
    except ValueError as error:
        raise unsupported(f"Failed to parse the form: {error}") from None
    if form.unknown:
        raise unsupported(f"Argument not supported: {', '.join(form.unknown)}")
    return form


async def _take(form: _Form, part: BodyPartReader) -> None:
    """Take in one part of a form."""
    match part.name:
        case "file":
            form.filename = part.filename
            form.content_type = part.headers.get("Content-Type", form.content_type)
            form.data = await _data(part)
        case "purpose":
            form.purpose = await part.text()
        case "expires_after" | "expires_after[seconds]":
            if form.data is not None:
                raise unsupported("The field expires_after must come before the file.")
            form.life_s = _life(await part.text())
        case "expires_after[anchor]":
            await part.release()
        case name:
            form.unknown.append(str(name))
            await part.release()


async def _data(part: BodyPartReader) -> bytearray:
    """Read a file to its end, for a client that still sends does not read what is answered."""
    data = bytearray()
    is_too_large = False
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        is_too_large = is_too_large or len(data) + len(chunk) > MAX_FILE_BYTES
        if not is_too_large:
            data += chunk
    if is_too_large:
        raise RefusalError(413, "The file exceeds the maximum size of 50 MB.", is_violation=True)
    return data


def _life(text: str) -> int:
    """Give the seconds after which a file is to run out."""
    least, most = _LIFE_S
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise unsupported(f"The expires_after must be between {least} and {most} seconds.")
    return int(text)


def _limit(text: str | None) -> int:
    """Give how many files are wanted on a page."""
    if text is None:
        return _MAX_LISTED
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= _MAX_LISTED:
        raise invalid(f"The limit must be between 1 and {_MAX_LISTED}.", "limit")
    return int(text)

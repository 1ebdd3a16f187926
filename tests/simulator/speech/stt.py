"""Speech to text: `POST /v1/stt` and the socket of the same path."""

from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import BodyPartReader, web

from ..errors import RefusalError, unsupported
from ..exchange import KEY, RECORD, json_reply
from ..faults import FaultName
from ..state import State
from .checks import Texts
from .codecs import expanded
from .line import Line, converse, is_upgrade, query_of
from .matching import decode
from .pacing import pause
from .samples import seconds_of
from .spoiling import fault_of, refusal_of, strike
from .stt_socket import Listener, words_of
from .wishes import Wishes, wishes_from_form, wishes_from_query

_ENDPOINT: Final = "stt"
_FILE: Final = "file"
_URL_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A multipart body as it was read."""

    fields: Texts
    file: bytes | None
    late: tuple[str, ...]
    """Fields that came after the file, where the service does not look any more."""


class SpeechToText:
    """Understands speech."""

    def __init__(self, state: State) -> None:
        """Share the vendor's memory."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [web.post("/v1/stt", self._transcribe), web.get("/v1/stt", self._converse, allow_head=False)]

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        """Understand what comes over a socket."""
        if not is_upgrade(request):
            raise web.HTTPMethodNotAllowed("GET", ["POST"])
        request[KEY].require("endpoint", _ENDPOINT)
        wishes = wishes_from_query(query_of(request), self._state.dialects["stt_language"])
        line = Line(self._state, request, definition="stt")
        listener = Listener(line, wishes, self._state.voice_pace, self._state.hearing)
        return await converse(line, listener.listen)

    async def _transcribe(self, request: web.Request) -> web.Response:
        """Understand a file."""
        request[KEY].require("endpoint", _ENDPOINT)
        form = await _read(request)
        request[RECORD].body = {
            "fields": {name: values[0] if len(values) == 1 else values for name, values in form.fields.items()},
            "file_bytes": None if form.file is None else len(form.file),
        }
        if form.late:
            self._state.traffic.blame_client(request[RECORD], f"fields after the file are ignored: {form.late}")
        wishes = wishes_from_form(form.fields, self._state.dialects["stt_language"])
        pcm, rate = _decoded(await _audio(form, wishes), wishes)
        refusal = refusal_of(request)
        if refusal is not None:
            return refusal
        await pause(self._state.voice_pace.stt_s)
        return await self._answer(request, wishes, pcm, rate)

    async def _answer(self, request: web.Request, wishes: Wishes, pcm: bytes, rate: int) -> web.Response:
        """Tell what was understood."""
        await strike(request)
        text = "" if fault_of(request) is FaultName.EMPTY else self._state.hearing.transcribe(pcm, rate)
        duration = seconds_of(pcm, rate)
        if fault_of(request) in {FaultName.TRUNCATED, FaultName.GARBAGE_FRAME}:
            return web.Response(text='{"text":"unfin', content_type="application/json")
        body = {"text": text, "language": wishes.language, "duration": duration, "words": words_of(text, 0, duration)}
        return json_reply(self._state, body, definition="stt.response")


async def _read(request: web.Request) -> _Form:
    """Read a multipart body in the order in which it comes."""
    if request.content_type != "multipart/form-data":
        raise RefusalError(415, "Expected request with `Content-Type: multipart/form-data`.", is_violation=True)
    fields: dict[str, list[str]] = {}
    file: bytes | None = None
    late: list[str] = []
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise unsupported("A part of the form has no name")
            if part.name == _FILE:
                file = bytes(await part.read(decode=True))
            elif file is not None:
                late.append(part.name)
                await part.release()
            else:
                fields.setdefault(part.name, []).append(await part.text())
    except ValueError as error:
        raise unsupported(f"Failed to parse the form: {error}") from None
    return _Form(fields=fields, file=file, late=tuple(late))


async def _audio(form: _Form, wishes: Wishes) -> bytes:
    """Give the audio of a request, from the file or from where the client says."""
    if (form.file is None) == (wishes.url is None):
        raise unsupported("Exactly one of file and url is required")
    if form.file is not None:
        return form.file
    timeout = aiohttp.ClientTimeout(total=_URL_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(str(wishes.url), raise_for_status=True) as response,
        ):
            return await response.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise unsupported(f"Failed to fetch the url: {error}") from None


def _decoded(data: bytes, wishes: Wishes) -> tuple[bytes, int]:
    """Decode a file, or headerless audio as the client describes it."""
    if not data:
        raise unsupported("The audio is empty")
    if wishes.codec is not None:
        return expanded(data, wishes.codec), wishes.rate
    try:
        return decode(data)
    except (ValueError, OSError) as error:
        raise unsupported(f"Failed to decode the audio: {error}") from None

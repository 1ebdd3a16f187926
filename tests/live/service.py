"""The requests that are made of the service, each with a deadline, all of them written down."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
import json
from typing import Final

import aiohttp

from ..simulator.jsontypes import Json, JsonObject
from .evidence import Reply, Talk, parsed
from .line import CLOSING_S, Line, paid_s
from .prices import CONNECTED_USD_S, SPOKEN_USD, TRANSCRIBED_USD_S
from .purse import Purse, most_usd, used_usd
from .recording import Recording
from .sound import RATE

WRONG_KEY: Final = "xai-bad-this-is-not-a-key"
NOT_SUPPORTED: Final = "argument not supported: "
LIMIT: Final = "max_output_tokens"
SPARED: Final = frozenset({"include", "prompt_cache_key", "temperature", "reasoning", "max_output_tokens", "store"})
"""Arguments without which an answer is still what was asked for."""
SPEAKING: Final = "/tts"
TRANSCRIBING: Final = "/stt"
_REQUEST_S: Final = 90.0
_HANDSHAKE_S: Final = 15.0


class CannotRunError(Exception):
    """Nothing can be asked at all; the text says why, in a plain sentence."""


class Service:
    """The service at one address, asked with one key."""

    def __init__(
        self, base_url: str, key: str, session: aiohttp.ClientSession, *, recording: Recording, purse: Purse
    ) -> None:
        """Ask through a session of HTTP that belongs to the caller, for what is in a purse."""
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._session = session
        self._recording = recording
        self._purse = purse
        self.refused: set[str] = set()
        """Arguments that the service has refused by name; they are left out from then on."""

    async def get(self, path: str, *, key: str | None = None) -> Reply:
        """Read a path."""
        return await self._exchange("GET", path, key=key)

    async def post(self, path: str, body: JsonObject, *, key: str | None = None) -> Reply:
        """Send JSON.

        Raises:
            StoppedError: it is too dear.
        """
        if path == SPEAKING:
            self._purse.hold(len(str(body["text"])) * SPOKEN_USD)
            return await self._exchange("POST", path, body=body, key=key)
        held_usd = most_usd(body, len(json.dumps(body)))
        self._purse.hold(held_usd)
        reply = await self._exchange("POST", path, body=body, key=key)
        self._purse.settle(held_usd, used_usd(reply, held_usd))
        return reply

    def limited(self, tokens: int) -> JsonObject:
        """Give the argument that limits an answer, unless it was refused."""
        return {} if LIMIT in self.refused else {LIMIT: tokens}

    async def ask(self, body: JsonObject) -> Reply:
        """Ask for a response without what is known to be refused; once more without what is refused now."""
        reply = await self.post("/responses", {name: body[name] for name in body if name not in self.refused})
        name = reply.message.lower().removeprefix(NOT_SUPPORTED)
        if reply.is_ok or name not in SPARED or name in self.refused:
            return reply
        self.refused.add(name)
        return await self.ask(body)

    async def upload(self, path: str, fields: Mapping[str, str], file: bytes) -> Reply:
        """Send a form; its file goes last, as the service reads no further.

        Raises:
            StoppedError: it is too dear.
        """
        self._purse.hold(len(file) / 2 / RATE * TRANSCRIBED_USD_S)
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", file, filename="sentence.wav", content_type="audio/wav")
        told = {**fields, "file": f"({len(file)} bytes of our own sentence)"}
        return await self._exchange("POST", path, form=form, body=told)

    @asynccontextmanager
    async def line(
        self, path: str, query: Mapping[str, str], *, most_s: float, key: str | None = None
    ) -> AsyncIterator[Line]:
        """Open a socket for so many seconds at most; one that is refused gives a line on which nothing comes.

        Raises:
            StoppedError: it is too dear.
        """
        price = TRANSCRIBED_USD_S if path == TRANSCRIBING else CONNECTED_USD_S
        held_usd = paid_s(most_s) * price
        self._purse.hold(held_usd)
        talk = Talk()
        record = self._recording.socket(path, query, is_key_good=key is None)
        url = f"ws{self._base_url.removeprefix('http')}{path}"
        timeout = aiohttp.ClientWSTimeout(ws_receive=None, ws_close=CLOSING_S)
        socket: aiohttp.ClientWebSocketResponse | None = None
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                socket = await self._session.ws_connect(
                    url, params=query, headers=self._headers(key), max_msg_size=0, timeout=timeout
                )
        except aiohttp.WSServerHandshakeError as error:
            talk.status = error.status
        except aiohttp.ClientError, TimeoutError, OSError:
            talk.status = 0
        record.opened(talk.status)
        line = Line(socket, talk, record, purse=self._purse, most_s=most_s)
        try:
            yield line
        finally:
            await line.close()
            self._purse.settle(held_usd, 0.0 if socket is None else paid_s(talk.open_s) * price)

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        form: aiohttp.FormData | None = None,
        key: str | None = None,
    ) -> Reply:
        """Make one request and write it down.

        Raises:
            CannotRunError: there is nobody at the address.
        """
        began = asyncio.get_running_loop().time()
        sent = {"data": form} if form is not None else {"json": body}
        try:
            async with (
                asyncio.timeout(_REQUEST_S),
                self._session.request(
                    method,
                    f"{self._base_url}{path}",
                    headers=self._headers(key),
                    allow_redirects=False,
                    **(sent if body is not None else {}),
                ) as response,
            ):
                data = await response.read()
        except TimeoutError:
            raise TimeoutError(f"no answer in {_REQUEST_S:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            # The error knows the request with its headers: only its name may leave.
            raise CannotRunError(f"The service cannot be reached ({type(error).__name__}).") from None
        reply = replace(_reply(response, data), seconds=asyncio.get_running_loop().time() - began)
        self._recording.rest(method, path, body, reply, is_key_good=key is None)
        return reply

    def _headers(self, key: str | None) -> dict[str, str]:
        """Give the header with a key."""
        return {"Authorization": f"Bearer {key or self._key}"}


@asynccontextmanager
async def connected(base_url: str, key: str, *, recording: Recording, purse: Purse) -> AsyncIterator[Service]:
    """Give the service at an address."""
    async with aiohttp.ClientSession(trust_env=True, timeout=aiohttp.ClientTimeout(total=_REQUEST_S)) as session:
        yield Service(base_url, key, session, recording=recording, purse=purse)


def _reply(response: aiohttp.ClientResponse, data: bytes) -> Reply:
    """Understand an answer by its type."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.content_type.startswith(("audio/", "application/octet")):
        return Reply(status=response.status, headers=headers, sound=data)
    text = data.decode(errors="replace")
    if response.content_type == "text/event-stream":
        found = (parsed(line.removeprefix("data:")) for line in text.splitlines() if line.startswith("data:"))
        events = tuple(event for event in found if isinstance(event, dict))
        return Reply(status=response.status, headers=headers, body=None, events=events)
    body = parsed(text)
    return Reply(status=response.status, headers=headers, body=text if body is None else body)

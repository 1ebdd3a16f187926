"""Text to speech and speech to text over the service's streaming sockets.

Frames: xAI's OpenAPI document, pipecat's and livekit's clients, read 2026-11-20.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
import ssl as ssl_module
from typing import Final

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ..core.errors import GrokConnectionError, GrokServerError, GrokTimeoutError
from ..core.json_types import JsonMapping, packed_json, unpacked
from ..core.speech import without_tags
from .reach import AGAIN_S, Reach
from .sockets import dial, socket_url

UTTERANCE_LIMIT: Final = 3_500
"""Characters of one utterance; the published limit was 4,096 at its lowest."""
ANSWER_S: Final = 15.0
"""Between two frames that are awaited."""
TTS_RATE: Final = 24_000
FRAME_BYTES: Final = 32 * 1024
SPOKEN_LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("ar-EG", "ar-SA", "ar-AE"),
    "es": ("es-ES", "es-MX"),
    "pt": ("pt-PT", "pt-BR"),
    **dict.fromkeys(("en", "bn", "zh", "fr", "de", "hi", "id", "it", "ja", "ko", "ru", "tr", "vi"), ()),
}
"""Documented languages and, where the service knows them by region only, those regions."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood: so far, or finally."""

    text: str
    is_final: bool
    ends_utterance: bool = False
    """The service believes that the speaker has finished."""


@dataclass(slots=True, kw_only=True)
class TranscriptReader:
    """Puts the pieces of a transcription together.

    An interim text replaces the interim before; a locked piece stays; an ended utterance comes again as a whole and
    replaces its pieces.
    """

    _utterances: list[str] = field(default_factory=list)
    _locked: list[str] = field(default_factory=list)
    _interim: str = ""

    @property
    def text(self) -> str:
        """Everything understood so far."""
        return " ".join(part for part in (*self._utterances, *self._locked, self._interim) if part)

    def feed(self, event: JsonMapping) -> None:
        """Take a `transcript.partial`."""
        text = str(event.get("text") or "").strip()
        match bool(event.get("is_final")), bool(event.get("speech_final")):
            case True, True:
                self._utterances.append(text)
                self._locked.clear()
                self._interim = ""
            case True, False:
                self._locked.append(text)
                self._interim = ""
            case _:
                self._interim = text


def spoken_language(language: str | None) -> str:
    """Give the tag that the service speaks for a language of Home Assistant; what it does not document is `auto`."""
    if not language:
        return "auto"
    base, _, region = language.replace("_", "-").partition("-")
    regions = SPOKEN_LANGUAGES.get(base.lower())
    if regions is None:
        return "auto"
    tag = f"{base.lower()}-{region.upper()}"
    return tag if tag in regions else (regions[0] if regions else base.lower())


class SpeechClient:
    """The speech endpoints of one key."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        ssl: ssl_module.SSLContext | None,
        connect_s: float,
        reach: Reach | None = None,
    ) -> None:
        """Keep where and how to dial."""
        self._base_url = base_url
        self._key = key
        self._ssl = ssl
        self._connect_s = connect_s
        self._reach = reach or Reach()

    async def dial_realtime(self, model: str) -> ClientConnection:
        """Open a socket for a speech-to-speech session.

        Raises:
            GrokError: no connection, or refused.
        """
        return await self._dial("realtime", model=model)

    async def speak(
        self, texts: AsyncIterable[str], *, voice: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[bytes]:
        """Speak a text while it is still being written: 16-bit mono samples at `TTS_RATE`.

        Raises:
            GrokError: the service refused, failed or went away.
        """
        query = {"voice": voice, "language": language, "codec": "pcm", "sample_rate": str(TTS_RATE)}
        if speed != 1.0:
            query["speed"] = f"{speed:g}"
        async with self._socket("tts", **query) as socket:
            utterances = _Utterances(socket, texts)
            sending = asyncio.create_task(utterances.send())
            try:
                while not utterances.is_spoken:
                    event = await _event_while(socket, sending, lambda: utterances.is_empty)
                    match event.get("type"):
                        case "audio.delta":
                            if sound := unpacked(event.get("delta")):
                                yield sound
                        case "audio.done":
                            utterances.spoken += 1
                        case "error":
                            raise GrokServerError(200, str(event.get("message") or "")[:200])
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def transcribe(
        self, audio: AsyncIterable[bytes], *, rate: int, language: str | None, keyterms: tuple[str, ...] = ()
    ) -> AsyncGenerator[Transcript]:
        """Transcribe 16-bit mono samples while they come; the last transcript is the final one.

        Raises:
            GrokError: the service refused, failed or went away.
        """
        query: dict[str, str | list[str]] = {"sample_rate": str(rate), "encoding": "pcm", "interim_results": "true"}
        if language:
            query["language"] = language
        if keyterms:
            query["keyterm"] = list(keyterms)
        async with self._socket("stt", **query) as socket:
            if (first := await _event(socket)).get("type") != "transcript.created":
                raise GrokServerError(200, str(first.get("message") or "")[:200])
            sending = asyncio.create_task(_send_audio(socket, audio))
            try:
                async with aclosing(_transcripts(socket, sending)) as transcripts:
                    async for transcript in transcripts:
                        yield transcript
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    @asynccontextmanager
    async def _socket(self, path: str, **query: str | list[str]) -> AsyncGenerator[ClientConnection]:
        """Have a socket while the block runs."""
        socket = await self._dial(path, **query)
        try:
            yield socket
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            raise GrokConnectionError(f"the socket closed with code {code}") from None
        finally:
            await socket.close()

    async def _dial(self, path: str, **query: str | list[str]) -> ClientConnection:
        """Open a socket."""
        url = socket_url(self._base_url, path, **query)
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            socket = await dial(url, self._key, ssl=self._ssl, timeout_s=self._reach.patience_s(self._connect_s))
        except GrokConnectionError as error:
            self._reach.lost()
            raise GrokConnectionError(error.detail or "no connection in time") from None
        except asyncio.CancelledError:
            if loop.time() - since > AGAIN_S:  # somebody has lost patience
                self._reach.lost()
            raise
        self._reach.found()
        return socket


class _Utterances:
    """Text on its way out, cut into utterances that the service takes."""

    def __init__(self, socket: ClientConnection, texts: AsyncIterable[str]) -> None:
        """Start with nothing sent."""
        self._socket = socket
        self._texts = texts
        self._has_all = False
        self._sent = 0
        self.spoken = 0

    @property
    def is_spoken(self) -> bool:
        """Whether every utterance was spoken to its end."""
        return self._has_all and self.spoken >= self._sent

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to speak."""
        return self._has_all and self._sent == 0

    async def send(self) -> None:
        """Send all text."""
        length = 0
        async for text in self._texts:
            for piece in _cut(without_tags(text)):
                await self._send({"type": "text.delta", "delta": piece})
                length += len(piece)
                if length >= UTTERANCE_LIMIT and piece.rstrip().endswith((".", "!", "?", "\n", ":", ";")):
                    await self._send({"type": "text.done"})
                    self._sent, length = self._sent + 1, 0
        if length:
            await self._send({"type": "text.done"})
            self._sent += 1
        self._has_all = True

    async def _send(self, event: JsonMapping) -> None:
        """Send a frame."""
        await self._socket.send(packed_json(event), text=True)


def _cut(text: str) -> list[str]:
    """Cut a text into pieces that no limit refuses, between sentences where there are any."""
    pieces: list[str] = []
    while len(text) > UTTERANCE_LIMIT:
        end = max(text.rfind(mark, 0, UTTERANCE_LIMIT) for mark in (". ", "! ", "? ", "\n"))
        end = end + 1 if end > 0 else UTTERANCE_LIMIT
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text] if text else pieces


async def _send_audio(socket: ClientConnection, audio: AsyncIterable[bytes]) -> None:
    """Send all audio and say that it is all."""
    async for chunk in audio:
        for start in range(0, len(chunk), FRAME_BYTES):
            await socket.send(chunk[start : start + FRAME_BYTES])
    await socket.send('{"type":"audio.done"}')


async def _transcripts(socket: ClientConnection, sending: asyncio.Task[None]) -> AsyncGenerator[Transcript]:
    """Give what is understood until it is final."""
    reader = TranscriptReader()
    while True:
        event = await _event_while(socket, sending, lambda: False)
        match event.get("type"):
            case "transcript.partial":
                reader.feed(event)
                ends = bool(event.get("is_final")) and bool(event.get("speech_final"))
                yield Transcript(reader.text, is_final=False, ends_utterance=ends)
            case "transcript.done":
                yield Transcript(str(event.get("text") or "").strip() or reader.text, is_final=True)
                return
            case "error":
                raise GrokServerError(200, str(event.get("message") or "")[:200])


async def _event_while(
    socket: ClientConnection, sending: asyncio.Task[None], is_over: Callable[[], bool]
) -> JsonMapping:
    """Give the next event, or none where sending ended and nothing is to come; while we send nothing is overdue.

    Raises:
        GrokError: nothing came in time, or what we had to send failed.
    """
    receiving = asyncio.ensure_future(_event(socket, None))
    try:
        if not sending.done():
            await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        error = sending.exception() if sending.done() else None
        # What the service said before it closed the socket is still to be read, and says why.
        if error is not None and not isinstance(error, ConnectionClosed):
            raise error
        if is_over():
            return {}
        async with asyncio.timeout(ANSWER_S if sending.done() else None):
            return await receiving
    except TimeoutError:
        raise GrokTimeoutError(ANSWER_S) from None
    finally:
        receiving.cancel()


async def _event(socket: ClientConnection, timeout_s: float | None = ANSWER_S) -> JsonMapping:
    """Read one event; what is no JSON object is skipped.

    Raises:
        GrokError: nothing came in time.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    event = orjson.loads(await socket.recv())
                except orjson.JSONDecodeError:
                    continue
                if isinstance(event, dict):
                    return event
    except TimeoutError:
        raise GrokTimeoutError(timeout_s or 0) from None

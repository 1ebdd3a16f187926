"""Text to speech and speech to text over the service's streaming sockets.

Frames: xAI's OpenAPI document, pipecat's and livekit's clients, read 2026-11-20.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
import ssl as ssl_module
from typing import Final
from urllib.parse import quote_plus

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from ..core.json_types import JsonMapping, unpacked
from ..core.languages import nearest_tag
from ..core.media.samples import SAMPLE_BYTES, WholeSamples
from ..core.redaction import Redactor
from .availability import AGAIN_S, Availability
from .sockets import CLOSE_S, dial, socket_url
from .speech_wire import Sound, SpeechLimits, Utterances, Wire
from .wire_log import Channel, ChannelLog

TTS_RATE: Final = 24_000
REQUEST_BYTES: Final = 6_000
"""Of an address; servers and proxies usually take lines of 8 KiB, with the method and what they add."""
USUAL_LIMITS: Final = SpeechLimits()
_SENTENCE_ENDS: Final = " .!?\u2026"


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
    replaces its pieces. What is told as the end before we have sent all ends an utterance only.
    """

    _ended: list[str] = field(default_factory=list)
    """What was told as the end while sound was still to come."""
    _utterances: list[str] = field(default_factory=list)
    _locked: list[str] = field(default_factory=list)
    _interim: str = ""

    @property
    def text(self) -> str:
        """Everything understood so far."""
        return _joined(*self._ended, self._since_end)

    @property
    def is_settled(self) -> bool:
        """Whether all that was told since the last end stays as it is, and there is something."""
        return bool(self._since_end) and not self._interim

    def feed(self, event: JsonMapping) -> None:
        """Take a `transcript.partial`."""
        text = _text_of(event)
        if event.get("is_final") is not True:
            self._interim = text
            return
        self._interim = ""
        if event.get("speech_final") is True:
            self._utterances.append(text)
            self._locked.clear()
        else:
            self._locked.append(text)

    def end(self, event: JsonMapping) -> None:
        """Take a `transcript.done`, which has the whole words or those since the last one; what is untold stays."""
        told, before = _text_of(event) or self._since_end, _joined(*self._ended)
        if before and told.casefold().startswith(before.casefold().rstrip(_SENTENCE_ENDS)):
            self._ended.clear()
        self._ended.append(told)
        self._utterances.clear()
        self._locked.clear()
        self._interim = ""

    @property
    def _since_end(self) -> str:
        """Everything understood since the last end."""
        return _joined(*self._utterances, *self._locked, self._interim)


def spoken_language(language: str | None) -> str:
    """Give the tag that the service speaks for a language of Home Assistant; what it does not document is `auto`."""
    return nearest_tag(language) or "auto"


class SpeechClient:
    """The speech endpoints of one key."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        ssl: ssl_module.SSLContext | None,
        connect_s: float,
        availability: Availability | None = None,
        limits: SpeechLimits = USUAL_LIMITS,
    ) -> None:
        """Keep where and how to dial."""
        self.limits = limits
        self.redact = Redactor(key)
        self._sockets: set[ClientConnection] = set()
        self._is_closed = False
        self._base_url = base_url
        self._key = key
        self._ssl = ssl
        self._connect_s = connect_s
        self._availability = availability or Availability()

    async def dial_realtime(self, model: str) -> ClientConnection:
        """Open a socket for a speech-to-speech session.

        Raises:
            GrokError: no connection, or refused.
        """
        return await self._dial("realtime", model=model)

    async def speak(
        self, texts: AsyncIterable[str], *, voice: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[bytes]:
        """Speak a text while it is still being written: 16-bit mono samples at `TTS_RATE`, none of them in halves.

        Raises:
            GrokError: the service refused, failed, went away, or would never come to an end.
        """
        query = {"voice": voice, "language": language, "codec": "pcm", "sample_rate": str(TTS_RATE)}
        if speed != 1.0:
            query["speed"] = f"{speed:g}"
        async with self._wire("tts", **query) as wire:
            wire.allow(self.limits.writing_s)
            utterances, samples, given = Utterances(wire, texts), WholeSamples(), 0
            sending = asyncio.create_task(utterances.send())
            try:
                while not utterances.is_spoken:
                    event = await wire.event_while(sending, lambda: utterances.is_empty)
                    match event.get("type"):
                        case "audio.delta" if sound := samples.feed(unpacked(event.get("delta"))):
                            given += len(sound)
                            if given > _most_bytes(utterances, speed):
                                raise GrokServerError(200, "more sound than the text can have")
                            since = self._now()
                            yield sound
                            wire.pause(self._now() - since)
                        case "audio.done":
                            utterances.spoken += 1
                        case "error":
                            raise wire.failure(event)
                        case _:
                            wire.note_idle()
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def transcribe(
        self, audio: AsyncIterable[bytes], *, rate: int, language: str | None, keyterms: tuple[str, ...] = ()
    ) -> AsyncGenerator[Transcript]:
        """Transcribe 16-bit mono samples while they come; the last transcript is the final one.

        A microphone that falls silent has ended: what was understood until then counts.

        Raises:
            GrokError: the service refused, failed or went away, left its words without an end, or the microphone died
                before a word.
        """
        query: dict[str, str | list[str]] = {"sample_rate": str(rate), "encoding": "pcm", "interim_results": "true"}
        if language:
            query["language"] = language
        if kept := _fitting(socket_url(self._base_url, "stt", **query), keyterms):
            query["keyterm"] = kept
        async with self._wire("stt", **query) as wire:
            if (first := await wire.event()).get("type") != "transcript.created":
                raise wire.failure(first)
            sound = Sound(wire, audio)
            async with aclosing(_transcripts(wire, sound)) as transcripts:
                async for transcript in transcripts:
                    if transcript.is_final and sound.is_cut and not transcript.text:
                        raise GrokTimeoutError(self.limits.microphone_s, "the microphone fell silent")
                    yield transcript

    async def close(self) -> None:
        """End everything that is under way; nothing is dialled any more."""
        self._is_closed = True
        await asyncio.gather(*(_close(socket) for socket in tuple(self._sockets)))

    @asynccontextmanager
    async def _wire(self, path: str, **query: str | list[str]) -> AsyncGenerator[Wire]:
        """Have a socket while the block runs."""
        socket = await self._dial(path, **query)
        self._sockets.add(socket)
        try:
            yield Wire(socket, self.limits, self.redact)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            raise GrokConnectionError(f"the socket closed with code {code}") from None
        except GrokError:
            socket.transport.abort()  # whoever says too much, or takes nothing, does not take leave in time either
            raise
        finally:
            self._sockets.discard(socket)
            await _close(socket)

    async def _dial(self, path: str, **query: str | list[str]) -> ClientConnection:
        """Open a socket."""
        url = socket_url(self._base_url, path, **query)
        since = self._now()
        try:
            socket = await dial(
                url,
                self._key,
                ssl=self._ssl,
                timeout_s=self._availability.patience_s(self._connect_s),
                log=ChannelLog(self._availability.wire_log, Channel(path)),
            )
        except GrokConnectionError as error:
            self._availability.lost()
            raise GrokConnectionError(error.detail or "no connection in time") from None
        except asyncio.CancelledError:
            if self._now() - since > AGAIN_S:  # somebody has lost patience
                self._availability.lost()
            raise
        self._availability.found()
        if self._is_closed:
            await _close(socket)
            raise GrokConnectionError("the account is being closed")
        return socket

    @staticmethod
    def _now() -> float:
        """Read the loop's clock in seconds."""
        return asyncio.get_running_loop().time()


async def _close(socket: ClientConnection) -> None:
    """Close a socket, whatever its other end does."""
    try:
        async with asyncio.timeout(CLOSE_S + 1):
            await socket.close()
    except TimeoutError, OSError:
        socket.transport.abort()


async def _transcripts(wire: Wire, sound: Sound) -> AsyncGenerator[Transcript]:
    """Give what is understood until it is final, or until it should have been."""
    reader = TranscriptReader()
    sending = asyncio.create_task(sound.send())
    try:
        while True:
            event = await wire.event_while(sending)
            match event.get("type"):
                case "transcript.partial":
                    reader.feed(event)
                    ends = event.get("is_final") is True and event.get("speech_final") is True
                    yield Transcript(reader.text, is_final=False, ends_utterance=ends)
                case "transcript.done":
                    reader.end(event)
                    # What the service takes for the end while somebody still speaks is half of what they say.
                    yield Transcript(reader.text, is_final=sound.is_sent, ends_utterance=not sound.is_sent)
                    if sound.is_sent:
                        return
                case "error":
                    raise wire.failure(event)
                case _:
                    wire.note_idle()
    except GrokTimeoutError:
        if not reader.is_settled or not sending.done():
            raise
        yield Transcript(reader.text, is_final=True)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def _text_of(event: JsonMapping) -> str:
    """Return the words of an event; what is no text is none."""
    text = event.get("text")
    return text.strip() if isinstance(text, str) else ""


def _joined(*parts: str) -> str:
    """Write parts of what was said as one text."""
    return " ".join(part for part in parts if part)


def _most_bytes(utterances: Utterances, speed: float) -> int:
    """Return how much sound what was sent can have."""
    return int(utterances.longest_s / min(1.0, speed) * TTS_RATE) * SAMPLE_BYTES


def _fitting(url: str, keyterms: Sequence[str]) -> list[str]:
    """Return the names, from the first on, with which an address is no longer than servers take."""
    left = REQUEST_BYTES - len(url)
    kept: list[str] = []
    for term in keyterms:
        left -= len("&keyterm=") + len(quote_plus(term, errors="replace"))
        if left < 0:
            break
        kept.append(term)
    return kept

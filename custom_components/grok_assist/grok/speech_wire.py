"""The frames of plain speech, within deadlines: what goes out, what is awaited, and how long a text can sound."""

import asyncio
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
import math
from typing import Final

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ..core.errors import GrokError, GrokServerError, GrokTimeoutError
from ..core.json_types import JsonMapping, packed_json
from ..core.redaction import Redactor
from ..core.speech.filter import without_tags
from .error_mapping import shortened

MOST_CHARACTERS: Final = 4_000
"""Characters after which it ends, sentence or not; the published limit was 4,096 at its lowest."""
_SENTENCE_ENDS: Final = (*".!?:;\n", "\u3002", "\uff01", "\uff1f", "\u0964")
_SENTENCE_CUTS: Final = (". ", "! ", "? ", *"\n\u3002\uff01\uff1f\u0964")
FRAME_BYTES: Final = 32 * 1024
S_PER_CHARACTER: Final = 0.2
"""Three times as long as people take for a letter; other scripts have more bytes for what takes longer …"""
S_PER_DIGIT: Final = 1.0
"""… and a digit may be a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechLimits:
    """How long the parts of plain speech may take, in seconds, and how much may come and go."""

    answer_s: float = 15.0
    """Between two frames that are awaited."""
    send_s: float = 10.0
    """For one frame to go out."""
    microphone_s: float = 3.0
    """Without a piece of sound; then it has ended."""
    words_s: float = 20.0
    """From the end of the sound until its last word, whatever comes in between."""
    writing_s: float = 300.0
    """For a text to be written while it is spoken already."""
    pause_s: float = 10.0
    """Without a word, in all, while a text is spoken."""
    utterance: int = 3_500
    """Characters of one utterance, after which it ends with its sentence."""
    idle_frames: int = 1_000
    """Frames that carry nothing, after which the line counts as broken."""


class Wire:
    """One socket of plain speech."""

    def __init__(self, socket: ClientConnection, limits: SpeechLimits, redact: Redactor) -> None:
        """Use an open socket."""
        self._socket = socket
        self.limits = limits
        self._redact = redact
        self._loop = asyncio.get_running_loop()
        self._latest = math.inf
        self._allowed_s = math.inf
        self._idle = 0

    def allow(self, seconds: float) -> None:
        """Give whatever is still to come so long from now on."""
        self._latest, self._allowed_s = self._loop.time() + seconds, seconds

    def pause(self, seconds: float) -> None:
        """Take note of time that somebody else took."""
        self._latest += seconds

    def failure(self, event: JsonMapping) -> GrokError:
        """Translate an event that says that something went wrong."""
        return GrokServerError(200, shortened(event.get("message"), self._redact))

    async def send(self, frame: bytes | str, *, is_text: bool = False) -> None:
        """Send a frame.

        Raises:
            GrokError: it did not go out in time.
        """
        try:
            async with asyncio.timeout(self.limits.send_s):
                await self._socket.send(frame, text=is_text or None)
        except TimeoutError:
            raise GrokTimeoutError(self.limits.send_s) from None

    async def event(self) -> JsonMapping:
        """Read one event that is awaited.

        Raises:
            GrokError: nothing came in time.
        """
        try:
            async with asyncio.timeout(self.limits.answer_s):
                return await self._read()
        except TimeoutError:
            raise GrokTimeoutError(self.limits.answer_s) from None

    async def event_while(
        self, sending: asyncio.Task[None], is_over: Callable[[], bool] = lambda: False
    ) -> JsonMapping:
        """Give the next event, or none where sending ended and nothing is to come; while we send, silence is allowed.

        Raises:
            GrokError: nothing came in time, or what we had to send failed.
        """
        receiving = asyncio.ensure_future(self._read())
        try:
            if not sending.done():
                await asyncio.wait({receiving, sending}, timeout=self._left_s(), return_when=asyncio.FIRST_COMPLETED)
            error = sending.exception() if sending.done() else None
            # What the service said before it closed the socket is still to be read, and says why.
            if error is not None and not isinstance(error, ConnectionClosed):
                raise error
            if is_over():
                return {}
            left_s = self._left_s()
            if sending.done():
                left_s = min(self.limits.answer_s, left_s or math.inf)
            elif not receiving.done():
                raise GrokTimeoutError(self._allowed_s)
            async with asyncio.timeout(left_s):
                return await receiving
        except TimeoutError:
            raise GrokTimeoutError(min(self.limits.answer_s, self._allowed_s)) from None
        finally:
            receiving.cancel()

    def note_idle(self) -> None:
        """Take note of a frame that carries nothing.

        Raises:
            GrokError: there were far too many of them.
        """
        self._idle += 1
        if self._idle > self.limits.idle_frames:
            raise GrokServerError(200, "the service says nothing again and again")

    def _left_s(self) -> float | None:
        """Return how much time is left; None where there is no limit.

        Raises:
            GrokError: there is none.
        """
        left_s = self._latest - self._loop.time()
        if left_s <= 0:
            raise GrokTimeoutError(self._allowed_s)
        return None if math.isinf(left_s) else left_s

    async def _read(self) -> JsonMapping:
        """Read one event; what is no JSON object is skipped."""
        while True:
            try:
                event = orjson.loads(await self._socket.recv())
            except orjson.JSONDecodeError:
                event = None
            if isinstance(event, dict):
                return event
            self.note_idle()


class Utterances:
    """Text on its way out, cut into utterances that the service takes."""

    def __init__(self, wire: Wire, texts: AsyncIterable[str]) -> None:
        """Start with nothing sent."""
        self._wire = wire
        self._texts = texts
        self._has_all = False
        self._sent = 0
        self.spoken = 0
        self.longest_s = wire.limits.pause_s
        """How long what was sent can sound at most."""

    @property
    def is_spoken(self) -> bool:
        """Whether every utterance was spoken to its end."""
        return self._has_all and self.spoken >= self._sent

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to speak."""
        return self._has_all and self._sent == 0

    async def send(self) -> None:
        """Send all text.

        Raises:
            GrokError: a frame did not go out in time.
        """
        length, utterance = 0, self._wire.limits.utterance
        async for text in self._texts:
            for piece in _cut(without_tags(text), utterance):
                if length and length + len(piece) > MOST_CHARACTERS:
                    length = await self._end()
                self.longest_s += _longest_s(piece)
                await self._send({"type": "text.delta", "delta": piece})
                length += len(piece)
                if length >= utterance and piece.rstrip(" ").endswith(_SENTENCE_ENDS):
                    length = await self._end()
        if length:
            await self._end()
        self._has_all = True
        self._wire.allow(self._wire.limits.answer_s + self.longest_s)

    async def _end(self) -> int:
        """End an utterance; return the length of the next."""
        await self._send({"type": "text.done"})
        self._sent += 1
        return 0

    async def _send(self, event: JsonMapping) -> None:
        """Send a frame."""
        await self._wire.send(packed_json(event), is_text=True)


class Sound:
    """A microphone's sound on its way out."""

    def __init__(self, wire: Wire, audio: AsyncIterable[bytes]) -> None:
        """Start with nothing sent."""
        self._wire = wire
        self._audio = aiter(audio)
        self.is_cut = False
        """The microphone fell silent without an end."""
        self.is_sent = False
        """The service was told that this was all, or is being told."""

    async def send(self) -> None:
        """Send all audio and say that it is all; a microphone that gives nothing has ended.

        Raises:
            GrokError: a frame did not go out in time.
        """
        while chunk := await self._next():
            for start in range(0, len(chunk), FRAME_BYTES):
                await self._wire.send(chunk[start : start + FRAME_BYTES])
        self.is_sent = True  # before it goes out: the answer may be here before this goes on
        await self._wire.send('{"type":"audio.done"}')
        self._wire.allow(self._wire.limits.words_s)

    async def _next(self) -> bytes:
        """Return the next piece of sound, or nothing at its end."""
        try:
            async with asyncio.timeout(self._wire.limits.microphone_s):
                while not (chunk := await anext(self._audio, None)) and chunk is not None:
                    pass
                return chunk or b""
        except TimeoutError:
            self.is_cut = True
            return b""


def _cut(text: str, limit: int) -> list[str]:
    """Cut a text into pieces that no limit refuses, between sentences where there are any."""
    pieces: list[str] = []
    while len(text) > limit:
        end = max(text.rfind(mark, 0, limit) for mark in _SENTENCE_CUTS)
        end = end + 1 if end > 0 else limit
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text] if text else pieces


def _longest_s(text: str) -> float:
    """Return how long a text can sound, however slowly it is spoken."""
    digits = sum(character.isdigit() for character in text)
    return (len(text.encode(errors="replace")) - digits) * S_PER_CHARACTER + digits * S_PER_DIGIT

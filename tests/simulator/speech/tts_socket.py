"""The conversation on the socket of text to speech: texts come in bits, each sentence is spoken once it is whole."""

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass, field
import re
from typing import Final
from uuid import uuid4

from ..faults import FaultName
from ..jsontypes import JsonObject
from ..realtime.pace import VoicePace
from .codecs import encoder
from .line import Line, LineEndedError
from .order import Order
from .pacing import SpeechClock, pieces_of
from .samples import seconds_of
from .uttering import speech

_DELTAS_BEFORE_FAULT: Final = 3
_WHOLE_SENTENCES: Final = re.compile(r"(.*[.!?…])\s", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class _Utterance:
    """What belongs to one `audio.done`; not frozen because text is still to come."""

    rest: str = ""
    characters: int = 0
    sentences: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    """None after the last one."""

    def add(self, delta: str) -> None:
        """Take in text and pass on what is whole of it."""
        self.characters += len(delta)
        self.rest += delta
        whole = _WHOLE_SENTENCES.match(self.rest)
        if whole is not None:
            self.rest = self.rest[whole.end() :]
            self.sentences.put_nowait(whole[1])

    def finish(self) -> None:
        """Pass on the rest."""
        if self.rest.strip():
            self.sentences.put_nowait(self.rest)
        self.sentences.put_nowait(None)


class Talker:
    """Speaks utterance after utterance until the client has enough."""

    def __init__(self, line: Line, order: Order, pace: VoicePace, *, most_characters: int) -> None:
        """Speak over one line, utterances of so many characters at most."""
        self._most_characters = most_characters
        self._line = line
        self._order = order
        self._pace = pace
        self._utterance = _Utterance()
        self._to_speak: asyncio.Queue[_Utterance] = asyncio.Queue()
        self._speaking: asyncio.Task[None] | None = None
        self._deltas = 0

    async def talk(self) -> None:
        """Listen to the client, and speak at the same time."""
        self._begin()
        self._speaking = asyncio.create_task(self._speak_all())
        try:
            while True:
                await self._obey(await self._line.receive())
        finally:
            await self._hush()

    async def _obey(self, message: bytes | JsonObject) -> None:
        """Do what a frame asks for."""
        match message:
            case {"type": "text.delta", "delta": str(delta)}:
                if self._utterance.characters + len(delta) > self._most_characters:
                    await self._line.refuse(f"The text is longer than {self._most_characters} characters.")
                else:
                    self._utterance.add(delta)
            case {"type": "text.done"}:
                self._utterance.finish()
                self._begin()
            case {"type": "text.clear"}:
                await self._hush()
                self._to_speak = asyncio.Queue()
                self._begin()
                await self._line.send({"type": "audio.clear"})
                self._speaking = asyncio.create_task(self._speak_all())
            case _:
                await self._line.refuse("Binary frames are not understood here.")

    def _begin(self) -> None:
        """Start the next utterance; it is spoken when those before it are."""
        self._utterance = _Utterance()
        self._to_speak.put_nowait(self._utterance)

    async def _hush(self) -> None:
        """Stop speaking."""
        if self._speaking is not None:
            self._speaking.cancel()
            with suppress(asyncio.CancelledError):
                await self._speaking

    async def _speak_all(self) -> None:
        """Speak utterances in turn."""
        with suppress(LineEndedError):
            while True:
                await self._speak(await self._to_speak.get())

    async def _speak(self, utterance: _Utterance) -> None:
        """Speak one utterance."""
        making = encoder(self._order.codec, rate=self._order.rate, bit_rate=self._order.bit_rate)
        clock: SpeechClock | None = None
        while (sentence := await utterance.sentences.get()) is not None:
            clock = clock or SpeechClock(self._pace)
            order = self._order
            pcm = speech(order.spoken(sentence), voice=order.voice, rate=order.rate, speed=order.speed)
            for piece in pieces_of(pcm, order.rate, self._pace):
                await clock.wait_for(seconds_of(piece, order.rate))
                await self._send(making.encode(piece), seconds_of(piece, order.rate))
        await self._send(making.finish(), 0.0)
        await self._line.strike()
        await self._line.send({"type": "audio.done", "trace_id": uuid4().hex})

    async def _send(self, data: bytes, audio_s: float) -> None:
        """Send a piece of audio, if there is any."""
        if not data or self._line.fault is FaultName.EMPTY:
            return
        if self._deltas == _DELTAS_BEFORE_FAULT:
            await self._line.strike()
        self._deltas += 1
        event: JsonObject = {"type": "audio.delta", "delta": base64.b64encode(data).decode()}
        await self._line.send(event | ({"audio_duration": audio_s} if self._order.has_timestamps else {}))

"""An ESPHome voice device: microphone and player behind ESPHome's native API, for core's `esphome` integration."""

import asyncio
import time
from types import TracebackType
from typing import Any, Final, Self

from aioesphomeapi import VoiceAssistantEventType

from tests.harness.microphone import RATE, Microphone
from tests.harness.playback import Playback, cancelled
from tests.harness.sample_home import HOST

from .esphome_device import Facts, audio_of, finished, goodbye, request_of
from .esphome_wire import EsphomeLink, Message
from .turn import SatelliteTurn

TURN_DEADLINE_S: Final = 60.0
_PREFIX: Final = "VOICE_ASSISTANT_"
# From these on the microphone is closed; the firmware does it at the first of them.
_HEARD: Final = frozenset({"stt-vad-end", "stt-end", "error", "run-end"})


class EsphomeSatellite:
    """One device; `async with` starts and stops its server, `speak` is what a user does after the wake word."""

    def __init__(self, facts: Facts | None = None, *, plays: bool = True) -> None:
        """Describe it; one that plays reports the end of an answer after its real length, else at once."""
        self.facts = facts or Facts()
        self.port = 0
        self.announcements: list[SatelliteTurn] = []
        """What Home Assistant played without being asked."""
        self._plays = plays
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._link: EsphomeLink | None = None
        self._subscribed = asyncio.Event()
        self._is_awaited = asyncio.Event()
        """Home Assistant has begun the run: what it hears sooner, it throws away."""
        self._turn: SatelliteTurn | None = None
        self._url = ""
        self._speaking: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None
        self._run_ended = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up and stop."""
        if self._server is not None:
            self._server.close()
        for task in [*self._tasks, *filter(None, (self._speaking, self._playing))]:
            await cancelled(task)

    async def wait_until_ready(self, deadline_s: float = 20) -> None:
        """Return when Home Assistant has connected and wants to hear.

        Raises:
            TimeoutError: it does not.
        """
        async with asyncio.timeout(deadline_s):
            await self._subscribed.wait()

    async def speak(
        self,
        sound: bytes | Microphone,
        *,
        conversation_id: str = "",
        lead_s: float = 0.2,
        deadline_s: float = TURN_DEADLINE_S,
    ) -> SatelliteTurn:
        """Say a recording (16 bit mono PCM of 16 kHz, or what a microphone gives), listen to the answer to its end.

        Raises:
            TimeoutError: the run or the answer did not end before the deadline.
        """
        await self.wait_until_ready()
        assert self._link is not None
        turn = self._turn = SatelliteTurn()
        self._run_ended.clear()
        self._is_awaited.clear()
        self._url = ""
        microphone = sound if isinstance(sound, Microphone) else Microphone(sound, lead_s=lead_s)
        await self._link.write(request_of(conversation_id=conversation_id))
        self._speaking = asyncio.create_task(self._stream(self._link, microphone, turn))
        try:
            async with asyncio.timeout(deadline_s):
                await self._run_ended.wait()
                if self._playing is not None:
                    await asyncio.wait([self._playing])
        finally:
            await self._hush()
            turn.last_spoken_at = microphone.last_spoken_at
            if self._turn is turn:
                self._turn = None
        return turn

    async def stop(self) -> None:
        """Break the run off as the device's button does: the microphone, the run and the player end."""
        await self._hush()
        await cancelled(self._playing)
        self._playing = None
        if self._link is not None:
            await self._link.write(request_of(starts=False))
        self._run_ended.set()

    def drop(self) -> None:
        """Lose the connection; Home Assistant comes back after some seconds."""
        if self._link is not None:
            self._link.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        link = EsphomeLink(reader, writer)
        try:
            while (message := await link.read()) is not None:
                if type(message).__name__ == "DisconnectRequest":
                    await link.write(goodbye())
                    break
                await self._handle(link, message)
        finally:
            self._tasks.discard(task)
            link.close()
            if link is self._link:
                self._link = None
                self._subscribed.clear()

    async def _handle(self, link: EsphomeLink, message: Message) -> None:
        """Do what a message asks for."""
        name = type(message).__name__
        answer = self.facts.answers.get(name)
        if answer is not None:
            await link.write(*answer())
        # What protobuf has made at run time is known to nobody before.
        content: Any = message
        match name:
            case "SubscribeVoiceAssistantRequest" if content.subscribe:
                self._link = link
                self._subscribed.set()
            case "VoiceAssistantResponse" if content.error and self._turn is not None:
                self._turn.error_code = "refused"
                self._run_ended.set()
            case "VoiceAssistantResponse":
                self._is_awaited.set()
            case "VoiceAssistantEventResponse" if self._turn is not None:
                kind = VoiceAssistantEventType(content.event_type).name.removeprefix(_PREFIX)
                data = {item.name: item.value for item in content.data}
                await self._take(link, self._turn, kind.lower().replace("_", "-"), data)
            case "VoiceAssistantAudio" if self._turn is not None:
                self._turn.playback.content_type, self._turn.playback.rate = "audio/pcm", RATE
                self._turn.playback.add(content.data)
            case "VoiceAssistantAnnounceRequest":
                self._announce(link, content)

    async def _take(self, link: EsphomeLink, turn: SatelliteTurn, kind: str, data: dict[str, str]) -> None:
        """Take in an event of the run."""
        turn.add(kind, dict(data))
        _note(turn, kind, data)
        match kind:
            case "run-start":
                self._url = data.get("url", "")
            case "intent-progress" if data.get("tts_start_streaming") == "1":
                self._play(link, turn.playback, self._url)
            case "tts-end":
                self._play(link, turn.playback, data["url"])
            case "run-end" if self.facts.has_player or turn.at("tts-end") is None:
                self._run_ended.set()
            case "tts-stream-end":
                # A raw speaker is fed after the run.
                self._run_ended.set()
        if kind in _HEARD:
            await self._hush()

    def _announce(self, link: EsphomeLink, request: Any) -> None:
        """Play what nobody has asked for."""
        turn = SatelliteTurn(answer=request.text, continues=request.start_conversation)
        self.announcements.append(turn)
        self._play(link, turn.playback, request.media_id)

    def _play(self, link: EsphomeLink, playback: Playback, url: str) -> None:
        """Fetch an address and play it, where the device has a player and has not begun already."""
        if self.facts.has_player and url and playback.asked_at is None:
            # Now, not when the task begins: the two events that ask for it may come in one packet.
            playback.asked_at = time.monotonic()
            self._playing = asyncio.create_task(self._play_out(link, playback, url))

    async def _play_out(self, link: EsphomeLink, playback: Playback, url: str) -> None:
        """Fetch an address, wait until it has been heard, and report it."""
        await playback.fetch(url)
        if self._plays and playback.first_byte_at is not None:
            pcm, rate = SatelliteTurn(playback=playback).sound
            await asyncio.sleep(max(0.0, playback.first_byte_at + len(pcm) / 2 / rate - time.monotonic()))
        await link.write(finished())

    async def _stream(self, link: EsphomeLink, microphone: Microphone, turn: SatelliteTurn) -> None:
        """Send what the microphone hears, from when Home Assistant says that it listens until it has heard enough."""
        try:
            await self._is_awaited.wait()
            async for frame in microphone.frames():
                await link.write(audio_of(frame))
        finally:
            turn.hushed_at = time.monotonic()

    async def _hush(self) -> None:
        """Close the microphone."""
        await cancelled(self._speaking)
        self._speaking = None


def _note(turn: SatelliteTurn, kind: str, data: dict[str, str]) -> None:
    """Write down what an event says."""
    match kind:
        case "stt-end":
            turn.transcript = data["text"]
        case "intent-end":
            turn.conversation_id = data["conversation_id"]
            turn.continues = data["continue_conversation"] == "1"
        case "tts-start":
            turn.answer = data["text"]
        case "error":
            turn.error_code, turn.error_message = data["code"], data["message"]

"""A Wyoming satellite: a room's microphone and speaker behind a TCP port, for core's `wyoming` integration."""

import asyncio
from contextlib import suppress
import time
from typing import Final, override

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Info, Satellite
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played

from tests.harness.microphone import BYTES_PER_SAMPLE, RATE, Microphone
from tests.harness.playback import cancelled

from .turn import SatelliteTurn
from .wyoming_service import OURS, Link, WyomingService

TURN_DEADLINE_S: Final = 60.0
# From these on the microphone is closed.
_HEARD: Final = frozenset({"voice-stopped", "transcript", "error"})
_REQUEST: Final = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS)


class WyomingSatellite(WyomingService):
    """One satellite; `speak` is what a user does after the wake word."""

    def __init__(self, name: str = "Kitchen satellite", *, plays: bool = True) -> None:
        """Name it; one that plays reports the end of an answer after its real length, else at once."""
        super().__init__()
        self._name = name
        self._plays = plays
        self._link: Link | None = None
        self._runs = asyncio.Event()
        self._turn: SatelliteTurn | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._microphone: Microphone | None = None
        self._playing: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self.announcements: list[SatelliteTurn] = []
        """What Home Assistant played without being asked."""

    @property
    @override
    def info(self) -> Info:
        """Describe a satellite."""
        satellite = Satellite(
            name=self._name, attribution=OURS, installed=True, description=self._name, version="1", has_vad=False
        )
        return Info(satellite=satellite)

    async def wait_until_ready(self, deadline_s: float = 20) -> None:
        """Return when Home Assistant has connected and said that it listens.

        Raises:
            TimeoutError: it has not.
        """
        async with asyncio.timeout(deadline_s):
            await self._runs.wait()

    async def speak(self, pcm: bytes, *, lead_s: float = 0.2, deadline_s: float = TURN_DEADLINE_S) -> SatelliteTurn:
        """Say a recording (16 bit mono PCM of 16 kHz), listen to the answer to its end.

        Raises:
            TimeoutError: no answer and no error before the deadline.
        """
        await self.wait_until_ready()
        assert self._link is not None
        turn = self._turn = SatelliteTurn()
        self._over.clear()
        self._microphone = Microphone(pcm, lead_s=lead_s)
        await self._link.write(_REQUEST.event())
        self._speaking = asyncio.create_task(self._stream(self._link, self._microphone))
        try:
            async with asyncio.timeout(deadline_s):
                await self._over.wait()
        finally:
            await self._hush()
            turn.last_spoken_at = self._microphone.last_spoken_at
            self._turn = None
        return turn

    async def stop_speaking(self) -> None:
        """End the audio as a satellite with its own button does."""
        await self._hush()
        if self._link is not None:
            await self._link.write(AudioStop().event())

    def drop(self) -> None:
        """Lose the connection; Home Assistant comes back after some seconds."""
        if self._link is not None:
            self._link.close()

    @override
    async def handle(self, link: Link, event: Event) -> None:
        """Take in an event of Home Assistant."""
        if event.type == "run-satellite":
            self._link = link
            self._runs.set()
            return
        if event.type == "pause-satellite":
            self._runs.clear()
            return
        turn = self._turn or self._announcement(event)
        if turn is None:
            return
        self._take(turn, event)
        if event.type in _HEARD:
            await self._hush()
        if event.type == "error":
            self._over.set()
        if event.type == "audio-stop":
            # Not here: whoever does not answer pings while an answer is playing loses the connection.
            self._playing = asyncio.create_task(self._play_out(link, turn))

    @override
    async def gone(self, link: Link) -> None:
        """Forget a connection that has ended."""
        if link is self._link:
            self._link = None
            self._runs.clear()
            await self._hush()

    def _announcement(self, event: Event) -> SatelliteTurn | None:
        """Give the record of what is played without a turn of ours."""
        if event.type == "audio-start":
            self.announcements.append(SatelliteTurn())
        is_audio = event.type in {"audio-start", "audio-chunk", "audio-stop"}
        return self.announcements[-1] if is_audio and self.announcements else None

    def _take(self, turn: SatelliteTurn, event: Event) -> None:
        """Write down an event."""
        data = event.data or {}
        match event.type:
            case "audio-chunk":
                chunk = AudioChunk.from_event(event)
                turn.playback.add(chunk.audio)
                return
            case "audio-start":
                turn.playback.content_type = "audio/pcm"
                turn.playback.rate = AudioStart.from_event(event).rate
            case "transcript":
                turn.transcript = data["text"]
            case "synthesize":
                turn.answer = data["text"]
            case "error":
                turn.error_code, turn.error_message = data.get("code") or "", data["text"]
        turn.add(event.type, dict(data))

    async def _play_out(self, link: Link, turn: SatelliteTurn) -> None:
        """Wait until the answer has been heard, and report it."""
        playback = turn.playback
        if self._plays and playback.first_byte_at is not None:
            length_s = len(playback.audio) / BYTES_PER_SAMPLE / playback.rate
            await asyncio.sleep(max(0.0, playback.first_byte_at + length_s - time.monotonic()))
        await link.write(Played().event())
        if turn is self._turn:
            self._over.set()

    async def _stream(self, link: Link, microphone: Microphone) -> None:
        """Send what the microphone hears until Home Assistant has heard enough."""
        timestamp_ms = 0
        start = AudioStart(rate=RATE, width=BYTES_PER_SAMPLE, channels=1, timestamp=0)
        await link.write(start.event())
        async for frame in microphone.frames():
            chunk = AudioChunk(rate=RATE, width=BYTES_PER_SAMPLE, channels=1, audio=frame, timestamp=timestamp_ms)
            await link.write(chunk.event())
            timestamp_ms += chunk.milliseconds

    async def _hush(self) -> None:
        """Close the microphone."""
        if self._speaking is None:
            return
        with suppress(asyncio.CancelledError):
            await cancelled(self._speaking)
        self._speaking = None
        if self._turn is not None:
            self._turn.hushed_at = time.monotonic()

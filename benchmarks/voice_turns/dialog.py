"""A browser of our own for what the harness' one does not do: it may speak faster, and hears on when it is closed."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Final

from tests.harness.microphone import BYTES_PER_SAMPLE, FRAME_S, RATE
from tests.harness.playback import Playback, cancelled
from tests.harness.waiting import wait_until
from tests.harness.websocket import HomeAssistantSocket

from .heard import TurnError
from .place import SENTENCE_PCM, Json, Pipe, Place

LEAD_S: Final = 0.2
DEADLINE_S: Final = 60
FRAME_BYTES: Final = round(FRAME_S * RATE) * BYTES_PER_SAMPLE
HEARD: Final = frozenset({"stt-end", "intent-start", "error", "run-end"})


class Dialog:
    """One run; begin, then either wait for its end or close it."""

    def __init__(
        self, place: Place, socket: HomeAssistantSocket, *, speed: float = 1.0, conversation_id: str | None = None
    ) -> None:
        """Prepare a run in a conversation (None: a new one), with a microphone of this speed."""
        self.playback = Playback()
        self.conversation_id = conversation_id or ""
        self.answer = ""
        self.error = ""
        self.begun_at = 0.0
        """When the run was asked for."""
        self._place = place
        self._socket = socket
        self._speed = speed
        self._wanted = {"conversation_id": conversation_id} if conversation_id else {}
        self._run: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Begin the run."""
        self.begun_at = time.monotonic()
        self._run = asyncio.create_task(self._follow())

    async def end(self) -> None:
        """Wait for the end of the run and of the answer.

        Raises:
            TurnError: nothing was heard.
            TimeoutError: it did not end.
        """
        assert self._run is not None
        async with asyncio.timeout(DEADLINE_S):
            await self._run
            if self._playing is not None:
                await self._playing
        if self.error or not self.playback.arrivals:
            raise TurnError(self.error or "nothing was heard")

    async def wait_for_sound(self) -> None:
        """Return when the first byte has come."""

        async def has_come() -> bool:
            return bool(self.playback.arrivals)

        await wait_until(has_come, "an answer is heard", deadline_s=DEADLINE_S)

    async def close(self) -> float:
        """Close the dialog as its window does, but go on listening; tell when."""
        closed_at = time.monotonic()
        await cancelled(self._run)
        return closed_at

    async def leave(self) -> None:
        """Let go of everything."""
        await cancelled(self._run)
        await cancelled(self._speaking)
        await cancelled(self._playing)

    async def _follow(self) -> None:
        """Follow the run to its end."""
        fields = {
            "start_stage": "stt",
            "end_stage": "tts",
            "input": {"sample_rate": RATE},
            "pipeline": self._place.pipelines[Pipe.VOICE],
            "timeout": DEADLINE_S,
            **self._wanted,
        }
        async with self._socket.subscribe("assist_pipeline/run", **fields) as events:
            async for event in events:
                await self._take(event["type"], event["data"] or {})
                if event["type"] == "run-end":
                    return

    async def _take(self, kind: str, data: Json) -> None:
        """Do what the browser does at an event."""
        match kind:
            case "run-start":
                self.conversation_id = data["conversation_id"]
                self._speaking = asyncio.create_task(self._speak(data["runner_data"]["stt_binary_handler_id"]))
                address = f"{self._place.home.process.url}{data['tts_output']['url']}"
                self._playing = asyncio.create_task(self.playback.fetch(address))
            case "error":
                self.error = data["code"]
            case "intent-end":
                self.answer = data["intent_output"]["response"]["speech"]["plain"]["speech"]
        if kind in HEARD:
            await cancelled(self._speaking)

    async def _speak(self, handler_id: int) -> None:
        """Send what the microphone hears, silence too, until somebody ends it."""
        try:
            async for frame in _frames(self._speed):
                await self._socket.send_binary(handler_id, frame)
        finally:
            await self._socket.send_binary(handler_id, b"")


async def _frames(speed: float) -> AsyncIterator[bytes]:
    """Give the sentence and then silence, so many times faster than it is spoken."""
    sound = bytes(round(LEAD_S * RATE) * BYTES_PER_SAMPLE) + SENTENCE_PCM
    began = time.monotonic()
    number = 0
    while True:
        number += 1
        await asyncio.sleep(began + number * FRAME_S / speed - time.monotonic())
        yield sound[(number - 1) * FRAME_BYTES : number * FRAME_BYTES].ljust(FRAME_BYTES, b"\0")

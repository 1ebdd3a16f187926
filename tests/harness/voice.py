"""One turn with Assist by voice as the browser has it: a microphone, the run's events, and a player."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import time
from typing import Any, Final

from .assist import TURN_DEADLINE_S, AssistTurn, PipelineEvent
from .microphone import RATE, Microphone
from .playback import Playback, cancelled
from .websocket import HomeAssistantSocket

# From these on the browser's microphone is closed.
HEARD: Final = frozenset({"stt-end", "intent-start", "error", "run-end"})
# A player that has had no byte this long after the end of the run will get none.
UNSPOKEN_S: Final = 1.0

type Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class VoiceTurn(AssistTurn):
    """What the events of one spoken run add up to, and what was heard; all times are by `time.monotonic`."""

    began_at: float
    """When the run was asked for."""
    playback: Playback = field(default_factory=Playback)
    last_spoken_at: float | None = None
    """When the last sample of the sentence was sent; silence followed."""
    transcript: str = ""

    @property
    def audio(self) -> bytes:
        """The bytes of the answer as the browser got them, a file of `playback.content_type`."""
        return bytes(self.playback.audio)

    @property
    def first_byte_at(self) -> float | None:
        """When the first byte of the answer came."""
        return self.playback.first_byte_at

    @property
    def kinds(self) -> list[str]:
        """The kinds of the events in their order."""
        return [event.kind for event in self.events]

    def at(self, kind: str) -> float | None:
        """When the first event of a kind came."""
        return next((self.began_at + event.after_s for event in self.events if event.kind == kind), None)

    @property
    def streaming_at(self) -> float | None:
        """When Home Assistant said that the answer can be fetched before its text is whole."""
        for event in self.events:
            if event.kind == "intent-progress" and event.data.get("tts_start_streaming"):
                return self.began_at + event.after_s
        return None


async def voice_turn(
    socket: HomeAssistantSocket,
    url: str,
    sound: bytes | Microphone,
    *,
    pipeline: str | None = None,
    conversation_id: str | None = None,
    device_id: str | None = None,
    lead_s: float = 0.2,
    end_stage: str = "tts",
    deadline_s: float = TURN_DEADLINE_S,
    on_event: Callable[[PipelineEvent], None] | None = None,
) -> VoiceTurn:
    """Speak a recording (16 bit mono PCM of 16 kHz) to a pipeline (None: the preferred) and hear the answer out.

    The address is Home Assistant's. Whoever cancels the task ends the run, as closing the dialog does. In the place of
    a recording a microphone may be given: one that ends by itself decides when the user has finished.

    Raises:
        TimeoutError: the run or the answer did not end before the deadline.
        CommandError: Home Assistant refused to begin it.
    """
    turn = VoiceTurn(began_at=time.monotonic())
    microphone = sound if isinstance(sound, Microphone) else Microphone(sound, lead_s=lead_s)
    talk = _Talk(socket, url, microphone, turn)
    fields: Json = {
        "start_stage": "stt",
        "end_stage": end_stage,
        "input": {"sample_rate": RATE} | ({"no_vad": True} if microphone.ends else {}),
        "pipeline": pipeline,
        "conversation_id": conversation_id,
        "device_id": device_id,
        "timeout": deadline_s,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    try:
        async with (
            asyncio.timeout(deadline_s),
            socket.subscribe("assist_pipeline/run", **fields) as events,
        ):
            async for event in events:
                kind, data = event["type"], event["data"] or {}
                noted = PipelineEvent(kind=kind, data=data, after_s=time.monotonic() - turn.began_at)
                await talk.take(noted)
                if on_event is not None:
                    on_event(noted)
                if kind == "run-end":
                    break
            await talk.hear_out()
    finally:
        await talk.end()
    return turn


class _Talk:
    """The browser's microphone and player during one run."""

    def __init__(self, socket: HomeAssistantSocket, url: str, microphone: Microphone, turn: VoiceTurn) -> None:
        """Belong to one run."""
        self._socket = socket
        self._url = url
        self._microphone = microphone
        self._turn = turn
        self._handler_id: int | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None

    async def take(self, event: PipelineEvent) -> None:
        """Do what the browser does at an event."""
        self._turn.add(event)
        match event.kind:
            case "run-start":
                self._handler_id = event.data["runner_data"]["stt_binary_handler_id"]
                self._speaking = asyncio.create_task(self._speak())
                output = event.data.get("tts_output")
                if output:
                    self._playing = asyncio.create_task(self._turn.playback.fetch(f"{self._url}{output['url']}"))
            case "stt-end":
                self._turn.transcript = event.data["stt_output"]["text"]
        if event.kind in HEARD:
            await self._hush()

    async def hear_out(self) -> None:
        """Wait for the end of the answer, if there is one."""
        if self._playing is None:
            return
        if "tts-end" not in self._turn.kinds:
            await asyncio.wait([self._playing], timeout=UNSPOKEN_S)
            if self._turn.first_byte_at is None:
                return
        await self._playing

    async def end(self) -> None:
        """Close microphone and player, whatever happened."""
        await cancelled(self._speaking)
        await cancelled(self._playing)
        self._turn.last_spoken_at = self._microphone.last_spoken_at

    async def _speak(self) -> None:
        """Send what the microphone hears, silence too, until it or somebody ends it; an empty frame tells it."""
        async for frame in self._microphone.frames():
            if self._handler_id is not None:
                await self._socket.send_binary(self._handler_id, frame)
        if self._handler_id is not None:
            await self._socket.send_binary(self._handler_id, b"")

    async def _hush(self) -> None:
        """Close the microphone; an empty frame tells it."""
        if self._speaking is None or self._handler_id is None:
            return
        await cancelled(self._speaking)
        self._speaking = None
        await self._socket.send_binary(self._handler_id, b"")

"""A bare realtime client for the tests of the simulator, and the sounds that they use."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Final
import wave

import aiohttp

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.schema import has_definition, schema_errors
from ..simulator.server import Simulator
from .asking import KEY

RATE: Final = 16_000
BYTES_PER_MS: Final = RATE * 2 // 1000
SPEECH: Final = Path(__file__).parents[1] / "speech"
LIGHT: Final = "turn_on_the_light"
DEADLINE_S: Final = 4.0


@dataclass(slots=True, kw_only=True)
class Talker:
    """One socket; keeps everything that came in."""

    socket: aiohttp.ClientWebSocketResponse
    events: list[JsonObject] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    takes_odd_events: bool = False
    """Whether events need not fit their schemas."""
    _seen: int = 0

    async def send(self, kind: str, **fields: Json) -> None:
        """Send an event."""
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def update(self, **session: Json) -> JsonObject:
        """Configure the session and wait for the acknowledgement."""
        await self.send("session.update", session=session)
        return await self.until("session.updated")

    async def say(self, pcm: bytes) -> None:
        """Send audio in one piece."""
        await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    async def write(self, text: str) -> None:
        """Ask in writing."""
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await self.send("response.create")

    async def give_output(self, call_id: str, output: str = "done") -> None:
        """Hand over what a function has given."""
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        await self.send("conversation.item.create", item=item)

    async def until(self, kind: str, *, where: Callable[[JsonObject], bool] = lambda _: True) -> JsonObject:
        """Give the next event of a type that has not been waited for, read on until it comes."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                while self._seen < len(self.events):
                    event = self.events[self._seen]
                    self._seen += 1
                    if event["type"] == kind and where(event):
                        return event
                await self._read()

    async def rest(self, seconds: float = 0.1) -> None:
        """Read whatever comes for a while, or until the end."""
        try:
            async with asyncio.timeout(seconds):
                while not self.socket.closed:
                    await self._read()
        except TimeoutError, ConnectionResetError:
            pass

    async def until_end(self) -> int | None:
        """Read to the end and give the close code."""
        await self.rest(DEADLINE_S)
        assert self.socket.closed
        return self.socket.close_code

    def of(self, kind: str) -> list[JsonObject]:
        """All events of a type so far."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        """The types of all events so far, repeated deltas told once, pings left out."""
        shown: list[str] = []
        for event in self.events:
            kind = event["type"].removeprefix("conversation.item.input_audio_")
            is_repeated = kind.endswith(".delta") and kind in shown[-2:]
            if kind != "ping" and not is_repeated:
                shown.append(kind if "status" not in event else f"{kind} {event['status']}")
        return shown

    @property
    def audio(self) -> bytes:
        """All audio that came as events."""
        deltas = self.of("response.output_audio.delta")
        return b"".join(base64.b64decode(event["delta"]) for event in deltas)

    async def _read(self) -> None:
        """Take in one frame."""
        frame = await self.socket.receive()
        match frame.type:
            case aiohttp.WSMsgType.TEXT:
                self._keep(frame.data)
            case aiohttp.WSMsgType.BINARY:
                self.frames.append(frame.data)
            case _:
                raise ConnectionResetError

    def _keep(self, text: str) -> None:
        """Keep a text frame; whatever is an event that is known must fit its schema."""
        try:
            event = json.loads(text)
        except ValueError:
            event = {}
        if "type" not in event:
            self.texts.append(text)
            return
        definition = f"rt.server.{event['type']}"
        if has_definition(definition) and not self.takes_odd_events:
            assert schema_errors(definition, event) == []
        self.events.append(event)


@asynccontextmanager
async def talking(sim: Simulator, query: str = "model=grok-voice-latest") -> AsyncIterator[Talker]:
    """Give an open socket with a good key."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
        session.ws_connect(f"{sim.url}/realtime?{query}", max_msg_size=0) as socket,
    ):
        yield Talker(socket=socket)


@asynccontextmanager
async def listening(sim: Simulator, **session: Json) -> AsyncIterator[Talker]:
    """Give an open socket on which the server finds the turns in speech of 16 kHz."""
    async with talking(sim) as talker:
        await talker.update(**(vad_session() | session))
        yield talker


def vad_session(silence_ms: int = 300) -> JsonObject:
    """Build the settings for turns that the server finds."""
    return {
        "voice": "eve",
        "turn_detection": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": silence_ms},
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": RATE}, "transcription": {"model": "grok-transcribe"}},
            "output": {"format": {"type": "audio/pcm", "rate": RATE}},
        },
    }


def spoken(name: str = LIGHT) -> bytes:
    """Give one of the recorded sentences."""
    with wave.open(str(SPEECH / f"{name}.wav")) as recording:
        return bytes(recording.readframes(recording.getnframes()))


def quiet(milliseconds: int) -> bytes:
    """Give silence."""
    return bytes(milliseconds * BYTES_PER_MS)

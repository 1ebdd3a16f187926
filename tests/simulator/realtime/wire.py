"""The server's end of a socket: what is sent leaves in order, checked, recorded, and spoilt where a fault says so."""

import asyncio
import base64
from collections.abc import Iterable
from contextlib import suppress
import json
from typing import Final

from aiohttp import web

from ..jsontypes import Json, JsonObject
from ..schema import has_definition, schema_errors
from ..traffic import Traffic
from .accent import Accent
from .conversation import new_id
from .mischief import Cut, Event, Frame, Later, Mischief, Raw, Sound
from .record import RecordedSession
from .vad import BYTES_PER_SAMPLE

NO_CODE: Final = 1006
_UNANCHORED: Final = frozenset({"session.created", "error"})


class Wire:
    """Takes events at once, whoever brings them, and writes them one after the other."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        *,
        traffic: Traffic,
        record: RecordedSession,
        mischief: Mischief,
        accent: Accent,
    ) -> None:
        """Write to one socket."""
        self._socket = socket
        self._transport = transport
        self._traffic = traffic
        self._record = record
        self._mischief = mischief
        self._accent = accent
        self._queue: asyncio.Queue[str | bytes | Cut] = asyncio.Queue()
        self.is_open = True
        self.cut_code: int | None = None
        """How we ended the line, None as long as we have not."""

    def send(self, kind: str, **fields: Json) -> None:
        """Send an event."""
        anchor = {} if kind in _UNANCHORED else {"previous_item_id": None}
        body = {"type": kind, "event_id": new_id(), **anchor, **fields}
        self._put(self._mischief.outgoing(body))

    def send_audio(self, pcm: bytes, *, rate: int, is_binary: bool, **fields: Json) -> None:
        """Send a piece of audio as an event, or as a frame of its own."""
        audio_s = len(pcm) / BYTES_PER_SAMPLE / rate
        body: JsonObject = {
            "type": "response.output_audio.delta",
            "event_id": new_id(),
            "previous_item_id": None,
            "delta": base64.b64encode(pcm).decode(),
            "audio_duration_ms": round(audio_s * 1000),
            **fields,
        }
        frames = self._mischief.outgoing(body, audio_s)
        self._put(map(_as_sound, frames) if is_binary else frames)

    def error(self, kind: str, message: str, *, code: str | None = None, param: str | None = None) -> None:
        """Send an error event."""
        error = {"type": kind, "code": code or kind, "message": message, "param": param, "event_id": new_id()}
        self.send("error", error=error)

    def cut(self, code: int | None = None) -> None:
        """End the line after what was sent so far: in order with a code, else without a word."""
        self._put([Cut(code=code)])

    def kill(self) -> None:
        """End the line now, whatever was to be sent."""
        self.is_open = False
        self.cut_code = NO_CODE
        if self._transport is not None:
            self._transport.abort()
        self._queue.put_nowait(Cut())

    async def pump(self) -> None:
        """Write what is queued until the line ends."""
        with suppress(ConnectionError):
            while True:
                frame = await self._queue.get()
                match frame:
                    case str():
                        await self._socket.send_str(frame)
                    case bytes():
                        await self._socket.send_bytes(frame)
                    case Cut(code=None):
                        if self._transport is not None:
                            self._transport.close()
                        return
                    case Cut(code=int(code)):
                        await self._socket.close(code=code)
                        return

    def _put(self, frames: Iterable[Frame]) -> None:
        """Queue frames, unless the line has ended."""
        for frame in frames:
            if not self.is_open:
                return
            match frame:
                case Event(body=body, is_checked=is_checked):
                    for said in self._accent.spoken(body):
                        self._put_event(said.body, is_checked=is_checked and not said.is_odd)
                case Raw(text=text):
                    self._record.note("server", {"type": "", "text": text})
                    self._queue.put_nowait(text)
                case Sound(pcm=pcm):
                    self._record.note("server", {"type": "binary", "audio": len(pcm)})
                    self._queue.put_nowait(pcm)
                case Cut():
                    self.is_open = False
                    self.cut_code = frame.code or NO_CODE
                    self._queue.put_nowait(frame)
                case Later(seconds=seconds, frames=late):
                    asyncio.get_running_loop().call_later(seconds, self._put, late)

    def _put_event(self, body: JsonObject, *, is_checked: bool) -> None:
        """Check, record and queue one event."""
        if is_checked:
            self._check(body)
        self._record.note("server", without_audio(body))
        self._queue.put_nowait(json.dumps(body, ensure_ascii=False))

    def _check(self, body: JsonObject) -> None:
        """Hold an event against the schema."""
        definition = f"rt.server.{body['type']}"
        if not has_definition(definition):
            self._traffic.blame_simulator(f"unknown event {body['type']}")
            return
        for error in schema_errors(definition, body):
            self._traffic.blame_simulator(f"{definition}: {error}")


def _as_sound(frame: Frame) -> Frame:
    """Give the audio of an event as a frame of its own; everything else stays as it is."""
    if isinstance(frame, Event) and frame.body["type"] == "response.output_audio.delta":
        return Sound(pcm=base64.b64decode(frame.body["delta"]))
    return frame


def without_audio(body: JsonObject) -> JsonObject:
    """Give an event as it is recorded: audio and other huge texts by their size."""
    shown = dict(body)
    match body.get("type"):
        case "response.output_audio.delta" | "response.audio.delta":
            shown["delta"] = _decoded_bytes(body["delta"])
        case "input_audio_buffer.append":
            shown["audio"] = _decoded_bytes(body.get("audio"))
        case "debug.dump":
            shown["payload"] = len(body["payload"])
    return shown


def _decoded_bytes(text: Json) -> int:
    """About how many bytes a text in base64 stands for."""
    return len(text.rstrip("=")) * 3 // 4 if isinstance(text, str) else 0

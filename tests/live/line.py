"""One socket: what we say, and what comes back within a deadline."""

import asyncio
import base64
from contextlib import suppress
import json
from typing import Final

import aiohttp

from ..simulator.jsontypes import Json, JsonObject
from .evidence import Frame, Talk, is_sound, parsed
from .prices import TEXT_ITEM_USD
from .purse import Purse, StoppedError
from .recording import SocketRecord
from .sound import RATE

# A relay's limit is 64 KiB in the worst case that we think of; in base64 a piece is a third longer.
_PIECE_BYTES: Final = 24_000
_WAIT_S: Final = 12.0
_OUTPUT_RATE: Final = 24_000
_LIVE: Final = 101
CLOSING_S: Final = 2.0
"""For which a socket waits at most to be closed from the other side."""


class Line:
    """Talks on one socket; where that is refused or closed, nothing comes any more, and nothing is raised."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse | None,
        talk: Talk,
        record: SocketRecord,
        *,
        purse: Purse,
        most_s: float,
    ) -> None:
        """Talk on a socket that is open, or on none; hang up after so many seconds, as they are paid."""
        self._socket = socket
        self._record = record
        self._purse = purse
        self._most_s = most_s
        self._began = self._now()
        self._read = 0
        self._is_over = False
        self._watch = asyncio.create_task(self._hang_up_in_time())
        self.talk = talk

    @property
    def is_open(self) -> bool:
        """Whether something can still come."""
        return self._socket is not None and not self._socket.closed

    @property
    def place(self) -> int:
        """How many frames there have been: a mark from which on a part of the talk begins."""
        return len(self.talk.frames)

    async def send(self, kind: str, **fields: Json) -> None:
        """Send an event.

        Raises:
            StoppedError: the time of the socket is over, or the item is too dear.
        """
        self._check_time()
        if kind == "conversation.item.create" and fields["item"].get("type") != "function_call_output":
            self._purse.hold(TEXT_ITEM_USD)
        event: JsonObject = {"type": kind, **fields}
        self._note(event, is_ours=True)
        await self._write(json.dumps(event))

    async def speak(self, pcm: bytes, *, rate: int = RATE) -> None:
        """Send sound in pieces, as fast as it goes."""
        for start in range(0, len(pcm), _PIECE_BYTES):
            piece = pcm[start : start + _PIECE_BYTES]
            self.talk.sent_s += len(piece) / 2 / rate
            await self.send("input_audio_buffer.append", audio=base64.b64encode(piece).decode())

    async def send_sound(self, pcm: bytes) -> None:
        """Send sound as binary frames."""
        for start in range(0, len(pcm), _PIECE_BYTES):
            piece = pcm[start : start + _PIECE_BYTES]
            self.talk.sent_s += len(piece) / 2 / RATE
            self._note({"type": "binary", "bytes": len(piece)}, is_ours=True)
            await self._write(piece)

    async def until(self, *kinds: str, seconds: float = _WAIT_S) -> JsonObject | None:
        """Give the next event of some types, or None where the time is up or the socket closed.

        Raises:
            StoppedError: the time of the socket is over.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (event := self._next(kinds)) is None and await self._receive():
                    pass
                if event is not None:
                    return event
        self._check_time()
        return None

    async def rest(self, seconds: float) -> None:
        """Read whatever comes for a while; none of it is waited for any more.

        Raises:
            StoppedError: the time of the socket is over.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._receive():
                    pass
        self._read = len(self.talk.frames)
        self._check_time()

    async def close(self) -> None:
        """Hang up."""
        self._watch.cancel()
        self.talk.open_s = self._now() - self._began
        if self._socket is not None:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await self._socket.close()
        if self.talk.status == _LIVE:
            self._record.closed(self.talk.open_s, self.talk.close_code)

    def _next(self, kinds: tuple[str, ...]) -> JsonObject | None:
        """Give the next event of some types of those that have come."""
        while self._read < len(self.talk.frames):
            frame = self.talk.frames[self._read]
            self._read += 1
            if not frame.is_ours and frame.event.get("type", "error") in kinds:
                return frame.event
        return None

    async def _hang_up_in_time(self) -> None:
        """Hang up when what is paid for is over, whatever is waited for."""
        await asyncio.sleep(self._most_s)
        self._is_over = True
        if self._socket is not None:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await self._socket.close()

    def _check_time(self) -> None:
        """Say that it is over, so that silence is not taken for an answer.

        Raises:
            StoppedError: it is.
        """
        if self._is_over:
            raise StoppedError(f"not asked any more, as the socket had been open for {self._most_s:.0f} s")

    async def _receive(self) -> bool:
        """Take in one frame; False where no more can come."""
        if self._socket is None or self._socket.closed:
            return False
        frame = await self._socket.receive()
        match frame.type:
            case aiohttp.WSMsgType.TEXT:
                event = parsed(frame.data)
                self._note(event if isinstance(event, dict) else {"type": "", "text": frame.data}, is_ours=False)
            case aiohttp.WSMsgType.BINARY:
                self.talk.binary_frames += 1
                self._note({"type": "binary", "audio": base64.b64encode(frame.data).decode()}, is_ours=False)
            case _ if self._is_over:
                return False
            case _:
                self.talk.close_code = self._socket.close_code or 1006
                return False
        return True

    async def _write(self, data: str | bytes) -> None:
        """Send a frame, if there is anybody to take it."""
        if self._socket is None or self._socket.closed:
            return
        with suppress(aiohttp.ClientError, OSError):
            if isinstance(data, str):
                await self._socket.send_str(data)
            else:
                await self._socket.send_bytes(data)

    def _note(self, event: JsonObject, *, is_ours: bool) -> None:
        """Keep a frame."""
        frame = Frame(is_ours=is_ours, seconds=round(self._now() - self._began, 3), event=event)
        self.talk.frames.append(frame)
        self._record.frame(frame)
        if not is_ours and is_sound(event.get("type", "")):
            self.talk.received_s += len(event.get("delta", "")) * 3 / 4 / 2 / _OUTPUT_RATE

    @staticmethod
    def _now() -> float:
        """Tell the time."""
        return asyncio.get_running_loop().time()


def paid_s(most_s: float) -> float:
    """Tell for how long a socket may be paid that we keep open for so long."""
    return most_s + CLOSING_S

"""A page of a live conversation, as a program: it speaks, plays what comes at the pace of life, and tells where."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson

from custom_components.grok_assist.core.live.frames import MicrophoneFrame, SoundFrame

FRAME_S: Final = 0.04
REPORT_S: Final = 0.25
START_S: Final = 0.06
RATE: Final = 16_000
PLAY_RATE: Final = 24_000


class Wire(Protocol):
    """A way to Home Assistant."""

    async def send(self, data: str | bytes) -> None:
        """Send a text frame or a binary one."""

    async def receive(self) -> str | bytes | None:
        """Wait for the next frame; None where there is none any more."""

    async def close(self) -> None:
        """Close it."""


@dataclass(slots=True)
class _Sound:
    """A piece of sound that waits, or plays."""

    frame: SoundFrame

    @property
    def ms(self) -> float:
        """How long it is."""
        return len(self.frame.pcm) / 2 / PLAY_RATE * 1000


@dataclass(slots=True, kw_only=True)
class LivePage:
    """One page."""

    wire: Wire
    speed: float = 1.0
    """Of the microphone, above the pace of life."""
    on_message: Callable[[dict[str, Any]], None] = lambda _: None
    rate: int = RATE
    latency_ms: float = 0.0
    reports: bool = True
    """It tells where it is."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    """What the loudspeaker has played."""
    heard_of: dict[tuple[int, int], float] = field(default_factory=dict)
    """Milliseconds played of each item, by answer and item."""
    received_of: dict[tuple[int, int], float] = field(default_factory=dict)
    frames: list[SoundFrame] = field(default_factory=list)
    times: list[tuple[float, str]] = field(default_factory=list)
    """When what happened, on the loop's clock."""
    muted_to: int = 0
    """Answers up to which nothing is played."""
    _queue: deque[_Sound] = field(default_factory=deque)
    _words: deque[bytes] = field(default_factory=deque)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _seq: int = 0
    _is_open: bool = False
    _at: tuple[int, int, float] | None = None
    _sounds_since: float | None = None
    """Since when the piece plays that is first in line."""

    # --- what a user does ---

    async def open(self, *, resume: str | None = None, **hello: object) -> None:
        """Say hello, listen, and open the microphone."""
        played = None
        if resume is not None and self._at is not None:
            played = {"answer": self._at[0], "item": self._at[1], "ms": self._at[2]}
        greeting = {
            "type": "hello",
            "version": 1,
            "rate": self.rate,
            "play_rate": PLAY_RATE,
            "latency_ms": self.latency_ms,
            "echo": "on",
            "interrupt": "speech",
            "resume": None if resume is None else {"token": resume, "played": played},
            **hello,
        }
        await self.send(greeting)
        self._is_open = True
        self._tasks = [asyncio.create_task(work) for work in (self._read(), self._record(), self._play())]

    async def send(self, message: dict[str, object]) -> None:
        """Send a message."""
        await self.wire.send(orjson.dumps(message).decode())

    def say(self, pcm: bytes) -> None:
        """Speak, behind what is still to be said."""
        size = int(self.rate * FRAME_S) * 2
        self._words.extend(pcm[start : start + size] for start in range(0, len(pcm), size))

    async def said(self) -> None:
        """Wait until everything is said."""
        await self.until(lambda page: not page._words, 600)

    async def interrupt(self) -> None:
        """Tap."""
        await self._stop(self._at[0] if self._at else 0, "tap")
        await self.send({"type": "interrupt"})

    async def close(self) -> None:
        """Go away."""
        self._is_open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.wire.close()

    # --- what a user sees ---

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a kind."""
        return [message for message in self.messages if message.get("type") == kind]

    @property
    def is_playing(self) -> bool:
        """Whether something is to be heard."""
        return bool(self._queue)

    async def until(self, is_so: Callable[[LivePage], object], within_s: float = 30.0) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(within_s):
            while not is_so(self):
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await self._news.wait()

    # --- inside ---

    async def _read(self) -> None:
        """Take what comes."""
        loop = asyncio.get_running_loop()
        while (raw := await self.wire.receive()) is not None:
            if isinstance(raw, bytes):
                self._take_sound(SoundFrame.parse(raw))
            else:
                message = orjson.loads(raw)
                self.messages.append(message)
                self.times.append((loop.time(), message["type"]))
                if message["type"] == "stop":
                    await self._stop(message["answer"], "server")
                self.on_message(message)
            self._news.set()
        self._is_open = False
        self.messages.append({"type": "closed"})
        self._news.set()

    def _take_sound(self, frame: SoundFrame) -> None:
        """Keep a piece of sound, unless it is of what is over."""
        self.frames.append(frame)
        if frame.answer <= self.muted_to:
            return
        key = (frame.answer, frame.item)
        if not self.received_of:
            self.times.append((asyncio.get_running_loop().time(), "first sound"))
        self.received_of[key] = self.received_of.get(key, 0.0) + len(frame.pcm) / 2 / PLAY_RATE * 1000
        self._queue.append(_Sound(frame))
        self._changed.set()

    async def _record(self) -> None:
        """Send the microphone: what is said, else silence."""
        silence = bytes(int(self.rate * FRAME_S) * 2)
        while self._is_open:
            pcm = self._words.popleft() if self._words else silence
            self._seq += 1
            with suppress(ConnectionError, RuntimeError):
                await self.wire.send(MicrophoneFrame(self._seq, pcm).to_bytes())
            await asyncio.sleep(FRAME_S / self.speed)

    async def _play(self) -> None:
        """Play at the pace of life."""
        loop, told_at = asyncio.get_running_loop(), 0.0
        while self._is_open:
            if not self._queue:
                self._changed.clear()
                await self._changed.wait()
                await asyncio.sleep(START_S)
                continue
            sound = self._queue[0]
            key = (sound.frame.answer, sound.frame.item)
            is_first = self.heard_of.get(key) is None
            if is_first:
                self.heard_of[key] = 0.0
                await self._report(*key)
                told_at = loop.time()
            self._sounds_since = loop.time()
            await asyncio.sleep(sound.ms / 1000)
            if not self._queue or self._queue[0] is not sound:
                continue
            self._queue.popleft()
            self._sounds_since = None
            self._keep(sound, sound.ms)
            self._at = (*key, self.heard_of[key])
            if loop.time() - told_at >= REPORT_S or sound.frame.is_last or not self._queue:
                await self._report(*key)
                told_at = loop.time()
            self._news.set()

    async def _report(self, answer: int, item: int) -> None:
        """Tell where the loudspeaker is."""
        ms = self.heard_of[answer, item]
        self._at = (answer, item, ms)
        if self.reports:
            with suppress(ConnectionError, RuntimeError):
                await self.send({"type": "played", "answer": answer, "item": item, "ms": ms})

    def _keep(self, sound: _Sound, ms: float) -> None:
        """Keep what was heard of a piece: its beginning, where it was cut short."""
        ms = min(ms, sound.ms)
        self.heard += sound.frame.pcm[: int(ms * PLAY_RATE / 1000) * 2]
        self.heard_of[sound.frame.answer, sound.frame.item] += ms

    async def _stop(self, answer: int, cause: str) -> None:
        """Be silent at once, and tell where that was."""
        self.muted_to = max(self.muted_to, answer)
        was_playing = self._queue[0].frame if self._queue else None
        if self._sounds_since is not None and was_playing is not None and was_playing.answer <= answer:
            self._keep(self._queue[0], (asyncio.get_running_loop().time() - self._sounds_since) * 1000)
            self._sounds_since = None
        self._queue = deque(sound for sound in self._queue if sound.frame.answer > answer)
        self._changed.set()
        if was_playing is not None or self._at is not None:
            at = (was_playing.answer, was_playing.item) if was_playing is not None else (self._at or (0, 0, 0))[:2]
            ms = self.heard_of.get((at[0], at[1]), 0.0)
            await self.send({"type": "stopped", "answer": at[0], "item": at[1], "ms": ms, "cause": cause})


@dataclass(slots=True)
class SocketWire:
    """The live socket, by aiohttp."""

    socket: Any

    async def send(self, data: str | bytes) -> None:
        """Send a frame."""
        if isinstance(data, bytes):
            await self.socket.send_bytes(data)
        else:
            await self.socket.send_str(data)

    async def receive(self) -> str | bytes | None:
        """Wait for the next frame."""
        frame = await self.socket.receive()
        return frame.data if frame.type.name in ("TEXT", "BINARY") else None

    async def close(self) -> None:
        """Close the socket."""
        await self.socket.close()

"""What a client hears: the bytes of an answer and when each piece of them came."""

import asyncio
from dataclasses import dataclass, field
import time
from typing import Final

import aiohttp

PATIENT: Final = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One piece of audio."""

    at: float
    """By `time.monotonic`."""
    size: int


@dataclass(slots=True, kw_only=True)
class Playback:
    """Audio as it came; not frozen because it grows."""

    audio: bytearray = field(default_factory=bytearray)
    arrivals: list[Arrival] = field(default_factory=list)
    content_type: str = ""
    """`audio/pcm` where it is raw, with the rate below."""
    rate: int = 0
    asked_at: float | None = None
    """When the client opened the address, for those who fetch."""
    status: int = 0
    error: str = ""
    """Why it broke off, else empty."""

    @property
    def first_byte_at(self) -> float | None:
        """When the first byte came."""
        return self.arrivals[0].at if self.arrivals else None

    def add(self, data: bytes) -> None:
        """Take in a piece."""
        if data:
            self.audio += data
            self.arrivals.append(Arrival(at=time.monotonic(), size=len(data)))

    async def fetch(self, address: str) -> None:
        """Fetch an address as a player does: without a key, from the first byte to the last."""
        self.asked_at = self.asked_at or time.monotonic()
        try:
            async with aiohttp.ClientSession(timeout=PATIENT) as session, session.get(address) as response:
                self.status = response.status
                self.content_type = response.content_type
                async for data in response.content.iter_any():
                    self.add(data)
        except aiohttp.ClientError as err:
            self.error = f"{type(err).__name__}: {err}"


async def cancelled(task: asyncio.Task[None] | None) -> None:
    """End a task of ours and wait for its end."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""Servers of plain speech in this process, and what is said to them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.server import ServerConnection, serve

from custom_components.grok_assist.grok.speech import SpeechClient
from custom_components.grok_assist.grok.speech_wire import SpeechLimits

from ..ports import QUIET, port_of

type Handler = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def client_of(handler: Handler, key: str = "key", **limits: Any) -> AsyncGenerator[SpeechClient]:
    """Have a client of a server that does as the handler says."""
    async with serve(handler, "127.0.0.1", 0, logger=QUIET) as server:
        url = f"http://127.0.0.1:{port_of(server)}/v1"
        yield SpeechClient(url, key, ssl=None, connect_s=2.0, limits=SpeechLimits(**limits))


def frame(**fields: object) -> bytes:
    """Write a frame."""
    return orjson.dumps(fields)


async def pieces(*made: str) -> AsyncGenerator[str]:
    """Give pieces of a text."""
    for piece in made:
        await asyncio.sleep(0)
        yield piece


async def chunks(*made: bytes) -> AsyncGenerator[bytes]:
    """Give pieces of sound."""
    for piece in made:
        await asyncio.sleep(0)
        yield piece

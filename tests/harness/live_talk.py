"""A live conversation that anybody can watch in a terminal: sentences one after the other, or over the answer."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
import json
from pathlib import Path
from typing import Any, Final
import wave

import aiohttp

from .errors import HarnessError
from .live import PLAY_RATE, LivePage, SocketWire
from .spoken import Sentence
from .terminal import Style, Terminal
from .websocket import HomeAssistantSocket

AGENT: Final = "conversation.grok_voice"
READY_S: Final = 20.0
ANSWER_S: Final = 60.0
QUIET_S: Final = 0.5
"""Without a word after an answer before the next sentence is said."""


@dataclass(slots=True, kw_only=True)
class LiveResult:
    """What came of a live conversation."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    """Each with its status and the words that were heard."""
    heard: bytes = b""
    """16-bit mono samples at 24 kHz."""
    end: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write what was heard into a file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(PLAY_RATE)
            file.writeframes(self.heard)


class _Shown:
    """Shows messages as they come."""

    def __init__(self, terminal: Terminal) -> None:
        """Show nothing yet."""
        self._terminal = terminal
        self._began = asyncio.get_running_loop().time()

    def __call__(self, message: dict[str, Any]) -> None:
        """Show one."""
        terminal = self._terminal
        match message:
            case {"type": "user", "final": True, "text": text}:
                terminal.labelled("You", f"“{text}” {self._time()}", Style.GREEN)
            case {"type": "tool", "name": name, "target": target, "status": status}:
                terminal.labelled("tool", f"{name}: {target} {status} {self._time()}", Style.YELLOW)
            case {"type": "stop", "cause": cause}:
                terminal.labelled("stop", f"({cause}) {self._time()}", Style.RED)
            case {"type": "answered", "status": status, "heard": heard}:
                terminal.labelled("Grok", f"{heard} [{status}] {self._time()}", Style.CYAN)
            case {"type": "consent", "question": question}:
                terminal.labelled("asks", question, Style.YELLOW)
            case {"type": "notice" | "error", "text": text}:
                terminal.labelled("notice", text, Style.YELLOW)
            case {"type": "end", "reason": reason, "text": text}:
                terminal.labelled("end", f"{reason} {text}", Style.DIM)

    def _time(self) -> str:
        """Write the seconds since the beginning."""
        return f"({asyncio.get_running_loop().time() - self._began:.1f} s)"


@dataclass(slots=True)
class EventWire:
    """The fallback: Home Assistant's own connection, binary up, events down."""

    socket: HomeAssistantSocket
    handler_id: int
    events: AsyncIterator[Any]

    async def send(self, data: str | bytes) -> None:
        """Send a frame; a text begins with a brace."""
        await self.socket.send_binary(self.handler_id, data.encode() if isinstance(data, str) else data)

    async def receive(self) -> str | bytes | None:
        """Wait for the next frame."""
        event = await anext(self.events, None)
        if event is None:
            return None
        return base64.b64decode(event["audio"]) if "audio" in event else json.dumps(event)

    async def close(self) -> None:
        """Leave the connection to Home Assistant."""


@asynccontextmanager
async def open_fallback(socket: HomeAssistantSocket, *, agent: str = AGENT) -> AsyncIterator[LivePage]:
    """Open a live conversation over Home Assistant's own connection."""
    given = await socket.call("grok_assist/live/open", agent=agent)
    async with socket.stream("grok_assist/live/attach", ticket=given["ticket"]) as (result, events):
        page = LivePage(wire=EventWire(socket, result["handler_id"], events))
        await page.open()
        try:
            await page.until(lambda page: page.of("ready"), READY_S)
            yield page
        finally:
            await page.close()


@asynccontextmanager
async def open_page(
    socket: HomeAssistantSocket,
    url: str,
    *,
    agent: str = AGENT,
    show: Any = None,
) -> AsyncIterator[LivePage]:
    """Open a live conversation, as the page does.

    Raises:
        HarnessError: Home Assistant does not get ready to listen.
    """
    given = await socket.call("grok_assist/live/open", agent=agent)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            url + given["path"], protocols=("grok-assist.1", f"ticket.{given['ticket']}"), max_msg_size=0
        ) as connection,
    ):
        page = LivePage(wire=SocketWire(connection), on_message=show or (lambda _: None))
        await page.open()
        try:
            await page.until(lambda page: page.of("ready") or page.of("end"), READY_S)
            if not page.of("ready"):
                raise HarnessError(str(page.of("end")[0]["text"]))
            yield page
        finally:
            await page.close()


async def show_live(
    socket: HomeAssistantSocket,
    url: str,
    sentences: Sequence[Sentence],
    terminal: Terminal,
    *,
    interrupt_s: float | None = None,
    agent: str = AGENT,
) -> LiveResult:
    """Speak sentences, one after the answer to the other or so many seconds into it, and show both sides.

    Raises:
        HarnessError: Home Assistant does not get ready to listen.
    """
    async with open_page(socket, url, agent=agent, show=_Shown(terminal)) as page:
        for place, sentence in enumerate(sentences):
            turns = len([message for message in page.of("user") if message["final"]])
            page.say(sentence.pcm)
            await page.said()
            is_last = place == len(sentences) - 1
            if interrupt_s is not None and not is_last:
                await page.until(lambda page: _heard_ms(page) >= interrupt_s * 1000 or page.of("end"), ANSWER_S)
            else:
                await page.until(partial(_is_done, turns), ANSWER_S)
                await asyncio.sleep(QUIET_S)
            if page.of("end"):
                break
        if not page.of("end"):
            await page.send({"type": "end", "reason": "user"})
            await page.until(lambda page: page.of("end"), READY_S)
        return LiveResult(
            answers=page.of("answered"),
            heard=bytes(page.heard),
            end=page.of("end")[-1],
            usage=(page.of("usage") or [{}])[-1],
        )


def _heard_ms(page: LivePage) -> float:
    """Return how much of the newest answer was heard."""
    return page.heard_of[max(page.heard_of)] if page.heard_of else 0.0


def _is_done(turns: int, page: LivePage) -> bool:
    """Whether the turn behind so many others was answered, and all of it was heard; or everything is over."""
    if page.of("end"):
        return True
    finals = [message["turn"] for message in page.of("user") if message["final"]]
    ends = [message["status"] for message in page.of("answered")]
    return len(finals) > turns and len(ends) >= len(set(finals)) and not page.is_playing

"""What the page is told: messages and sound of one live conversation, over whichever link it has now."""

from collections.abc import Mapping, Sequence
import json
import re
from typing import Final

from ..core.calls import FunctionCall
from ..core.json_types import JsonObject
from ..core.live.frames import SoundFrame
from ..core.live.messages import USUAL_PLAY_RATE, VERSION
from ..core.media.rates import RateChanger
from ..realtime.config import OUTPUT_RATE
from .link import Link

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SOURCE: Final = re.compile(r"^- \[(?P<title>.*)\]\((?P<url>https?://\S+)\)$", re.MULTILINE)
TARGETS: Final = ("name", "area", "floor", "message", "title", "query")
"""Arguments that say what a tool is about, by Home Assistant's own names."""
MOST_TARGET: Final = 100


class PageWriter:
    """Writes to the page; while it is away only its state is kept."""

    def __init__(self) -> None:
        """Start without a page."""
        self.link: Link | None = None
        self.play_rate = USUAL_PLAY_RATE
        self._state = ""
        self._user = (0, "", False)
        self._rates: RateChanger | None = None
        self._rated: tuple[int, int] | None = None
        """The answer and item that is being written at another rate …"""
        self._offset = 0
        """… and how many samples of it were sent."""
        self._calls: dict[str, FunctionCall] = {}

    def attach(self, link: Link, play_rate: int) -> None:
        """Write to another link from here on."""
        self.link, self.play_rate = link, play_rate
        self._state, self._rates, self._rated = "", None, None

    def send(self, kind: str, **fields: object) -> None:
        """Send a message."""
        if self.link is not None:
            message: JsonObject = {"type": kind, **fields}
            self.link.send(message)

    def ready(self, *, resume: str, conversation_id: str, agent: str, voice: str, idle_s: float, max_s: float) -> None:
        """Tell that the conversation is open."""
        self.send(
            "ready",
            version=VERSION,
            resume=resume,
            conversation_id=conversation_id,
            agent=agent,
            voice=voice,
            rate=16_000,
            play_rate=self.play_rate,
            idle_s=idle_s,
            max_s=max_s,
        )

    def user(self, turn: int, text: str, *, is_final: bool) -> None:
        """Tell what the user has said, where that is news."""
        if (told := (turn, text, is_final)) != self._user:
            self._user = told
            self.send("user", turn=turn, text=text, final=is_final)

    def state(self, state: str) -> None:
        """Tell what is going on, if that has changed."""
        if state != self._state and self.link is not None:
            self._state = state
            self.send("state", state=state)

    def sound(self, frames: Sequence[SoundFrame]) -> None:
        """Send sound, at the page's rate."""
        if self.link is None:
            return
        for frame in frames:
            self.link.sound(frame if self.play_rate == OUTPUT_RATE else self._rated_frame(frame))

    def _rated_frame(self, frame: SoundFrame) -> SoundFrame:
        """Write a frame at the page's rate; each item is one stretch of sound."""
        if self._rates is None or self._rated != (frame.answer, frame.item):
            self._rates, self._rated = RateChanger(OUTPUT_RATE, self.play_rate), (frame.answer, frame.item)
            self._offset = frame.offset * self.play_rate // OUTPUT_RATE
        pcm, offset = self._rates.feed(frame.pcm), self._offset
        self._offset += len(pcm) // 2
        return SoundFrame(frame.answer, frame.item, offset, pcm, is_last=frame.is_last)

    def calls(self, calls: Sequence[FunctionCall]) -> None:
        """Tell that tools run."""
        for call in calls:
            self._calls[call.call_id] = call
            self._tool(call, "running")

    def results(self, results: Mapping[str, str]) -> None:
        """Tell what became of tools; what they gave goes to the model only."""
        for call_id, output in results.items():
            if (call := self._calls.pop(call_id, None)) is not None:
                self._tool(call, _status(output))

    @property
    def has_calls(self) -> bool:
        """Whether tools run."""
        return bool(self._calls)

    def _tool(self, call: FunctionCall, status: str) -> None:
        """Tell of one tool."""
        self.send("tool", call=call.call_id, name=tool_name(call.name), target=target_of(call), status=status, text="")

    def card(self, turn: int, markdown: str) -> None:
        """Show what is more than words."""
        sources = [{"title": found["title"], "url": found["url"]} for found in _SOURCE.finditer(markdown)]
        self.send("card", turn=turn, sources=sources, markdown=markdown)


def tool_name(name: str) -> str:
    """Write the name of a tool as people read it: `HassTurnOn` is "Turn on"."""
    own = name.rpartition("__")[2].removeprefix("Hass")
    return " ".join(_CAMEL.sub(" ", own).replace("_", " ").split()).capitalize() or name


def target_of(call: FunctionCall) -> str:
    """Return what a call is about, as the model named it."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        return ""
    if not isinstance(arguments, dict):
        return ""
    found = (arguments.get(name) for name in TARGETS)
    return next((value[:MOST_TARGET] for value in found if isinstance(value, str) and value), "")


def _status(output: str) -> str:
    """Read from a result how it ended."""
    try:
        result = json.loads(output)
    except ValueError:
        return "done"
    if not isinstance(result, dict):
        return "done"
    if "cancelled" in result:
        return "refused"
    return "failed" if result.get("error") or result.get("success") is False else "done"

"""What a page may say on the live socket besides sound; unknown kinds and fields are ignored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from ..json_types import JsonMapping

VERSION: Final = 1
RATES: Final = frozenset({8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000})
"""What microphones and loudspeakers of browsers and of small devices run at, in samples a second."""
USUAL_RATE: Final = 16_000
USUAL_PLAY_RATE: Final = 24_000
MOST_TEXT: Final = 2_000
"""Characters of one typed sentence."""
MOST_LATENCY_MS: Final = 2_000
MOST_MESSAGE: Final = 16_384


class MessageError(ValueError):
    """A message that breaks the protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedPosition:
    """Where the loudspeaker is: milliseconds of an item that were rendered."""

    answer: int
    item: int
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message of a socket."""

    rate: int = USUAL_RATE
    play_rate: int = USUAL_PLAY_RATE
    latency_ms: float = 0.0
    """From rendering to being heard."""
    echo: str = "on"
    taps_only: bool = False
    """Speech does not interrupt on this device."""
    resume: str | None = None
    """The token of a conversation that is to go on here."""
    played: PlayedPosition | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """So far the loudspeaker is."""

    at: PlayedPosition


@dataclass(frozen=True, slots=True)
class Stopped:
    """There the loudspeaker fell silent."""

    at: PlayedPosition


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The user tapped."""


@dataclass(frozen=True, slots=True)
class Mute:
    """The user muted the microphone, or opened it again."""

    on: bool


@dataclass(frozen=True, slots=True)
class TypedText:
    """The user typed a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The user pressed a button under a question."""

    call: str
    accept: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """The page measures the way."""

    t: float


@dataclass(frozen=True, slots=True)
class EndRequest:
    """The user, or the page, is done."""

    reason: str


type Message = Hello | Played | Stopped | Interrupt | Mute | TypedText | ConsentGiven | Ping | EndRequest
END_REASONS: Final = ("user", "hidden", "unload")


def parse(raw: str | bytes) -> Message | None:
    """Read a message of a page; None for what this version does not know.

    Raises:
        MessageError: no JSON object, too long, or a value that cannot be.
    """
    if len(raw) > MOST_MESSAGE:
        raise MessageError("too long")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise MessageError("no JSON object")
    reader = _READERS.get(str(body.get("type")))
    return None if reader is None else reader(body)


def _hello(body: JsonMapping) -> Hello:
    """Read the first message."""
    if body.get("version") != VERSION:
        raise MessageError("an unknown version")
    resume = body.get("resume")
    token = resume.get("token") if isinstance(resume, Mapping) else None
    played = resume.get("played") if isinstance(resume, Mapping) else None
    return Hello(
        rate=_rate(body.get("rate", USUAL_RATE)),
        play_rate=_rate(body.get("play_rate", USUAL_PLAY_RATE)),
        latency_ms=_number(body.get("latency_ms", 0), 0.0, MOST_LATENCY_MS),
        echo=str(body.get("echo", "on"))[:10],
        taps_only=body.get("interrupt") == "tap",
        resume=token if isinstance(token, str) else None,
        played=_position(played) if isinstance(played, Mapping) else None,
    )


def _rate(value: object) -> int:
    """Read a rate that devices run at."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in RATES:
        raise MessageError("an unknown rate")
    return value


def _position(body: JsonMapping) -> PlayedPosition:
    """Read where the loudspeaker is."""
    return PlayedPosition(
        answer=int(_number(body.get("answer"), 0, 1 << 32)),
        item=int(_number(body.get("item"), 0, 1 << 16)),
        ms=_number(body.get("ms"), 0.0, 1e9),
    )


def _number(value: object, least: float, most: float) -> float:
    """Read a number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value == value:  # noqa: PLR0124  # NaN
        raise MessageError("no number where one has to be")
    return min(max(float(value), least), most)


def _text(value: object) -> str:
    """Read a sentence of the user."""
    if not isinstance(value, str):
        raise MessageError("no text where one has to be")
    return " ".join(value.split())[:MOST_TEXT]


def _consent(body: JsonMapping) -> ConsentGiven:
    """Read which button was pressed."""
    return ConsentGiven(str(body.get("call", ""))[:MOST_TEXT], body.get("accept") is True)


def _end(body: JsonMapping) -> EndRequest:
    """Read why the page ends."""
    reason = body.get("reason")
    return EndRequest(reason if reason in END_REASONS else "user")


_READERS: Final[Mapping[str, Callable[[JsonMapping], Message]]] = {
    "hello": _hello,
    "played": lambda body: Played(_position(body)),
    "stopped": lambda body: Stopped(_position(body)),
    "interrupt": lambda _: Interrupt(),
    "mute": lambda body: Mute(body.get("on") is True),
    "text": lambda body: TypedText(_text(body.get("text"))),
    "consent": _consent,
    "ping": lambda body: Ping(_number(body.get("t"), 0.0, 1e18)),
    "end": _end,
}

"""A recording of `script/check-live`: exchanges, and sockets cut into answers to what was sent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
import json
from pathlib import Path
from typing import Final

from .jsontypes import Json, JsonObject
from .replay_ids import ids_in

DEFAULT_RATE: Final = 24_000
"""Of sound on a socket of voice, as long as nothing else was said (API reference 3.3)."""
SOUND: Final = "sound"
OPENING: Final = "open"
RESULT: Final = "result"
WRITTEN: Final = "written"
_ITEMS: Final = {"function_call_output": RESULT, "message": WRITTEN, "force_message": "forced"}
_LIVE: Final = 101
_TOO_BIG: Final = 1009


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its answer."""

    method: str
    path: str
    request: Json
    status: int
    headers: dict[str, str]
    body: Json
    events: tuple[JsonObject, ...]
    sound: str | None
    """In base64."""
    is_key_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said on a socket after one event of the client, up to the next."""

    number: int
    """The place in the recording."""
    path: str
    trigger: str
    """What the client did: the kind of event, told more closely for items and for what follows them."""
    sent: JsonObject
    """Its event; empty at the opening of the socket."""
    frames: tuple[JsonObject, ...]
    about: str = ""
    """The words that were written last."""
    rate: int = DEFAULT_RATE
    """At which the client's sound was taken."""
    longest: int = 0
    """How many characters of sound the client has sent at once so far."""
    news: frozenset[str] = frozenset()
    """The ids that are told here for the first time."""
    close_code: int | None = None
    """Where the service has hung up then."""

    @property
    def kinds(self) -> frozenset[str]:
        """The types of its frames."""
        return frozenset(str(frame.get("type", "error")) for frame in self.frames)

    @property
    def has_call(self) -> bool:
        """Whether a function is called in it."""
        return "response.function_call_arguments.done" in self.kinds

    @property
    def is_whole(self) -> bool:
        """Whether a response comes to its end in it."""
        return "response.done" in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Everything in a folder."""

    exchanges: tuple[Exchange, ...]
    answers: tuple[Answer, ...]
    refusals: dict[str, int]
    """The statuses with which sockets were refused to a wrong key, by their paths."""

    @property
    def has_metadata(self) -> bool:
        """Whether the service ever told the marks of a response."""
        return any("metadata" in (frame.get("response") or {}) for one in self.answers for frame in one.frames)

    def most_characters(self, path: str) -> int | None:
        """Tell how long sound in a frame may be: less than what the service has hung up at as too long."""
        return min(
            (one.longest for one in self.answers if (one.path, one.close_code) == (path, _TOO_BIG)), default=None
        )


def read_recording(folder: Path) -> Recorded:
    """Read a recording.

    Raises:
        ValueError: there is none in the folder, or it is broken.
    """
    if not (folder / "index.json").is_file():
        raise ValueError(f"There is no recording in {folder}: index.json is missing")
    try:
        exchanges = tuple(_exchange(json.loads(_text(path))) for path in sorted(folder.glob("rest-*.json")))
        sockets = [[json.loads(line) for line in _text(path).splitlines()] for path in sorted(folder.glob("socket-*"))]
        answers: list[Answer] = []
        for lines in sockets:
            answers += _answers(lines, len(answers))
        openings = [lines[0]["frame"] for lines in sockets]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The recording in {folder} is broken: {error}") from error
    refusals = {one["path"]: one["status"] for one in openings if one["key"] != "good" and one["status"] != _LIVE}
    return Recorded(exchanges=exchanges, answers=tuple(answers), refusals=refusals)


def trigger_of(event: JsonObject, before: str) -> str:
    """Tell what an event of the client is, and after what it comes."""
    kind = str(event.get("type", ""))
    if kind in {"binary", "input_audio_buffer.append"}:
        return SOUND
    if kind == "conversation.item.create":
        item = event.get("item")
        return _ITEMS.get(str(item.get("type")), kind) if isinstance(item, dict) else kind
    if kind == "response.create":
        return f"{kind} after {before}" if before in _ITEMS.values() else kind
    return kind


def input_rate(event: JsonObject) -> int | None:
    """Give the rate of the client's sound, if an event changes it."""
    session = event.get("session")
    audio = (session.get("audio") or {}) if isinstance(session, dict) else {}
    return ((audio.get("input") or {}).get("format") or {}).get("rate")


def written_text(event: JsonObject) -> str:
    """Give the words of an item that a client writes, if an event is that."""
    item = event.get("item")
    content = item.get("content") if isinstance(item, dict) else None
    return " ".join(str(part.get("text", "")) for part in content) if isinstance(content, list) else ""


def _text(path: Path) -> str:
    """Read a file."""
    return path.read_text(encoding="utf-8")


def _exchange(noted: JsonObject) -> Exchange:
    """Give an exchange as it was noted."""
    return Exchange(
        method=noted["method"],
        path=noted["path"],
        request=noted["request"],
        status=noted["status"],
        headers=noted["headers"],
        body=noted.get("body"),
        events=tuple(noted.get("events") or ()),
        sound=noted.get("base64"),
        is_key_good=noted["key"] == "good",
    )


def _answers(lines: list[JsonObject], first: int) -> Iterator[Answer]:
    """Cut a socket into answers; one whose handshake was refused has none."""
    opening = lines[0]["frame"]
    if opening["status"] != _LIVE:
        return
    path: str = opening["path"]
    told: set[str] = set()
    answer = Answer(number=first, path=path, trigger=OPENING, sent={}, frames=())
    for line in lines[1:]:
        match line["direction"]:
            case "server":
                frames = (*answer.frames, line["frame"])
                answer = replace(answer, frames=frames, news=frozenset(ids_in(frames)) - told)
            case "client" if (following := trigger_of(line["frame"], answer.trigger)) != SOUND or following != (
                answer.trigger
            ):
                yield answer
                told |= {*ids_in(answer.frames), *ids_in(line["frame"])}
                about = written_text(line["frame"]) or answer.about
                answer = replace(
                    answer,
                    number=answer.number + 1,
                    trigger=following,
                    sent=line["frame"],
                    frames=(),
                    about=about,
                    rate=input_rate(line["frame"]) or answer.rate,
                    longest=max(answer.longest, line["frame"].get("characters", 0)),
                )
    code = lines[-1]["frame"].get("code") if lines[-1]["direction"] == "close" else None
    yield replace(answer, close_code=code)

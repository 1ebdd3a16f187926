"""What the service has said so far: answers to requests, and talks on sockets. Nothing here does I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
import re
from typing import Final

from ..simulator.jsontypes import Json, JsonObject

_RESPONSE_TAG: Final = "<response>"
_SHOWN: Final = 90
_AUDIO_DELTAS: Final = frozenset({"response.output_audio.delta", "response.audio.delta"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one request."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: Json = None
    """Parsed JSON, text, or None where it is sound."""
    events: tuple[JsonObject, ...] = ()
    """Those of a stream."""
    sound: bytes = b""
    seconds: float = 0.0
    """From the request to the last of it."""

    @property
    def is_ok(self) -> bool:
        """Whether the service did what it was asked."""
        return self.status == 200 and not self._stream_error

    @property
    def message(self) -> str:
        """What the service says where it refuses."""
        body = self._stream_error or self.body
        if isinstance(body, dict):
            error = body.get("error", body)
            body = error.get("message", "") if isinstance(error, dict) else error
        return shortened(str(body or ""))

    @property
    def told(self) -> str:
        """The status, with the words of a refusal."""
        return "accepted" if self.is_ok else f"{self.status}: {self.message}".rstrip(": ")

    @property
    def response(self) -> JsonObject:
        """The whole response object at the end of a stream, or the body; empty where there is none."""
        for event in reversed(self.events):
            if isinstance(event.get("response"), dict):
                return dict(event["response"])
        return self.body if isinstance(self.body, dict) else {}

    @property
    def output(self) -> list[JsonObject]:
        """The items of the response."""
        return list(self.response.get("output") or ())

    @property
    def calls(self) -> list[JsonObject]:
        """The function calls among them."""
        return [item for item in self.output if item.get("type") == "function_call"]

    @property
    def text(self) -> str:
        """The words of its messages."""
        return " ".join(_parts(self.output, "message", "content"))

    @property
    def any_text(self) -> str:
        """The words of its messages, or where there are none those that lie in the reasoning."""
        reasoning = " ".join(_parts(self.output, "reasoning", "content"))
        tagged = reasoning.rpartition(_RESPONSE_TAG)[2] if _RESPONSE_TAG in reasoning else ""
        return self.text or tagged or " ".join(_parts(self.output, "reasoning", "summary"))

    @property
    def _stream_error(self) -> JsonObject | None:
        """An error that stands in the place of a response."""
        if isinstance(self.body, dict) and "output" not in self.body and self.body.get("error"):
            return self.body
        return next((event for event in self.events if event.get("type") == "error"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of a socket."""

    is_ours: bool
    seconds: float
    """Since the socket was open."""
    event: JsonObject


@dataclass(slots=True, kw_only=True)
class Talk:
    """Everything on one socket; not frozen because it grows."""

    status: int = 101
    """Of the handshake."""
    frames: list[Frame] = field(default_factory=list)
    sent_s: float = 0.0
    """Sound sent."""
    received_s: float = 0.0
    open_s: float = 0.0
    close_code: int | None = None
    """Set where the service has closed the socket."""
    binary_frames: int = 0
    """Of the service."""

    @property
    def events(self) -> list[JsonObject]:
        """Everything that the service said."""
        return [frame.event for frame in self.frames if not frame.is_ours]

    @property
    def kinds(self) -> list[str]:
        """The types of that."""
        return [str(event.get("type", "")) for event in self.events]

    def of(self, *kinds: str) -> list[JsonObject]:
        """All events of some types."""
        return [event for event in self.events if event.get("type") in kinds]

    def first(self, kind: str) -> JsonObject:
        """The first event of a type.

        Raises:
            KeyError: there is none.
        """
        for event in self.of(kind):
            return event
        raise KeyError(f"no {kind}" if self.close_code is None else f"no {kind}, closed with {self.close_code}")

    def since(self, place: int) -> Talk:
        """Give the part from a frame on."""
        return Talk(frames=self.frames[place:], close_code=self.close_code)

    @property
    def errors(self) -> list[JsonObject]:
        """What it complained about, in whatever form."""
        return [event for event in self.events if event.get("type") == "error" or ("type" not in event and event)]

    @property
    def complaint(self) -> str:
        """The words of the last error."""
        if not self.errors:
            return ""
        error = self.errors[-1].get("error", self.errors[-1])
        words = error.get("message", "without words") if isinstance(error, dict) else error
        return shortened(str(words))

    @property
    def calls(self) -> list[JsonObject]:
        """The function calls, complete."""
        return self.of("response.function_call_arguments.done")

    @property
    def heard(self) -> str:
        """What it understood in the end."""
        finals = self.of("conversation.item.input_audio_transcription.completed")
        return str(finals[-1].get("transcript", "")) if finals else ""

    @property
    def said(self) -> str:
        """The words that it spoke."""
        done = self.of("response.output_audio_transcript.done", "response.audio_transcript.done")
        return " ".join(str(event.get("transcript", "")) for event in done)

    @property
    def sounds(self) -> list[JsonObject]:
        """The pieces of sound that came as events."""
        return self.of(*_AUDIO_DELTAS)


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All answers and talks by their names; grows scene by scene."""

    replies: dict[str, Reply] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    updates: dict[str, str] = field(default_factory=dict)
    """What came of each update of a session that was tried: empty where it was accepted."""
    marks: dict[str, int] = field(default_factory=dict)
    """The places in talks from which on something begins."""
    sentence: bytes = b""
    """Our sentence as the service speaks it, where it does not understand our machine's voice."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Why a scene has ended early, by its name."""


def is_sound(kind: str) -> bool:
    """Tell whether events of this type carry sound."""
    return kind in _AUDIO_DELTAS


def words_of(text: str) -> list[str]:
    """Give the words of a sentence in small letters."""
    return re.findall(r"\w+", text.lower())


def is_understood(heard: str, said: str) -> bool:
    """Tell whether most words of a sentence have arrived."""
    wanted = words_of(said)
    found = [word for word in wanted if word in words_of(heard)]
    return len(found) * 10 >= len(wanted) * 6


def tells_time(text: str) -> bool:
    """Tell whether the time of which we speak, 3:47, is in an answer, be it in figures or in words."""
    return "3:47" in text or "47" in words_of(text) or "forty-seven" in text.lower()


def shortened(text: str) -> str:
    """Give the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def parsed(text: str) -> Json:
    """Give parsed JSON, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _parts(output: list[JsonObject], kind: str, where: str) -> Iterator[str]:
    """Give the texts in the items of one type."""
    for item in output:
        if item.get("type") == kind:
            yield from (str(part["text"]) for part in item.get(where) or () if part.get("text"))

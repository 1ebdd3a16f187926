"""Which recorded frames answer an event of a client on a socket, and in which ids."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .jsontypes import Json, JsonObject
from .realtime.vad import Detector, SpeechStarted, SpeechStopped
from .replay import DEFAULT_RATE, OPENING, SOUND, Answer, Recorded, input_rate, trigger_of, written_text
from .replay_ids import Ids, named_as_offered

_UPDATE: Final = "session.update"
_COMMIT: Final = "input_audio_buffer.commit"
_VOICE: Final = "/realtime"
_AFTER_SPEECH: Final = frozenset({"input_audio_buffer.speech_stopped", "input_audio_buffer.committed"})


@dataclass(slots=True, kw_only=True)
class Playback:
    """One socket that is played back; not frozen because it moves along the recording.

    What it gives are frames; an integer at the end is the code with which the service hung up.
    """

    recorded: Recorded
    path: str
    _ids: Ids = field(default_factory=Ids)
    _place: int = -1
    _trigger: str = OPENING
    _about: str = ""
    _played: set[int] = field(default_factory=set)
    _session: JsonObject = field(default_factory=dict)
    _detector: Detector = field(default_factory=lambda: Detector(DEFAULT_RATE))
    _spoken: Answer | None = None
    """What is being answered while the client speaks."""

    def refuses(self, text: str) -> bool:
        """Whether a frame is as long as one at which the service has hung up."""
        limit = self.recorded.most_characters(self.path)
        return limit is not None and len(text) >= limit

    @property
    def is_known(self) -> bool:
        """Whether there is such a socket in the recording."""
        return any(answer.path == self.path for answer in self.recorded.answers)

    def open(self) -> Iterator[JsonObject | int]:
        """Give what comes first."""
        yield from self._play(self._next(OPENING, {}), {})

    def take(self, event: JsonObject) -> Iterator[JsonObject | int]:
        """Give what an event of the client is answered with."""
        self._trigger = trigger = trigger_of(event, self._trigger)
        self._about = written_text(event) or self._about
        if trigger == _UPDATE and isinstance(event.get("session"), dict):
            self._configure(event["session"])
        answer = self._next(trigger, event)
        if answer is None and trigger == _COMMIT:
            answer = self._next(SOUND, event)
        yield from self._play(answer, event)

    def hear(self, pcm: bytes) -> Iterator[JsonObject | int]:
        """Give what sound is answered with: its first part where speech begins, its second where it ends."""
        is_first, self._trigger = self._trigger != SOUND, SOUND
        if self.path != _VOICE:
            yield from self._play(self._next(SOUND, {}), {}) if is_first else ()
            return
        if not self._session.get("turn_detection"):
            return
        for heard in self._detector.feed(pcm):
            match heard:
                case SpeechStarted():
                    self._spoken = self._next(SOUND, {})
                    yield from self._play(self._spoken, {}, part=slice(0, _end_of_speech(self._spoken)))
                case SpeechStopped():
                    yield from self._play(self._spoken, {}, part=slice(_end_of_speech(self._spoken), None))

    def _configure(self, session: JsonObject) -> None:
        """Follow what the client wants its session to be."""
        self._session |= session
        rate = input_rate({"session": session}) or self._detector.rate
        if rate != self._detector.rate:
            self._detector = Detector(rate)
        detection = session.get("turn_detection") or {}
        self._detector.silence_ms = detection.get("silence_duration_ms", self._detector.silence_ms)

    def _next(self, trigger: str, event: JsonObject) -> Answer | None:
        """Give the recorded answer that fits best: the most useful, and among those the next one."""
        answers = [one for one in self.recorded.answers if (one.path, one.trigger) == (self.path, trigger)]
        if trigger == _UPDATE:
            answers = _like_updates(answers, event)
        wants_call = bool(self._session.get("tools")) and "result" not in trigger
        ranked = sorted(
            answers,
            key=lambda one: (
                one.about != self._about,
                trigger == SOUND and one.rate != self._detector.rate,
                not one.is_whole,
                one.number <= self._place,
                one.has_call is not wants_call,
                one.number,
            ),
        )
        return ranked[0] if ranked else None

    def _play(
        self, answer: Answer | None, event: JsonObject, *, part: slice = slice(None)
    ) -> Iterator[JsonObject | int]:
        """Give the frames of an answer in the ids of today."""
        if answer is None:
            return
        is_begun = part.start in {None, 0}
        if answer.number in self._played and is_begun:
            self._ids.renew(answer.news)
        self._ids.bind(answer.sent, event)
        if is_begun:
            self._place = answer.number
            self._played.add(answer.number)
        offered = [_name_of(tool) for tool in self._session.get("tools") or () if tool.get("type") == "function"]
        for frame in answer.frames[part]:
            yield self._marked(named_as_offered(self._ids.known(frame), offered), event)
        if answer.close_code is not None and part.stop is None:
            yield answer.close_code

    def _marked(self, frame: JsonObject, event: JsonObject) -> JsonObject:
        """Give a frame with the marks of the response that was asked for, if the service tells them."""
        response = frame.get("response")
        if not isinstance(response, dict):
            return frame
        marks: Json = (event.get("response") or {}).get("metadata") if self.recorded.has_metadata else None
        bare = {name: value for name, value in response.items() if name != "metadata"}
        return {**frame, "response": {**bare, "metadata": marks} if marks else bare}


def _like_updates(answers: list[Answer], event: JsonObject) -> list[Answer]:
    """Give the refusals of an update that has what was refused, else what was accepted."""
    accepted = [one for one in answers if "session.updated" in one.kinds]
    known = {path for one in accepted for path in _paths(one.sent.get("session"))}
    wanted = set(_paths(event.get("session")))
    for one in answers:
        reasons = set(_paths(one.sent.get("session"))) - known
        if one not in accepted and reasons and reasons <= wanted:
            return [one]
    return accepted or answers


def _paths(value: Json, before: str = "") -> Iterator[str]:
    """Give the places of everything in an object; tools by their types."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _paths(inner, f"{before}.{name}")
    elif before == ".tools" and isinstance(value, list):
        yield from (f"{before}.{tool.get('type')}" for tool in value)
    else:
        yield before


def _end_of_speech(answer: Answer | None) -> int:
    """Give the place in an answer at which the user has stopped speaking."""
    kinds = [frame.get("type") for frame in answer.frames] if answer else []
    return next((place for place, kind in enumerate(kinds) if kind in _AFTER_SPEECH), len(kinds))


def _name_of(tool: JsonObject) -> str:
    """Give the name of a function in either form."""
    return str(tool.get("name") or (tool.get("function") or {}).get("name"))

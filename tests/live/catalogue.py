"""All questions in their order, and the scenes in which they are seen, with what these may cost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import math
from typing import Final

from . import speech_scenes, text_scenes, voice_scenes
from .evidence import Evidence
from .line import paid_s
from .prices import EFFORT_LIMIT, THOUGHT_LIMIT, Cost, total_usd
from .question import Question
from .service import Service
from .text_questions import TEXT_QUESTIONS
from .voice_questions import SESSION_QUESTIONS, SPEECH_QUESTIONS, VOICE_QUESTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A piece of talk with the service in which several questions are answered."""

    play: Callable[[Service, Evidence], Awaitable[None]]
    cost: Cost = field(default_factory=Cost)


def _voice(*sockets: str, text_items: int = 0) -> Cost:
    """Reckon with some sockets that stay open as long as they may."""
    return Cost(connected_s=sum(paid_s(voice_scenes.OPEN_S[name]) for name in sockets), text_items=text_items)


SCENES: Final[Mapping[str, Scene]] = {
    "account": Scene(play=text_scenes.account),
    "hello": Scene(play=text_scenes.hello, cost=Cost(requests=2)),
    "contents": Scene(play=text_scenes.contents, cost=Cost(requests=3)),
    "arguments": Scene(play=text_scenes.arguments, cost=Cost(requests=2 * len(text_scenes.ARGUMENTS))),
    "reasoning": Scene(play=text_scenes.reasoning, cost=Cost(requests=2, output_tokens=THOUGHT_LIMIT)),
    "calling": Scene(play=text_scenes.calling, cost=Cost(requests=3)),
    "structure": Scene(play=text_scenes.structure, cost=Cost(requests=1)),
    "crowd": Scene(play=text_scenes.crowd, cost=Cost(requests=3, input_tokens=16_000)),
    "patience": Scene(play=text_scenes.patience, cost=Cost(requests=1, output_tokens=EFFORT_LIMIT)),
    "speaking": Scene(play=speech_scenes.speaking, cost=Cost(characters=60)),
    "transcribing": Scene(play=speech_scenes.transcribing, cost=Cost(transcribed_s=15)),
    "finalizing": Scene(play=speech_scenes.finalizing, cost=Cost(transcribed_s=paid_s(speech_scenes.OPEN_S))),
    "handshake": Scene(play=voice_scenes.handshake, cost=_voice("handshake")),
    "session": Scene(play=voice_scenes.session, cost=_voice("session")),
    "spoken": Scene(play=voice_scenes.spoken, cost=_voice("spoken", "faster", text_items=1)),
    "written": Scene(play=voice_scenes.written, cost=_voice("written", text_items=4)),
    "frames": Scene(play=voice_scenes.frames, cost=_voice("frames")),
    "many": Scene(play=voice_scenes.many, cost=_voice(*["many"] * voice_scenes.MOST_SOCKETS)),
    "idle": Scene(play=voice_scenes.idle, cost=_voice("idle")),
}
QUESTIONS: Final[tuple[Question, ...]] = (
    *TEXT_QUESTIONS,
    *SPEECH_QUESTIONS,
    *SESSION_QUESTIONS,
    *VOICE_QUESTIONS,
)


def estimate_usd() -> float:
    """Tell what all scenes together may cost, in whole cents."""
    return math.ceil(total_usd(scene.cost for scene in SCENES.values()) * 100) / 100

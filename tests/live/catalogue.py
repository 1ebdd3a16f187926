"""All questions in their order, and the scenes in which they are seen, with what these may cost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import speech_scenes, text_scenes, voice_scenes
from .evidence import Evidence
from .prices import Cost, total_usd
from .question import Question
from .service import Service
from .text_questions import TEXT_QUESTIONS
from .voice_questions import SESSION_QUESTIONS, SPEECH_QUESTIONS, VOICE_QUESTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A piece of talk with the service in which several questions are answered."""

    play: Callable[[Service, Evidence], Awaitable[None]]
    cost: Cost = field(default_factory=Cost)


SCENES: Final[Mapping[str, Scene]] = {
    "account": Scene(play=text_scenes.account),
    "hello": Scene(play=text_scenes.hello, cost=Cost(requests=2)),
    "contents": Scene(play=text_scenes.contents, cost=Cost(requests=3)),
    "arguments": Scene(play=text_scenes.arguments, cost=Cost(requests=2 * len(text_scenes.ARGUMENTS))),
    "reasoning": Scene(play=text_scenes.reasoning, cost=Cost(requests=2, output_tokens=1_500)),
    "calling": Scene(play=text_scenes.calling, cost=Cost(requests=3)),
    "structure": Scene(play=text_scenes.structure, cost=Cost(requests=1)),
    "crowd": Scene(play=text_scenes.crowd, cost=Cost(requests=3, input_tokens=16_000)),
    "patience": Scene(play=text_scenes.patience, cost=Cost(requests=1, output_tokens=2_000)),
    "speaking": Scene(play=speech_scenes.speaking, cost=Cost(characters=60)),
    "transcribing": Scene(play=speech_scenes.transcribing, cost=Cost(transcribed_s=15)),
    "finalizing": Scene(play=speech_scenes.finalizing, cost=Cost(transcribed_s=10)),
    "handshake": Scene(play=voice_scenes.handshake),
    "session": Scene(play=voice_scenes.session, cost=Cost(connected_s=25)),
    "spoken": Scene(play=voice_scenes.spoken, cost=Cost(connected_s=45, text_items=1)),
    "written": Scene(play=voice_scenes.written, cost=Cost(connected_s=30, text_items=4)),
    "frames": Scene(play=voice_scenes.frames, cost=Cost(connected_s=15)),
    "many": Scene(play=voice_scenes.many, cost=Cost(connected_s=8)),
    "idle": Scene(play=voice_scenes.idle, cost=Cost(connected_s=35)),
}
QUESTIONS: Final[tuple[Question, ...]] = (
    *TEXT_QUESTIONS,
    *SPEECH_QUESTIONS,
    *SESSION_QUESTIONS,
    *VOICE_QUESTIONS,
)


def estimate_usd() -> float:
    """Tell what all scenes together may cost."""
    return total_usd(scene.cost for scene in SCENES.values())

"""All questions in their order, and the scenes in which they are seen, with what these may cost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import speech_scenes, text_scenes, voice_scenes
from .evidence import Evidence
from .prices import Cost, total_usd
from .question import Question
from .questions import SESSION_QUESTIONS, SPEECH_QUESTIONS, TEXT_QUESTIONS, VOICE_QUESTIONS
from .service import Service


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
    "speaking": Scene(play=speech_scenes.speaking, cost=Cost(characters=len(speech_scenes.SPOKEN))),
    "transcribing": Scene(play=speech_scenes.transcribing, cost=Cost(transcribed_s=12)),
    "finalizing": Scene(play=speech_scenes.finalizing, cost=Cost(transcribed_s=10)),
    "handshake": Scene(play=voice_scenes.handshake),
    "session": Scene(play=voice_scenes.session, cost=Cost(connected_s=25)),
    "spoken": Scene(play=voice_scenes.spoken, cost=Cost(connected_s=45, text_items=1)),
    "written": Scene(play=voice_scenes.written, cost=Cost(connected_s=25, text_items=2)),
    "frames": Scene(play=voice_scenes.frames, cost=Cost(connected_s=15)),
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

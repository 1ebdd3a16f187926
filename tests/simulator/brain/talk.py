"""Small talk, and what to say when nothing fits."""

import re
from typing import Final

from ..responses.ask import message_text
from ..script import SearchKind
from .scene import Rule, Scene, Step

_JOKES: Final = (
    "Why did the light bulb fail its exam? It was not very bright.",
    "My thermostat and I have a heated relationship.",
    "I told the vacuum a joke. It sucked.",
)
_QUESTION: Final = re.compile(
    r"^(?:who|what|when|where|why|how|which|is|are|does|did|search|look up|google|find)\b|\?$", re.IGNORECASE
)
_ABOUT_X: Final = re.compile(r"\b(?:twitter|tweets?|on x|posts?)\b", re.IGNORECASE)


def search_kind(scene: Scene) -> SearchKind | None:
    """Give the server-side search that a question calls for, if one is offered."""
    offered = scene.ask.server_tools
    if not _QUESTION.search(scene.text.strip()):
        return None
    if SearchKind.X in offered and (_ABOUT_X.search(scene.text) or SearchKind.WEB not in offered):
        return SearchKind.X
    return SearchKind.WEB if SearchKind.WEB in offered else None


def give_up(text: str) -> str:
    """Tell what to say to a sentence that nothing fits."""
    return f"I am a simulated model and have no answer to “{text.strip()[:80]}”." if text.strip() else "Yes?"


def _greet(_: re.Match[str], _scene: Scene) -> Step | None:
    """Greet back."""
    return "Hello! What can I do for you?"


def _joke(_: re.Match[str], scene: Scene) -> Step | None:
    """Tell a joke, another one each time within a conversation."""
    return _JOKES[len(scene.ask.items) % len(_JOKES)]


def _repeat(match: re.Match[str], _scene: Scene) -> Step | None:
    """Say what is to be said."""
    return match["words"].strip()


def _last_said(_: re.Match[str], scene: Scene) -> Step | None:
    """Tell what the speaker said before."""
    said = [message_text(item) for item in scene.earlier if item.get("role") == "user"]
    return f"You said: {said[-1]}" if said else "You have said nothing before."


def _fixed(sentence: str) -> Step:
    """Give a sentence that never changes."""
    return sentence


TALK_RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"^(?:hi|hello|hey|good (?:morning|evening|afternoon|day))\b[\w ]*$", re.IGNORECASE), _greet),
    (re.compile(r"^(?:thanks|thank you|thx)\b", re.IGNORECASE), lambda *_: _fixed("You are welcome.")),
    (re.compile(r"^(?:bye|goodbye|good night)\b", re.IGNORECASE), lambda *_: _fixed("Goodbye.")),
    (
        re.compile(r"^(?:who|what) are you\b|^what is your name", re.IGNORECASE),
        lambda *_: _fixed("I am Grok, in the shape of a simulator."),
    ),
    (re.compile(r"^how are you", re.IGNORECASE), lambda *_: _fixed("All my circuits are well, thank you.")),
    (
        re.compile(r"^(?:help|what can you do)\b", re.IGNORECASE),
        lambda *_: _fixed("I can switch and set devices, tell their state, run timers, and keep lists."),
    ),
    (re.compile(r"\bjoke\b|^make me laugh", re.IGNORECASE), _joke),
    (re.compile(r"^what did i (?:just )?say", re.IGNORECASE), _last_said),
    (re.compile(r"^my name is (?P<name>\w+)", re.IGNORECASE), lambda match, _: f"Nice to meet you, {match['name']}."),
    (re.compile(r"^(?:say|repeat)(?: after me)?:? (?P<words>.+)$", re.IGNORECASE), _repeat),
)

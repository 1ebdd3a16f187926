"""How wit, sarcasm and helpfulness are told to a model: in words, the same ones for typed and for spoken answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEADER: Final = "Your manner:"
FLOOR: Final = (
    "None of this ever costs clarity. Say what went wrong, what was not done, what something costs, a warning or a"
    " danger first and plainly, without a joke, and do what you were asked to do. Be plain with anybody who is worried,"
    " hurt or in a hurry."
)
"""Whatever the manner."""

_WIT: Final = (
    "Be matter-of-fact; make no jokes.",
    "A light turn of phrase now and then is welcome, a joke only when the user jokes.",
    "Be good company: one dry or playful remark where it fits, not in every answer.",
    "Be witty: look for the amusing side of things and put it in few words.",
    "Be as funny as you can: wordplay, absurd comparisons and running jokes, still in few words.",
)
_SARCASM: Final = (
    "Be sincere; never be ironic at the user's expense.",
    "Gentle irony about yourself or about the devices is fine.",
    "Be ironic at times, with affection; the user can take a little teasing.",
    "Be sarcastic: tease the user, their habits and their devices, as a close friend would.",
    "Be thoroughly sarcastic, with mock praise and weary sighs, but never cruel, and never about who people are.",
)
_HELPFULNESS: Final = (
    "Answer exactly what was asked, in as few words as possible, and offer nothing more.",
    "Keep to what was asked; add only what the user would otherwise get wrong.",
    "Answer what was asked and, where it clearly helps, add one short piece of information.",
    "Be helpful: think one step ahead and mention what the user is likely to need next.",
    "Be as helpful as you can: explain, think ahead, and offer the next useful step each time.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Personality:
    """How an agent speaks; each from 0 to 1, None where the user has not said."""

    wit: float | None = None
    sarcasm: float | None = None
    helpfulness: float | None = None

    def text(self) -> str:
        """Write it for a prompt; empty where nothing was said of it."""
        traits = ((self.wit, _WIT), (self.sarcasm, _SARCASM), (self.helpfulness, _HELPFULNESS))
        lines = [_sentence(value, sentences) for value, sentences in traits if value is not None]
        return " ".join((HEADER, *lines, FLOOR)) if lines else ""


def _sentence(value: float, sentences: Sequence[str]) -> str:
    """Choose the sentence that is nearest to a value."""
    return sentences[round(min(max(value, 0.0), 1.0) * (len(sentences) - 1))]

"""Replies that were thought and not said: the dialect `reasoning_only`."""

from typing import Final

from ..clock import now
from ..jsontypes import JsonObject
from ..script import Call, Reasoning, Reply, Speech
from .ask import Ask, first_text

NEVER: Final = "never"
TAG: Final = "<response>"
_KEPT_S: Final = 120.0
_THOUGHT: Final = "The user waits for an answer."

type _Point = tuple[str, tuple[str, ...], int]
"""How far a conversation has gone: whose it is, what the user said, how many functions have given something since."""


class Withheld:
    """What was kept back, by the point that it answers; it is said when that is asked about once more, soon."""

    def __init__(self) -> None:
        """Begin with nothing kept back."""
        self._replies: dict[_Point, tuple[float, Reply]] = {}

    def take(self, ask: Ask) -> Reply | None:
        """Give what was kept back, where a request is the second try or adds a user's message; it is kept no longer."""
        for point in _points(ask):
            kept_at, reply = self._replies.pop(point, (-_KEPT_S, None))
            if reply is not None and now() - kept_at < _KEPT_S:
                return reply
        return None

    def keep(self, ask: Ask, reply: Reply, mode: str) -> Reply:
        """Give a reply as reasoning only, and keep it; one with calls, or for a model that does not think, is given."""
        words = " ".join(part.text for part in reply.parts if isinstance(part, Speech))
        has_calls = any(isinstance(part, Call) for part in reply.parts)
        if mode == NEVER or not words or has_calls or not ask.is_thinking or ask.text_format["type"] != "text":
            return reply
        self._replies[_points(ask)[0]] = (now(), reply)
        return Reply(parts=(_reasoning(words, mode),))

    def clear(self) -> None:
        """Forget all."""
        self._replies.clear()


def _reasoning(words: str, mode: str) -> Reasoning:
    """Give the thought in which the words are, or are not."""
    match mode:
        case "summary":
            return Reasoning(text=words)
        case "response_tag":
            return Reasoning(text=_THOUGHT, inner_text=f"{_THOUGHT}\n{TAG}{words}")
        case _:
            return Reasoning(text="")


def _points(ask: Ask) -> list[_Point]:
    """Give the point that a request is at, and the one before where nobody has answered the last message but one."""
    items = ask.items
    users = [place for place, item in enumerate(items) if item.get("role") == "user"]
    said = tuple(first_text(items[place]) for place in users)
    points = [(ask.key.id, said, _outputs(items[users[-1] + 1 :] if users else items))]
    between = items[users[-2] + 1 : users[-1]] if len(users) > 1 else []
    if len(users) > 1 and not any(item.get("role") == "assistant" for item in between):
        points.append((ask.key.id, said[:-1], _outputs(between)))
    return points


def _outputs(items: list[JsonObject]) -> int:
    """Count what functions have given."""
    return sum(item.get("type") == "function_call_output" for item in items)

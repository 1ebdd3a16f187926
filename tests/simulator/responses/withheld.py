"""Replies that were thought and not said: the dialect `reasoning_only`."""

from typing import Final

from ..jsontypes import JsonObject
from ..script import Call, Reasoning, Reply, Speech
from .ask import Ask, first_text

NEVER: Final = "never"
TAG: Final = "<response>"
_THOUGHT: Final = "The user waits for an answer."

type _Turn = tuple[str, tuple[str, ...]]


class Withheld:
    """What was kept back, by the turn that it answers; it is said when the turn is asked about once more."""

    def __init__(self) -> None:
        """Begin with nothing kept back."""
        self._replies: dict[_Turn, Reply] = {}

    def take(self, ask: Ask) -> Reply | None:
        """Give what was kept back, where a request is the second try or adds a user's message; it is kept no longer."""
        said, is_asked_on = _said(ask.items)
        turns = [said, said[:-1]] if is_asked_on else [said]
        found = [turn for words in turns if (turn := (ask.key.id, words)) in self._replies]
        return self._replies.pop(found[0]) if found else None

    def keep(self, ask: Ask, reply: Reply, mode: str) -> Reply:
        """Give a reply as reasoning only, and keep it; one with calls, or for a model that does not think, is given."""
        words = " ".join(part.text for part in reply.parts if isinstance(part, Speech))
        has_calls = any(isinstance(part, Call) for part in reply.parts)
        if mode == NEVER or not words or has_calls or not ask.is_thinking or ask.text_format["type"] != "text":
            return reply
        self._replies[ask.key.id, _said(ask.items)[0]] = reply
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


def _said(items: list[JsonObject]) -> tuple[tuple[str, ...], bool]:
    """Give what the user said so far, and whether nobody has answered between the last two messages."""
    users = [place for place, item in enumerate(items) if item.get("role") == "user"]
    between = items[users[-2] + 1 : users[-1]] if len(users) > 1 else []
    is_asked_on = len(users) > 1 and not any(item.get("role") == "assistant" for item in between)
    return tuple(first_text(items[place]) for place in users), is_asked_on

"""How long the answers of each agent are: what has to be held for the next one."""

from collections import deque
from typing import Final

REMEMBERED: Final = 100
LEAST_REMEMBERED: Final = 10
MARGIN: Final = 2


class Outputs:
    """The lengths of the latest answers in tokens, thinking included."""

    def __init__(self) -> None:
        """Know nothing."""
        self._tokens: dict[str, deque[int]] = {}

    def note(self, agent: str, tokens: int) -> None:
        """Note an answer."""
        self._tokens.setdefault(agent, deque(maxlen=REMEMBERED)).append(tokens)

    def usual(self, agent: str) -> int | None:
        """Return what hardly any answer exceeds: twice the longest one; None while there were too few."""
        tokens = self._tokens.get(agent, ())
        return MARGIN * max(tokens) if len(tokens) >= LEAST_REMEMBERED else None

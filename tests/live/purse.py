"""What a check has spent so far at the most: nothing is asked that could cost more than was agreed to."""

from typing import Final

from ..simulator.jsontypes import JsonObject
from .evidence import Reply
from .prices import text_usd

_UNLIMITED_TOKENS: Final = 8_000
"""Reckoned where the service refuses a limit for the answer."""
_CHARACTERS_PER_TOKEN: Final = 3
"""Of JSON, rather too few."""


class StoppedError(Exception):
    """Something is not asked (any more), as it would cost too much; the text says so in a few words."""


class Purse:
    """The money that was agreed to."""

    def __init__(self, limit_usd: float) -> None:
        """Begin with all of it."""
        self.limit_usd = limit_usd
        self.spent_usd = 0.0

    def hold(self, usd: float) -> None:
        """Set aside what something may cost at most.

        Raises:
            StoppedError: there is not so much left.
        """
        if self.spent_usd + usd > self.limit_usd:
            raise StoppedError(f"not asked, as all could have cost more than ${self.limit_usd:.2f} then")
        self.spent_usd += usd

    def settle(self, held_usd: float, used_usd: float) -> None:
        """Put back what was held for something and not used."""
        self.spent_usd += used_usd - held_usd


def most_usd(body: JsonObject, characters: int) -> float:
    """Tell what a question in writing may cost whose JSON has so many characters."""
    output = body.get("max_output_tokens")
    return text_usd(characters // _CHARACTERS_PER_TOKEN, output if isinstance(output, int) else _UNLIMITED_TOKENS)


def used_usd(reply: Reply, held_usd: float) -> float:
    """Tell what a reply has cost: nothing where it is a refusal, all that was held where it tells no tokens."""
    if reply.status != 200:
        return 0.0
    usage = reply.response.get("usage")
    told = [usage.get(name) for name in ("input_tokens", "output_tokens")] if isinstance(usage, dict) else []
    counts = [count for count in told if isinstance(count, int) and count > 0]
    return text_usd(*counts) if len(counts) == 2 else held_usd

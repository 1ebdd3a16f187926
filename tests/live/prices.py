"""What a question may cost at most (xAI's price pages, read 2026-11-20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_INPUT_USD: Final = 1.25e-6
_OUTPUT_USD: Final = 2.50e-6
CONNECTED_USD_S: Final = 0.08 / 60
"""By the dearest of the three rules that xAI tells: every second of the connection."""
TEXT_ITEM_USD: Final = 0.004
SPOKEN_USD: Final = 15e-6
"""For each character."""
TRANSCRIBED_USD_S: Final = 0.20 / 3600

TEXT_LIMIT: Final = 1_000
"""Tokens that an answer may have, its thoughts included …"""
THOUGHT_LIMIT: Final = 2_000
"""… where something is to be thought over …"""
EFFORT_LIMIT: Final = 4_000
"""… and where that is to be done with great effort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a scene uses up at most."""

    requests: int = 0
    """For a text; each of about `input_tokens`, and at most `output_tokens`."""
    input_tokens: int = 800
    output_tokens: int = TEXT_LIMIT
    """What every request says that its answer may have."""
    connected_s: float = 0.0
    text_items: int = 0
    characters: int = 0
    transcribed_s: float = 0.0

    @property
    def usd(self) -> float:
        """The price of that."""
        return (
            self.requests * text_usd(self.input_tokens, self.output_tokens)
            + self.connected_s * CONNECTED_USD_S
            + self.text_items * TEXT_ITEM_USD
            + self.characters * SPOKEN_USD
            + self.transcribed_s * TRANSCRIBED_USD_S
        )


def text_usd(input_tokens: int, output_tokens: int) -> float:
    """Tell the price of a question in writing with its answer."""
    return input_tokens * _INPUT_USD + output_tokens * _OUTPUT_USD


def total_usd(costs: Iterable[Cost]) -> float:
    """Add up what some scenes may cost."""
    return sum(cost.usd for cost in costs)

"""What a question may cost at most (xAI's price pages, read 2026-11-20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_INPUT_USD: Final = 1.25e-6
_OUTPUT_USD: Final = 2.50e-6
_CONNECTED_USD_S: Final = 0.08 / 60
"""By the dearest of the three rules that xAI tells: every second of the connection."""
_TEXT_ITEM_USD: Final = 0.004
_SPOKEN_USD: Final = 15e-6
"""For each character."""
_TRANSCRIBED_USD_S: Final = 0.20 / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a scene uses up at most."""

    requests: int = 0
    """For a text; each of at most `input_tokens` and `output_tokens`."""
    input_tokens: int = 800
    output_tokens: int = 600
    connected_s: float = 0.0
    text_items: int = 0
    characters: int = 0
    transcribed_s: float = 0.0

    @property
    def usd(self) -> float:
        """The price of that."""
        return (
            self.requests * (self.input_tokens * _INPUT_USD + self.output_tokens * _OUTPUT_USD)
            + self.connected_s * _CONNECTED_USD_S
            + self.text_items * _TEXT_ITEM_USD
            + self.characters * _SPOKEN_USD
            + self.transcribed_s * _TRANSCRIBED_USD_S
        )


def total_usd(costs: Iterable[Cost]) -> float:
    """Add up what some scenes may cost."""
    return sum(cost.usd for cost in costs)

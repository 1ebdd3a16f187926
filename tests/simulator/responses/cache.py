"""The prefix cache: an honest count of how much of a prompt the server has seen before."""

from collections import deque
from typing import Final

from .tokens import BYTES_PER_TOKEN

BLOCK_TOKENS: Final = 64
MINIMUM_TOKENS: Final = 128
_BLOCK_BYTES: Final = BLOCK_TOKENS * BYTES_PER_TOKEN
_KEPT_PROMPTS: Final = 64


class PrefixCache:
    """Earlier prompts by API key, model and cache hint."""

    def __init__(self) -> None:
        """Start cold."""
        self._prompts: dict[tuple[str, str, str], deque[bytes]] = {}

    def cached_tokens(self, prompt: bytes, *, key_id: str, model: str, hint: str | None) -> int:
        """Count the cached tokens of a prompt and keep the prompt for those to come.

        Without a hint every request may land on another server (API reference 1.8), so nothing is cached then.
        """
        if hint is None:
            return 0
        earlier = self._prompts.setdefault((key_id, model, hint), deque(maxlen=_KEPT_PROMPTS))
        shared = max((_shared_length(prompt, other) for other in earlier), default=0)
        earlier.append(prompt)
        tokens = shared // _BLOCK_BYTES * BLOCK_TOKENS
        return tokens if tokens >= MINIMUM_TOKENS else 0

    def clear(self) -> None:
        """Forget all prompts."""
        self._prompts.clear()


def _shared_length(first: bytes, second: bytes) -> int:
    """Give the length of the longest common prefix, by halving, because prompts are long."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low

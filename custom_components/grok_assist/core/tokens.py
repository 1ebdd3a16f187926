"""How many tokens a text will be, before anybody has counted them."""

from typing import Final

BYTES_PER_TOKEN: Final = 4
"""Of English prose and of JSON, roughly; other scripts have fewer bytes to a token, and are told as more."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text, rather too many than too few."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)

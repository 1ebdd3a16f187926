"""How many tokens a text or a picture will be, before anybody has counted them."""

from typing import Final

BYTES_PER_TOKEN: Final = 4
"""Of English prose and of JSON, roughly; other scripts have fewer bytes to a token, and are told as more."""
PICTURE_TOKENS: Final = 1_792
"""The most a picture is billed as: tiles of 448 pixels, 256 tokens each, six at most and one for the whole
(docs.x.ai, image understanding)."""

USUAL_OUTPUT_TOKENS: Final = 300
"""Of an answer, reserved before the real usage is known."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text, rather too many than too few."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)

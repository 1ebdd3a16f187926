"""The voices: those we know, and the nearest ones to the voices of other services.

Ids: xAI's documents and livekit's plugin, read 2026-11-20; the live list comes from `/v1/tts/voices`.
"""

from collections.abc import Mapping
from typing import Final

DEFAULT_VOICE: Final = "eve"
BUILT_IN_VOICES: Final = (
    "altair", "ara", "atlas", "aurora", "carina", "castor", "celeste", "cosmo", "eve", "helios", "helix", "iris",
    "kepler", "leo", "liora", "lumen", "luna", "lux", "naksh", "orion", "perseus", "rex", "rigel", "sal", "sirius",
    "ursa", "zagan", "zenith",
)  # fmt: skip

OPENAI_VOICES: Final[Mapping[str, str]] = {
    "alloy": "sal",
    "ash": "rex",
    "ballad": "leo",
    "cedar": "leo",
    "coral": "ara",
    "echo": "rex",
    "fable": "sal",
    "marin": "eve",
    "nova": "eve",
    "onyx": "leo",
    "sage": "ara",
    "shimmer": "eve",
    "verse": "sal",
}
"""OpenAI's names to the one of the five original voices that is nearest in sex and tone; a matter of taste."""


def resolve_voice(name: str | None) -> str:
    """Give the id that is sent for a voice as a user wrote it: lower case, OpenAI's names mapped."""
    wanted = (name or "").strip().lower()
    return OPENAI_VOICES.get(wanted, wanted) or DEFAULT_VOICE

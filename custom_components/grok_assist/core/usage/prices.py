"""What voice, speech and pictures cost where the service names no cost; the lists give the prices of text models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePrice:
    """US dollars of a realtime voice."""

    minute_usd: float
    """For a minute of session."""
    text_item_usd: float = 0.0
    """For each text put into the session; results of functions are free."""


_VOICE_3: Final = VoicePrice(minute_usd=0.08, text_item_usd=0.004)

# xAI page of grok-voice-3.0 and livekit's price table, read 2026-11-20.
VOICE_PRICES: Final[Mapping[str, VoicePrice]] = {
    "grok-voice-latest": _VOICE_3,
    "grok-voice-3.0": _VOICE_3,
    "grok-voice-2.0": _VOICE_3,
    "grok-voice-think-fast-1.0": VoicePrice(minute_usd=0.05),
}

# xAI voice pages, "text to speech" and "speech to text", read 2026-11-20.
TTS_USD_PER_MILLION_CHARACTERS: Final = 15.0
STT_USD_PER_HOUR: Final = 0.10
STT_STREAMED_USD_PER_HOUR: Final = 0.20


# xAI image pages, read 2026-11-20; with sources each of them is billed like a picture that was made.
IMAGE_USD: Final[Mapping[str, float]] = {"grok-imagine-image": 0.02, "grok-imagine-image-quality": 0.05}
UNKNOWN_IMAGE_USD: Final = 0.07
"""The most that a picture of another model may cost."""


SEARCH_USD: Final = 0.005
"""A call of the web or X search, and of the search in documents at the least (xAI page "tools", read 2026-11-21)."""


def image_cost_usd(model: str, sources: int) -> float:
    """Estimate what it cost to have a picture made from so many others."""
    return IMAGE_USD.get(model, UNKNOWN_IMAGE_USD) * (1 + sources)


def voice_cost_usd(model: str, seconds: float, text_items: int) -> float:
    """Estimate what a voice session cost; an unknown model counts as the one the service puts in its place."""
    price = VOICE_PRICES.get(model, _VOICE_3)
    return seconds / SECONDS_PER_MINUTE * price.minute_usd + text_items * price.text_item_usd


def tts_cost_usd(characters: float) -> float:
    """Estimate what it cost to read a text aloud."""
    return characters * TTS_USD_PER_MILLION_CHARACTERS / 1e6


def stt_cost_usd(seconds: float, *, is_streamed: bool) -> float:
    """Estimate what it cost to write speech down."""
    price = STT_STREAMED_USD_PER_HOUR if is_streamed else STT_USD_PER_HOUR
    return seconds / SECONDS_PER_HOUR * price

"""What a realtime session is asked to be."""

from dataclasses import dataclass
from typing import Final

from ..core.json_types import JsonObject
from ..core.languages import nearest_tag

INPUT_RATE: Final = 16_000
"""Samples a second of what we send: Home Assistant's own rate, so nothing is resampled on the way in."""
OUTPUT_RATE: Final = 24_000
SAMPLE_BYTES: Final = 2


SILENCE_MARGIN_MS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """The content of `session.update`; sent again only where it differs from what the session has."""

    instructions: str
    voice: str
    tools: tuple[JsonObject, ...] = ()
    """Function tools in their flat form."""
    has_web_search: bool = False
    has_x_search: bool = False
    language: str | None = None
    """BCP 47 tag of what is probably spoken; a hint only."""
    keyterms: tuple[str, ...] = ()
    speed: float = 1.0
    effort: str = "none"
    threshold: float = 0.7
    silence_ms: int = 500
    prefix_padding_ms: int = 300

    def as_update(self) -> JsonObject:
        """Write the event. `voice` and `turn_detection` lie at the top level, unlike in the older protocol."""
        transcription: JsonObject = {"model": "grok-transcribe"}
        if hint := language_hint(self.language):
            transcription["language_hint"] = hint
        if self.keyterms:
            transcription["keyterms"] = list(self.keyterms)
        searches = [("web_search", self.has_web_search), ("x_search", self.has_x_search)]
        return {
            "type": "session.update",
            "session": {
                "instructions": self.instructions,
                "voice": self.voice,
                "reasoning": {"effort": self.effort},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": self.threshold,
                    "silence_duration_ms": self.silence_ms,
                    "prefix_padding_ms": self.prefix_padding_ms,
                },
                "audio": {
                    "input": {"format": {"type": "audio/pcm", "rate": INPUT_RATE}, "transcription": transcription},
                    "output": {"format": {"type": "audio/pcm", "rate": OUTPUT_RATE}, "speed": self.speed},
                },
                "tools": [*self.tools, *({"type": kind} for kind, wanted in searches if wanted)],
            },
        }


def language_hint(language: str | None) -> str | None:
    """Give the tag that the service knows for a language; a region is kept only where the service wants one."""
    if not language:
        return None
    return nearest_tag(language) or language.replace("_", "-").partition("-")[0].lower()


def silence(window_ms: int) -> bytes:
    """Return so much silence of the microphone that a window of it is over for certain."""
    return bytes((window_ms + SILENCE_MARGIN_MS) * INPUT_RATE * SAMPLE_BYTES // 1000)

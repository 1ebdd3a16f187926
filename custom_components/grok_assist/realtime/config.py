"""What a realtime session is asked to be."""

from dataclasses import dataclass, replace
from typing import Final

from ..core.json_types import JsonObject
from ..core.languages import nearest_tag, transcribed_language
from ..core.schema.plain import plain_schema
from ..core.speech.voices import DEFAULT_VOICE

INPUT_RATE: Final = 16_000
"""Samples a second of what we send: Home Assistant's own rate, so nothing is resampled on the way in."""
INPUT_RATES: Final = (INPUT_RATE, 24_000)
"""All that may be sent: of 16 kHz there is one live witness, every public recording has 24 kHz."""
OUTPUT_RATE: Final = 24_000
SAMPLE_BYTES: Final = 2


SILENCE_MARGIN_MS: Final = 300
MOST_REDUCED: Final = 3
"""The last step of `SessionConfig.reduced`."""


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
    threshold: float = 0.5
    silence_ms: int = 500
    prefix_padding_ms: int = 500
    reduction: int = 0
    """How much is left out of it."""
    input_rate: int = INPUT_RATE

    def reduced(self, step: int) -> SessionConfig:
        """Return what is asked where the service refused more; one wrong field refuses the whole update.

        Prompt, detection and function tools stay: a voice without hands would be none of this house.

        Args:
            step: 0 all; 1 without hints, key terms, speed and effort; 2 also without the model of the transcription,
                the fine settings of the detection, searches and the finer rules of the tools' schemas; 3 also with the
                service's usual voice.
        """
        return replace(self, reduction=step) if step != self.reduction else self

    def as_update(self) -> JsonObject:
        """Write the event. `voice` and `turn_detection` lie at the top level, unlike in the older protocol."""
        session: JsonObject = {
            "instructions": self.instructions,
            "voice": self.voice if self.reduction < MOST_REDUCED else DEFAULT_VOICE,
            "turn_detection": {"type": "server_vad"} | self._detection(),
            "audio": {
                "input": {"format": {"type": "audio/pcm", "rate": self.input_rate}} | self._transcription(),
                "output": {"format": {"type": "audio/pcm", "rate": OUTPUT_RATE}},
            },
            "tools": self._tools(),
        }
        if not self.reduction:
            session["reasoning"] = {"effort": self.effort}
            session["audio"]["output"]["speed"] = self.speed
        return {"type": "session.update", "session": session}

    def _detection(self) -> JsonObject:
        """Write how speech is told from noise, and its end from a pause."""
        if self.reduction > 1:
            return {}
        return {
            "threshold": self.threshold,
            "silence_duration_ms": self.silence_ms,
            "prefix_padding_ms": self.prefix_padding_ms,
        }

    def _transcription(self) -> JsonObject:
        """Write what helps to understand the words."""
        if self.reduction > 1:
            return {}
        transcription: JsonObject = {"model": "grok-transcribe"}
        if (hint := language_hint(self.language)) and not self.reduction:
            transcription["language_hint"] = hint
        if self.keyterms and not self.reduction:
            transcription["keyterms"] = list(self.keyterms)
        return {"transcription": transcription}

    def _tools(self) -> list[JsonObject]:
        """Write the tools."""
        if self.reduction > 1:
            return [{**tool, "parameters": plain_schema(tool.get("parameters") or {})} for tool in self.tools]
        searches = [("web_search", self.has_web_search), ("x_search", self.has_x_search)]
        return [*self.tools, *({"type": kind} for kind, wanted in searches if wanted)]


def language_hint(language: str | None) -> str | None:
    """Give the tag that the service knows for a language, with a region only where it wants one; None for others.

    What only the list of the plain transcription names is known to the session's transcription, too: it is the same.
    """
    return nearest_tag(language) or transcribed_language(language)


def silence(window_ms: int) -> bytes:
    """Return so much silence of the microphone that a window of it is over for certain."""
    return bytes((window_ms + SILENCE_MARGIN_MS) * INPUT_RATE * SAMPLE_BYTES // 1000)

"""Options of the voice subentries as frozen dataclasses."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .json_types import JsonMapping
from .settings import read_choice, read_number, read_text
from .speech.voices import DEFAULT_VOICE, resolve_voice

DEFAULT_VOICE_MODEL: Final = "grok-voice-latest"
SPEED_BOUNDS: Final = (0.7, 1.5)
DEFAULT_THRESHOLD: Final = 0.5
"""That of livekit; xAI's own 0.85 is for a mouth at the microphone; one live room went down to 0.35."""
DEFAULT_PADDING_MS: Final = 500
"""Of sound before the detected beginning: first syllables were lost with less."""
THRESHOLD_BOUNDS: Final = (0.1, 0.9)
WINDOW_BOUNDS_MS: Final = (0, 10_000)
KEEP_OPEN_BOUNDS_S: Final = (0, 600)
DEFAULT_VOICE_SESSIONS: Final = 4
VOICE_SESSIONS_BOUNDS: Final = (1, 100)
"""xAI allows a team a hundred sessions at once."""
VOICE_EFFORTS: Final = {"none": "none", "low": "none", "medium": "high", "high": "high", "xhigh": "high"}
"""A session thinks or does not; what the text models call low is nearer to not."""


LIVE_IDLE_BOUNDS_S: Final = (10, 300)
LIVE_MINUTES_BOUNDS: Final = (1, 120)


class LiveAccess(StrEnum):
    """Who may have a live conversation with a voice."""

    EVERYONE = "everyone"
    ADMINISTRATORS = "administrators"
    OFF = "off"


class EndOfSpeech(StrEnum):
    """Who decides that the user has finished."""

    HOME_ASSISTANT = "home_assistant"
    GROK = "grok"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """How a voice subentry listens and speaks."""

    voice: str = DEFAULT_VOICE
    speed: float = 1.0
    model: str = DEFAULT_VOICE_MODEL
    effort: str = "none"
    end_of_speech: EndOfSpeech = EndOfSpeech.HOME_ASSISTANT
    threshold: float = DEFAULT_THRESHOLD
    silence_ms: int = 500
    prefix_padding_ms: int = DEFAULT_PADDING_MS
    keep_open_s: float = 30.0
    live: LiveAccess = LiveAccess.EVERYONE
    live_idle_s: float = 30.0
    """Without speech or sound after which a live conversation ends."""
    live_max_minutes: float = 15.0

    @classmethod
    def from_data(cls, data: JsonMapping) -> VoiceSettings:
        """Read a subentry's data; with `recommended` only the voice is taken from it."""
        voice = resolve_voice(read_text(data.get("voice")))
        # Who may is nobody's recommendation.
        live = read_choice(LiveAccess, data.get("live"), LiveAccess.EVERYONE)
        if data.get("recommended", True):
            return cls(voice=voice, live=live)
        return cls(
            voice=voice,
            live=live,
            live_idle_s=read_number(data.get("live_idle_s"), 30, *LIVE_IDLE_BOUNDS_S),
            live_max_minutes=read_number(data.get("live_max_minutes"), 15, *LIVE_MINUTES_BOUNDS),
            speed=read_number(data.get("speed"), 1.0, *SPEED_BOUNDS),
            model=read_text(data.get("voice_model")) or DEFAULT_VOICE_MODEL,
            effort=VOICE_EFFORTS.get(str(data.get("reasoning_effort")), "none"),
            end_of_speech=read_choice(EndOfSpeech, data.get("end_of_speech"), EndOfSpeech.HOME_ASSISTANT),
            threshold=read_number(data.get("vad_threshold"), DEFAULT_THRESHOLD, *THRESHOLD_BOUNDS),
            silence_ms=int(read_number(data.get("silence_ms"), 500, *WINDOW_BOUNDS_MS)),
            prefix_padding_ms=int(read_number(data.get("prefix_padding_ms"), DEFAULT_PADDING_MS, *WINDOW_BOUNDS_MS)),
            keep_open_s=read_number(data.get("keep_open_s"), 30, *KEEP_OPEN_BOUNDS_S),
        )


def voice_sessions(options: JsonMapping) -> int:
    """Read how many voice sessions an account may have in use."""
    return int(read_number(options.get("max_voice_sessions"), DEFAULT_VOICE_SESSIONS, *VOICE_SESSIONS_BOUNDS))

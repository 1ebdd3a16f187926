"""Options of the voice subentries."""

import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.voice_settings import (
    DEFAULT_VOICE_SESSIONS,
    VOICE_EFFORTS,
    EndOfSpeech,
    VoiceSettings,
    voice_sessions,
)

ALL: JsonObject = {
    "recommended": False,
    "voice": "Rex",
    "speed": 1.2,
    "voice_model": "grok-voice-3.0",
    "reasoning_effort": "high",
    "end_of_speech": "grok",
    "vad_threshold": 0.5,
    "silence_ms": 700,
    "prefix_padding_ms": 200,
    "keep_open_s": 60,
}


def test_settings_when_empty_then_defaults() -> None:
    """Nothing asked for is what is recommended."""
    assert VoiceSettings.from_data({}) == VoiceSettings() == VoiceSettings.from_data({"recommended": False})


def test_settings_when_recommended_then_only_the_voice_is_read() -> None:
    """Numbers of a form that is folded away do not count."""
    assert VoiceSettings.from_data({**ALL, "recommended": True}) == VoiceSettings(voice="rex")


def test_settings_when_all_are_given_then_all_are_read() -> None:
    """Each option has its field."""
    assert VoiceSettings.from_data(ALL) == VoiceSettings(
        voice="rex",
        speed=1.2,
        model="grok-voice-3.0",
        effort="high",
        end_of_speech=EndOfSpeech.GROK,
        threshold=0.5,
        silence_ms=700,
        prefix_padding_ms=200,
        keep_open_s=60,
    )


@pytest.mark.parametrize(
    ("key", "value", "field", "read"),
    [
        ("speed", 9, "speed", 1.5),
        ("speed", 0, "speed", 0.7),
        ("speed", "fast", "speed", 1.0),
        ("speed", True, "speed", 1.0),
        ("vad_threshold", 1, "threshold", 0.9),
        ("silence_ms", -1, "silence_ms", 0),
        ("silence_ms", 700.9, "silence_ms", 700),
        ("prefix_padding_ms", 1e9, "prefix_padding_ms", 10_000),
        ("keep_open_s", None, "keep_open_s", 30),
        ("keep_open_s", 9999, "keep_open_s", 600),
        ("voice_model", " ", "model", "grok-voice-latest"),
        ("end_of_speech", "dog", "end_of_speech", EndOfSpeech.HOME_ASSISTANT),
        ("reasoning_effort", "dog", "effort", "none"),
        ("reasoning_effort", None, "effort", "none"),
        ("reasoning_effort", "low", "effort", "none"),
        ("reasoning_effort", "medium", "effort", "high"),
        ("voice", 7, "voice", "eve"),
    ],
)
def test_setting_when_odd_then_made_fit(key: str, value: object, field: str, read: object) -> None:
    """Out of bounds goes to the bound, nonsense to the default."""
    assert getattr(VoiceSettings.from_data({**ALL, key: value}), field) == read


def test_efforts_when_mapped_then_only_what_a_session_knows() -> None:
    """A session thinks or does not."""
    assert set(VOICE_EFFORTS.values()) == {"none", "high"}


@pytest.mark.parametrize(
    ("value", "sessions"), [(None, DEFAULT_VOICE_SESSIONS), ("x", DEFAULT_VOICE_SESSIONS), (0, 1), (7, 7), (1e6, 100)]
)
def test_sessions_when_read_then_within_bounds(value: object, sessions: int) -> None:
    """At least one, at most what xAI allows a team."""
    assert voice_sessions({"max_voice_sessions": value}) == sessions

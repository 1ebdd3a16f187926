"""Names of voices."""

import pytest

from custom_components.grok_assist.core.speech.voices import (
    BUILT_IN_VOICES,
    DEFAULT_VOICE,
    OPENAI_VOICES,
    resolve_voice,
)


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        (None, "eve"),
        ("", "eve"),
        ("  ", "eve"),
        ("Eve", "eve"),
        (" REX ", "rex"),
        ("alloy", "sal"),
        ("Shimmer", "eve"),
        ("my-Custom-1", "my-custom-1"),
    ],
)
def test_voice_when_written_by_a_user_then_the_id_that_is_sent(name: str | None, voice: str) -> None:
    """Lower case, OpenAI's names mapped, a voice of one's own kept."""
    assert resolve_voice(name) == voice


def test_voices_when_listed_then_sorted_and_once() -> None:
    """The ids are lower case, and every mapped voice exists."""
    assert list(BUILT_IN_VOICES) == sorted(set(BUILT_IN_VOICES))
    assert all(name.islower() for name in BUILT_IN_VOICES)
    assert {*OPENAI_VOICES.values(), DEFAULT_VOICE, "ara", "leo", "rex", "sal"} <= set(BUILT_IN_VOICES)
    assert not set(OPENAI_VOICES) & set(BUILT_IN_VOICES)

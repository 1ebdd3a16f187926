"""What voice and speech cost by the price list."""

import pytest

from custom_components.grok_assist.core.usage.prices import image_cost_usd, stt_cost_usd, tts_cost_usd, voice_cost_usd


@pytest.mark.parametrize(
    ("model", "seconds", "text_items", "expected"),
    [
        ("grok-voice-latest", 60, 0, 0.08),
        ("grok-voice-3.0", 90, 2, 0.128),
        ("grok-voice-2.0", 0, 1, 0.004),
        ("grok-voice-think-fast-1.0", 60, 5, 0.05),
        ("grok-voice-99", 60, 1, 0.084),
    ],
)
def test_voice_when_used_then_minutes_and_texts_cost(
    model: str, seconds: float, text_items: int, expected: float
) -> None:
    """A session costs by the minute and by the text; an unknown model costs what the service puts in its place."""
    assert voice_cost_usd(model, seconds, text_items) == pytest.approx(expected)


def test_speech_when_used_then_characters_and_hours_cost() -> None:
    """Reading aloud costs by the character, writing down by the hour and twice as much while it is spoken."""
    assert tts_cost_usd(2_000_000) == pytest.approx(30)
    assert stt_cost_usd(3600, is_streamed=False) == pytest.approx(0.10)
    assert stt_cost_usd(1800, is_streamed=True) == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("model", "sources", "expected"),
    [
        ("grok-imagine-image", 0, 0.02),
        ("grok-imagine-image", 2, 0.06),
        ("grok-imagine-image-quality", 1, 0.10),
        ("grok-imagine-9", 0, 0.07),
        ("grok-imagine-9", 3, 0.28),
    ],
)
def test_picture_when_made_then_it_and_its_sources_cost(model: str, sources: int, expected: float) -> None:
    """Each source costs like a picture; an unknown model counts as the dearest."""
    assert image_cost_usd(model, sources) == pytest.approx(expected)

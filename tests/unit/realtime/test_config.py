"""What a session is asked to be."""

import pytest

from custom_components.grok_assist.realtime.config import SessionConfig, language_hint
from tests.simulator.schema import schema_errors


@pytest.mark.parametrize(
    ("language", "hint"),
    [
        (None, None),
        ("", None),
        ("en", "en"),
        ("de-CH", "de"),
        ("zh-Hans", "zh"),
        ("EN_us", "en"),
        ("es", "es-ES"),
        ("es-mx", "es-MX"),
        ("pt", "pt-PT"),
        ("pt_BR", "pt-BR"),
        ("ar", "ar-EG"),
        ("ar-SA", "ar-SA"),
        ("nl-BE", "nl"),
        ("pl", "pl"),
        ("nb", None),
        ("fi-FI", None),
        ("xx", None),
    ],
)
def test_hint_when_given_a_language_then_the_services_tag(language: str | None, hint: str | None) -> None:
    """A region only where the service wants one, and nothing where it knows no such language."""
    assert language_hint(language) == hint


def test_update_when_everything_is_asked_for_then_a_frame_of_the_api() -> None:
    """Voice and turn detection lie at the top; searches are tools."""
    tool = {"type": "function", "name": "turn_on", "description": "On", "parameters": {"type": "object"}}
    update = SessionConfig(
        instructions="You run a home.",
        voice="rex",
        tools=(tool,),
        has_web_search=True,
        has_x_search=True,
        language="de-DE",
        keyterms=("Flurlampe",),
        speed=1.2,
        effort="high",
        threshold=0.5,
        silence_ms=700,
        prefix_padding_ms=200,
    ).as_update()
    assert schema_errors("rt.client.session.update", update) == []
    session = update["session"]
    assert (session["voice"], session["reasoning"]) == ("rex", {"effort": "high"})
    assert session["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "silence_duration_ms": 700,
        "prefix_padding_ms": 200,
    }
    assert session["audio"]["input"]["transcription"] == {
        "model": "grok-transcribe",
        "language_hint": "de",
        "keyterms": ["Flurlampe"],
    }
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 16_000}
    assert session["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24_000}, "speed": 1.2}
    assert session["tools"] == [tool, {"type": "web_search"}, {"type": "x_search"}]


def test_update_when_little_is_asked_for_then_no_empty_hints() -> None:
    """What is not known is not said."""
    update = SessionConfig(instructions="", voice="eve").as_update()
    assert schema_errors("rt.client.session.update", update) == []
    assert update["session"]["audio"]["input"]["transcription"] == {"model": "grok-transcribe"}
    assert update["session"]["tools"] == []

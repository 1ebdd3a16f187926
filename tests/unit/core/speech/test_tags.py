"""Marks that the voice would act out."""

import pytest

from custom_components.grok_assist.core.speech.filter import without_tags


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hello.", "Hello."),
        ("[laugh] Hello [long-pause]there.", " Hello there."),
        ("<whisper>Hello</whisper> <br/>you", "Hello you"),
        ("[a b] stays out", " stays out"),
        ("List [1], [Lamp] and [x1]", "List [1], [Lamp] and [x1]"),
        ("a < b and b > c", "a < b and b > c"),
        ("<B>, <a href>", "<B>, <a href>"),
        ("[open", "[open"),
        ("", ""),
    ],
)
def test_tags_when_in_a_text_then_not_acted_out(text: str, spoken: str) -> None:
    """Only what looks like a mark of the service goes."""
    assert without_tags(text) == spoken

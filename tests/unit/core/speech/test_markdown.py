"""What a card may show of a model's markdown."""

import pytest

from custom_components.grok_assist.core.speech.markdown import without_pictures


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example)", "![a[b]c](https://evil.example)", "![" + "x" * 500 + "](//evil.example)", "![x]",
        "![x][1]", "![x](<https://evil.example/a b>)", "<img src=x>", "<svg/onload=x>", "![a\nb](//e)", "!![x](//e)",
        "![![x](//e)](//e)",
    ],
)  # fmt: skip
def test_picture_when_in_any_form_then_none(text: str) -> None:
    """A browser would fetch it by itself."""
    shown = without_pictures(text)
    assert "![" not in shown
    assert "<" not in shown


def test_rest_when_no_picture_then_as_it_is() -> None:
    """Links wait for somebody to press them."""
    assert without_pictures("**Hi** [a](https://b.c)! a < b") == "**Hi** [a](https://b.c)! a < b"

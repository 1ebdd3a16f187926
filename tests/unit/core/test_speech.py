"""What a voice may read aloud: markdown, links, citation marks and emoji go, words stay."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.speech import SpeechStream, is_question, speakable

CASES = [
    pytest.param("It is on.", "It is on.", id="plain"),
    pytest.param("It is **very** warm, _really_.", "It is very warm, really.", id="emphasis"),
    pytest.param("***Both*** and __strong__ and ~~gone~~", "Both and strong and gone", id="strong-forms"),
    pytest.param("5 * 3 = 15 and 2*3 too", "5 * 3 = 15 and 2*3 too", id="multiplication"),
    pytest.param("light.kitchen_main_lamp is on", "light.kitchen_main_lamp is on", id="entity-id"),
    pytest.param("# Title\ntext", "Title\ntext", id="heading"),
    pytest.param("- one\n* two\n+ three", "one\ntwo\nthree", id="bullets"),
    pytest.param("> quoted", "quoted", id="quote"),
    pytest.param("1. first\n2. second", "1. first\n2. second", id="numbers-stay"),
    pytest.param("It is -5 degrees", "It is -5 degrees", id="minus"),
    pytest.param("See [the docs](https://a.b/c) now", "See the docs now", id="link"),
    pytest.param("See [docs](https://a.b/c(d)e).", "See docs.", id="link-with-parentheses"),
    pytest.param("It rains [[1]](https://a.b/c).", "It rains.", id="inline-citation"),
    pytest.param("It rains [1][2].", "It rains.", id="numbered-citation"),
    pytest.param("It rains \u30101\u2020source\u3011.", "It rains.", id="bracket-citation"),
    pytest.param("Go to https://x.ai/news, please.", "Go to, please.", id="bare-address"),
    pytest.param("![cat](https://a.b/cat.png) A cat", "A cat", id="picture"),
    pytest.param("Done \U0001f44d\U0001f3fd!", "Done!", id="emoji"),
    pytest.param(
        "It is 21.5 \u00b0C \u2013 warm \u2192 fine", "It is 21.5 \u00b0C \u2013 warm \u2192 fine", id="signs"
    ),
    pytest.param("<b>bold</b> <br/>text", "bold text", id="tags"),
    pytest.param("a < b and b > c", "a < b and b > c", id="comparison"),
    pytest.param("`code` and ```yaml\nx: 1\n```", "code and\nx: 1\n", id="code"),
    pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", "a, b\n\n1, 2", id="table"),
    pytest.param("one\n---\ntwo", "one\n\ntwo", id="rule"),
]


@pytest.mark.parametrize(("text", "spoken"), CASES)
def test_speakable_when_marked_up_then_only_words(text: str, spoken: str) -> None:
    """Each kind of mark goes; what only looks like one stays."""
    assert speakable(text) == spoken


@pytest.mark.parametrize(("text", "spoken"), CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_stream_when_cut_anywhere_then_same_words(text: str, spoken: str, size: int) -> None:
    """The pieces of a stream, however small, add up to the whole."""
    assert _stream(text, [size] * len(text)) == spoken.strip()


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["word", " ", "  ", "\n", "*", "**", "_", "`", "# ", "- ", "[a](https://b.c)", "[1]", "!", ".", "https://x.y",
             "h", "www.", "\u00b0C", "\U0001f600", "<b>", "|", "kitchen_light", "5 * 3", "(", ")", "?"]
        ),
        max_size=14,
    ),
    st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=30),
)  # fmt: skip
def test_stream_when_random_then_equals_whole(pieces: list[str], sizes: list[int]) -> None:
    """Any mixture of marks, cut anywhere, gives what the whole text gives."""
    text = "".join(pieces)
    assert _stream(text, sizes) == _stream(text, [len(text) + 1]) == speakable(text).strip()


def test_stream_when_plain_then_speaks_at_once() -> None:
    """Plain words are not held back."""
    stream = SpeechStream()
    assert stream.feed("It is") == "It is"
    assert stream.feed(" on") == " on"
    assert stream.feed(".") == "."


def test_stream_when_bracket_never_closes_then_gives_up_waiting() -> None:
    """A mark that stays open does not silence the answer for ever."""
    stream = SpeechStream()
    said = stream.feed("[" + "word " * 200)
    assert "word word" in said


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Which one?", True),
        ("Which one? ", True),
        ('He asked "which?"', True),
        ("\u3069\u308c\u3067\u3059\u304b\uff1f", True),
        ("\u0623\u064a\u061f", True),
        ("Done.", False),
        ("Really? Done.", False),
        ("", False),
    ],
)
def test_is_question_when_last_sentence_asks(text: str, *, answer: bool) -> None:
    """Only the end of the answer counts, in any script."""
    assert is_question(text) is answer


def _stream(text: str, sizes: list[int]) -> str:
    """Feed a text in pieces of the given sizes, the last size repeated."""
    stream, said, start, index = SpeechStream(), "", 0, 0
    while start < len(text):
        size = sizes[min(index, len(sizes) - 1)]
        said += stream.feed(text[start : start + size])
        start, index = start + size, index + 1
    return said + stream.flush()

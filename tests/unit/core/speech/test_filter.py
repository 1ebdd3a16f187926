"""What a voice may read aloud: markdown, links, citation marks and emoji go, words stay."""

from random import Random
import re

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.speech.filter import is_question, speakable
from custom_components.grok_assist.core.speech.stream import SpeechStream

CASES = [
    pytest.param("It is on.", "It is on.", id="plain"),
    pytest.param("It is **very** warm, _really_.", "It is very warm, really.", id="emphasis"),
    pytest.param("***Both*** and __strong__ and ~~gone~~", "Both and strong and gone", id="strong-forms"),
    pytest.param("5 * 3 = 15 and 2*3 too", "5 * 3 = 15 and 2*3 too", id="multiplication"),
    pytest.param("light.kitchen_main_lamp is on", "light.kitchen_main_lamp is on", id="entity-id"),
    pytest.param("# Title\ntext", "Title\ntext", id="heading"),
    pytest.param("- one\n* two\n+ three", "one\ntwo\nthree", id="bullets"),
    pytest.param("> quoted", "quoted", id="quote"),
    pytest.param("*\t# quoted", "quoted", id="marks-and-tabs"),
    pytest.param("*\t# ", "", id="nothing-but-marks-and-tabs"),
    pytest.param("1. first\n2. second", "1. first\n2. second", id="numbers-stay"),
    pytest.param("It is -5 degrees", "It is -5 degrees", id="minus"),
    pytest.param("See [the docs](https://a.b/c) now", "See the docs now", id="link"),
    pytest.param("See [docs](https://a.b/c(d)e).", "See docs.", id="link-with-parentheses"),
    pytest.param("It rains [[1]](https://a.b/c).", "It rains.", id="inline-citation"),
    pytest.param("It rains [1][2].", "It rains.", id="numbered-citation"),
    pytest.param("It rains \u30101\u2020source\u3011.", "It rains.", id="bracket-citation"),
    pytest.param("Go to https://x.ai/news, please.", "Go to, please.", id="bare-address"),
    pytest.param("![cat](https://a.b/cat.png) A cat", "A cat", id="picture"),
    pytest.param("It rains \u301012\u3011.", "It rains.", id="bracket-number"),
    pytest.param(
        "\u3010寝室\u301122度、\u30101階\u301120度", "\u3010寝室\u301122度、\u30101階\u301120度", id="brackets-of-words"
    ),
    pytest.param("Done \U0001f44d\U0001f3fd!", "Done!", id="emoji"),
    pytest.param("\U0001f469\u200d\U0001f680 up, \u2764\ufe0f\u200d\U0001f525 hot", "up, hot", id="joined-emoji"),
    pytest.param(
        "\u09b0\u200d\u09cd\u09af\u09be\u09ae, \u0d9a\u0dca\u200d\u0dbb",
        "\u09b0\u200d\u09cd\u09af\u09be\u09ae, \u0d9a\u0dca\u200d\u0dbb",
        id="joined-letters",
    ),
    pytest.param(
        "It is 21.5 \u00b0C \u2013 warm \u2192 fine", "It is 21.5 \u00b0C \u2013 warm \u2192 fine", id="signs"
    ),
    pytest.param("<b>bold</b> <br/>text", "bold text", id="tags"),
    pytest.param("a < b and b > c", "a < b and b > c", id="comparison"),
    pytest.param("`code` and ```yaml\nx: 1\n```", "code and\nx: 1\n", id="code"),
    pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", "a, b\n\n1, 2", id="table"),
    pytest.param("one\n---\ntwo", "one\n\ntwo", id="rule"),
    pytest.param("Look: ![x][1] there\n[1]: https://evil.example/c?d=1", "Look: there\n", id="picture-by-number"),
    pytest.param("![x][r]\n\n [r]: //evil.example/c 'title'\nA", "\n\n\nA", id="picture-by-name"),
    pytest.param("![r] here\n[r]: <data:image/png;base64,AA>", "! [r] here\n", id="picture-by-its-own-name"),
    pytest.param("![x](//evil.example/c) A", " A".strip(), id="picture-without-scheme"),
    pytest.param("![x]( <https://evil.example/a b> ) A", "! [x] ( b> ) A", id="picture-with-blanks"),
    pytest.param("!**[x]( //evil.example )", "! [x] ( //evil.example )", id="picture-behind-a-mark"),
    pytest.param("![a\nb](//evil.example/c)", "! [a\nb] (//evil.example/c)", id="picture-over-lines"),
    pytest.param("[a]( //evil.example ) b", "[a] ( //evil.example ) b", id="link-with-blanks"),
    pytest.param('<img src="//evil.example/c"> A', "A", id="picture-as-a-tag"),
    pytest.param("<img/src=//evil.example/c> A", "A", id="picture-as-a-tag-with-a-slash"),
    pytest.param("<img\nsrc=//evil.example/c> A", "< img\nsrc=//evil.example/c> A", id="picture-as-a-tag-over-lines"),
    pytest.param("<https://evil.example/c> A <ftp:x> B <mailto:a@b.c>", "A B < mailto:a@b.c>", id="autolinks"),
    pytest.param("<!-- x --> A </", "< !-- x --> A < /", id="comment"),
    pytest.param("[Kitchen]: the lamp is on", "[Kitchen]: the lamp is on", id="no-definition"),
    pytest.param("The oven [upper]: 200 degrees!", "The oven [upper]: 200 degrees!", id="no-definition-inside"),
    pytest.param("Stop! [laughs] x<y", "Stop! [laughs] x< y", id="nearly-syntax"),
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


MARKS = [
    "*", "**", "_", "__", "~~", "~", "`", "```", "# ", "- ", "> ", "|", "!", ".", ": ", "?", "(", ")", "[", "]", "<",
    ">", "](", "\n", "\t", " ", "  ", "[a](https://b.c)", "[1]", "![x](//e)", "![p][r]", "[r]: http://x", "<b>",
    "<img src=//e>", "https://x.y", "h", "ht", "tp", "://", "ww", "www.", "\u3010", "\u3011", "\u00b0C", "\U0001f600",
    "5 * 3", "kitchen_light", "\u3010\u5ba4\u3011", "\u301012\u2020a\u3011", "\u200d",
]  # fmt: skip
CLOSED = [mark for mark in MARKS if mark not in "[]()<>](\u3010|" and "`" not in mark and "[r]" not in mark]
WORDS = ["word", "word ", "W\u00e4rme ", "the ", "a ", "\u4f60\u597d"]
SIZES = st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=30)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(MARKS + WORDS), max_size=24), SIZES)
def test_stream_when_random_then_equals_whole(pieces: list[str], sizes: list[int]) -> None:
    """Any mixture of marks, cut anywhere, gives what the whole text gives, and nothing that a browser would fetch."""
    text = "".join(pieces)
    whole = speakable(text)
    assert _stream(text, sizes) == _stream(text, [len(text) + 1]) == whole.strip()
    assert not re.search(r"!\[|<[A-Za-z/!?]|\]\(|\]\[|(?<![A-Za-z0-9])https?://[A-Za-z0-9]", whole)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CLOSED), min_size=20, max_size=40), st.randoms(use_true_random=False), SIZES)
def test_stream_when_line_is_long_then_equals_whole(marks: list[str], chance: Random, sizes: list[int]) -> None:
    """What was said and forgotten is the same as what would have been kept."""
    text = "".join(mark + "".join(chance.choices(WORDS, k=chance.randint(4, 12))) + " " for mark in marks)
    assert _stream(text, sizes) == _stream(text, [len(text) + 1]) == speakable(text).strip()


@pytest.mark.parametrize(
    "text",
    [
        "Look: ![x](https://evil.example/?d=" + "4711" * 200 + ") there",
        "Look: ![" + "x " * 300 + "](https://evil.example/) there",
        "Look: ![x][" + "r " * 300 + "]\n[" + "r " * 300 + "]: https://evil.example/\nthere",
        "Look: <img alt='" + "x " * 300 + "' src=https://evil.example/> there",
        "Look: **[" + "x " * 300 + "](https://evil.example/" + "x" * 500 + ") there",
        "Look: <https://evil.example/" + "x" * 500 + "> there",
    ],
)
@pytest.mark.parametrize("size", [1, 4, 5_000])
def test_stream_when_mark_is_longer_than_its_patience_then_still_none(text: str, size: int) -> None:
    """Who shows it as markdown fetches nothing, however long an address or its words are."""
    said = _stream(text, [size])
    assert not re.search(r"!\[|<[A-Za-z/!?]|\]\(|(?<![A-Za-z0-9])https?://[A-Za-z0-9]", said)
    assert said.startswith("Look:")
    assert said.endswith("there")


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
        ("Meinst du \u201edas Bad?\u201c", True),
        ("Voulez-vous \u00ab la lampe\u202f?\u00a0\u00bb", True),
        ("\u300c\u3069\u308c\u3067\u3059\u304b\uff1f\u300d", True),
        ("\u0623\u064a\u061f\u200f", True),
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

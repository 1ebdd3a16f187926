"""Arguments as models write them are read as they were meant, or as they are."""

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.arguments import ArgumentsError, NameBook, read_arguments

NAMES = ("Lamp; left", "Heater <attic>", "Desk  lamp", "Küche", "TV & radio", "light.hall")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('{"name": "Lamp"}', {"name": "Lamp"}),
        ("", None),
        ("  ", None),
        ("null", None),
        ("{}", {}),
        ('"{\\"name\\": \\"Lamp\\"}"', {"name": "Lamp"}),
        ('```json\n{"name": "Lamp"}\n```', {"name": "Lamp"}),
        ('""', None),
        ('" "', None),
        ("```json\n```", None),
    ],
)
def test_arguments_when_meant_then_read(text: str, arguments: dict[str, object] | None) -> None:
    """Code blocks, texts in texts and nothing at all are what models write; nothing is not the same as no argument."""
    assert read_arguments(text) == arguments


@pytest.mark.parametrize("text", ["[1]", "{", "7", '"word"', "[" * 100_000])
def test_arguments_when_no_object_then_an_error_for_the_model(text: str) -> None:
    """What makes no sense is told, and breaks nothing."""
    with pytest.raises(ArgumentsError):
        read_arguments(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Lamp; left", "Lamp; left"),
        ("lamp; LEFT ", "lamp; LEFT "),  # Home Assistant matches it as it is
        ("Lamp, left", "Lamp; left"),
        ("Heater (attic)", "Heater <attic>"),
        ("Heater &lt;attic&gt;", "Heater <attic>"),
        ("Desk lamp", "Desk  lamp"),
        ("Desk\u00a0lamp", "Desk  lamp"),
        ('"Küche"', "Küche"),
        ("K\\u00fcche", "Küche"),
        ("Ku\u0308che", "Küche"),
        ("TV &amp; radio", "TV & radio"),
        ("Garage", "Garage"),
    ],
)
def test_name_when_written_otherwise_then_the_one_that_was_meant(written: str, meant: str) -> None:
    """Blanks, escapes, marks and case do not make another name."""
    assert NameBook(NAMES).meant(written) == meant


def test_name_when_two_are_alike_then_neither() -> None:
    """Nothing is guessed between two."""
    book = NameBook(("Lamp (left)", "Lamp, left"))
    assert book.meant("Lamp - left") == "Lamp - left"


def test_name_when_told_in_another_form_then_found_by_it() -> None:
    """What the model was told leads back, however different."""
    assert NameBook(("x" * 300,), {"x" * 100: "x" * 300}).meant("x" * 100) == "x" * 300


@given(st.lists(st.text(min_size=1), max_size=6), st.text())
def test_name_when_any_then_a_known_one_or_itself(names: list[str], written: str) -> None:
    """No text breaks it."""
    assert NameBook(names).meant(written) in {*names, written}


@pytest.mark.parametrize("text", ["```" + " " * 100_000 + "x", "```json" + "\n" * 100_000 + "x```y", "`" * 100_000])
def test_arguments_when_code_that_never_ends_then_refused_at_once(text: str) -> None:
    """A server that sends blanks must not stop the home: 30,000 of them took more than nine minutes."""
    with pytest.raises(ArgumentsError):
        read_arguments(text)

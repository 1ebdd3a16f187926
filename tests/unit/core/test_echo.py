"""Whether words that a microphone heard are the assistant's own, come back from the loudspeaker."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.echo import is_echo

KITCHEN = "I've turned on the kitchen light. The blinds in the study are still closed."
CHOICE = "Do you mean the kitchen light or the study light?"
LICHT = "Das Licht in der Küche ist jetzt an. Die Rollläden im Arbeitszimmer sind noch offen."
WEATHER = (
    "Tomorrow it will be sunny with a high of twenty four degrees and a light breeze from the west in the afternoon."
)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        pytest.param(KITCHEN, KITCHEN, id="all"),
        pytest.param("in the study are still closed", KITCHEN, id="tail"),
        pytest.param("turned on the kitchen light the blinds", KITCHEN, id="middle"),
        pytest.param("ned on the kitchen li", KITCHEN, id="cut-inside-words"),
        pytest.param("study are still closed", KITCHEN, id="short-tail"),
        pytest.param("The blind in the study are still closed", KITCHEN, id="one-letter-lost"),
        pytest.param("the blinds in a study are still closed", KITCHEN, id="one-word-misheard"),
        pytest.param("the blinds in study are still closed", KITCHEN, id="one-word-lost"),
        pytest.param("the blinds in in the study are still closed", KITCHEN, id="one-word-put-in"),
        pytest.param("licht in der küche ist jetzt an", LICHT, id="german"),
        pytest.param("die rolladen im arbeitszimmer sind noch offen", LICHT, id="german-misspelt"),
        pytest.param("sunny with the high of twenty for degrees and a light breeze", WEATHER, id="two-of-twelve"),
        pytest.param("do you mean the kitchen light or the study light", CHOICE, id="a-whole-question"),
        pytest.param("kitchen light or the study light", CHOICE, id="options-in-a-row"),
        pytest.param("are still closed", KITCHEN + " Anything else?", id="statement-before-a-question"),
    ],
)
def test_is_echo_when_own_words_then_true(heard: str, said: str) -> None:
    """Any stretch of what was said counts, in spite of small errors of hearing."""
    assert is_echo(heard, said)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        pytest.param("", KITCHEN, id="nothing"),
        pytest.param("still closed", KITCHEN, id="too-short"),
        pytest.param("the kitchen light", CHOICE, id="first-option"),
        pytest.param("the study light", CHOICE, id="second-option"),
        pytest.param("the study light please", CHOICE, id="option-with-a-word"),
        pytest.param("kitchen light", CHOICE, id="option-without-article"),
        pytest.param("the kitchen light", "The kitchen light is on. " + CHOICE, id="option-was-also-stated"),
        pytest.param("turn on the kitchen light", KITCHEN, id="order-in-the-same-words"),
        pytest.param("turn off the kitchen light", KITCHEN, id="order-to-undo"),
        pytest.param("turned off the kitchen light the blinds", KITCHEN, id="other-particle"),
        pytest.param("are the blinds in the study closed", KITCHEN, id="question-of-the-same-words"),
        pytest.param("the blinds in the study are still closed stop", KITCHEN, id="interrupted-by-the-user"),
        pytest.param("the blinds in the study are not still closed", KITCHEN, id="contradicted"),
        pytest.param("mach das licht in der küche an", LICHT, id="german-order"),
        pytest.param("mach das licht in der küche aus", LICHT, id="german-order-to-undo"),
        pytest.param("what is the weather tomorrow", WEATHER, id="another-matter"),
        pytest.param("set a timer for ten minutes", KITCHEN, id="nothing-shared"),
        pytest.param("the blinds in the study", "", id="nothing-said"),
    ],
)
def test_is_echo_when_a_user_speaks_then_false(heard: str, said: str) -> None:
    """Answers, orders and questions pass, though they share words with what was said."""
    assert not is_echo(heard, said)


def test_is_echo_when_said_long_ago_then_false() -> None:
    """Only the end of a long answer can still sound in the room."""
    assert not is_echo("the blinds in the study are still closed", KITCHEN + " All is well here." * 200)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=20), st.integers(min_value=5, max_value=22))
def test_is_echo_when_any_long_stretch_then_true(start: int, length: int) -> None:
    """Five words or more in a row are an echo wherever they stand."""
    words = WEATHER.split()
    piece = words[start : start + length]
    assert is_echo(" ".join(piece), WEATHER) is (len(piece) >= 3)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_is_echo_when_any_text_then_answers(heard: str, said: str) -> None:
    """No text breaks it."""
    assert is_echo(heard, said) in {True, False}

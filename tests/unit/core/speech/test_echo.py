"""Whether words that a microphone heard are the assistant's own, come back from the loudspeaker."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.speech.echo import is_echo, latest_echo_s

KITCHEN = "I've turned on the kitchen light. The blinds in the study are still closed."
CHOICE = "Do you mean the kitchen light or the study light?"
LICHT = "Das Licht in der Küche ist jetzt an. Die Rollläden im Arbeitszimmer sind noch offen."
GARAGE = "Shall I open the garage door for you now?"


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        pytest.param(KITCHEN, KITCHEN, id="all"),
        pytest.param("I've turned on the kitchen light", KITCHEN, id="first-sentence"),
        pytest.param("I've turned on the kitchen light the blind in study are still closed", KITCHEN, id="misheard"),
        pytest.param("das licht in der küche ist jetzt an die rolladen im arbeitszimmer", LICHT, id="german-misspelt"),
        pytest.param("do you mean the kitchen light or the study light", CHOICE, id="a-whole-question"),
        pytest.param(
            "has been open since this morning would you like me to close it",
            "The garage door has been open since this morning, would you like me to close it?",
            id="most-with-the-question's-opening",
        ),
        pytest.param("shall i open the garage door for you now", GARAGE, id="a-whole-offer"),
    ],
)
def test_is_echo_when_the_whole_answer_comes_back_then_true(heard: str, said: str) -> None:
    """The opening and much of the rest, in spite of small errors of hearing."""
    assert is_echo(heard, said)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        pytest.param("", KITCHEN, id="nothing"),
        pytest.param("still closed", KITCHEN, id="too-short"),
        pytest.param("the blinds in the study are still closed", KITCHEN, id="without-the-opening"),
        pytest.param("the kitchen light", CHOICE, id="first-option"),
        pytest.param("the kitchen light or the study light", CHOICE, id="both-options"),
        pytest.param("open the garage door for me now", GARAGE, id="offer-accepted"),
        pytest.param("open the garage door for you now", GARAGE, id="offer-accepted-in-its-words"),
        pytest.param(
            "turn on the light in the kitchen",
            "Should I turn on the light in the kitchen or the light in the hall?",
            id="option-of-seven-words",
        ),
        pytest.param(
            "lock the front door and turn off the lights",
            "Do you want me to lock the front door and turn off the lights?",
            id="two-orders",
        ),
        pytest.param(
            "das licht im wohnzimmer ausschalten", "Soll ich das Licht im Wohnzimmer ausschalten?", id="german-offer"
        ),
        pytest.param(
            "set the thermostat to 21 degrees",
            "Should I set the thermostat to 21 degrees or to 22 degrees?",
            id="temperatures",
        ),
        pytest.param("only the first three items", "Should I read all, or only the first three items?", id="a-part"),
        pytest.param("turn on the light", "Turn on the light?", id="short-question"),
        pytest.param("turn off the kitchen light", KITCHEN, id="order-to-undo"),
        pytest.param("mach das licht in der küche aus", LICHT, id="german-order-to-undo"),
        pytest.param("set a timer for ten minutes", KITCHEN, id="nothing-shared"),
        pytest.param("the blinds in the study", "", id="nothing-said"),
    ],
)
def test_is_echo_when_a_user_may_speak_then_false(heard: str, said: str) -> None:
    """Answers, orders and questions pass, though they share words with what was said."""
    assert not is_echo(heard, said)


def test_latest_when_more_is_said_then_later() -> None:
    """The sound of a long answer lasts, and so do its words; some seconds later nothing is an echo."""
    assert latest_echo_s("", "") == 6.0
    assert latest_echo_s("x" * 60, "x" * 120) == 21.0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_is_echo_when_any_text_then_answers(heard: str, said: str) -> None:
    """No text breaks it."""
    assert is_echo(heard, said) in {True, False}


ASKED = "Would you like me to turn on the kitchen light?"
STATED = "The kitchen light is on now and the door shut."


@pytest.mark.parametrize(
    ("heard", "said", "is_so"),
    [
        pytest.param("would you like me to turn on the", ASKED, True, id="eight-of-ten-words-of-a-question"),
        pytest.param("would you like me to turn on", ASKED, False, id="seven-of-ten-words-of-a-question"),
        pytest.param("the kitchen light is", STATED, True, id="four-of-ten-words-of-a-statement"),
        pytest.param("the kitchen light", STATED, False, id="three-of-ten-words-of-a-statement"),
        pytest.param("the kitchen light is on now and the car sings", STATED, True, id="two-of-ten-words-are-others"),
        pytest.param("the kitchen light is on now and a car sings", STATED, False, id="three-of-ten-words-are-others"),
    ],
)
def test_echo_when_just_enough_comes_back_then_so(heard: str, said: str, *, is_so: bool) -> None:
    """Four of five words of a question, two of five of a statement, and one of five that is heard may be wrong."""
    assert is_echo(heard, said) is is_so

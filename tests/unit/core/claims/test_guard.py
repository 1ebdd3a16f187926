"""What is held back of a reply until it is known whether an order was carried out."""

import pytest

from custom_components.grok_assist.core.claims.actions import Action, Order
from custom_components.grok_assist.core.claims.detector import LONGEST
from custom_components.grok_assist.core.claims.guard import ClaimGuard

ORDER = Order(language="en", actions=frozenset({Action.ON}))


def feed(guard: ClaimGuard, text: str, size: int) -> str:
    """Feed a text in pieces."""
    return "".join(guard.feed(text[start : start + size]) for start in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_guard_when_a_sentence_claims_then_it_and_all_after_it_are_held(size: int) -> None:
    """What comes before is let go, whatever the pieces."""
    guard = ClaimGuard(ORDER)
    said = feed(guard, "The kitchen is warm. I have turned on the light. It is cosy.", size)
    assert said + guard.finish() == "The kitchen is warm."
    assert guard.has_claim
    assert guard.release() == " I have turned on the light. It is cosy."
    assert guard.release() == ""


@pytest.mark.parametrize("size", [1, 5, 100])
def test_guard_when_nothing_is_claimed_then_everything_passes(size: int) -> None:
    """In the end nothing is missing."""
    text = "Once upon a time there was a lamp that nobody ever needed at all.\nThe end. Was it nice?"
    guard = ClaimGuard(ORDER)
    assert feed(guard, text, size) + guard.finish() == text
    assert not guard.has_claim


def test_guard_when_nothing_was_ordered_then_passes_at_once() -> None:
    """Nothing is held."""
    guard = ClaimGuard(None)
    assert guard.feed("I have turned on the light.") == "I have turned on the light."
    assert (guard.finish(), guard.has_claim) == ("", False)


def test_guard_when_the_claim_has_no_end_then_found_at_the_end() -> None:
    """The last sentence needs no mark behind it."""
    guard = ClaimGuard(ORDER)
    assert guard.feed("I have turned on the light.") == ""
    assert guard.finish() == ""
    assert guard.has_claim


@pytest.mark.parametrize(
    "text",
    [
        "I cannot reach the lamp in the kitchen. The one in the hall is on.",
        "The one in the hall is on. I cannot reach the lamp in the kitchen.",
        "The one in the hall is on. I cannot reach the other",
    ],
)
@pytest.mark.parametrize("size", [1, 4, 200])
def test_guard_when_something_is_refused_then_no_claim(text: str, size: int) -> None:
    """An answer that says what could not be done is believed, whichever comes first."""
    guard = ClaimGuard(ORDER)
    assert feed(guard, text, size) + guard.finish() == text
    assert not guard.has_claim


@pytest.mark.parametrize("size", [1, 50, 2000])
def test_guard_when_a_sentence_is_endless_then_let_go(size: int) -> None:
    """What is longer than any claim is not kept back, and the sentence behind it is judged again."""
    guard = ClaimGuard(ORDER)
    text = "word " * LONGEST
    said = feed(guard, text, size)
    assert len(text) - len(said) <= LONGEST
    said += feed(guard, "the end. I have turned on the light.", size) + guard.finish()
    assert said == text + "the end."
    assert guard.has_claim

"""How a manner is told to a model."""

from itertools import pairwise
import re

import pytest

from custom_components.grok_assist.core.personality import FLOOR, Personality
from custom_components.grok_assist.core.settings import AgentSettings

TRAITS = ("wit", "sarcasm", "helpfulness")
STEPS = [step / 10 for step in range(11)]


def test_nothing_said_is_nothing_told() -> None:
    """Without a setting the prompt stays as it was."""
    assert Personality().text() == ""


@pytest.mark.parametrize("trait", TRAITS)
def test_each_trait_has_its_own_sentences(trait: str) -> None:
    """Five of them from end to end, in order, and what never changes behind."""
    texts = [Personality(**{trait: step}).text() for step in STEPS]
    distinct = list(dict.fromkeys(texts))
    assert len(distinct) == 5
    assert [text for text, following in pairwise(texts) if text != following] == distinct[:-1]
    assert all(text.endswith(FLOOR) for text in texts)


def test_no_number_is_told() -> None:
    """A model makes nothing of 0.3."""
    for wit in STEPS:
        text = Personality(wit=wit, sarcasm=1 - wit, helpfulness=wit).text()
        assert not re.search(r"\d", text)


def test_traits_are_independent() -> None:
    """Each adds its sentence; what is not said is not told."""
    alone = {trait: Personality(**{trait: 1.0}).text().removesuffix(FLOOR).strip() for trait in TRAITS}
    together = Personality(wit=1.0, sarcasm=1.0, helpfulness=1.0).text()
    header = "Your manner:"
    for text in alone.values():
        assert text.removeprefix(header).strip() in together
    assert alone["sarcasm"].removeprefix(header).strip() not in Personality(wit=1.0).text()


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, Personality()),
        ({"wit": 0}, Personality(wit=0.0)),
        ({"wit": 0.3, "sarcasm": 1, "helpfulness": 0.7}, Personality(wit=0.3, sarcasm=1.0, helpfulness=0.7)),
        ({"wit": 7, "sarcasm": -1, "helpfulness": "much"}, Personality(wit=1.0, sarcasm=0.0)),
        ({"wit": None, "sarcasm": True}, Personality()),
    ],
)
def test_settings_are_read(stored: dict[str, object], expected: Personality) -> None:
    """Zero is not the same as nothing; what makes no sense is nothing."""
    assert AgentSettings.from_data({"recommended": False, **stored}).personality == expected
    assert AgentSettings.from_data({"recommended": True, **stored}).personality == Personality()

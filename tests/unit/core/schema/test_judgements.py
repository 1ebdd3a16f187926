"""Judgements: the form that is asked for, and what is made of the answer."""

import json
from typing import Any

import pytest

from custom_components.grok_assist.core.schema.judgements import (
    EvaluationError,
    answer_schema,
    instructions,
    parse_answers,
    read_answers,
)
from tests.simulator.rules.instances import instance_of
from tests.simulator.rules.parameters import check_format_schema

QUESTIONS: dict[str, dict[str, Any]] = {
    "is anybody there?": {"type": "noul", "instructions": "Is anybody at the door?"},
    "who": {
        "type": "choice",
        "instructions": "Who is it?",
        "criteria": {"post": "Somebody with a parcel", "a friend": "Somebody else", "nobody": "Nobody"},
    },
    "mess": {"type": "score", "instructions": "How untidy is it?", "criteria": ["tidy", "lived in", "a mess"]},
}


def answer(**changes: Any) -> dict[str, Any]:
    """Give an answer that makes sense, with changes."""
    usual: dict[str, Any] = {
        "q0": 0.9,
        "q1": {"o0": 0.6, "o1": 0.2, "o2": 0.2},
        "q2": {"o0": 0.5, "o1": 0.25, "o2": 0.25},
    }
    return usual | changes


def test_form_is_one_that_xai_takes() -> None:
    """Closed, with plain names, whatever the questions are called."""
    schema = answer_schema(QUESTIONS)
    check_format_schema(schema)
    assert list(schema["properties"]) == ["q0", "q1", "q2"]
    assert read_answers(QUESTIONS, instance_of(schema))


def test_questions_and_options_are_told_by_their_numbers() -> None:
    """The model has to know what q1 and o2 are."""
    text = instructions(QUESTIONS)
    for piece in ("q0 (is anybody there?)", "q1 (who)", "o2: nobody: Nobody", "o1: lived in"):
        assert piece in text


def test_answers_are_read() -> None:
    """Probability of yes, the best option with all shares, the expected level."""
    answers = read_answers(QUESTIONS, answer())
    assert answers["is anybody there?"].value == 0.9
    assert answers["who"].choice == "post"
    assert answers["who"].probabilities == pytest.approx({"post": 0.6, "a friend": 0.2, "nobody": 0.2})
    assert answers["mess"].value == pytest.approx(0.75)
    assert list(answers["mess"].probabilities.values()) == pytest.approx([0.5, 0.25, 0.25])


@pytest.mark.parametrize("share", [0, 1])
def test_sure_answers_are_read(share: int) -> None:
    """A model may be sure of what it sees; the form says from where to where."""
    assert read_answers(QUESTIONS, answer(q0=share))["is anybody there?"].value == share
    form = answer_schema(QUESTIONS)["properties"]["q0"]
    assert (form["type"], form["minimum"], form["maximum"]) == ("number", 0, 1)


def test_shares_are_brought_to_one() -> None:
    """Models add up badly."""
    answers = read_answers(QUESTIONS, answer(q1={"o0": 0.2, "o1": 0.6, "o2": 0.0}))
    assert answers["who"].choice == "a friend"
    assert sum(answers["who"].probabilities.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"q0": 1.1}, "is anybody there?"),
        ({"q0": -0.1}, "is anybody there?"),
        ({"q0": True}, "is anybody there?"),
        ({"q0": "0.5"}, "is anybody there?"),
        ({"q0": None}, "is anybody there?"),
        ({"q1": 0.5}, "who"),
        ({"q1": {"o0": 0.5}}, "who"),
        ({"q1": {"o0": 0, "o1": 0, "o2": 0}}, "who"),
        ({"q2": {"o0": 0.5, "o1": 0.5, "o2": 2}}, "mess"),
        ({"q2": None}, "mess"),
    ],
)
def test_answer_that_makes_no_sense_is_named(changes: dict[str, Any], question: str) -> None:
    """Never a made-up number."""
    with pytest.raises(EvaluationError) as caught:
        read_answers(QUESTIONS, answer(**changes))
    assert caught.value.question == question


def test_written_answers_are_read() -> None:
    """As JSON, in a fence or without one."""
    text = json.dumps(answer())
    assert parse_answers(QUESTIONS, text) == read_answers(QUESTIONS, answer())
    assert parse_answers(QUESTIONS, f"```json\n{text}\n```") == read_answers(QUESTIONS, answer())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I cannot say.", "the answer: is not valid JSON"),
        ('{"q0": NaN}', "the answer: is not valid JSON"),
        ("[0.9]", "the answer: is not a JSON object"),
        ("0.9", "the answer: is not a JSON object"),
        ("null", "the answer: is not a JSON object"),
        ('{"q1": {}}', "is anybody there?: there is no probability from 0 to 1"),
    ],
)
def test_writing_that_is_no_answer_is_said(text: str, problem: str) -> None:
    """In words that the model can make something of."""
    with pytest.raises(EvaluationError) as caught:
        parse_answers(QUESTIONS, text)
    assert str(caught.value) == problem

"""What a refusal says of a request, and the request without it."""

import json

import pytest

from custom_components.grok_assist.core.errors import GrokRateLimitError, GrokRequestError, GrokServerError
from custom_components.grok_assist.grok.messages import AnswerForm, Request, ToolSpec, UserMessage
from custom_components.grok_assist.grok.refusals import TAKES_ALL, Untaken, refused_name

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"enum": {"type": "string", "enum": ["a"], "pattern": "a"}, "list": {"type": "array", "minItems": 1}},
    "required": ["enum"],
}
REQUEST = Request(
    model="grok-4.3",
    instructions="Be brief.",
    messages=(UserMessage(text="Hello"),),
    tools=(ToolSpec(name="look", description="Look", parameters=SCHEMA),),
    effort="low",
    temperature=0.5,
    max_tokens=100,
    cache_key="me",
    form=AnswerForm(name="form", schema=SCHEMA),
)
PLAIN = {
    "type": "object",
    "properties": {"enum": {"type": "string"}, "list": {"type": "array"}},
    "required": ["enum"],
}


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        ("Argument not supported: include", "include"),
        ("Argument not supported: prompt_cache_key", "prompt_cache_key"),
        ("argument not supported on this model: temperature", "temperature"),
        ("Argument not supported on this model: reasoningEffort", "reasoning"),
        ("Argument not supported: reasoning.effort", "reasoning"),
        ("Argument not supported: 'max_output_tokens'", "max_output_tokens"),
        ("Argument not supported: text", "text"),
    ],
)
@pytest.mark.parametrize("error", [GrokRequestError, GrokServerError])
def test_refusal_when_it_names_an_argument_then_asked_without(
    words: str, argument: str, error: type[GrokRequestError | GrokServerError]
) -> None:
    """The body has it no more, and nothing else is gone; as an error of its own and in place of a stream."""
    untaken = TAKES_ALL.with_refusal(error(400 if error is GrokRequestError else 200, words), REQUEST)
    assert untaken == Untaken(arguments=frozenset({argument}))
    before, after = json.loads(REQUEST.to_json()), json.loads(untaken.applied(REQUEST).to_json())
    assert set(before) - set(after) == {argument}
    if argument == "text":
        assert json.dumps(SCHEMA["required"]) in after["instructions"]
    else:
        assert {**before, argument: None} == {**after, argument: None}


@pytest.mark.parametrize(
    "words",
    [
        "Argument not supported: store",
        "Argument not supported: tools",
        "Argument not supported: metadata",
        "Argument not supported: instructions and previous_response_id together",
        "Something else",
        "",
    ],
)
def test_refusal_when_nothing_can_be_left_out_then_final(words: str) -> None:
    """What keeps the home's states off the service's disks, its tools and what was never sent are not left out."""
    assert TAKES_ALL.with_refusal(GrokRequestError(400, words), REQUEST) is None


def test_refusal_when_it_comes_again_then_final() -> None:
    """An argument that was left out cannot be the reason."""
    error = GrokRequestError(400, "Argument not supported: include")
    untaken = TAKES_ALL.with_refusal(error, REQUEST)
    assert untaken is not None
    assert untaken.with_refusal(error, untaken.applied(REQUEST)) is None


def test_refusal_when_told_in_the_log_then_in_our_words() -> None:
    """What the service says may quote what was asked."""
    words = "Argument not supported: include (in: 'The code is 4711'). Grammar is too complex"
    for error in (GrokRequestError(400, words), GrokRequestError(400, words.partition(" Gr")[0])):
        untaken = TAKES_ALL.with_refusal(error, REQUEST)
        assert untaken is not None
        assert str(untaken) in ("include", "finer rules of schemas")


def test_refusal_when_another_comes_then_both_are_left_out() -> None:
    """What is known of a model grows."""
    untaken = Untaken(arguments=frozenset({"include"}))
    second = untaken.with_refusal(
        GrokRequestError(400, "Argument not supported: temperature"), untaken.applied(REQUEST)
    )
    assert second == Untaken(arguments=frozenset({"include", "temperature"}))


def test_refusal_when_schemas_are_too_complex_then_plain_once() -> None:
    """Types, names and descriptions stay; a property that is named like a rule stays, too."""
    error = GrokRequestError(400, "Grammar is too complex")
    untaken = TAKES_ALL.with_refusal(error, REQUEST)
    assert untaken is not None
    plain = untaken.applied(REQUEST)
    body = json.loads(plain.to_json())
    assert body["tools"][0]["parameters"] == PLAIN
    assert body["text"]["format"]["schema"] == PLAIN
    assert untaken.with_refusal(error, plain) is None


@pytest.mark.parametrize("error", [GrokRateLimitError(1.0, "Grammar is too complex"), GrokServerError(503, "Grammar")])
def test_refusal_when_it_is_no_refusal_then_nothing_is_learnt(error: GrokRateLimitError | GrokServerError) -> None:
    """A limit or a fault says nothing of the request."""
    assert TAKES_ALL.with_refusal(error, REQUEST) is None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Argument not supported: store", "store"),
        ("Argument not supported on this model: 'presencePenalty'.", "presencePenalty"),
        ("Argument not supported: reasoning.effort", "reasoning.effort"),
        ("Argument not supported: store, and you said that Anna is at home", None),
        ("Argument not supported: Anna is at home", None),
        ("Argument not supported: +49 89 1234", None),
        ("You said: argument", None),
    ],
)
def test_name_when_a_refusal_says_nothing_else_then_told(words: str, name: str | None) -> None:
    """What stands beside a name may be the user's words."""
    assert refused_name(GrokRequestError(400, words)) == name

"""Answers in a wanted structure: what is read, what is refused, and that another judge agrees."""

from typing import Any

from hypothesis import given, settings, strategies as st
from jsonschema import Draft202012Validator
import pytest

from custom_components.grok_assist.core.schema.answers import StructureError, check, field_path, fits, parse, settle
from custom_components.grok_assist.core.schema.fitting import NOTE, fit_structure

_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "number"}, "none": {"type": ["string", "null"]}},
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '```json\n{"a": 1}\n```', '\n```\n{"a": 1}```\n', ' ```JSON\n\n{"a":1}\n``` ']
)
def test_text_when_json_then_is_read(text: str) -> None:
    """JSON is read with and without a fence around it."""
    assert parse(text) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "Sure: {}",
        '{"a": NaN}',
        '{"a": 1e999}',
        '["\\ud83d"]',
        "```\n{}\n``` and more",
        "[" * 200_000,
        "9" * 5000,
    ],
)
def test_text_when_not_json_then_is_refused(text: str) -> None:
    """What is no JSON, or could not be sent on as JSON, is refused without a word of it."""
    with pytest.raises(StructureError) as raised:
        parse(text)
    assert (raised.value.field, raised.value.problem) == ("", "is not valid JSON")
    assert str(raised.value) == "the answer is not valid JSON"


@pytest.mark.parametrize(
    ("schema", "value", "field", "problem"),
    [
        (_PERSON, {}, "name", "is missing"),
        (_PERSON, {"name": "a", "x": 1}, "x", "is not a field of the structure"),
        (_PERSON, {"name": None}, "name", "must be a text, not null"),
        (_PERSON, [], "", "must be an object, not a list"),
        (_PERSON, {"name": "a", "none": 1}, "none", "must be a text or null, not a whole number"),
        (
            {"type": "array", "items": _PERSON},
            [{"name": "a"}, {"name": 1.5}],
            "[1].name",
            "must be a text, not a number",
        ),
        (
            {"properties": {"a b": {"type": "array", "items": {"type": "boolean"}}}},
            {"a b": [1]},
            "a b[0]",
            "must be true",
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            {"x.y": 1.5},
            "x.y",
            "must be a whole number",
        ),
        ({"type": "object", "additionalProperties": True}, {"x": [2**64]}, "x[0]", "is too large a number"),
        ({"const": 1}, True, "", "must be 1"),
        ({"enum": [0, "a"]}, False, "", 'must be one of 0, "a"'),
        ({"enum": [f"option {number}" for number in range(99)]}, "x", "", 'must be one of "option 0"'),
        ({"minimum": 1}, 0, "", "must be at least 1"),
        ({"maximum": 1}, 2, "", "must be at most 1"),
        ({"exclusiveMinimum": 1}, 1, "", "must be more than 1"),
        ({"exclusiveMaximum": 1}, 1, "", "must be less than 1"),
        ({"multipleOf": 0.1}, 0.35, "", "must be a multiple of 0.1"),
        ({"minLength": 2}, "a", "", "must have at least 2 characters"),
        ({"maxLength": 2}, "abc", "", "must have at most 2 characters"),
        ({"pattern": "^a+$"}, "b", "", "has not the form ^a+$"),
        ({"minItems": 1}, [], "", "must have at least 1 entries"),
        ({"maxItems": 1}, [1, 2], "", "must have at most 1 entries"),
        ({"format": "date"}, "2026-02-30", "", "is not of the form date"),
        ({"format": "date"}, "20260220", "", "is not of the form date"),
        ({"format": "date-time"}, "2026-02-20", "", "is not of the form date-time"),
        ({"format": "email"}, "someone", "", "is not of the form email"),
        ({"format": "uuid"}, "1234", "", "is not of the form uuid"),
        ({"format": "ipv4"}, "300.1.1.1", "", "is not of the form ipv4"),
        ({"format": "uri"}, "example", "", "is not of the form uri"),
        ({"anyOf": [{"type": "null"}, _PERSON]}, {"name": 1}, "name", "must be a text, not a whole number"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1, "", "has none of the allowed forms"),
    ],
)
def test_value_when_wrong_then_place_is_named(schema: dict[str, Any], value: Any, field: str, problem: str) -> None:
    """What is wrong is named with its path."""
    with pytest.raises(StructureError) as raised:
        check(value, schema)
    assert raised.value.field == field
    assert raised.value.problem.startswith(problem)
    assert len(raised.value.problem) < 200


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, [{"a": None}]),
        ({"multipleOf": 0.1}, 0.3),
        ({"format": "date"}, "2026-02-28"),
        ({"format": "date-time"}, "2026-02-28T12:00:00Z"),
        ({"format": "email"}, "someone@example.org"),
        ({"format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
        ({"format": "ipv4"}, "192.0.2.1"),
        ({"format": "uri"}, "https://example.org/"),
        ({"format": "something of its own"}, "x"),
        ({"minimum": 5, "pattern": "^a", "minItems": 3}, None),
        ({"anyOf": [{"type": "null"}, _PERSON]}, None),
    ],
)
def test_value_when_right_then_fits(schema: dict[str, Any], value: Any) -> None:
    """A keyword speaks only of the values that it is meant for."""
    assert fits(value, schema)


def test_null_when_field_is_optional_then_is_left_out() -> None:
    """A null that says that there is nothing is left out, unless it is a value of the field."""
    schema = {"type": "object", "properties": {"people": {"type": "array", "items": _PERSON}}, "required": ["people"]}
    given = {"people": [{"name": "a", "age": None, "none": None}, {"name": None, "age": 5}]}
    assert settle(given, schema) == {"people": [{"name": "a", "none": None}, {"name": None, "age": 5.0}]}
    assert settle({"x": None}, {"anyOf": [{"type": "null"}, _PERSON]}) == {"x": None}
    assert settle({"name": "a", "age": None}, {"anyOf": [{"type": "null"}, _PERSON]}) == {"name": "a"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", 5, float),
        ("number", True, bool),
        ("number", 2**60, int),
        ("integer", 5, int),
        (["integer", "number"], 5, int),
        (["number", "null"], 5, float),
    ],
)
def test_number_when_whole_then_is_float_where_nothing_is_lost(kind: Any, value: Any, expected: type) -> None:
    """Where a number is wanted 5 is 5.0; nothing else is touched."""
    assert type(settle(value, {"type": kind})) is expected


def test_path_when_written_then_has_dots_and_brackets() -> None:
    """A path reads as people write it."""
    assert field_path(["rooms", 2, "name"]) == "rooms[2].name"
    assert field_path([]) == ""


def test_structure_when_fitted_then_only_checked_keywords_are_left() -> None:
    """What no one could check is left out, tuples and clock times are said in the keywords that remain."""
    child = {"type": "string", "default": "x", "format": "time", "description": "When", "uniqueItems": True}
    fitted = fit_structure(
        {
            "type": "object",
            "required": [],
            "properties": {
                "at": child,
                "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
                "either": {"oneOf": [{"type": "string"}, {"type": "null"}], "description": {"not": "text"}},
                "one": {"allOf": [{"type": "integer", "minimum": 1}], NOTE: "at least one"},
                "self": {"$ref": "#"},
            },
        }
    )
    assert fitted["additionalProperties"] is False
    assert "required" not in fitted
    assert fitted["properties"] == {
        "at": {
            "type": "string",
            "description": "When (as HH:MM:SS)",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
        },
        "pair": {
            "type": "array",
            "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "minItems": 2,
            "maxItems": 2,
        },
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "one": {"type": "integer", "minimum": 1, "description": "at least one"},
        "self": {"type": "object", "additionalProperties": True},
    }


_FRACTIONS = st.floats(-9, 9).filter(lambda one: one % 1 != 0)
_PLAIN_VALUES = st.none() | st.booleans() | st.integers(-9, 9) | _FRACTIONS | st.text("ab")
_VALUES = st.recursive(
    _PLAIN_VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
_LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "number", "integer", "boolean", "null"])}),
    st.fixed_dictionaries({"type": st.just(["string", "null"]), "maxLength": st.integers(0, 3)}),
    st.fixed_dictionaries(
        {"type": st.just("number"), "minimum": st.integers(-5, 5), "exclusiveMaximum": st.integers(0, 9)}
    ),
    st.fixed_dictionaries({"type": st.just("integer"), "multipleOf": st.integers(1, 4)}),
    st.fixed_dictionaries({"enum": st.lists(_PLAIN_VALUES, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"const": st.none() | st.booleans() | st.integers(0, 1) | st.text("ab", max_size=1)}),
    st.just({"type": "string", "pattern": "^a"}),
    st.just({}),
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 2)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("xy"), inner),
                "required": st.lists(st.sampled_from("xy"), unique=True),
                "additionalProperties": st.booleans() | inner,
            }
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=600, deadline=None)
@given(schema=_SCHEMAS, value=_VALUES)
def test_any_value_when_checked_then_another_judge_agrees(schema: dict[str, Any], value: Any) -> None:
    """The checker says of any value what jsonschema says."""
    assert fits(value, schema) == Draft202012Validator(schema).is_valid(value)


@settings(max_examples=300, deadline=None)
@given(schema=_SCHEMAS, value=_VALUES)
def test_right_value_when_settled_then_stays_right(schema: dict[str, Any], value: Any) -> None:
    """To settle a right value changes nothing that the schema minds."""
    if fits(value, schema):
        assert fits(settle(value, schema), schema)

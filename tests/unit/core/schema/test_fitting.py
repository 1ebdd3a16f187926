"""Tool names and schemas as xAI takes them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.schema.fitting import RESERVED_NAMES, fit_names, fit_parameters


def test_names_when_clean_then_unchanged() -> None:
    """Home Assistant's own names pass as they are."""
    assert fit_names(["intent__HassTurnOn", "get-time"]) == {
        "intent__HassTurnOn": "intent__HassTurnOn",
        "get-time": "get-time",
    }


def test_names_when_foreign_then_fitted() -> None:
    """Spaces, dots, length, reserved words and doubles are mended, each name apart from the others."""
    fitted = fit_names(["web_search", "my tool", "my.tool", "x" * 80, "x" * 81, ""])
    assert fitted["web_search"] == "home_web_search"
    assert fitted["my tool"] == "my_tool"
    assert fitted["my.tool"] == "my_tool_2"
    assert len(fitted["x" * 80]) == len(fitted["x" * 81]) == 64
    assert len(set(fitted.values())) == 6


@given(st.sets(st.text(max_size=90), max_size=20))
def test_names_when_anything_then_legal_and_unique(names: set[str]) -> None:
    """Whatever tools are called, what is sent is legal, unique and not reserved."""
    sent = list(fit_names(sorted(names)).values())
    assert len(set(sent)) == len(names)
    for name in sent:
        assert 1 <= len(name) <= 64
        assert name.isascii()
        assert name.replace("_", "a").replace("-", "a").isalnum()
        assert name not in RESERVED_NAMES


def test_parameters_when_root_has_alternatives_then_one_object() -> None:
    """HassStartTimer's form: at least one of several fields, which xAI refuses at the root."""
    fitted = fit_parameters(
        {
            "type": "object",
            "properties": {"hours": {"type": "integer"}, "minutes": {"type": "integer"}, "name": {"type": "string"}},
            "anyOf": [{"required": ["hours"]}, {"required": ["minutes"]}],
            "additionalProperties": False,
        }
    )
    assert fitted == {
        "type": "object",
        "properties": {"hours": {"type": "integer"}, "minutes": {"type": "integer"}, "name": {"type": "string"}},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({}, {"type": "object", "properties": {}, "additionalProperties": False}, id="empty"),
        pytest.param(
            {"type": "object", "properties": {}},
            {"type": "object", "properties": {}, "additionalProperties": True},
            id="free-form",
        ),
        pytest.param(
            {"oneOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]},
                       {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]}]},
            {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"],
             "additionalProperties": False},
            id="branches-share-required",
        ),
        pytest.param(
            {"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]},
            {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"],
             "additionalProperties": False},
            id="conjunction",
        ),
        pytest.param(
            {"properties": {"a": {"type": "string", "nullable": True, "format": "entity_id"}}, "required": ["a", "z"]},
            {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"],
             "additionalProperties": False},
            id="nullable-format-required",
        ),
        pytest.param(
            {"properties": {"when": {"type": "string", "format": "date-time"}}, "if": {}, "$schema": "x", "enum": []},
            {"type": "object", "properties": {"when": {"type": "string", "format": "date-time"}},
             "additionalProperties": False},
            id="dropped-keywords",
        ),
        pytest.param(
            {"properties": {"list": {"type": "array",
                                     "items": {"anyOf": [{"type": "string", "not": {}}, {"type": "null"}]}},
                            "map": {"type": "object", "additionalProperties": {"format": "RGB"}}}},
            {"type": "object", "additionalProperties": False,
             "properties": {"list": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                            "map": {"type": "object", "additionalProperties": {}}}},
            id="nested",
        ),
        pytest.param(
            {"properties": {"x": {"allOf": [{"type": "integer"}, {"minimum": 1}]}}},
            {"type": "object", "additionalProperties": False, "properties": {"x": {"type": "integer", "minimum": 1}}},
            id="inner-conjunction",
        ),
    ],
)  # fmt: skip
def test_parameters_when_outside_the_rules_then_fitted(schema: dict[str, object], expected: dict[str, object]) -> None:
    """Each form that Home Assistant's converter can write comes out within the documented rules."""
    assert fit_parameters(schema) == expected


def test_names_when_of_another_script_then_told_apart() -> None:
    """Spelled in Latin letters, not as a row of lines and a number."""
    fitted = fit_names(["odd-tools__включить", "odd-tools__выключить", "灯"])
    assert list(fitted.values()) == ["odd-tools__vkliuchit_", "odd-tools__vykliuchit_", "Deng_"]

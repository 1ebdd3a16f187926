"""Structures for generated data: every selector of Home Assistant there and back, and what is wrong is named."""

import json
import sys
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SELECTORS, selector
import pytest
import voluptuous as vol

from custom_components.grok_assist.core.schema.answers import StructureError
from custom_components.grok_assist.tasks.structures import _device_domains, async_prepare, json_schema_of, read_data

from .structures import ONLY_LATER, Json, cases, covered, examine


async def test_structures_when_examined_then_nothing_is_wrong(hass: HomeAssistant) -> None:
    """Each structure is sent and read as it should be, and each broken answer is refused for the right field."""
    corpus = cases()
    results = [examine(case) for case in corpus]
    assert [problem for _, problems in results for problem in problems] == []
    assert len(corpus) >= 300
    assert len({case.name for case in corpus}) == len(corpus)
    assert sum(count for count, _ in results) >= 8000


def test_selectors_when_listed_then_all_are_covered() -> None:
    """The corpus has every selector of the release, and nothing that neither release has."""
    assert set(SELECTORS) == covered()
    assert set(SELECTORS) >= {*SELECTORS} - ONLY_LATER


def _one(name: str, config: dict[str, Any] | None = None) -> vol.Schema:
    """Make a structure of one required field."""
    return vol.Schema({vol.Required("f"): selector({name: config or {}})})


@pytest.mark.parametrize(
    ("structure", "answer", "expected"),
    [
        (_one("number"), '{"f": 5}', 5.0),
        (_one("boolean"), '```json\n{"f": false}\n```', False),
        (_one("time"), '{"f": "07:30"}', "07:30"),
        (_one("datetime"), '{"f": "2026-11-20T07:30:00+01:00"}', "2026-11-20T07:30:00+01:00"),
        (
            _one("choose", {"choices": {"n": {"selector": {"number": {}}}}}),
            '{"f": {"active_choice": "n", "n": 2}}',
            2.0,
        ),
        (_one("target"), '{"f": {"area_id": ["{{ 1 }}"]}}', {"area_id": ["{{ 1 }}"]}),
        (_one("template"), '{"f": "{{ 1 + 1 }}"}', "{{ 1 + 1 }}"),
        (
            _one("condition"),
            '{"f": [{"condition": "state", "entity_id": "light.a", "state": "on", "for": {"minutes": 5}}]}',
            [{"condition": "state", "entity_id": "light.a", "state": "on", "for": {"minutes": 5}}],
        ),
        (vol.Schema({vol.Required("f"): vol.All(str, vol.Coerce(set))}), '{"f": "a"}', "a"),
    ],
)
async def test_answer_when_right_then_is_read(
    hass: HomeAssistant, structure: vol.Schema, answer: str, expected: Json
) -> None:
    """A right answer becomes what the selector promises, in JSON."""
    assert read_data(structure, answer) == {"f": expected}
    assert type(read_data(structure, answer)["f"]) is type(expected)


@pytest.mark.parametrize(
    ("structure", "answer", "field", "problem"),
    [
        (_one("number"), "I cannot do that.", "", "is not valid JSON"),
        (_one("number"), "[1]", "", "must be an object, not a list"),
        (_one("number"), '{"f": NaN}', "", "is not valid JSON"),
        (_one("object"), '{"f": {"a": ' + "[" * 3000 + "]" * 3000 + "}}", "", "is nested too deeply"),
        (_one("number"), '{"f": "5"}', "f", "must be a number, not a text"),
        (_one("number"), '{"f": true}', "f", "must be a number, not true or false"),
        (_one("boolean"), '{"f": "yes"}', "f", "must be true or false, not a text"),
        (_one("number", {"min": 1, "max": 3}), '{"f": 4}', "f", "must be at most 3.0"),
        (_one("select", {"options": ["a", "b"]}), '{"f": "c"}', "f", 'must be one of "a", "b"'),
        (
            _one("object", {"multiple": True, "fields": {"name": {"required": True, "selector": {"text": {}}}}}),
            '{"f": [{"name": "a"}, {"name": 1}]}',
            "f[1].name",
            "must be a text, not a whole number",
        ),
        (_one("entity", {"exclude_entities": ["light.z"]}), '{"f": "light.z"}', "f", "is refused by Home Assistant: "),
        (_one("template"), '{"f": "{{ "}', "f", "is refused by Home Assistant: "),
        (
            vol.Schema({"a": str, "b": lambda value: value["x"]}),
            '{"a": "", "b": {}}',
            "b",
            "is refused by Home Assistant",
        ),
        (vol.Schema({"a": vol.All(int, lambda value: 1 / value)}), '{"a": 0}', "a", "is refused by Home Assistant"),
    ],
)
async def test_answer_when_wrong_then_field_is_named(
    hass: HomeAssistant, structure: vol.Schema, answer: str, field: str, problem: str
) -> None:
    """What is wrong is named with its field, and never with the whole answer."""
    with pytest.raises(StructureError) as raised:
        read_data(structure, answer)
    assert raised.value.field == field
    assert raised.value.problem.startswith(problem)
    assert len(raised.value.problem) < 260


def test_schema_when_written_then_words_are_kept() -> None:
    """Descriptions are kept, and remarks stand beside them."""
    rule = selector({"number": {"min": 0, "max": 30, "step": 0.5, "unit_of_measurement": "°C"}})
    schema = json_schema_of(vol.Schema({vol.Required("t", description="Warmth"): rule, vol.Optional("u"): rule}))
    limits = {"type": "number", "minimum": 0.0, "maximum": 30.0}
    assert schema == {
        "type": "object",
        "properties": {
            "t": limits | {"description": "Warmth (in °C, in steps of 0.5)"},
            "u": limits | {"description": "in °C, in steps of 0.5"},
        },
        "required": ["t"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("structure", [vol.Schema([str]), vol.Schema(str), vol.Schema(vol.Any(str, int))])
def test_schema_when_no_object_then_is_refused(structure: vol.Schema) -> None:
    """Only objects can be asked for."""
    with pytest.raises(StructureError) as raised:
        json_schema_of(structure)
    assert raised.value.field == ""


def test_answer_when_in_several_forms_then_is_read() -> None:
    """A structure of several forms is one object; the structure itself knows the forms."""
    structure = vol.Schema(vol.Any({vol.Required("a"): int}, {vol.Required("b"): str}))
    assert read_data(structure, '{"b": "x"}') == {"b": "x"}
    with pytest.raises(StructureError):
        read_data(structure, '{"a": 1, "b": "x"}')
    assert read_data(vol.Schema(vol.All({"a": int}, lambda data: list(data.values()))), json.dumps({"a": 1})) == [1]


def test_schema_when_it_holds_itself_then_is_no_circle() -> None:
    """A structure within itself is sent as a free object; what is in there Home Assistant judges."""
    structure = vol.Schema({vol.Required("name"): str, vol.Optional("child"): vol.Self})
    assert json_schema_of(structure)["properties"]["child"] == {"type": "object", "additionalProperties": True}
    assert read_data(structure, '{"name": "a", "child": {"name": "b"}}') == {"name": "a", "child": {"name": "b"}}
    with pytest.raises(StructureError) as raised:
        read_data(structure, '{"name": "a", "child": {"name": 1}}')
    assert raised.value.field == "child.name"


DEVICE_CLASSES = vol.Schema(
    {
        vol.Required("a"): selector({"device_class": {"domain": "humidifier"}}),
        vol.Optional("b"): [selector({"device_class": {"domain": "cover", "multiple": True}})],
        vol.Optional("c"): {vol.Required("d"): selector({"device_class": {"domain": "valve"}})},
        vol.Optional("e"): selector(
            {
                "choose": {
                    "choices": {
                        "n": {"selector": {"device_class": {"domain": "button"}}},
                        "m": {"selector": {"text": {}}},
                    }
                }
            }
        ),
        vol.Optional("f"): selector(
            {"object": {"fields": {"x": {"selector": {"device_class": {"domain": "update"}}}}}}
        ),
        vol.Optional("g"): selector({"object": {}}),
        vol.Optional("h"): str,
    }
)


async def test_device_classes_when_a_structure_has_some_then_known_before_the_turn(hass: HomeAssistant) -> None:
    """Wherever they stand; Home Assistant itself would import each when it is first asked, in the middle of a turn."""
    domains = {"humidifier", "cover", "valve", "button", "update"}
    assert _device_domains(DEVICE_CLASSES) == domains
    await async_prepare(hass, DEVICE_CLASSES)
    assert {f"homeassistant.components.{domain}" for domain in domains} <= sys.modules.keys()
    assert "humidifier" in json_schema_of(DEVICE_CLASSES)["properties"]["a"]["enum"]

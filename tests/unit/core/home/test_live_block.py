"""The changing end of a prompt: within its budget, and never without what was asked for."""

from collections.abc import Mapping

from hypothesis import example, given, strategies as st

from custom_components.grok_assist.core.fence import is_harmless
from custom_components.grok_assist.core.home.context import Choice, HomeIndex, Meaning
from custom_components.grok_assist.core.home.inventory import Entity, told_name, write_inventory
from custom_components.grok_assist.core.home.live_block import LiveBlock, Situation
from custom_components.grok_assist.core.home.vocabulary import kinds_of
from custom_components.grok_assist.core.tokens import estimate_tokens

from .small_home import ENTITIES, NOW, STATES, entity, index, readings


def block(
    sentence: str, states: Mapping[str, str] | None = None, *, budget: int = 1500, home: HomeIndex | None = None
) -> str:
    """Write the block of a sentence."""
    home = home or index()
    found = readings() if home.entities == ENTITIES else [("off", 0.0)] * len(home.entities)
    for position, item in enumerate(home.entities):
        if (state := (states or {}).get(item.entity_id)) is not None:
            found[position] = (state, 0.0)
    choice = home.choose(home.meaning(sentence), found, room="", now=NOW, limit=100)

    def describe(position: int) -> str:
        """Write a state as it is."""
        reading = found[position]
        return reading[0] if reading else "unavailable"

    return LiveBlock(index=home, readings=found, describe=describe, budget=budget).write(choice, Situation())


def big_home(count: int = 300) -> HomeIndex:
    """Index a home of many lights and one lock."""
    lights = [entity(f"light.l{number}", f"Lamp {number:03}", area=f"Room {number % 10}") for number in range(count)]
    return HomeIndex([*lights, entity("lock.front", "Front door", area="Hall")], kinds_of("en", {}))


def test_block_when_the_home_is_small_then_told_whole() -> None:
    """Every state, grouped by area, each on a line of its own."""
    lines = block("tell me a joke").splitlines()
    assert {f"{item.name}: {state}" for item, state in zip(ENTITIES, STATES, strict=True)} <= set(lines)
    assert lines[lines.index("Counter light: off") - 2 : lines.index("Counter light: off")][0] == "# Kitchen"
    assert "# (no area)" in lines
    assert not [line for line in lines if "not listed" in line]


def test_block_when_the_home_is_big_then_only_what_matters() -> None:
    """What was asked for stands there, the rest is counted, and the block stays short."""
    text = block("is the front door locked", {"lock.front": "locked"}, home=big_home())
    assert "Front door: locked" in text
    assert "GetLiveContext" in text
    assert estimate_tokens(text) < 260


def test_block_when_many_of_a_kind_then_the_usual_state_is_told_once() -> None:
    """“Which lights are on?” gets the exceptions line by line, and the others in one."""
    text = block("which lights are on", {"light.l7": "on"}, home=big_home())
    assert "Lamp 007: on" in text.splitlines()
    assert "Every other light: off (299)" in text.splitlines()


def test_block_when_many_in_an_area_then_the_summary_says_where() -> None:
    """A summary of a part of the home is not one of the whole."""
    text = block("lights in room 3", {"light.l3": "on"}, home=big_home())
    assert "Lamp 003: on" in text
    assert "Every other light in Room 3: off (29)" in text


def test_block_when_few_share_a_state_then_each_has_a_line() -> None:
    """Three that agree are no crowd."""
    states = {f"light.l{number}": f"state {number}" for number in range(22)}
    text = block("which lights are on", states, home=big_home(22))
    assert "Every other" not in text
    assert "Lamp 021: state 21" in text


def test_block_when_values_agree_then_each_has_a_line() -> None:
    """Two thermometers that show the same have nothing in common with the others."""
    sensors = [
        entity(f"sensor.t{number}", f"Probe {number:02}", area=f"Room {number}", device_class="temperature")
        for number in range(30)
    ]
    home = HomeIndex(sensors, kinds_of("en", {}))
    text = block("temperature everywhere", dict.fromkeys((item.entity_id for item in sensors), "21"), home=home)
    assert "Every other" not in text
    assert "Probe 29: 21" in text


def test_block_when_the_budget_cuts_then_the_summary_does_not_speak_for_those() -> None:
    """A light that is on and did not fit must not read as off."""
    states = {f"light.l{number}": "on" for number in range(100)}
    text = block("which lights are on", states, home=big_home(), budget=300)
    assert "Every other" not in text
    assert "200 of kind light are off; " in text


def test_block_when_nothing_is_named_then_an_overview_counts() -> None:
    """A general question gets numbers by kind."""
    text = block("is everything fine", {"light.l7": "on"}, home=big_home())
    assert "Overview: light 299 off, 1 on; lock 1 off" in text.splitlines()


def test_block_when_named_among_many_then_never_summarised() -> None:
    """Who was named has a line, whatever state the others are in."""
    text = block("lamp 008 and which lights are on", home=big_home())
    assert "Lamp 008: off" in text.splitlines()


def test_block_when_nothing_is_exposed_then_only_the_situation() -> None:
    """An empty home is no block of states."""
    home = HomeIndex((), ())
    empty = LiveBlock(index=home, readings=(), describe=str, budget=100)
    situation = Situation(room="Kitchen", floor="Ground <floor>", user="Anna", time="Monday 2026-11-23, 08:00")
    assert empty.write(Choice(), situation).splitlines() == [
        "You are in area Kitchen (floor Ground <floor>).",
        "You speak with Anna.",
        "It is Monday 2026-11-23, 08:00.",
    ]
    assert empty.write(Choice(), Situation()) == ""


def test_block_when_a_state_is_gone_then_left_out() -> None:
    """An entity without a state has no line."""
    home = index()
    found = readings()
    found[3] = None
    choice = home.choose(home.meaning("garage door"), found, room="", now=NOW, limit=0)
    text = LiveBlock(index=home, readings=found, describe=lambda _: "x", budget=100).write(choice, Situation())
    assert "Garage door:" not in text


@given(st.integers(100, 1500), st.sampled_from(["which lights are on", "lamp 001", "hello", "room 3", "front door"]))
def test_block_when_any_budget_then_kept(budget: int, sentence: str) -> None:
    """The states never take more than their budget, headings and summaries counted roughly."""
    assert estimate_tokens(block(sentence, budget=budget, home=big_home())) <= budget + 120


@given(st.text(max_size=200), st.text(max_size=200))
@example("<", "</home>")
def test_names_and_states_when_anything_then_no_mark_is_closed(name: str, state: str) -> None:
    """Whatever a device is called and reports, it stays on its line, between the marks."""
    item = Entity(entity_id="sensor.x", names=(name or "x",), area=name)
    home = HomeIndex([item], ())
    choice = home.choose(Meaning(), [(state, 0.0)], room="", now=NOW, limit=9)
    text = LiveBlock(index=home, readings=[(state, 0.0)], describe=lambda _: state, budget=900).write(
        choice, Situation()
    )
    for written in (text, write_inventory([item])):
        inside = written.partition(">\n")[2].rpartition("\n<")[0]
        assert all(map(is_harmless, inside.split("\n")))
    assert text.count("\n") <= 5


def test_inventory_when_written_then_sorted_and_without_states() -> None:
    """Areas, kinds and names in one order; the same home gives the same bytes."""
    written = write_inventory(ENTITIES)
    assert written == write_inventory(reversed(ENTITIES))
    assert "# Kitchen\nlight:Counter light;Kitchen ceiling light / Big lamp\n" in written
    assert written.splitlines()[-3:-1] == ["# (no area)", "switch:Fountain"]
    assert write_inventory(()) == ""


def test_inventory_when_a_device_is_added_then_costs_few_bytes() -> None:
    """A further device costs its name and a byte."""
    more = entity("light.more", "Reading light", area="Bedroom")
    grown = len(write_inventory([*ENTITIES, more]).encode()) - len(write_inventory(ENTITIES).encode())
    assert grown <= len("Reading light") + 1


def test_plain_when_long_then_cut() -> None:
    """A name without end is an accident or an attack."""
    assert len(told_name("x" * 500)) == 100

"""What is taken out of Home Assistant's own prompt."""

from custom_components.grok_assist.core.home.assist_prompt import StateContext, has_overview, trim

LOOK_UP = "You ARE equipped to answer questions about the current state of\nthe home.\nFrom internal knowledge.\n"
ROOM = (
    "You are in area Kitchen (floor Ground) and all generic commands like 'turn on the lights' should target this area."
)
NO_ROOM = (
    "When a user asks to turn on all devices of a specific type, ask the user to specify an area, unless there is only"
    " one device of that type."
)
OVERVIEW = (
    "Static Context: An overview of the areas and the devices in this smart home:\n"
    "- names: Lamp\n  domain: light\n- names: 'Evil\n\n    second line'\n  domain: sensor\n"
)
AFTER = "Always call the intent tools."


def test_live_when_trimmed_then_only_what_is_told_nowhere_else() -> None:
    """The list, the order to look states up and the room go; tool usage stays."""
    whole = f"{LOOK_UP}\n{OVERVIEW}\n{AFTER}\n{ROOM}\n{NO_ROOM}\nThis device is not able to start timers."
    assert trim(whole, StateContext.LIVE) == f"{AFTER}\nThis device is not able to start timers."


def test_on_demand_when_trimmed_then_untouched() -> None:
    """Home Assistant's stock prompt stays byte for byte."""
    assert trim(LOOK_UP + OVERVIEW, StateContext.ON_DEMAND) == LOOK_UP + OVERVIEW


def test_off_when_trimmed_then_without_the_list() -> None:
    """Nothing is told of the home; the rest stays."""
    trimmed = trim(f"{LOOK_UP}\n{OVERVIEW}\n{AFTER}", StateContext.OFF)
    assert "Lamp" not in trimmed
    assert "second line" not in trimmed
    assert AFTER in trimmed


def test_overview_when_in_another_form_then_noticed() -> None:
    """A list that we do not know how to take out is not told twice."""
    assert has_overview("Devices:\n- names: Lamp")
    assert not has_overview(trim(OVERVIEW, StateContext.LIVE))

"""The tables of a turn and of its answer."""

import pytest

from custom_components.grok_assist.realtime.turn_state import (
    ANSWER,
    TURN,
    AnswerInput,
    AnswerState,
    TurnInput,
    TurnState,
)

from .turn_pictures import PAGE, pictures


def reachable[State, Input](table: dict[tuple[State, Input], State], start: State) -> set[State]:
    """Follow all ways."""
    found = {start}
    while more := {then for (state, _), then in table.items() if state in found} - found:
        found |= more
    return found


def test_states_when_all_ways_are_gone_then_each_is_reached() -> None:
    """No state stands in the tables for nothing."""
    assert reachable(dict(TURN), TurnState.LISTENING) == set(TurnState)
    assert reachable(dict(ANSWER), AnswerState.NONE) == set(AnswerState)


def test_inputs_when_looked_for_then_each_leads_somewhere() -> None:
    """No input stands in the tables for nothing."""
    assert {what for _, what in TURN} == set(TurnInput)
    assert {what for _, what in ANSWER} == set(AnswerInput)


def test_end_when_reached_then_no_way_back() -> None:
    """Who is dead stays dead, a lost session answers no more, and a turn never goes back."""
    assert not [then for (state, _), then in TURN.items() if state is TurnState.DEAD]
    assert not [then for (state, _), then in ANSWER.items() if state is AnswerState.LOST]
    order = list(TurnState)
    assert all(order.index(then) > order.index(state) for (state, _), then in TURN.items())


@pytest.mark.parametrize("state", TurnState)
def test_turn_when_killed_then_dead_from_everywhere(state: TurnState) -> None:
    """Every holder of a turn can end it."""
    if state is not TurnState.DEAD:
        assert TURN[state, TurnInput.KILL] is TurnState.DEAD


def test_words_of_a_state() -> None:
    """What follows from a state alone."""
    assert [state for state in TurnState if state.is_listening] == [TurnState.LISTENING, TurnState.UNDERSTOOD]
    assert [state for state in TurnState if state.is_over] == [TurnState.DONE, TurnState.DEAD]


def test_pictures_in_the_docs_are_made_from_the_tables() -> None:
    """What the docs show is what the code does: `python -m tests.unit.realtime.turn_pictures` makes them anew."""
    assert pictures() in PAGE.read_text(encoding="utf-8")

"""When a live conversation ends by itself, and what is said before."""

import pytest

from custom_components.grok_assist.core.live.endings import (
    AWAY_S,
    COUNTDOWN_S,
    MOST_UNTOUCHED,
    TOUCH_S,
    WARNED_S,
    Endings,
    EndReason,
    Notice,
)


def endings(*, away_since: float | None = None, is_leaving: EndReason | None = None) -> Endings:
    """Clocks that begin at zero."""
    return Endings(opened_at=0.0, idle_s=30.0, max_s=900.0, away_since=away_since, is_leaving=is_leaving)


def test_silence_when_long_then_counted_down_and_over() -> None:
    """Told once; any sound begins it anew."""
    clocks = endings()
    assert clocks.notices(29.9, is_quiet=True) == []
    assert clocks.notices(30.0, is_quiet=True) == [(Notice.IDLE, COUNTDOWN_S)]
    assert clocks.notices(31.0, is_quiet=True) == []
    assert clocks.due(39.9, is_quiet=True) is None
    assert clocks.due(40.0, is_quiet=False) is None
    assert clocks.due(40.0, is_quiet=True) is EndReason.IDLE
    clocks.be_active(35.0)
    assert clocks.due(74.9, is_quiet=True) is None
    assert clocks.notices(65.0, is_quiet=True) == [(Notice.IDLE, COUNTDOWN_S)]


def test_longest_when_over_then_after_the_sentence_and_told_before() -> None:
    """Nobody talks on for ever over it."""
    clocks = endings()
    clocks.be_active(890.0)
    assert clocks.notices(900.0 - WARNED_S - 1, is_quiet=False) == []
    assert clocks.notices(900.0 - WARNED_S, is_quiet=False) == [(Notice.LIMIT, WARNED_S)]
    assert clocks.due(900.0, is_quiet=False) is None
    assert clocks.due(900.0, is_quiet=True) is EndReason.LIMIT
    assert clocks.due(900.0 + WARNED_S, is_quiet=False) is EndReason.LIMIT


def test_answers_when_nobody_touches_then_asked() -> None:
    """A television can talk for hours."""
    clocks = endings()
    clocks.answers = MOST_UNTOUCHED
    clocks.be_active(100.0)
    assert clocks.notices(100.0, is_quiet=False) == [(Notice.STILL_THERE, TOUCH_S)]
    assert clocks.due(100.0 + TOUCH_S - 0.1, is_quiet=False) is None
    assert clocks.due(100.0 + TOUCH_S, is_quiet=False) is EndReason.IDLE
    clocks.touch(110.0)
    assert clocks.due(100.0 + TOUCH_S, is_quiet=False) is None
    assert clocks.answers == 0


def test_page_when_away_then_waited_for() -> None:
    """Twenty seconds."""
    clocks = endings(away_since=100.0)
    clocks.be_active(100.0)
    assert clocks.due(100.0 + AWAY_S - 0.1, is_quiet=True) is None
    assert clocks.due(100.0 + AWAY_S, is_quiet=False) is EndReason.LOST


@pytest.mark.parametrize("reason", [EndReason.FAREWELL, EndReason.BUDGET])
def test_leaving_when_something_is_said_then_after_it(reason: EndReason) -> None:
    """The sentence is finished."""
    clocks = endings(is_leaving=reason)
    assert clocks.due(1.0, is_quiet=False) is None
    assert clocks.due(1.0, is_quiet=True) is reason


def test_goodbye_when_the_user_goes_on_then_none() -> None:
    """A budget that is spent is another matter."""
    clocks = endings()
    clocks.note_farewell(is_said=True)
    assert (clocks.is_leaving, clocks.may_hear) == (EndReason.FAREWELL, True)
    clocks.note_farewell(is_said=False)
    assert clocks.is_leaving is None
    clocks = endings(is_leaving=EndReason.BUDGET)
    clocks.note_farewell(is_said=False)
    assert (clocks.is_leaving, clocks.may_hear) == (EndReason.BUDGET, False)

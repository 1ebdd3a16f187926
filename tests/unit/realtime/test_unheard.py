"""Somebody may have spoken whom the service did not hear."""

from array import array

from custom_components.grok_assist.realtime.unheard import LEAST_S, MOST_S, QUIET_S, Unheard

FRAME_S = 0.04
SILENCE = bytes(1_280)
SPEECH = array("h", [2_000, -2_000] * 320).tobytes()


def fed(unheard: Unheard, frame: bytes, seconds: float, now: float) -> tuple[float, list[bytes]]:
    """Feed frames for a while; return the time, and what was said by then."""
    found = []
    for _ in range(round(seconds / FRAME_S)):
        now += FRAME_S
        if (sound := unheard.feed(frame, now)) is not None:
            found.append(sound)
    return now, found


def test_sentence_when_over_then_given_once() -> None:
    """After two quiet seconds, with what was before it."""
    unheard = Unheard()
    now, found = fed(unheard, SILENCE, 1.0, 0.0)
    now, more = fed(unheard, SPEECH, LEAST_S + 0.1, now)
    assert found + more == []
    now, found = fed(unheard, SILENCE, QUIET_S - 0.1, now)
    assert found == []
    now, found = fed(unheard, SILENCE, 5.0, now)
    assert len(found) == 1
    assert SPEECH in found[0]


def test_cough_when_short_then_nothing() -> None:
    """And it is not added to the next one."""
    unheard = Unheard()
    now = 0.0
    for _ in range(5):
        now, found = fed(unheard, SPEECH, LEAST_S / 2, now)
        now, more = fed(unheard, SILENCE, QUIET_S + 0.5, now)
        assert found + more == []


def test_sentence_when_long_then_its_last_seconds() -> None:
    """Nobody keeps an hour of a radio."""
    unheard = Unheard()
    now, _ = fed(unheard, SPEECH, 30.0, 0.0)
    now, found = fed(unheard, SILENCE, QUIET_S + 0.1, now)
    assert len(found[0]) <= MOST_S * 32_000


def test_sentence_when_cleared_then_nothing() -> None:
    """The service has heard it, too."""
    unheard = Unheard()
    now, _ = fed(unheard, SPEECH, 2.0, 0.0)
    unheard.clear()
    assert fed(unheard, SILENCE, 5.0, now)[1] == []

"""Which seconds of a voice are paid by which rule."""

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.usage.voice_billing import VoiceBilling

SECONDS = st.floats(0, 1e5)


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({}, VoiceBilling.SENT_AND_RECEIVED),
        ({"voice_billing": "connection"}, VoiceBilling.CONNECTION),
        ({"voice_billing": "for nothing"}, VoiceBilling.SENT_AND_RECEIVED),
        ({"voice_billing": ["connection"]}, VoiceBilling.SENT_AND_RECEIVED),
    ],
)
def test_rule_when_read_then_chosen_or_the_usual(options: dict[str, object], rule: VoiceBilling) -> None:
    """What is no rule is the newest page's."""
    assert VoiceBilling.from_options(options) is rule


@pytest.mark.parametrize(
    ("told_s", "sound_s", "open_s", "by_sound", "by_time"),
    [(0, 9, 40, 9, 40), (12, 9, 40, 12, 40), (50, 9, 40, 50, 50), (0, 60, 40, 60, 60), (0, 0, 0, 0, 0)],
)
def test_seconds_when_counted_then_the_most(
    told_s: float, sound_s: float, open_s: float, by_sound: float, by_time: float
) -> None:
    """The service's own figure is never gone below, and sound sent faster than life is not free either."""
    assert VoiceBilling.SENT_AND_RECEIVED.seconds(told_s=told_s, sound_s=sound_s, open_s=open_s) == by_sound
    assert VoiceBilling.CONNECTION.seconds(told_s=told_s, sound_s=sound_s, open_s=open_s) == by_time


@given(told_s=SECONDS, sound_s=SECONDS, open_s=SECONDS)
def test_seconds_when_any_then_one_of_the_figures(told_s: float, sound_s: float, open_s: float) -> None:
    """Nothing is invented, and the longer rule is never the cheaper one."""
    by_sound = VoiceBilling.SENT_AND_RECEIVED.seconds(told_s=told_s, sound_s=sound_s, open_s=open_s)
    by_time = VoiceBilling.CONNECTION.seconds(told_s=told_s, sound_s=sound_s, open_s=open_s)
    assert by_sound in (told_s, sound_s)
    assert by_time in (told_s, sound_s, open_s)
    assert max(told_s, sound_s) <= by_sound <= by_time
    assert by_time >= open_s

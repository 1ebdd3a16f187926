"""What the server hears in one turn."""

from itertools import product

import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.server_events import ServerEvent
from custom_components.grok_assist.realtime.user_speech import TRANSITIONS, SpeechState, UserSpeech

from .wire import TRANSCRIPTION, committed, event, said, snapshot, speech_started, speech_stopped, transcript

EVENTS = sorted(
    {found for found in vars(events).values() if isinstance(found, type) and issubclass(found, ServerEvent)}
    - {ServerEvent, events.UnknownEvent},
    key=lambda kind: kind.__name__,
)
WAYS: dict[SpeechState, list[JsonObject]] = {
    SpeechState.WAITING: [],
    SpeechState.SPEAKING: [speech_started()],
    SpeechState.PAUSED: [speech_started(), speech_stopped()],
    SpeechState.UNDERSTOOD: said("Is the garage shut?"),
}


def heard(*frames: JsonObject) -> UserSpeech:
    """Give frames to one who has heard nothing."""
    user_speech = UserSpeech(now=0.0)
    for frame in frames:
        user_speech.receive(event(frame), 0.0)
    return user_speech


@pytest.mark.parametrize("state", SpeechState)
def test_state_when_way_is_gone_then_reached(state: SpeechState) -> None:
    """Every state can be reached."""
    assert heard(*WAYS[state]).state is state


@pytest.mark.parametrize(
    ("state", "frame", "then"),
    [
        (SpeechState.WAITING, speech_started(), SpeechState.SPEAKING),
        (SpeechState.WAITING, speech_stopped(), SpeechState.PAUSED),
        (SpeechState.WAITING, committed(), SpeechState.PAUSED),
        (SpeechState.WAITING, snapshot("Is"), SpeechState.WAITING),
        (SpeechState.WAITING, transcript("Is it"), SpeechState.UNDERSTOOD),
        (SpeechState.SPEAKING, speech_started(), SpeechState.SPEAKING),
        (SpeechState.SPEAKING, speech_stopped(), SpeechState.PAUSED),
        (SpeechState.SPEAKING, committed(), SpeechState.PAUSED),
        (SpeechState.SPEAKING, transcript("Is it"), SpeechState.SPEAKING),
        (SpeechState.PAUSED, speech_started(), SpeechState.SPEAKING),
        (SpeechState.PAUSED, committed(), SpeechState.PAUSED),
        (SpeechState.PAUSED, transcript("Is it"), SpeechState.UNDERSTOOD),
        (SpeechState.PAUSED, transcript("Is it", status="in_progress"), SpeechState.PAUSED),
        (SpeechState.UNDERSTOOD, speech_started("u2"), SpeechState.SPEAKING),
        (SpeechState.UNDERSTOOD, committed(), SpeechState.UNDERSTOOD),
        (SpeechState.UNDERSTOOD, transcript("Is it"), SpeechState.UNDERSTOOD),
        (SpeechState.UNDERSTOOD, transcript("Is it", "u2", "in_progress"), SpeechState.PAUSED),
    ],
)
def test_state_when_server_tells_more_then_moves(state: SpeechState, frame: JsonObject, then: SpeechState) -> None:
    """The moves that the reference describes, whatever the table says."""
    assert heard(*WAYS[state], frame).state is then


@pytest.mark.parametrize(("state", "kind"), product(SpeechState, EVENTS))
def test_state_when_event_comes_then_as_the_table_says(state: SpeechState, kind: type[ServerEvent]) -> None:
    """What is not listed leaves the state; what is listed leads there, or on to the complete words."""
    user_speech = heard(*WAYS[state])
    user_speech.receive(kind(item_id="u9") if "item_id" in kind.__slots__ else kind(), 0.0)  # type: ignore[call-arg]
    if (state, kind) not in TRANSITIONS:
        assert user_speech.state is state or (state, kind) == (SpeechState.PAUSED, events.TranscriptCompleted)
    elif user_speech.state is not SpeechState.UNDERSTOOD:
        assert user_speech.state is TRANSITIONS[(state, kind)]
    else:
        assert TRANSITIONS[(state, kind)] is SpeechState.PAUSED


def test_state_when_last_words_come_then_understood() -> None:
    """The words of an item after its end make it complete."""
    user_speech = heard(*WAYS[SpeechState.PAUSED])
    user_speech.receive(event(transcript("Is the garage shut?")), 0.0)
    assert (user_speech.state, user_speech.transcript) == (SpeechState.UNDERSTOOD, "Is the garage shut?")


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([speech_started(), speech_started(), speech_stopped(), transcript("On")], id="repeated-start"),
        pytest.param([speech_started(), speech_stopped(), committed(), committed(), transcript("On")], id="commits"),
        pytest.param([speech_stopped(), transcript("On")], id="no-start"),
        pytest.param([committed(), transcript("On")], id="only-commit"),
        pytest.param([transcript("On")], id="only-words"),
        pytest.param([speech_started(), committed(), transcript("On")], id="no-stop"),
        pytest.param([speech_started(), transcript("On"), speech_stopped()], id="words-before-stop"),
        pytest.param([speech_started(), snapshot("O"), speech_stopped(), transcript("On")], id="snapshot"),
        pytest.param([*said("On"), snapshot("O")], id="late-snapshot"),
        pytest.param([*said("On"), transcript("O", status="in_progress")], id="late-in-progress"),
        pytest.param([*said("Off"), transcript("On")], id="later-replaces"),
        pytest.param(
            [speech_started(), transcript("O", status="in_progress"), speech_stopped(), transcript("On")],
            id="in-progress-then-completed",
        ),
    ],
)
def test_item_when_told_in_any_way_then_one_word(frames: list[JsonObject]) -> None:
    """One item has one text, however often and in whatever order its events come."""
    user_speech = heard(*frames)
    assert (user_speech.state, user_speech.transcript, user_speech.item_ids) == (SpeechState.UNDERSTOOD, "On", ["u1"])


def test_words_when_only_snapshots_then_not_complete() -> None:
    """A snapshot may be all there is; it is never the end."""
    user_speech = heard(speech_started(), snapshot("Is"), speech_stopped(), transcript("Is the", status="in_progress"))
    assert (user_speech.state, user_speech.transcript) == (SpeechState.PAUSED, "Is the")


def test_speaker_when_resumes_before_commit_then_words_replaced() -> None:
    """The same item goes on: its later transcript holds the earlier words too."""
    user_speech = heard(speech_started(), speech_stopped(), transcript("Turn on"), speech_started())
    assert user_speech.state is SpeechState.SPEAKING
    user_speech.receive(event(speech_stopped()), 0.0)
    assert user_speech.state is SpeechState.PAUSED  # the words so far are final no more
    user_speech.receive(event(transcript("Turn on the lamp")), 0.0)
    assert (user_speech.state, user_speech.transcript) == (SpeechState.UNDERSTOOD, "Turn on the lamp")


def test_speaker_when_resumes_after_commit_then_words_joined() -> None:
    """A new item goes on where the former one ended."""
    user_speech = heard(*said("Turn on ", "u1"), *said(" the lamp", "u2"))
    assert (user_speech.state, user_speech.transcript) == (SpeechState.UNDERSTOOD, "Turn on the lamp")
    assert user_speech.item_ids == ["u1", "u2"]


def test_words_when_second_item_is_final_first_then_waits_for_both() -> None:
    """The words of two items may come in the other order; the text keeps that of the speech."""
    user_speech = heard(speech_started("u1"), speech_stopped("u1"), committed("u1"), *said("the lamp", "u2"))
    assert user_speech.state is SpeechState.PAUSED
    user_speech.receive(event(transcript("Turn on", "u1")), 0.0)
    assert (user_speech.state, user_speech.transcript) == (SpeechState.UNDERSTOOD, "Turn on the lamp")


def test_words_when_transcription_failed_then_complete_without_them() -> None:
    """An item of which nothing could be made holds nothing up."""
    user_speech = heard(speech_started(), speech_stopped(), {"type": f"{TRANSCRIPTION}.failed", "item_id": "u1"})
    assert (user_speech.state, user_speech.transcript) == (SpeechState.UNDERSTOOD, "")

"""What the server hears in one turn."""

from itertools import product

import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.server_events import ServerEvent
from custom_components.grok_assist.realtime.user_speech import TRANSITIONS, Hearing, Stage

from .wire import TRANSCRIPTION, committed, event, said, snapshot, speech_started, speech_stopped, transcript

EVENTS = sorted(
    {found for found in vars(events).values() if isinstance(found, type) and issubclass(found, ServerEvent)}
    - {ServerEvent, events.UnknownEvent},
    key=lambda kind: kind.__name__,
)
WAYS: dict[Stage, list[JsonObject]] = {
    Stage.WAITING: [],
    Stage.SPEAKING: [speech_started()],
    Stage.PAUSED: [speech_started(), speech_stopped()],
    Stage.UNDERSTOOD: said("Is the garage shut?"),
}


def heard(*frames: JsonObject) -> Hearing:
    """Give frames to a fresh hearing."""
    hearing = Hearing()
    for frame in frames:
        hearing.receive(event(frame))
    return hearing


@pytest.mark.parametrize("stage", Stage)
def test_stage_when_way_is_gone_then_reached(stage: Stage) -> None:
    """Every stage can be reached."""
    assert heard(*WAYS[stage]).stage is stage


@pytest.mark.parametrize(
    ("stage", "frame", "then"),
    [
        (Stage.WAITING, speech_started(), Stage.SPEAKING),
        (Stage.WAITING, speech_stopped(), Stage.PAUSED),
        (Stage.WAITING, committed(), Stage.PAUSED),
        (Stage.WAITING, snapshot("Is"), Stage.WAITING),
        (Stage.WAITING, transcript("Is it"), Stage.UNDERSTOOD),
        (Stage.SPEAKING, speech_started(), Stage.SPEAKING),
        (Stage.SPEAKING, speech_stopped(), Stage.PAUSED),
        (Stage.SPEAKING, committed(), Stage.PAUSED),
        (Stage.SPEAKING, transcript("Is it"), Stage.SPEAKING),
        (Stage.PAUSED, speech_started(), Stage.SPEAKING),
        (Stage.PAUSED, committed(), Stage.PAUSED),
        (Stage.PAUSED, transcript("Is it"), Stage.UNDERSTOOD),
        (Stage.PAUSED, transcript("Is it", status="in_progress"), Stage.PAUSED),
        (Stage.UNDERSTOOD, speech_started("u2"), Stage.SPEAKING),
        (Stage.UNDERSTOOD, committed(), Stage.UNDERSTOOD),
        (Stage.UNDERSTOOD, transcript("Is it"), Stage.UNDERSTOOD),
        (Stage.UNDERSTOOD, transcript("Is it", "u2", "in_progress"), Stage.PAUSED),
    ],
)
def test_stage_when_server_tells_more_then_moves(stage: Stage, frame: JsonObject, then: Stage) -> None:
    """The moves that the reference describes, whatever the table says."""
    assert heard(*WAYS[stage], frame).stage is then


@pytest.mark.parametrize(("stage", "kind"), product(Stage, EVENTS))
def test_stage_when_event_comes_then_as_the_table_says(stage: Stage, kind: type[ServerEvent]) -> None:
    """What is not listed leaves the stage; what is listed leads there, or on to the complete words."""
    hearing = heard(*WAYS[stage])
    hearing.receive(kind(item_id="u9") if "item_id" in kind.__slots__ else kind())  # type: ignore[call-arg]
    if (stage, kind) not in TRANSITIONS:
        assert hearing.stage is stage or (stage, kind) == (Stage.PAUSED, events.TranscriptCompleted)
    elif hearing.stage is not Stage.UNDERSTOOD:
        assert hearing.stage is TRANSITIONS[(stage, kind)]
    else:
        assert TRANSITIONS[(stage, kind)] is Stage.PAUSED


def test_stage_when_last_words_come_then_understood() -> None:
    """The words of an item after its end make it complete."""
    hearing = heard(*WAYS[Stage.PAUSED])
    hearing.receive(event(transcript("Is the garage shut?")))
    assert (hearing.stage, hearing.transcript) == (Stage.UNDERSTOOD, "Is the garage shut?")


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([speech_started(), speech_started(), speech_stopped(), transcript("On")], id="repeated-start"),
        pytest.param([speech_started(), speech_stopped(), committed(), committed(), transcript("On")], id="commits"),
        pytest.param([speech_stopped(), transcript("On")], id="no-start"),
        pytest.param([committed(), transcript("On")], id="only-commit"),
        pytest.param([transcript("On")], id="only-words"),
        pytest.param([speech_started(), committed(), transcript("On")], id="no-stop"),
        pytest.param([speech_started(), transcript("On", status=None), speech_stopped()], id="words-before-stop"),
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
    hearing = heard(*frames)
    assert (hearing.stage, hearing.transcript, hearing.item_ids) == (Stage.UNDERSTOOD, "On", ["u1"])


def test_words_when_only_snapshots_then_not_complete() -> None:
    """A snapshot may be all there is; it is never the end."""
    hearing = heard(speech_started(), snapshot("Is"), speech_stopped(), transcript("Is the", status="in_progress"))
    assert (hearing.stage, hearing.transcript) == (Stage.PAUSED, "Is the")


def test_speaker_when_resumes_before_commit_then_words_replaced() -> None:
    """The same item goes on: its later transcript holds the earlier words too."""
    hearing = heard(speech_started(), speech_stopped(), transcript("Turn on"), speech_started())
    assert hearing.stage is Stage.SPEAKING
    hearing.receive(event(speech_stopped()))
    assert hearing.stage is Stage.PAUSED  # the words so far are final no more
    hearing.receive(event(transcript("Turn on the lamp")))
    assert (hearing.stage, hearing.transcript) == (Stage.UNDERSTOOD, "Turn on the lamp")


def test_speaker_when_resumes_after_commit_then_words_joined() -> None:
    """A new item goes on where the former one ended."""
    hearing = heard(*said("Turn on ", "u1"), *said(" the lamp", "u2"))
    assert (hearing.stage, hearing.transcript) == (Stage.UNDERSTOOD, "Turn on the lamp")
    assert hearing.item_ids == ["u1", "u2"]


def test_words_when_second_item_is_final_first_then_waits_for_both() -> None:
    """The words of two items may come in the other order; the text keeps that of the speech."""
    hearing = heard(speech_started("u1"), speech_stopped("u1"), committed("u1"), *said("the lamp", "u2"))
    assert hearing.stage is Stage.PAUSED
    hearing.receive(event(transcript("Turn on", "u1")))
    assert (hearing.stage, hearing.transcript) == (Stage.UNDERSTOOD, "Turn on the lamp")


def test_words_when_transcription_failed_then_complete_without_them() -> None:
    """An item of which nothing could be made holds nothing up."""
    hearing = heard(speech_started(), speech_stopped(), {"type": f"{TRANSCRIPTION}.failed", "item_id": "u1"})
    assert (hearing.stage, hearing.transcript) == (Stage.UNDERSTOOD, "")

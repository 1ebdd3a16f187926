"""The words of a turn: when they are complete, and what is overdue."""

import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.turn_news import Understood
from custom_components.grok_assist.realtime.turn_state import AnswerState, TurnState

from .turns import SILENCE, told, turn_of, wanted
from .wire import (
    answered,
    audio,
    committed,
    feed,
    response_created,
    response_done,
    said,
    snapshot,
    speech_started,
    speech_stopped,
    transcript,
    words,
)

SOON = 0.001


def test_words_when_microphone_ends_after_them_then_understood_at_the_end() -> None:
    """The server's pause is not Home Assistant's: the words wait for the end, the answer is made ahead."""
    turn = turn_of(*said("Is it shut?"), *answered())
    assert told(turn) == []
    assert turn.answer.state is AnswerState.COMPLETE
    assert turn.deadline == 60.0
    turn.end_input(1.0)
    assert told(turn) == [("understood", "Is it shut?")]
    assert (turn.state, turn.times.understood_at, wanted(turn)) == (TurnState.UNDERSTOOD, 1.0, [])


def test_words_when_microphone_ends_before_them_then_understood_when_final() -> None:
    """A snapshot does not end the wait, the final words do, once."""
    turn = turn_of(speech_started(), snapshot("Is it"), ends_at=1.0)
    feed(turn, speech_stopped(), committed(), transcript("Is it sh", status="in_progress"), now=1.1)
    assert told(turn) == []
    feed(turn, transcript("Is it shut?"), transcript("Is it shut now?"), now=1.2)
    assert told(turn) == [("understood", "Is it shut?")]
    assert turn.speech.transcript == "Is it shut now?"


def test_words_when_server_decides_then_understood_at_the_first_pause() -> None:
    """Without waiting for the microphone the first complete words count."""
    assert told(turn_of(*said("Is it shut?"), waits_for_end=False)) == [("understood", "Is it shut?")]


@pytest.mark.parametrize(
    ("frames", "is_silent"),
    [([], True), ([speech_started()], True), ([speech_started(), speech_stopped()], False), (said("On"), False)],
)
def test_microphone_when_closed_then_silence_only_where_the_server_waits(
    frames: list[JsonObject],
    is_silent: bool,  # noqa: FBT001
) -> None:
    """A server that still hears somebody, or may yet, gets its whole window of silence at once."""
    turn = turn_of(*frames, ends_at=1.0)
    assert [getattr(action, "pcm", None) for action in turn.take_actions()] == [SILENCE] * is_silent


def test_speaker_when_resumes_before_commit_then_begun_answer_is_dead() -> None:
    """The same item goes on: the answer vanishes without a word, the text is replaced."""
    turn = turn_of(speech_started(), speech_stopped(), response_created("r1"), audio(response="r1"))
    assert turn.answer.state is AnswerState.LIVE
    feed(turn, speech_started())
    assert turn.answer.state is AnswerState.NONE
    feed(turn, audio(response="r1"), response_done("r1", "cancelled"))
    assert turn.answer.live is None
    feed(turn, speech_stopped(), committed(), transcript("Turn on the lamp"), response_created("r2"))
    turn.end_input(1.0)
    assert told(turn) == [("understood", "Turn on the lamp")]
    assert turn.answer.live is not None
    assert turn.answer.live.response_id == "r2"


def test_speaker_when_resumes_after_commit_then_texts_joined_and_answer_dead() -> None:
    """A new item follows: its words are added, the answer to the first is dead."""
    turn = turn_of(*said("Turn on", "u1"), *answered("What?", "r1"), *said("the lamp", "u2"))
    feed(turn, *answered("Done.", "r2", "a2"))
    turn.end_input(1.0)
    assert told(turn) == [("understood", "Turn on the lamp")]
    assert turn.answer.item_ids == ["a1", "a2"]
    assert turn.answer.live is not None
    assert turn.answer.live.response_id == "r2"


@pytest.mark.parametrize("end", [speech_stopped(), committed()], ids=["stopped", "committed"])
@pytest.mark.parametrize("is_late", [False, True], ids=["soon", "complete-before"])
def test_answer_when_created_in_speech_then_counts_at_its_end(end: JsonObject, is_late: bool) -> None:  # noqa: FBT001
    """A server may tell of its answer before it tells that the speech is over; nothing of it is lost."""
    frames = answered("It is shut.")
    cut = len(frames) if is_late else 2
    turn = turn_of(speech_started(), *frames[:cut], end, *frames[cut:], transcript("Is it shut?"))
    assert turn.answer.state is AnswerState.COMPLETE
    turn.end_input(1.0)
    assert told(turn) == [("understood", "Is it shut?")]
    turn.give_words("Is it shut?", 1.0)
    assert turn.attach("c", "Is it shut?")
    turn.follow(1.0)
    assert "It is shut." in told(turn)


def test_answer_when_created_in_speech_that_goes_on_then_never_counts() -> None:
    """Nobody wants an answer to half of a sentence."""
    turn = turn_of(speech_started(), response_created("r1"), speech_started(), speech_stopped(), audio(response="r1"))
    assert (turn.answer.state, turn.answer.live) == (AnswerState.NONE, None)


def test_speech_when_it_begins_after_the_microphone_closed_then_given_silence_until_it_ends() -> None:
    """The server measures pauses by the sound that it gets; the answer that follows is waited for and heard."""
    turn = turn_of(*said("Is it shut?"), ends_at=1.0)
    wanted(turn)
    feed(turn, speech_started(), now=1.2)
    assert wanted(turn) == ["AppendAudio"]
    assert turn.answer.state in (AnswerState.NONE, AnswerState.AWAITED)
    feed(turn, speech_stopped(), committed(), transcript("Is it shut?"), *answered("It is shut."), now=1.3)
    assert turn.answer.state is AnswerState.COMPLETE
    for number in range(5):
        feed(turn, speech_started(f"u{number + 3}"), now=1.4)
    assert wanted(turn) == ["AppendAudio"] * 2  # no budget is spent on a server that hears ghosts


def test_answer_when_speech_begins_late_and_nothing_was_heard_yet_then_another_answer_counts() -> None:
    """Who follows is told of nothing: the answer is made anew."""
    turn = turn_of(*said("Is it shut?"), response_created("r1"), ends_at=1.0)
    turn.give_words("Is it shut?", 1.0)
    assert turn.attach("c", "Is it shut?")
    turn.follow(1.0)
    told(turn)
    feed(turn, speech_started(), now=1.1)
    assert told(turn) == []
    feed(turn, speech_stopped(), committed(), *answered("It is shut.", "r2", "a2"), now=1.2)
    assert "It is shut." in told(turn)


def test_answer_when_nobody_has_spoken_then_cancelled() -> None:
    """A server that answers an empty room is told to stop, and what it says all the same is nobody's."""
    turn = turn_of(response_created("r1"), audio(response="r1"))
    assert wanted(turn) == ["CancelResponse r1"]
    assert turn.answer.response_ids == []


@pytest.mark.parametrize(
    ("frames", "wait_s", "text", "is_certain"),
    [
        pytest.param([], 2.0, "", True, id="nobody-spoke"),
        pytest.param([speech_started(), snapshot("Is it")], 2.0, "Is it", False, id="still-speaking"),
        pytest.param([speech_started(), speech_stopped(), snapshot("Is")], 2.0, "Is", False, id="paused"),
    ],
)
def test_words_when_overdue_after_the_end_then_what_there_is(
    frames: list[JsonObject],
    wait_s: float,
    text: str,
    is_certain: bool,  # noqa: FBT001
) -> None:
    """After the end of the microphone the words have their time; then the last snapshot serves, and says so."""
    turn = turn_of(*frames, ends_at=5.0)
    assert turn.deadline == 5.0 + wait_s
    turn.expire(5.0 + wait_s - SOON)
    assert turn.take_news() == []
    turn.expire(5.0 + wait_s)
    assert turn.take_news() == [Understood(text, is_certain)]
    assert not turn.speech.nobody_spoke


def test_deadline_when_microphone_is_open_then_a_minute_and_for_words_of_a_pause() -> None:
    """Home Assistant decides how long a room may be silent, but not for ever; speech that has ended must have words."""
    turn = turn_of()
    assert turn.deadline == 60.0
    feed(turn, speech_started(), now=1.0)
    assert turn.deadline == 60.0
    feed(turn, speech_stopped(), now=3.0)
    assert turn.deadline == 3.0 + 2.0
    feed(turn, transcript("On"), now=4.0)
    assert turn.deadline == 60.0
    assert turn.take_news() == []


def test_deadline_when_only_the_server_hears_the_end_then_nobody_is_waited_for_ten_seconds() -> None:
    """An empty room ends the turn without words; who has begun to speak may go on for a minute."""
    turn = turn_of(waits_for_end=False)
    assert turn.deadline == 10.0
    turn.expire(10.0)
    assert told(turn) == [("understood", "")]
    assert turn.speech.nobody_spoke
    speaking = turn_of(speech_started(), waits_for_end=False)
    assert speaking.deadline == 60.0
    feed(speaking, snapshot("and so on and so"), now=50.0)
    speaking.expire(60.0)
    assert told(speaking) == [("understood", "and so on and so")]
    assert not speaking.speech.nobody_spoke


def test_words_when_an_answer_comes_meanwhile_then_waited_for_as_long_again() -> None:
    """A server that speaks already has understood; its final words may follow its own."""
    turn = turn_of(speech_started(), speech_stopped(), response_created(), ends_at=1.0)
    feed(turn, words("It"), now=2.5)
    assert turn.deadline == 2.5 + 2.0


def test_session_when_not_ready_then_nothing_is_overdue_before_the_end() -> None:
    """While a socket is dialled the words have all their time; after the end of the microphone it has little."""
    turn = turn_of()
    turn.restart(10.0)
    assert turn.deadline == 10.0 + 60.0
    turn.end_input(20.0)
    assert turn.deadline == 22.0
    turn.expire(22.0)
    assert told(turn) == ["GrokTimeoutError"]
    assert wanted(turn)[-1] == "CloseSocket"
    assert (turn.state, turn.answer.state) == (TurnState.LISTENING, AnswerState.LOST)
    assert turn.deadline is None


def test_socket_when_another_hears_the_turn_then_everything_begins_anew() -> None:
    """Nothing that was heard before is heard twice, and the time of the former socket is not counted."""
    turn = turn_of(*said("Turn on"), response_created("r1"))
    turn.restart(40.0)
    turn.session_ready()
    assert (turn.speech.transcript, turn.answer.state, turn.deadline) == ("", AnswerState.NONE, 40.0 + 60.0)
    feed(turn, *said("Turn on the lamp", "u1"), response_created("r1"), now=41.0)
    turn.end_input(42.0)
    assert told(turn) == [("understood", "Turn on the lamp")]
    assert turn.answer.state is AnswerState.LIVE

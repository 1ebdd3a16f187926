"""A turn from its words to the end of its answer: who may have it, what is heard and run, and how it ends."""

import pytest

from custom_components.grok_assist.core.errors import GrokBudgetError, GrokConnectionError, GrokServerError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.client_events import (
    CancelResponse,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
    ForceMessage,
    TruncateItem,
    UpdateSession,
)
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.heard import Position
from custom_components.grok_assist.realtime.playback import BYTES_PER_S
from custom_components.grok_assist.realtime.turn_state import AnswerState, TurnState

from .turns import WORDS, attached, followed, told, transcribed, turn_of, wanted
from .wire import (
    TENTH_S,
    answered,
    audio,
    call,
    committed,
    feed,
    item_added,
    response_created,
    response_done,
    said,
    speech_started,
    words,
)

OTHER = SessionConfig(instructions="Be brief.", voice="rex")
SECOND_MS = 1_000


# --- whose it is ---


@pytest.mark.parametrize(("conversation_id", "text"), [("other", WORDS), ("c", "Is it open?"), ("c", "")])
def test_attach_when_of_another_turn_then_refused(conversation_id: str, text: str) -> None:
    """Conversation and words have to be the turn's own."""
    turn = transcribed()
    assert not turn.attach(conversation_id, text)
    assert (turn.state, turn.was_attached) == (TurnState.TRANSCRIBED, False)


def test_attach_when_too_early_or_twice_then_refused() -> None:
    """Only what Home Assistant was given can be attached to, and only once."""
    turn = turn_of(*said(WORDS), ends_at=1.0)
    assert not turn.attach("c", "")
    turn.give_words(WORDS, 1.0)
    assert turn.attach("c", WORDS)
    assert turn.was_attached
    assert not turn.attach("c", WORDS)
    turn.kill()
    assert not turn.attach("c", WORDS)


def test_attach_when_no_agent_comes_then_dead_and_forgotten_by_the_service() -> None:
    """What nobody attaches to is ended: the answer is stopped, and neither it nor the words count any more."""
    turn = transcribed(response_created("r1"), item_added())
    assert turn.deadline == 1.0 + 5.0
    turn.expire(1.0 + 5.0)
    assert (turn.state, turn.deadline) == (TurnState.DEAD, None)
    assert wanted(turn) == ["CancelResponse r1", "DeleteItem u1", "DeleteItem a1"]
    assert told(turn) == [("sound cut", "GrokConnectionError")]


def test_attach_when_in_time_then_no_agent_is_waited_for_any_more() -> None:
    """The agent may take its time; the answer may not."""
    turn = attached(response_created())
    assert turn.deadline == 1.0 + 10.0


def test_words_when_given_without_a_session_then_any_agent_may_come_at_any_time() -> None:
    """Words that were found elsewhere get an agent, and an end; no session is waited for."""
    turn = turn_of(speech_started())
    turn.give_up(GrokServerError(500))
    assert wanted(turn) == ["CloseSocket"]
    turn.give_words("On", 3.0)
    assert (turn.state, turn.deadline) == (TurnState.TRANSCRIBED, None)
    assert turn.attach("c", "On")
    turn.follow(4.0)
    turn.finish()
    assert told(turn) == ["GrokServerError", "sound complete"]
    assert turn.state is TurnState.DONE


# --- what is heard and run ---


def test_answer_when_made_ahead_then_nothing_heard_until_followed() -> None:
    """The answer that was made ahead waits, sound and all."""
    turn = attached(*answered("It is on."))
    assert told(turn) == []
    turn.follow(2.0)
    assert told(turn) == ["first audio", ("a1", len(TENTH_S)), "It is on.", []]
    assert (turn.times.first_audio_at, turn.spoken.text, turn.answer.state) == (2.0, "It is on.", AnswerState.COMPLETE)


def test_answer_when_it_begins_between_attach_and_follow_then_not_heard_before() -> None:
    """An agent that still compares may ask anew: what begins meanwhile must not be heard."""
    turn = attached()
    feed(turn, *answered("It is off.", "r1"), now=2.0)
    assert told(turn) == []
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    turn.follow(2.0)
    feed(turn, response_created("r2", "1"), *answered("It is on.", "r2", "a2")[1:], now=3.0)
    assert told(turn) == ["first audio", ("a2", len(TENTH_S)), "It is on.", []]


def test_answer_when_it_comes_after_the_agent_then_followed() -> None:
    """An agent may be faster than the answer."""
    turn = followed()
    feed(turn, *answered("It is on."))
    assert told(turn) == ["first audio", ("a1", len(TENTH_S)), "It is on.", []]


def test_calls_when_answered_then_results_before_one_create_and_words_go_on() -> None:
    """Calls end an answer, not the sound; their results bring another answer, with all of them known."""
    turn = followed(*answered("Let me see.")[:-1], call("c1"), call("c2"), response_done())
    assert told(turn)[-1] == ["c1", "c2"]
    assert (turn.deadline, turn.answer.state) == (1.0 + 10.0, AnswerState.CALLING)
    turn.sound_taken()
    assert turn.deadline is None  # while we work the service owes nothing
    turn.give_results({"c1": "ok", "c2": "no"}, asks=True, now=50.0)
    assert turn.take_actions() == [
        CreateFunctionOutput("c1", "ok"), CreateFunctionOutput("c2", "no"), CreateResponse(),
    ]  # fmt: skip
    assert turn.deadline == 50.0 + 10.0
    feed(turn, *answered(" Done.", "r2", "a2"), now=51.0)
    assert told(turn) == [("a2", len(TENTH_S)), " Done.", []]
    assert turn.spoken.text == "Let me see. Done."


def test_results_when_the_answer_was_complete_then_no_more_is_asked() -> None:
    """A wish for the microphone beside a whole answer needs no second one."""
    turn = followed(*answered("Which one?")[:-1], call(), response_done())
    turn.give_results({"c1": "ok"}, asks=False, now=2.0)
    assert turn.take_actions() == [CreateFunctionOutput("c1", "ok")]
    assert (turn.answer.state, turn.spoken.is_complete) == (AnswerState.COMPLETE, True)


def test_results_when_their_answer_is_gone_then_dropped() -> None:
    """What a tool brings for an answer that was lost meanwhile asks for nothing."""
    turn = followed(response_created(), call(), response_done())
    turn.fail(GrokConnectionError("gone"))
    turn.give_results({"c1": "ok"}, asks=True, now=2.0)
    assert turn.take_actions() == []
    assert told(turn) == [["c1"], "GrokConnectionError"]


def test_answer_when_it_begins_while_tools_run_then_cancelled() -> None:
    """The model was not asked for more."""
    turn = followed(response_created(), call(), response_done())
    feed(turn, *answered("Wrong.", "r2", "a2"))
    assert wanted(turn) == ["CancelResponse r2"]
    assert told(turn) == [["c1"]]


def test_sentence_when_said_behind_the_answer_then_heard_in_the_same_voice() -> None:
    """A sentence of ours is an answer that is awaited."""
    turn = followed(*answered("It is on."))
    told(turn)
    turn.say("It was not done.", 2.0)
    assert turn.take_actions() == [ForceMessage("It was not done.")]
    assert (turn.answer.state, turn.spoken.is_complete) == (AnswerState.AWAITED, False)
    feed(turn, *answered("It was not done.", "r2", "a2"), now=3.0)
    assert told(turn) == [("a2", len(TENTH_S)), "It was not done.", []]


def test_sentence_when_the_answer_is_not_complete_then_not_said() -> None:
    """Two voices at once are none."""
    turn = followed(response_created())
    turn.say("Too early.", 2.0)
    assert turn.take_actions() == []


@pytest.mark.parametrize(
    ("frames", "kind"),
    [
        pytest.param([response_created(), response_done()], "GrokAnswerError", id="empty"),
        pytest.param([response_created(), words(" "), response_done()], "GrokAnswerError", id="blank"),
        pytest.param([response_created(), audio(), response_done(status="failed")], "GrokBrokenStreamError", id="bad"),
        pytest.param([response_created(), words("It"), speech_started()], "GrokBrokenStreamError", id="spoken-over"),
    ],
)
def test_answer_when_it_is_none_then_told_once(frames: list[JsonObject], kind: str) -> None:
    """The agent has to know that no answer comes; where it is ours to say something, we may."""
    turn = followed()
    feed(turn, *frames)
    assert [news for news in told(turn) if isinstance(news, str) and news.startswith("Grok")] == [kind]
    turn.kill()
    assert told(turn) == [("sound cut", None)]


def test_answer_when_complete_and_somebody_speaks_then_its_end_stays() -> None:
    """Speech behind the answer is the next turn's; the service may say what it likes."""
    turn = followed(*answered())
    told(turn)
    feed(turn, speech_started("u2"), *answered("What?", "r2", "a2"), now=2.0)
    assert (told(turn), wanted(turn), turn.answer.state) == ([], ["CancelResponse r2"], AnswerState.COMPLETE)
    assert turn.deadline == 1.0 + 10.0


def test_answer_when_empty_after_a_tool_then_a_sentence_of_ours_may_stand_for_it() -> None:
    """A model that has nothing to say of what it did leaves the user without a word."""
    turn = followed(response_created(), call(), response_done())
    turn.give_results({"c1": "ok"}, asks=True, now=2.0)
    feed(turn, response_created("r2"), response_done("r2"), now=3.0)
    assert told(turn) == [["c1"], "GrokAnswerError"]
    turn.say("Done.", 3.0)
    feed(turn, *answered("Done.", "r3", "a3"), now=4.0)
    assert told(turn)[1:] == [("a3", len(TENTH_S)), "Done.", []]


@pytest.mark.parametrize("is_begun", [True, False])
def test_answer_when_lost_before_anybody_follows_then_told_at_once(is_begun: bool) -> None:  # noqa: FBT001
    """An answer that broke or stalled before is not waited for once more."""
    turn = attached(*([response_created(), audio(), response_done(status="cancelled")] if is_begun else []))
    if not is_begun:
        turn.expire(1.0 + 10.0)
    turn.follow(12.0)
    assert told(turn) == ["GrokBrokenStreamError"]


@pytest.mark.parametrize(("may_search", "patience_s"), [(False, 10.0), (True, 30.0)])
def test_answer_when_overdue_then_given_up(may_search: bool, patience_s: float) -> None:  # noqa: FBT001
    """Between two signs of an answer there is a limit; a search makes it longer. A late piece is not heard."""
    turn = turn_of(*said("On"), may_search=may_search, ends_at=1.0)
    turn.give_words("On", 1.0)
    turn.attach("c", "On")
    turn.follow(1.0)
    feed(turn, response_created(), now=2.0)
    feed(turn, words("It"), now=3.0)
    feed(turn, audio(response="r9"), {"type": "ping"}, now=4.0)
    assert turn.deadline == 3.0 + patience_s
    turn.expire(3.0 + patience_s - 0.001)
    assert told(turn) == [("understood", "On"), "It"]
    turn.expire(3.0 + patience_s)
    assert told(turn) == ["GrokBrokenStreamError"]
    assert turn.deadline is None
    feed(turn, audio(), response_done(), now=99.0)
    assert told(turn) == []


# --- asked otherwise ---


def test_words_when_asked_as_text_then_all_before_is_taken_back() -> None:
    """The answer that does not fit is stopped and deleted, with the words; then the words go out as text."""
    turn = attached(response_created("r1"), item_added())
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    actions = turn.take_actions()
    assert [type(action).__name__ for action in actions[:4]] == [
        "CancelResponse", "UpdateSession", "DeleteItem", "DeleteItem",
    ]  # fmt: skip
    assert (actions[1], actions[4:]) == (UpdateSession(OTHER), [CreateMessage(WORDS), CreateResponse()])
    assert turn.deadline == 2.0 + 10.0
    turn.follow(3.0)
    feed(turn, *answered("Wrong.", "r1")[2:-1], *said("Late", "u1"), response_done("r1", "cancelled"))
    assert told(turn) == []


def test_answer_when_no_mark_was_ever_echoed_then_the_first_after_the_question_counts() -> None:
    """A service that does not echo marks is not told to stop what we asked of it."""
    turn = attached()
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=False)
    turn.follow(2.0)
    turn.take_actions()
    feed(turn, *answered("It is on.", "r1"))
    assert wanted(turn) == []
    assert told(turn)[2:] == ["It is on.", []]


@pytest.mark.parametrize("is_echoed", [True, False])
def test_answer_when_unasked_one_comes_late_then_cancelled(is_echoed: bool) -> None:  # noqa: FBT001
    """An answer that the server begins to the spoken words after all is not the one that was asked for."""
    turn = attached()
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    turn.follow(2.0)
    turn.take_actions()
    if is_echoed:
        feed(turn, *answered("Wrong.", "r1"))
        assert wanted(turn) == ["CancelResponse r1"]
    feed(turn, response_created("r2", "1"), *answered("It is on.", "r2", "a2")[1:])
    assert wanted(turn) == []
    assert told(turn)[2:] == ["It is on.", []]


def test_sentence_when_said_instead_then_the_answer_is_taken_back() -> None:
    """What the user has agreed to was done: the session's own words would know nothing of it."""
    turn = attached(response_created("r1"))
    turn.say_instead("Done.", 2.0)
    assert wanted(turn) == ["CancelResponse r1", "DeleteItem u1", "ForceMessage Done."]
    turn.follow(2.0)
    feed(turn, *answered("Done.", "r2", "a2"))
    assert told(turn)[2:] == ["Done.", []]


def test_sentence_when_the_service_has_not_begun_then_no_session_says_it() -> None:
    """What it still begins by itself could not be told from what it is to say."""
    turn = attached()
    turn.say_instead("Done.", 2.0)
    assert wanted(turn)[-1] == "CloseSocket"
    assert (turn.answer.state, turn.error is None) == (AnswerState.LOST, False)


@pytest.mark.parametrize("state", ["transcribed", "followed", "lost"])
def test_words_when_it_is_no_time_to_ask_then_nothing_is_sent(state: str) -> None:
    """Money is spent on text only by who has just attached, and on a session."""
    turn = {"transcribed": transcribed, "followed": followed, "lost": attached}[state]()
    if state == "lost":
        turn.fail(GrokConnectionError("gone"))
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    turn.say_instead("Done.", 2.0)
    assert turn.take_actions() == []


# --- how it ends ---


def test_turn_when_finished_then_done_and_still_heard() -> None:
    """The sound of a finished turn is played to its end; a later kill only stops it."""
    turn = followed(*answered())
    told(turn)
    turn.finish()
    turn.finish()
    assert (turn.state, told(turn), turn.needs_session) == (TurnState.DONE, ["sound complete"], False)
    turn.kill()
    turn.kill()
    assert (turn.state, told(turn), turn.take_actions()) == (TurnState.DEAD, [("sound cut", None)], [])


def test_turn_when_killed_while_listening_then_socket_closes_and_everybody_is_told() -> None:
    """Half a sentence in the server's buffer would spoil the next turn; who waits for words gets the error."""
    turn = turn_of(speech_started())
    turn.kill(GrokConnectionError("left"))
    assert wanted(turn) == ["CloseSocket"]
    assert told(turn) == [("sound cut", "GrokConnectionError"), "GrokConnectionError"]
    turn.end_input(2.0)
    turn.give_words("late", 2.0)
    feed(turn, *said("late"))
    assert (turn.state, turn.take_actions(), told(turn)) == (TurnState.DEAD, [], [])


def test_turn_when_killed_after_the_words_then_nothing_of_it_counts() -> None:
    """Words that somebody else answered must not be known to the session."""
    turn = transcribed(response_created("r1"), item_added())
    turn.kill()
    assert wanted(turn) == ["CancelResponse r1", "DeleteItem u1", "DeleteItem a1"]
    assert told(turn) == [("sound cut", None)]


@pytest.mark.parametrize(("at", "heard_ms"), [(Position("a1", 740.9), 740), (Position("a0", 500.0), 0), (None, 0)])
def test_turn_when_killed_in_its_answer_then_cancelled_and_truncated(at: Position | None, heard_ms: int) -> None:
    """The service stops, and is told how much was heard."""
    turn = followed(response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), item_added(item="f-c1"), call())
    turn.kill(at=at)
    actions = turn.take_actions()
    assert [type(action).__name__ for action in actions] == ["CancelResponse", "TruncateItem"]
    assert actions[-1] == TruncateItem("a1", heard_ms)
    assert told(turn)[-2:] == [("sound cut", None), "GrokConnectionError"]


@pytest.mark.parametrize(
    ("at", "cut"),
    [
        (Position("a1", 500.5), [TruncateItem("a1", 500), TruncateItem("a2", 0)]),
        (Position("a2", 20), [TruncateItem("a2", 20)]),
        (None, [TruncateItem("a1", 0), TruncateItem("a2", 0)]),
    ],
)
def test_turn_when_killed_while_an_earlier_item_plays_then_that_one_is_truncated(
    at: Position | None, cut: list[TruncateItem]
) -> None:
    """Sound comes faster than it is played: the service may be at the second answer, the user at the first."""
    turn = followed(response_created(), audio(bytes(BYTES_PER_S)), call(), response_done())
    turn.give_results({"c1": "ok"}, asks=True, now=2.0)
    feed(turn, response_created("r2"), audio(bytes(BYTES_PER_S), "r2", "a2"), now=3.0)
    turn.take_actions()
    turn.kill(at=at)
    actions = turn.take_actions()
    assert actions == [CancelResponse("r2"), *cut]


def test_turn_when_killed_with_sound_that_nobody_followed_then_truncated_to_nothing() -> None:
    """What was made ahead was not heard at all."""
    turn = attached(response_created(), audio())
    turn.kill()
    assert turn.take_actions()[1:] == [TruncateItem("a1", 0)]


def test_turn_when_given_up_then_the_session_stops_and_the_agent_goes_on() -> None:
    """A written answer takes over: nothing more of the session's is heard, and the turn still gets its end."""
    turn = followed(response_created(), audio())
    told(turn)
    turn.give_up(GrokBudgetError("day", limit_usd=1, spent_usd=1), Position("a1", 20))
    assert wanted(turn) == ["CancelResponse r1", "TruncateItem a1"]
    assert told(turn) == [("sound cut", "GrokBudgetError")]
    turn.give_up(GrokServerError(500))
    turn.finish()
    assert (told(turn), turn.state, type(turn.error)) == (["sound complete"], TurnState.DONE, GrokBudgetError)


def test_session_when_it_fails_then_told_once_to_who_waits() -> None:
    """The first reason counts, and nothing that comes later is heard."""
    turn = turn_of(*said("On"), response_created())
    turn.fail(GrokConnectionError("gone"))
    turn.fail(GrokServerError(500, "again"))
    feed(turn, *answered(response="r2"))
    turn.end_input(1.0)
    assert told(turn) == ["GrokConnectionError"]
    assert (turn.state, turn.deadline, turn.needs_session) == (TurnState.LISTENING, None, False)
    assert turn.error is not None
    assert turn.error.detail == "gone"


def test_session_when_it_fails_in_mid_answer_then_the_agent_is_told() -> None:
    """The news end with the error."""
    turn = followed(response_created(), words("It"))
    turn.fail(GrokConnectionError("gone"))
    assert told(turn) == ["It", "GrokConnectionError"]


def test_events_when_their_ids_are_missing_then_still_of_this_turn() -> None:
    """What was taken back without an id does not make every such event a former one."""
    turn = turn_of(*said(WORDS, ""), ends_at=1.0)
    turn.give_words(WORDS, 1.0)
    turn.attach("c", WORDS)
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    feed(turn, committed(""), now=2.5)
    assert turn.speech.item_ids == [""]


# --- the player ---


def test_sound_when_nobody_takes_it_then_dropped() -> None:
    """Sound without a player is not kept; the words are still told, and nothing was heard of them."""
    turn = followed(response_created(), audio(bytes(BYTES_PER_S)), words("It is on."), response_done())
    told(turn)
    assert turn.deadline == 1.0 + 10.0
    turn.expire(1.0 + 10.0)
    assert (told(turn), turn.deadline, turn.state) == ([("sound cut", None)], None, TurnState.FOLLOWED)
    assert turn.spoken.heard_text(Position("a1", SECOND_MS)) == ""


def test_sound_when_taken_in_time_then_kept() -> None:
    """A player that is there is not cut off."""
    turn = followed(response_created(), audio())
    turn.sound_taken()
    assert turn.deadline == 1.0 + 10.0


@pytest.mark.parametrize(
    ("sound_ms", "heard_ms", "heard"),
    [(10_000, 5_000, "one two three four"), (10_000, 0, ""), (10_000, 9_900, None), (200, 0, None), (0, 0, None)],
)
def test_heard_text_when_cut_then_whole_words_of_the_share(sound_ms: int, heard_ms: int, heard: str | None) -> None:
    """Of the words as much was heard as of the sound; all of them: nothing was cut."""
    pcm = bytes(BYTES_PER_S * sound_ms // 1_000)
    text = "one two three four five six seven eight."
    turn = followed(response_created(), words(text), *([audio(pcm)] if pcm else []), response_done())
    at = Position("a1", heard_ms)
    assert turn.spoken.heard_text(at) == heard
    turn.kill(at=at)
    assert turn.spoken.heard_text(Position("a1", sound_ms)) == heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("今日は晴れです。", "今日は晴"),
        ("Netflix を見ています。今", "Netflix"),
        ("หนึ่งสอง", "หนึ่"),
        ("하나 둘 셋 넷", "하나"),
        ("Bananenbrot", ""),
    ],
)
def test_heard_text_when_written_without_spaces_then_its_signs_count(text: str, heard: str) -> None:
    """Where no space tells the words apart, none has to be left out."""
    turn = followed(response_created(), words(text), audio(bytes(BYTES_PER_S)), response_done())
    assert turn.spoken.heard_text(Position("a1", SECOND_MS / 2 + 20)) == heard


def test_heard_text_when_of_the_second_item_then_the_first_counts_as_heard() -> None:
    """Items are played in their order."""
    turn = followed(
        response_created(), audio(bytes(BYTES_PER_S)), words("one two"), audio(bytes(BYTES_PER_S), item="a2"),
        words("three four", item="a2"), response_done(),
    )  # fmt: skip
    assert turn.spoken.heard_text(Position("a2", 0)) == "one two"

"""What the server may say when nobody reckons with it: found by somebody who wanted it to act, spend or never end."""

import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.client_events import (
    AppendAudio,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    UpdateSession,
)
from custom_components.grok_assist.realtime.responses import Finished
from custom_components.grok_assist.realtime.session import MOST_ASKED_AGAIN, Session, SessionState
from custom_components.grok_assist.realtime.turn_state import AnswerState
from custom_components.grok_assist.realtime.user_speech import SpeechState

from .sessions import BUSY, OTHER, Listener, ready
from .turns import followed, told, turn_of, wanted
from .wire import (
    CONFIG,
    answered,
    call,
    committed,
    error,
    feed,
    kinds,
    response_created,
    response_done,
    said,
    say,
    sent,
    session_created,
    session_updated,
    snapshot,
    speech_started,
    speech_stopped,
    transcript,
)


def test_question_when_its_turn_is_over_before_it_went_out_then_never_asked() -> None:
    """What waits for the configuration is the turn's; only what is to be forgotten still is in the next one."""
    session = ready(listener=Listener())
    say(session, UpdateSession(OTHER), DeleteItem("u1"), CreateMessage("Open the garage"), CreateResponse())
    assert kinds(sent(session)) == ["session.update"]
    session.release(["u1"])
    session.on_event = Listener()
    feed(session, session_updated())
    assert kinds(sent(session)) == ["conversation.item.delete"]
    assert session.text_items == 0


def test_sound_when_its_turn_is_over_before_it_went_out_then_not_heard_in_the_next() -> None:
    """It waits for the session's first configuration."""
    session = Session(CONFIG, now=0.0)
    say(session, AppendAudio(b"\1\0"))
    session.release([])
    feed(session, session_created(), session_updated())
    assert kinds(sent(session)) == ["session.update"]


def test_call_when_somebody_is_heard_after_it_was_told_then_no_other_answer_acts() -> None:
    """It runs already: an answer to what is heard late would run its own beside it."""
    turn = followed(response_created(), call("c1"), response_done())
    assert told(turn) == [["c1"]]
    feed(turn, speech_started("u1"), now=1.2)
    assert told(turn) == ["GrokBrokenStreamError"]
    turn.give_results({"c1": "ok"}, asks=True, now=1.3)
    late = (speech_stopped("u1"), committed("u1"), response_created("r2"), call("c2", response="r2"))
    feed(turn, *late, response_done("r2"), now=1.5)
    assert (told(turn), turn.answer.state) == ([], AnswerState.FAILED)
    assert "CancelResponse r2" in wanted(turn)


def test_answer_when_somebody_is_heard_again_and_again_then_it_ends() -> None:
    """The microphone is closed: a server that hears speech in silence does so for ever."""
    turn = followed()
    for number in range(10):
        now = 2.0 + number * 9
        feed(turn, response_created(f"r{number}"), speech_started(f"x{number}"), now=now)
        turn.expire(now)
    assert told(turn) == ["GrokBrokenStreamError"]
    assert turn.deadline is None


def test_answer_to_half_a_sentence_when_its_end_is_told_twice_then_it_stays_dropped() -> None:
    """Whatever ends the first stretch does not end the second, in which the user still speaks."""
    for late in (committed("u1"), speech_stopped("u1")):
        turn = turn_of(*said("Turn off the light"), speech_started("u2"))
        feed(turn, response_created(), call("c1"), response_done(), late, now=0.2)
        assert turn.speech.state is SpeechState.SPEAKING
        feed(turn, speech_stopped("u2"), committed("u2"), transcript("not the one of the kids", "u2"), now=0.5)
        assert turn.speech.transcript == "Turn off the light not the one of the kids"


def test_answer_when_it_has_no_id_then_nobody_is_deaf_to_what_follows() -> None:
    """Nothing can be told of it, or asked of it; what else comes without an id still counts."""
    turn = turn_of(response_created(""))
    feed(turn, *said("Is it shut?"))
    turn.end_input(1.0)
    assert turn.speech.transcript == "Is it shut?"
    feed(turn, response_created("r1"), call("c1"), response_done(), now=1.1)
    assert turn.answer.state is AnswerState.CALLING
    assert not [action for action in wanted(turn) if action.startswith("CancelResponse")]


def test_session_when_always_busy_then_asked_again_a_few_times() -> None:
    """Each is paid; what nobody asked is never asked again."""
    session = ready(listener=Listener())
    for number in range(50):
        feed(session, error(BUSY), response_done(f"a{number}"))
    assert kinds(sent(session)) == []
    say(session, CreateResponse())
    for number in range(50):
        feed(session, error(BUSY), response_done(f"b{number}"))
    assert kinds(sent(session)) == ["response.create"] * (1 + MOST_ASKED_AGAIN)


def test_configuration_when_told_before_the_greeting_then_no_sound_goes_out() -> None:
    """It is that of nothing we have asked for."""
    session = Session(CONFIG, now=0.0)
    say(session, AppendAudio(b"\1\0"))
    feed(session, session_updated())
    assert (sent(session), session.is_ready, session.state) == ([], False, SessionState.GREETING)
    feed(session, session_created(), session_updated())
    assert kinds(sent(session)) == ["session.update", "input_audio_buffer.append"]


@pytest.mark.parametrize(
    "response",
    [
        {"id": "r1"},
        {"id": "r1", "status": None},
        {"id": "r1", "status": {"type": "completed"}},
        {"id": "r1", "status": "completed", "status_details": {"type": "cancelled", "reason": "turn_detected"}},
    ],
)
def test_call_when_nothing_says_that_its_answer_is_whole_then_not_run(response: JsonObject) -> None:
    """What was cut short may be half an order."""
    done = {"type": "response.done", "response_id": "r1", "response": response}
    turn = followed(response_created(), call("c1"), done)
    assert told(turn) == ["GrokBrokenStreamError"]


def test_answer_when_without_a_status_then_heard_where_it_does_nothing() -> None:
    """Words need nobody's word for it."""
    done = {"type": "response.done", "response_id": "r1", "response": {"id": "r1"}}
    turn = followed(*answered("It is on.")[:-1], done)
    assert told(turn)[-1] == []


def test_call_when_its_arguments_come_late_or_as_an_object_then_taken() -> None:
    """An empty announcement is not the whole call."""
    blank = {**call("c1"), "arguments": ""}
    turn = followed(response_created(), blank, call("c1", '{"name":"Lamp"}'), response_done())
    (finished,) = [news for news in turn.take_news() if isinstance(news, Finished)]
    assert finished.calls[0].arguments == '{"name":"Lamp"}'
    turn = followed(response_created(), {**call("c1"), "arguments": {"name": "Lamp"}}, response_done())
    (finished,) = [news for news in turn.take_news() if isinstance(news, Finished)]
    assert finished.calls[0].arguments == '{"name":"Lamp"}'


def test_words_when_their_item_has_no_id_and_is_not_final_then_the_socket_is_not_kept() -> None:
    """They could come in the next turn, and be taken for its own."""
    turn = turn_of(speech_started(""), speech_stopped(""), snapshot("Open the", ""), ends_at=1.0)
    turn.give_words("Open the garage", 1.5)
    assert turn.attach("c", "Open the garage")
    turn.follow(1.5)
    turn.finish()
    assert wanted(turn)[-1] == "CloseSocket"

"""The turns of a realtime session: which events are theirs, and what is said for them."""

import pytest

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokServerError
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    TruncateItem,
)
from custom_components.grok_assist.realtime.exchange import Exchange, Failed

from .sessions import BUSY, OTHER, changes, ready, turn
from .wire import (
    answered,
    audio,
    call,
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
    speech_started,
    speech_stopped,
    words,
)


def test_answer_when_without_a_turn_then_cancelled_and_dropped() -> None:
    """What nobody asked for is stopped, once, and nothing of it is heard by the next turn."""
    session = ready()
    feed(session, response_created("r1"), audio(response="r1"))
    assert sent(session) == [{"type": "response.cancel", "response_id": "r1"}]
    exchange = turn()
    session.begin(exchange)
    feed(session, words("late", "r1"), response_done("r1"), response_created("r2"))
    assert sent(session) == [{"type": "response.cancel", "response_id": "r2"}]
    assert (exchange.answers.response_ids, exchange.take_signals()) == ([], [])


def test_answer_when_turn_is_over_then_cancelled() -> None:
    """An answer that begins after its turn was finished is heard by nobody, but it would be paid."""
    exchange = turn()
    session = ready(exchange=exchange)
    feed(session, *said("On"), *answered())
    exchange.is_over = True
    feed(session, response_created("r2"))
    assert sent(session) == [{"type": "response.cancel", "response_id": "r2"}]


def test_events_when_of_a_former_turn_then_dropped() -> None:
    """Late words, commits and answers of the turn before are known by their ids."""
    first, second = turn(), turn()
    session = ready(exchange=first)
    feed(session, speech_started("u1"), speech_stopped("u1"), response_created("r1"))
    session.begin(second)
    feed(session, *said("Late", "u1"), *answered("Late.", "r1"), now=1.0)
    assert (second.transcript, second.take_signals(), second.user_speech.item_ids) == ("", [], [])
    feed(session, *said("On", "u2"), *answered("On.", "r2"))
    assert (second.transcript, changes(second)) == ("On", ["r2"])
    assert first.transcript == ""


def test_events_when_ids_are_missing_then_still_of_this_turn() -> None:
    """A former event without an id does not make every such event a former one."""
    first, second = turn(), turn()
    session = ready(exchange=first)
    feed(session, *said("On", ""))
    session.begin(second)
    feed(session, *said("Off", ""))
    assert second.transcript == "Off"


def test_results_when_given_then_all_before_one_create() -> None:
    """The answer goes on when it has every result."""
    exchange = turn()
    session = ready(exchange=exchange)
    feed(session, *said("On"), response_created(), call("c1"), call("c2"), response_done())
    say(session, CreateFunctionOutput("c1", '{"ok":true}'), CreateFunctionOutput("c2", "no"), CreateResponse())
    frames = sent(session)
    assert kinds(frames) == ["conversation.item.create", "conversation.item.create", "response.create"]
    assert [frame["item"] for frame in frames[:2]] == [
        {"type": "function_call_output", "call_id": "c1", "output": '{"ok":true}'},
        {"type": "function_call_output", "call_id": "c2", "output": "no"},
    ]
    assert session.text_items == 0


def test_turn_when_asked_again_then_cancelled_deleted_and_said_as_text() -> None:
    """The frames of asking anew; the answer to the text is the one that counts."""
    first, second = turn(), turn(is_text=True)
    session = ready(exchange=first)
    feed(session, *said("On"), response_created("r1"))
    say(session, CancelResponse("r1"))
    say(session, CancelResponse())
    session.release(first)
    say(session, DeleteItem("u1"), DeleteItem("a1"))
    say(session, TruncateItem("a1", 900))
    session.begin(second)
    session.configure(OTHER, 0.0)
    say(session, CreateMessage("On"), CreateResponse())
    assert kinds(sent(session)) == [
        "response.cancel", "response.cancel", "conversation.item.delete", "conversation.item.delete",
        "conversation.item.truncate", "session.update", "conversation.item.create", "response.create",
    ]  # fmt: skip
    feed(session, session_updated(), response_done("r1", "cancelled"), *answered("On.", "r2", "a2"))
    assert changes(second) == ["r2"]


@pytest.mark.parametrize("is_begun", [True, False])
def test_answer_when_to_words_that_were_taken_back_then_cancelled(is_begun: bool) -> None:  # noqa: FBT001
    """An answer that the server began by itself may come late; the one that was asked for carries our mark."""
    asked = Exchange(now=0.0, is_text=True, has_rival=True)
    session = ready(exchange=asked)
    say(session, CreateMessage("On"), CreateResponse())
    tag = sent(session)[1]["response"]["metadata"][events.TAG]
    if is_begun:
        feed(session, *answered("Wrong.", "r1")[:-1], response_done("r1", "cancelled"))
        assert sent(session) == [{"type": "response.cancel", "response_id": "r1"}]
    feed(session, response_created("r2", tag), *answered("On.", "r2", "a2")[1:])
    assert changes(asked) == ["r2"]
    assert sent(session) == []


@pytest.mark.parametrize("is_told_first", [True, False])
def test_answer_when_it_stands_in_the_way_of_the_asked_one_then_asked_again(is_told_first: bool) -> None:  # noqa: FBT001
    """The late answer may make the server refuse the wish; it comes true when that one has ended."""
    asked = Exchange(now=0.0, is_text=True, has_rival=True)
    session = ready(exchange=asked)
    say(session, CreateMessage("On"), CreateResponse())
    sent(session)
    feed(session, *([error(BUSY), response_created("r1")] if is_told_first else [response_created("r1"), error(BUSY)]))
    assert kinds(sent(session)) == ["response.cancel"]
    feed(session, response_done("r1", "cancelled"))
    (create,) = sent(session)
    feed(session, response_created("r2", create["response"]["metadata"][events.TAG]))
    assert changes(asked) == ["r2"]


def test_bill_when_told_then_the_highest_counts() -> None:
    """The bill is a running total, told with every answer, even one of a former turn."""
    session = ready()
    feed(session, response_done("r1", billed_s=3), response_done("r2"), response_done("r3", billed_s=2.5))
    assert session.billable_audio_s == 3.0


def test_session_when_lost_then_silent() -> None:
    """After its end a session neither hears nor says anything."""
    exchange = turn()
    session = ready(exchange=exchange)
    say(session, AppendAudio(b"\1\0"))
    session.lost()
    session.lost(GrokServerError(500))
    say(session, AppendAudio(b"\1\0"))
    say(session, CancelResponse())
    session.configure(OTHER, 0.0)
    say(session, CreateFunctionOutput("c1", "x"), CreateResponse())
    feed(session, session_created(), session_updated(), response_created(), now=9.0)
    session.expire(1e9)
    assert (sent(session), session.error, session.is_ready, session.deadline) == ([], None, False, None)
    (signal,) = exchange.take_signals()
    assert isinstance(signal, Failed)
    assert type(signal.error) is GrokConnectionError

"""The turns of a realtime session: which events are theirs, and what is said for them."""

import pytest

from custom_components.grok_assist.core.errors import GrokServerError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.usage.voice_billing import VoiceBilling
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClientEvent,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    ForceMessage,
    TruncateItem,
    UpdateSession,
)
from tests.simulator.schema import schema_errors

from .sessions import BUSY, OTHER, Listener, ready
from .turns import WORDS, attached, told
from .wire import (
    answered,
    audio,
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
    words,
)


@pytest.mark.parametrize(
    ("event", "body"),
    [
        (CreateMessage("On"), {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "On"}]}),
        (CreateFunctionOutput("c1", "ok"), {"type": "function_call_output", "call_id": "c1", "output": "ok"}),
        (
            ForceMessage("Done."),
            {
                "type": "force_message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Done."}],
                "interruptible": True,
            },
        ),
    ],
)
def test_item_when_written_then_as_the_api_has_it(event: ClientEvent, body: JsonObject) -> None:
    """The three kinds of items that we make."""
    assert event.to_json() == {"type": "conversation.item.create", "item": body}


@pytest.mark.parametrize(
    "event",
    [
        UpdateSession(OTHER), AppendAudio(b"\1\0"), CreateMessage("On"), ForceMessage("Done."),
        CreateFunctionOutput("c1", "ok"), CreateResponse("1"), CancelResponse("r1"), CancelResponse(),
        TruncateItem("a1", 900), DeleteItem("u1"),
    ],
)  # fmt: skip
def test_event_when_written_then_of_the_schema(event: ClientEvent) -> None:
    """Every client event is a frame of the API."""
    frame = event.to_json()
    assert schema_errors(f"rt.client.{frame['type']}", frame) == []


def test_answer_when_without_a_listener_then_cancelled_and_dropped() -> None:
    """What nobody asked for is stopped, once, and nothing of it is heard by the next turn."""
    session = ready()
    feed(session, response_created("r1"), audio(response="r1"))
    assert sent(session) == [{"type": "response.cancel", "response_id": "r1"}]
    listener = session.on_event = Listener()
    feed(session, words("late", "r1"), response_done("r1"))
    assert (sent(session), listener.names) == ([], [])


def test_events_when_of_a_former_turn_then_dropped() -> None:
    """Late words, commits and answers of the turn before are known by their ids."""
    session = ready(listener=Listener())
    feed(session, speech_started("u1"), response_created("r1"))
    session.release(["u1", "r1"])
    second = session.on_event = Listener()
    feed(session, *said("Late", "u1"), *answered("Late.", "r1"), now=1.0)
    assert second.names == []
    feed(session, *said("On", "u2"), response_created("r2"))
    assert second.names == [
        "SpeechStarted", "SpeechStopped", "AudioCommitted", "TranscriptCompleted", "ResponseCreated",
    ]  # fmt: skip


def test_events_when_ids_are_missing_then_still_of_this_turn() -> None:
    """A former event without an id does not make every such event a former one."""
    session = ready(listener=Listener())
    session.release(["", "u1"])
    second = session.on_event = Listener()
    feed(session, *said("Off", ""))
    assert len(second.events) == 4


def test_text_when_paid_then_counted() -> None:
    """Words as text and sentences of ours are paid, one by one; results are not."""
    session = ready(listener=Listener())
    say(session, CreateMessage("On"), ForceMessage("Done."), CreateFunctionOutput("c1", "ok"))
    assert (session.text_items, session.usage(VoiceBilling.SENT_AND_RECEIVED, 0.0).text_items) == (2, 2)


def test_answers_when_asked_for_then_each_with_a_mark_of_its_own() -> None:
    """By its mark an answer that was asked for is told from one that the server began by itself."""
    session = ready(listener=Listener())
    say(session, CreateResponse(), CreateResponse())
    marks = [frame["response"]["metadata"][events.TAG] for frame in sent(session)]
    assert len(set(marks)) == 2
    assert all(marks)


def test_turn_when_asked_anew_then_only_the_answer_to_the_text_is_heard() -> None:
    """A whole turn on a session: what stands in the way of the asked answer is stopped, then it is asked again."""
    turn = attached()
    session = ready()
    session.on_event = turn.receive
    turn.ask_text(WORDS, OTHER, 2.0, echoes_marks=True)
    turn.follow(2.0)
    for action in turn.take_actions():
        session.send(action, 2.0)  # type: ignore[arg-type]  # no socket is closed here
    assert kinds(sent(session)) == ["session.update"]
    feed(session, session_updated())
    assert kinds(sent(session)) == ["conversation.item.delete", "conversation.item.create", "response.create"]
    feed(session, error(BUSY), response_created("r1"))
    for action in turn.take_actions():
        session.send(action, 2.0)  # type: ignore[arg-type]
    assert kinds(sent(session)) == ["response.cancel"]
    feed(session, response_done("r1", "cancelled"))
    (create,) = sent(session)
    mark = create["response"]["metadata"][events.TAG]
    feed(session, response_created("r2", mark), *answered("On.", "r2", "a2")[1:])
    assert told(turn)[2:] == ["On.", []]


def test_bill_when_told_then_the_highest_counts() -> None:
    """The bill is a running total, told with every answer, even one of a former turn."""
    session = ready()
    feed(session, response_done("r1", billed_s=3), response_done("r2"), response_done("r3", billed_s=2.5))
    assert session.billable_audio_s == 3.0


def test_session_when_lost_then_silent() -> None:
    """After its end a session neither hears nor says anything."""
    listener = Listener()
    session = ready(listener=listener)
    say(session, AppendAudio(b"\1\0"))
    session.lost()
    session.lost(GrokServerError(500))
    say(session, AppendAudio(b"\1\0"), CancelResponse(), CreateFunctionOutput("c1", "x"), CreateResponse())
    session.configure(OTHER, 0.0)
    feed(session, session_created(), session_updated(), response_created(), now=9.0)
    session.expire(1e9)
    assert (sent(session), session.error, session.is_ready, session.deadline) == ([], None, False, None)
    assert listener.names == []

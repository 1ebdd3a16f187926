"""The realtime session: the order of its life, what it sends, and what it drops."""

import base64

import pytest

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
)
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.server_events import ServerEvent
from custom_components.grok_assist.realtime.session import MAX_GARBAGE, TRANSITIONS, Session, SessionState

from .sessions import BUSY, OTHER, Listener, ready
from .test_user_speech import EVENTS
from .wire import (
    CONFIG,
    answered,
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
)

NAMES = {kind: name for name, kind in events._KINDS.items()}


# --- the order of its life ---


def test_connect_when_all_goes_well_then_in_order() -> None:
    """Nothing goes out before the greeting; sound waits for the configuration and keeps its order."""
    session = Session(CONFIG, now=0.0)
    say(session, AppendAudio(b"\1\0"))
    assert (sent(session), session.state, session.deadline) == ([], SessionState.GREETING, 5.0)
    feed(session, session_created("grok-voice-3.0"), now=1.0)
    say(session, AppendAudio(b"\2\0"))
    assert kinds(sent(session)) == ["session.update"]
    assert (session.state, session.is_ready, session.deadline) == (
        SessionState.CONFIGURING,
        False,
        1.0 + 5.0,
    )
    assert (session.session_id, session.model) == ("sess1", "grok-voice-3.0")
    feed(session, {"type": "conversation.created"}, {"type": "ping"}, session_updated(), now=2.0)
    say(session, AppendAudio(b"\3\0"))
    assert [base64.b64decode(frame["audio"]) for frame in sent(session)] == [b"\1\0", b"\2\0", b"\3\0"]
    assert (session.state, session.is_ready, session.deadline) == (SessionState.READY, True, None)


def test_text_when_said_then_answer_is_asked_for_and_counted() -> None:
    """Words as text want an answer at once; each is paid."""
    session = ready()
    say(session, CreateMessage("Is it shut?"), CreateResponse())
    frames = sent(session)
    assert kinds(frames) == ["conversation.item.create", "response.create"]
    assert frames[0]["item"]["content"] == [{"type": "input_text", "text": "Is it shut?"}]
    say(session, CreateMessage("And now?"), CreateResponse())
    assert session.text_items == 2


def test_configure_when_before_the_greeting_then_with_the_first_update() -> None:
    """Only the last wish goes out."""
    session = Session(now=0.0)
    session.configure(OTHER, 0.0)
    session.configure(CONFIG, 0.0)
    feed(session, session_created())
    assert sent(session) == [CONFIG.as_update()]


def test_configure_when_after_the_greeting_then_at_once() -> None:
    """A session whose configuration is late waits for it without a deadline."""
    session = Session(now=0.0)
    feed(session, session_created())
    assert (sent(session), session.deadline) == ([], None)
    session.configure(CONFIG, 3.0)
    assert (sent(session), session.deadline) == ([CONFIG.as_update()], 3.0 + 5.0)


def test_configure_when_one_is_pending_then_after_it_and_before_the_sound() -> None:
    """One update at a time; the sound goes out behind the newest."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created())
    sent(session)
    session.configure(OTHER, 1.0)
    say(session, AppendAudio(b"\1\0"))
    assert sent(session) == []
    feed(session, session_updated(), now=2.0)
    assert kinds(sent(session)) == ["session.update", "input_audio_buffer.append"]
    assert session.deadline == 2.0 + 5.0
    feed(session, session_updated(), now=3.0)
    assert (sent(session), session.deadline) == ([], None)


def test_configure_when_equal_then_no_second_update() -> None:
    """The same wish, before, while pending and after, costs nothing; nor does one that was taken back."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created())
    session.configure(SessionConfig(instructions=CONFIG.instructions, voice="eve"), 0.0)
    session.configure(OTHER, 0.0)
    session.configure(CONFIG, 0.0)
    feed(session, session_updated())
    session.configure(CONFIG, 1.0)
    assert sent(session) == [CONFIG.as_update()]


@pytest.mark.parametrize("kind", ["invalid_request_error", "invalid_event"])
def test_update_when_refused_then_closed(kind: str) -> None:
    """A refused update is never acknowledged: a turn with the wrong prompt is none."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created(), error("Invalid value for voice", kind))
    assert session.state is SessionState.CLOSED
    assert isinstance(session.error, GrokServerError)
    assert session.error.detail == f"{kind}: Invalid value for voice"
    assert sent(session) == []


@pytest.mark.parametrize(
    ("frames", "limit"),
    [([], 5.0), ([session_created()], 5.0)],
    ids=["not-greeted", "not-configured"],
)
def test_connect_when_server_is_silent_then_closed_in_time(frames: list[JsonObject], limit: float) -> None:
    """Both steps have their time."""
    session = Session(CONFIG, now=0.0)
    feed(session, *frames)
    session.expire(limit - 0.01)
    assert session.state is not SessionState.CLOSED
    session.expire(limit)
    assert session.state is SessionState.CLOSED
    assert isinstance(session.error, GrokTimeoutError)
    assert session.deadline is None


def test_deadline_when_update_is_never_acknowledged_then_closed() -> None:
    """A session that may still be the old one ends."""
    session = ready(listener=Listener())
    session.configure(OTHER, 0.0)
    assert session.deadline == 5.0
    session.expire(5.0)
    assert session.state is SessionState.CLOSED


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("state", [SessionState.GREETING, SessionState.CONFIGURING, SessionState.READY])
def test_state_when_event_comes_then_as_the_table_says(state: SessionState, kind: type[ServerEvent]) -> None:
    """What is not listed leaves the state as it is."""
    session = Session(CONFIG, now=0.0)
    way = {
        SessionState.GREETING: [],
        SessionState.CONFIGURING: [session_created()],
        SessionState.READY: [session_created(), session_updated()],
    }
    feed(session, *way[state])
    assert session.state is state
    feed(session, {"type": NAMES[kind]})
    assert session.state is TRANSITIONS.get((state, kind), state)


# --- errors ---


@pytest.mark.parametrize("message", ["no active response found", "Audio could not be truncated"])
def test_error_when_harmless_then_ignored(message: str) -> None:
    """The echo of a race ends nothing, not even while an update is pending."""
    session = ready(listener=Listener())
    session.configure(OTHER, 0.0)
    feed(session, error(message))
    assert session.state is SessionState.READY
    feed(session, response_done())
    assert kinds(sent(session)) == ["session.update"]


def test_error_when_something_else_was_refused_then_ignored() -> None:
    """A refused delete or truncation does not end the turn."""
    session = ready(listener=Listener())
    feed(session, error("Item not found"))
    assert session.state is SessionState.READY


def test_error_when_between_turns_then_ignored() -> None:
    """Trouble on their side concerns a turn only."""
    session = ready()
    feed(session, error("oops", "internal_error"))
    assert session.state is SessionState.READY


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (error("Session too long", "max_duration"), GrokConnectionError),
        (error("Idle", "timeout"), GrokConnectionError),
        (error("Idle", "server_error", "timeout"), GrokConnectionError),
        (error("oops", "internal_error"), GrokServerError),
        (error("oops", "server_error", "internal_error"), GrokServerError),
    ],
)
def test_error_when_it_ends_the_session_then_closed_for_a_reason(frame: JsonObject, kind: type[GrokError]) -> None:
    """Session limits may be mended by another socket, trouble of the server ends the turn."""
    session = ready(listener=Listener())
    feed(session, frame)
    assert session.state is SessionState.CLOSED
    assert type(session.error) is kind


@pytest.mark.parametrize("is_former", [False, True])
def test_create_when_server_was_busy_then_again_after_the_next_end(is_former: bool) -> None:  # noqa: FBT001
    """An answer asked for too early is asked for again; what stood in the way may be an answer that was cancelled."""
    session = ready(listener=Listener())
    feed(session, *said("On"), response_created("r1"))
    if is_former:
        say(session, CancelResponse("r1"))
        session.release(["u1", "r1"])
        session.on_event = Listener()
        say(session, CreateMessage("On"), CreateResponse())
    else:
        say(session, CreateFunctionOutput("c1", "ok"), CreateResponse())
    sent(session)
    feed(session, error(BUSY))
    assert sent(session) == []
    feed(session, response_done("r1", "cancelled"))
    assert kinds(sent(session)) == ["response.create"]
    feed(session, *answered("Done.", "r2", "a2"))
    assert sent(session) == []


def test_create_when_turn_is_gone_then_not_asked_again() -> None:
    """The wish of a turn that was ended is nothing to the next one."""
    session = ready(listener=Listener())
    feed(session, *said("On"), response_created("r1"), error(BUSY))
    session.release(["u1", "r1"])
    session.on_event = Listener()
    sent(session)
    feed(session, *said("Off", "u2"), *answered("Off.", "r2", "a2"))
    assert sent(session) == []


def test_garbage_when_little_then_tolerated_else_closed() -> None:
    """A few frames that are no JSON are skipped."""
    session = ready()
    for _ in range(MAX_GARBAGE):
        session.receive(b"\xff", 0.0)
    assert session.state is SessionState.READY
    session.receive("[]", 0.0)
    assert session.state is SessionState.CLOSED
    assert isinstance(session.error, GrokServerError)

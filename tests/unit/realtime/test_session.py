"""The realtime session: the order of its life, what it sends, and what it drops."""

import base64
import logging

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
    DeleteItem,
)
from custom_components.grok_assist.realtime.config import MOST_REDUCED, SessionConfig
from custom_components.grok_assist.realtime.server_events import ServerEvent
from custom_components.grok_assist.realtime.session import MAX_GARBAGE, TRANSITIONS, Session, SessionState
from custom_components.grok_assist.realtime.traits import ServiceTraits

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

RICH = SessionConfig(
    instructions="You run a home.",
    voice="rex",
    tools=({"type": "function", "name": "look", "description": "Look", "parameters": {"type": "object"}},),
    has_web_search=True,
    language="de",
    keyterms=("Flurlampe",),
    speed=1.2,
)
NAMES = {kind: name for name, kind in events._KINDS.items()}


# --- the order of its life ---


def test_connect_when_all_goes_well_then_in_order() -> None:
    """Nothing goes out before the greeting; sound waits for the configuration and keeps its order."""
    session = Session(CONFIG, now=0.0)
    say(session, AppendAudio(b"\1\0"))
    assert (sent(session), session.state, session.deadline) == ([], SessionState.GREETING, 1.5)
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
def test_update_when_always_refused_then_closed(kind: str) -> None:
    """A refused update is never acknowledged: a turn with the wrong prompt is none, whatever is left out."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created(), *[error("Invalid value for instructions", kind)] * (1 + MOST_REDUCED))
    assert session.state is SessionState.CLOSED
    assert isinstance(session.error, GrokServerError)
    assert session.error.detail == f"{kind}: Invalid value for instructions"
    assert sent(session) == []


@pytest.mark.parametrize(
    "refusal",
    [
        error("Unknown field"),
        {"type": "error", "error": {"message": "Unknown field"}},
        {"type": "error", "code": "invalid-argument", "error": "Unknown field"},
        {"error": {"message": "Unknown field"}},
    ],
    ids=["usual", "untyped", "slug", "bare"],
)
def test_update_when_refused_then_asked_for_less_and_remembered(refusal: JsonObject) -> None:
    """No field takes the voice away; the next socket of the voice does not ask for it again."""
    traits = ServiceTraits()
    session = Session(RICH, now=0.0, traits=traits)
    feed(session, session_created(), refusal, refusal, session_updated())
    assert session.state is SessionState.READY
    full, without_hints, bare = [frame["session"] for frame in sent(session)]
    assert full["audio"]["output"]["speed"] == 1.2
    assert full["audio"]["input"]["transcription"].keys() == {"model", "language_hint", "keyterms"}
    assert "reasoning" in full
    assert without_hints["audio"]["input"]["transcription"] == {"model": "grok-transcribe"}
    assert "speed" not in without_hints["audio"]["output"]
    assert "reasoning" not in without_hints
    assert bare["turn_detection"] == {"type": "server_vad"}
    assert "transcription" not in bare["audio"]["input"]
    assert [tool["name"] for tool in bare["tools"]] == ["look"]
    assert {frame["voice"] for frame in (full, without_hints, bare)} == {"rex"}
    later = Session(RICH, now=9.0, traits=traits)
    feed(later, session_created(), session_updated())
    assert [frame["session"] for frame in sent(later)] == [bare]


@pytest.mark.parametrize("is_refused", [True, False])
def test_update_when_an_error_was_not_about_it_then_all_is_asked_for_again(
    caplog: pytest.LogCaptureFixture, *, is_refused: bool
) -> None:
    """An error that says nothing of itself may come at any time: what is acknowledged was not refused.

    What was really refused before stays refused.
    """
    caplog.set_level(logging.INFO)
    traits = ServiceTraits()
    session = Session(RICH, now=0.0, traits=traits)
    feed(session, session_created())
    if is_refused:
        feed(session, error("Unknown field"))
    *_, asked = sent(session)
    feed(session, error("Something odd", ""), session_updated())
    assert traits.reduction == 1 + is_refused
    sent(session)
    feed(session, session_updated())
    assert traits.reduction == is_refused
    assert sent(session) == [asked]
    assert f"configured with more (step {is_refused:d})" in caplog.text
    feed(session, session_updated(), session_updated() if not is_refused else error("Odd", "telemetry_error"))
    assert traits.reduction == is_refused
    assert session.state is SessionState.READY
    assert sent(session) == []


def test_update_when_two_errors_were_not_about_it_then_the_next_wish_is_sent_whole() -> None:
    """Only one step is asked for again within a wish; the searches are back by then."""
    traits = ServiceTraits()
    session = Session(RICH, now=0.0, traits=traits)
    feed(session, session_created(), *[error("Something odd", "")] * 2, *[session_updated()] * 4)
    assert traits.reduction == 0
    assert sent(session)[-1] == RICH.reduced(1).as_update()
    session.configure(OTHER, 1.0)
    assert sent(session) == [OTHER.as_update()]


def test_update_when_errors_are_always_odd_then_asked_again_once_for_each_wish() -> None:
    """A service that complains beside every answer is not asked for ever."""
    traits = ServiceTraits()
    session = Session(RICH, now=0.0, traits=traits)
    feed(session, session_created())
    for wish in (RICH, OTHER):
        session.configure(wish, 1.0)
        count = 0
        while asked := sent(session):
            count += len(asked)
            for _ in asked:
                feed(session, error("Something odd", ""), session_updated(), now=1.0)
        assert count == 4
        assert traits.reduction == 0
        assert session.state is SessionState.READY


def test_update_when_the_voice_is_gone_then_the_usual_one() -> None:
    """A retired voice is the last thing that is left out."""
    session = Session(RICH, now=0.0)
    feed(session, session_created(), *[error("Unknown voice")] * MOST_REDUCED, session_updated())
    assert session.state is SessionState.READY
    assert sent(session)[-1]["session"]["voice"] == "eve"


@pytest.mark.parametrize("kind", ["telemetry_error", "rate_notice"])
def test_error_when_it_is_unrelated_then_nothing_happens(kind: str) -> None:
    """Neither while the session is configured nor later."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created(), error("Something odd", kind), session_updated(), error("Something odd", kind))
    assert session.state is SessionState.READY
    assert len(sent(session)) == 1


def test_deletion_when_an_update_is_under_way_then_waits_and_what_counts_on_it_too() -> None:
    """The service may refuse it before it is configured; what is asked then is asked without the item."""
    session = Session(CONFIG, now=0.0)
    feed(session, session_created(), session_updated())
    sent(session)
    session.configure(OTHER, 1.0)
    for wanted in (DeleteItem("u1"), CreateMessage("Is it shut?"), CreateResponse()):
        session.send(wanted, 1.0)
    assert [frame["type"] for frame in sent(session)] == ["session.update"]
    assert session.text_items == 0
    feed(session, session_updated())
    assert [frame["type"] for frame in sent(session)] == [
        "conversation.item.delete",
        "conversation.item.create",
        "response.create",
    ]
    assert session.text_items == 1


@pytest.mark.parametrize(
    ("config", "frames", "limit"),
    [(None, [], 1.5), (CONFIG, [session_created()], 5.0)],
    ids=["nothing-to-ask", "not-configured"],
)
def test_connect_when_server_is_silent_then_closed_in_time(
    config: SessionConfig | None, frames: list[JsonObject], limit: float
) -> None:
    """Both steps have their time."""
    session = Session(config, now=0.0)
    feed(session, *frames)
    session.expire(limit - 0.01)
    assert session.state is not SessionState.CLOSED
    session.expire(limit)
    assert session.state is SessionState.CLOSED
    assert isinstance(session.error, GrokTimeoutError)
    assert session.deadline is None


def test_connect_when_nobody_greets_then_asked_to_listen_all_the_same() -> None:
    """Whether it listens is seen by its answer; without one it is closed."""
    for is_answered in (True, False):
        session = Session(CONFIG, now=0.0)
        say(session, AppendAudio(b"\1\0"))
        session.expire(1.5)
        assert kinds(sent(session)) == ["session.update"]
        if is_answered:
            feed(session, session_updated(), session_created(), now=2.0)
            assert kinds(sent(session)) == ["input_audio_buffer.append"]
            assert session.is_ready
        else:
            session.expire(6.5)
            assert session.state is SessionState.CLOSED


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


@pytest.mark.parametrize(
    "message",
    [
        "no active response found",
        "Audio could not be truncated",
        "Audio content of 9800ms is already shorter than 11579ms",
    ],
)
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

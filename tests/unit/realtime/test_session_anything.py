"""Whatever a server sends, in whatever order, a session stands it."""

from collections.abc import Callable

from hypothesis import given, settings, strategies as st
import orjson

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import server_events as events
from custom_components.grok_assist.realtime.client_events import (
    AppendAudio,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
)
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.session import Session, SessionState
from tests.simulator.schema import schema_errors

from . import wire
from .sessions import Listener

ITEMS = st.sampled_from(["u1", "u2", ""])
RESPONSES = st.sampled_from(["r1", "r2", ""])
TEXTS = st.sampled_from(["", "On", "Turn on the lamp"])
STATUSES = st.sampled_from(["completed", "cancelled", "in_progress", "failed"])
FRAMES = st.one_of(
    st.sampled_from(
        [
            wire.session_created(), wire.session_updated(), {"type": "conversation.created"}, {"type": "ping"},
            {"type": "brand.new"}, {"type": "response.done"}, {"type": "error"}, {"type": "input_audio_buffer.cleared"},
        ]
    ),
    st.builds(wire.speech_started, ITEMS),
    st.builds(wire.speech_stopped, ITEMS),
    st.builds(wire.committed, ITEMS),
    st.builds(wire.snapshot, TEXTS, ITEMS),
    st.builds(wire.transcript, TEXTS, ITEMS, STATUSES),
    st.builds(wire.response_created, RESPONSES),
    st.builds(wire.item_added, RESPONSES, st.sampled_from(["a1", "a2", ""])),
    st.builds(wire.audio, st.sampled_from([b"", b"\0\0"]), RESPONSES),
    st.builds(wire.words, TEXTS, RESPONSES),
    st.builds(wire.all_words, TEXTS, RESPONSES),
    st.builds(wire.call, st.sampled_from(["c1", "c2", ""]), TEXTS, RESPONSES),
    st.builds(wire.response_done, RESPONSES, STATUSES, st.none() | st.floats(0, 9)),
    st.builds(
        wire.error,
        st.sampled_from(["oops", "no active response", "already has an active response"]),
        st.sampled_from(["invalid_request_error", "internal_error", "timeout"]),
    ),
)  # fmt: skip
KEYS = ["session", "item", "response", "error", "usage", "item_id", "response_id", "delta", "transcript", "status"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", *KEYS]), inner, max_size=3)
    ),
    max_leaves=5,
)
ODD_FRAMES = st.builds(
    lambda kind, body: {**body, "type": kind},
    st.sampled_from(sorted(events._KINDS)) | VALUES,
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
)
"""Known names with whatever in them."""
type Deed = Callable[[Session, float], None]


def _begin(session: Session, now: float) -> None:
    """Begin a turn, the one before ends."""
    session.release(["u1", "r1"])
    session.on_event = Listener()


def _release(session: Session, now: float) -> None:
    """End a turn, and begin none."""
    session.release(["u2", "r2"])


def _ask(session: Session, now: float) -> None:
    """Ask with words as text."""
    wire.say(session, CreateMessage("On"), CreateResponse())


def _give_results(session: Session, now: float) -> None:
    """Give a result."""
    wire.say(session, CreateFunctionOutput("c1", "ok"), CreateResponse())


def _configure(session: Session, now: float) -> None:
    """Ask for something else."""
    session.configure(SessionConfig(instructions=str(now), voice="eve"), now)


def _append(session: Session, now: float) -> None:
    """Send sound."""
    wire.say(session, AppendAudio(b"\0\0"))


def _expire(session: Session, now: float) -> None:
    """Let time pass."""
    session.expire(now)


DEEDS: list[Deed] = [_begin, _release, _ask, _give_results, _configure, _append, _expire, _expire]
STEPS = st.lists(
    st.tuples(st.floats(0, 4), FRAMES | ODD_FRAMES | st.sampled_from(DEEDS) | st.just(b"\xff")), max_size=30
)


@settings(max_examples=250, deadline=None)
@given(STEPS, st.booleans())
def test_session_when_given_anything_then_stands_it_and_is_silent_once_closed(
    steps: list[tuple[float, JsonObject | Deed | bytes]],
    is_ready: bool,  # noqa: FBT001
) -> None:
    """It never raises, says only frames of the API, has a deadline only while it lives, and ends once."""
    session = Session(wire.CONFIG, now=0.0)
    if is_ready:
        wire.feed(session, wire.session_created(), wire.session_updated())
    now = 0.0
    for wait_s, step in steps:
        now += wait_s
        was_closed, reason = session.state is SessionState.CLOSED, session.error
        if isinstance(step, bytes):
            session.receive(step, now)
        elif callable(step):
            step(session, now)
        else:
            session.receive(orjson.dumps(step), now)
        frames = wire.sent(session)
        for frame in frames:
            assert schema_errors(f"rt.client.{frame['type']}", frame) == []
        if was_closed:
            assert (session.state, session.error, frames, session.deadline) == (SessionState.CLOSED, reason, [], None)

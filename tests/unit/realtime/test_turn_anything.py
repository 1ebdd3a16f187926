"""Invariants of a turn, whatever happens in whatever order.

1. No dead answer is ever heard: sound and words are of the response that counts, while an agent follows.
2. No call runs twice, before it is followed, or of a response that did not complete.
3. A question has one end at most; a turn ends once, and says nothing to the service afterwards.
4. Nobody is waited for without a deadline, and a deadline that has come changes something.
5. Every action is a frame of the API.
6. Money is spent on text only where words are asked as text, or a sentence of ours is said.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings, strategies as st

from custom_components.grok_assist.core.errors import GrokConnectionError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.client_events import CreateMessage, ForceMessage
from custom_components.grok_assist.realtime.heard import Position
from custom_components.grok_assist.realtime.responses import Finished, Sound, Words
from custom_components.grok_assist.realtime.turn import Turn
from custom_components.grok_assist.realtime.turn_news import CloseSocket, FirstAudio, Lost, TurnAction, TurnNews
from custom_components.grok_assist.realtime.turn_state import AnswerState, TurnState
from tests.simulator.schema import schema_errors

from . import wire
from .turns import WORDS, attached, followed, transcribed, turn_of

RESPONSES = ("r1", "r2", "r3")
STATUSES = st.sampled_from(["completed", "completed", "cancelled", "failed"])
ITEMS = st.sampled_from(["u1", "u2"])
TEXTS = st.sampled_from(["", WORDS, "On"])
type Deed = Callable[[Turn, float], object]


def _item(response: str) -> str:
    """The item of a response: sound tells by it whose it is."""
    return f"a-{response}"


OF_RESPONSES = st.sampled_from(RESPONSES).flatmap(
    lambda response: st.one_of(
        st.just(wire.response_created(response)),
        st.just(wire.response_created(response, "mark")),
        st.just(wire.item_added(response, _item(response))),
        st.just(wire.audio(wire.TENTH_S, response, _item(response))),
        st.just(wire.words(response, response, _item(response))),
        st.builds(wire.call, st.sampled_from([f"c-{response}-1", f"c-{response}-2"]), st.just("{}"), st.just(response)),
        st.builds(wire.response_done, st.just(response), STATUSES),
    )
)
OF_SPEECH = st.one_of(
    st.builds(wire.speech_started, ITEMS),
    st.builds(wire.speech_stopped, ITEMS),
    st.builds(wire.committed, ITEMS),
    st.builds(wire.snapshot, TEXTS, ITEMS),
    st.builds(wire.transcript, TEXTS, ITEMS),
)
WHOLE_ANSWERS = st.sampled_from(RESPONSES).map(lambda response: wire.answered(response, response, _item(response)))


def _restart(turn: Turn, now: float) -> None:
    """Another socket, as its owner opens it: under a turn that still listens."""
    if turn.state is TurnState.LISTENING and turn.needs_session:
        turn.restart(now)


DEEDS: list[Deed] = [
    lambda turn, now: turn.end_input(now),
    lambda turn, now: turn.give_words(WORDS, now),
    lambda turn, _: turn.attach("c", WORDS),
    lambda turn, _: turn.attach("c", "other"),
    lambda turn, now: turn.follow(now),
    lambda turn, now: turn.ask_text(WORDS, wire.CONFIG, now, echoes_marks=True),
    lambda turn, now: turn.say_instead("Done.", now),
    lambda turn, now: turn.give_results({"c1": "ok"}, asks=True, now=now),
    lambda turn, now: turn.give_results({"c1": "ok"}, asks=False, now=now),
    lambda turn, now: turn.say("Done.", now),
    lambda turn, _: turn.finish(),
    lambda turn, _: turn.give_up(GrokConnectionError("no more"), Position("a-r1", 20)),
    lambda turn, _: turn.kill(None, Position("a-r1", 20)),
    lambda turn, _: turn.fail(GrokConnectionError("gone")),
    lambda turn, _: turn.sound_taken(),
    lambda turn, _: turn.session_ready(),
    _restart,
    lambda turn, now: turn.expire(now),
    lambda turn, now: turn.expire(now),
]
MAY_PAY = (DEEDS[5], DEEDS[6], DEEDS[9])
STARTS: list[Callable[[], Turn]] = [turn_of, lambda: turn_of(waits_for_end=False), transcribed, attached, followed]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.1, 3.0, 11.0]),
        OF_RESPONSES.map(lambda frame: [frame])
        | OF_RESPONSES.map(lambda frame: [frame])
        | OF_SPEECH.map(lambda frame: [frame])
        | WHOLE_ANSWERS
        | st.sampled_from(DEEDS),
    ),
    max_size=40,
)


@dataclass(slots=True)
class Watcher:
    """Looks at a turn after every step."""

    turn: Turn
    calls: list[str] = field(default_factory=list)
    completed: set[str] = field(default_factory=set)
    """Responses of which the service has said that they are complete."""
    questions: int = 1
    ends: int = 0
    endings: list[TurnState] = field(default_factory=list)
    may_be_taken: bool = False

    def look(self, before: TurnState, deed: Deed | None) -> None:
        """Check every invariant."""
        actions, news = self.turn.take_actions(), self.turn.take_news()
        self._check_actions(actions, before, deed)
        for item in news:
            self._check_news(item)
        if before is not self.turn.state and self.turn.state in (TurnState.DONE, TurnState.DEAD):
            self.endings.append(self.turn.state)
        assert self.endings in ([], [TurnState.DONE], [TurnState.DEAD], [TurnState.DONE, TurnState.DEAD])
        assert self.ends <= self.questions
        self._check_deadline()

    def _check_actions(self, actions: list[TurnAction], before: TurnState, deed: Deed | None) -> None:
        """Invariants 3, 5 and 6."""
        assert not (before.is_over and actions)
        for action in actions:
            if isinstance(action, CloseSocket):
                continue
            frame = action.to_json()
            assert schema_errors(f"rt.client.{frame['type']}", frame) == []
            if isinstance(action, CreateMessage | ForceMessage):
                assert deed in MAY_PAY
            if isinstance(action, ForceMessage) and self.turn.state is TurnState.FOLLOWED:
                self.questions += 1

    def _check_news(self, news: TurnNews) -> None:
        """Invariants 1, 2 and 3."""
        live = self.turn.answer.live
        match news:
            case Sound(item_id, _):
                assert self.turn.state is TurnState.FOLLOWED
                assert live is not None
                assert item_id == _item(live.response_id)
            case Words(text):
                assert self.turn.state is TurnState.FOLLOWED
                assert live is not None
                assert text.strip() in ("", live.response_id)
            case Finished(calls):
                assert self.turn.state is TurnState.FOLLOWED
                self.ends += not calls
                for call in calls:
                    assert call.call_id not in self.calls
                    assert call.call_id.split("-")[1] in self.completed
                    self.calls.append(call.call_id)
            case Lost():
                self.ends += 1
            case FirstAudio():
                self.may_be_taken = True

    def _check_deadline(self) -> None:
        """Invariant 4: the deadline is there."""
        turn = self.turn
        is_awaited = turn.answer.state in (AnswerState.AWAITED, AnswerState.LIVE)
        if not turn.needs_session:
            assert turn.deadline is None or turn.times.take_by == turn.deadline
        elif turn.state is TurnState.LISTENING:
            assert turn.deadline is not None or not (turn._is_ready or turn.speech.has_ended)
        elif turn.state is TurnState.TRANSCRIBED or is_awaited:
            assert turn.deadline is not None

    def expire(self) -> None:
        """Invariant 4: a deadline that has come changes something."""
        if (deadline := self.turn.deadline) is None:
            return
        before = (self.turn.state, self.turn.answer.state, deadline)
        self.turn.expire(deadline)
        assert (self.turn.state, self.turn.answer.state, self.turn.deadline) != before


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(STARTS), STEPS)
def test_turn_when_anything_happens_then_its_invariants_hold(
    start: Callable[[], Turn], steps: list[tuple[float, list[JsonObject] | Deed]]
) -> None:
    """Any order of events, inputs and times."""
    turn = start()
    watcher, now = Watcher(turn), 1.0
    turn.take_actions()
    turn.take_news()
    for wait_s, step in steps:
        now += wait_s
        if not callable(step):
            for frame in step:
                before = turn.state
                if frame["type"] == "response.done" and frame["response"]["status"] == "completed":
                    watcher.completed.add(frame["response_id"])
                wire.feed(turn, frame, now=now)
                watcher.look(before, None)
            continue
        before = turn.state
        step(turn, now)
        watcher.look(before, step)
    for _ in range(6):
        before = turn.state
        watcher.expire()
        watcher.look(before, None)
    assert turn.deadline is None

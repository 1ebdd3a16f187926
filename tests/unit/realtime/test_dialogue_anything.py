"""A live dialogue under any order of events, speech, reports and losses: its promises hold."""

from collections import Counter

from hypothesis import given, settings, strategies as st

from custom_components.grok_assist.core.errors import GrokConnectionError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.dialogue_news import Cut, Silenced, TurnReady, TurnTold
from custom_components.grok_assist.realtime.dialogue_turn import DialogueTurn
from custom_components.grok_assist.realtime.responses import Finished

from .dialogues import Talk
from .wire import (
    audio,
    call,
    committed,
    item_added,
    response_created,
    response_done,
    said,
    speech_started,
    speech_stopped,
    transcript,
    words,
)

ITEMS = ("u1", "u2", "u3")
RESPONSES = ("r1", "r2", "r3")


def _of_item(item: str) -> st.SearchStrategy[JsonObject]:
    """What the service tells of the microphone."""
    return st.sampled_from(
        [
            speech_started(item),
            speech_stopped(item),
            committed(item),
            transcript("Turn on the light", item),
            transcript("", item),
            transcript("The light is on now", item),
        ]
    )


def _of_response(response: str) -> st.SearchStrategy[JsonObject]:
    """What the service tells of an answer."""
    return st.sampled_from(
        [
            response_created(response),
            item_added(response, f"a-{response}"),
            audio(bytes(9_600), response, f"a-{response}"),
            words("The light is on now. ", response, f"a-{response}"),
            call(f"c-{response}", response=response),
            response_done(response),
            response_done(response, "cancelled"),
        ]
    )


EVENTS = st.sampled_from(ITEMS).flatmap(_of_item) | st.sampled_from(RESPONSES).flatmap(_of_response)
REPORTS = st.tuples(st.sampled_from(["played", "stopped"]), st.integers(1, 4), st.integers(0, 400))
SENTENCES = st.tuples(
    st.just("sentence"), st.sampled_from(ITEMS), st.sampled_from(["Turn on the light", "", "The light is on now"])
)
ANSWERS = st.tuples(st.just("answer"), st.sampled_from(RESPONSES), st.booleans(), st.booleans())
STEPS = st.lists(
    st.one_of(
        SENTENCES,
        ANSWERS,
        EVENTS.map(lambda frame: ("event", frame)),
        EVENTS.map(lambda frame: ("event", frame)),
        REPORTS,
        st.floats(0.05, 3.0).map(lambda seconds: ("wait", seconds)),
        st.sampled_from([("tap",), ("typed",), ("lost",), ("results",), ("finish",)]),
    ),
    max_size=40,
)


class _Judge:
    """Holds a dialogue to its promises."""

    def __init__(self) -> None:
        """Begin."""
        self.talk = Talk()
        self.calls: Counter[str] = Counter()
        self.ended: Counter[DialogueTurn] = Counter()
        self.silent_to = 0
        self.ready: Counter[DialogueTurn] = Counter()

    def do(self, step: tuple[object, ...]) -> None:
        """Take a step, then look."""
        talk = self.talk
        match step:
            case ("event", dict() as frame):
                talk.feed(frame)
            case ("played" | "stopped" as what, int() as answer, int() as ms):
                (talk.played if what == "played" else talk.stopped)(answer, ms)
            case ("wait", float() as seconds):
                talk.wait(seconds)
            case ("sentence", str() as item, str() as text):
                talk.feed(*said(text, item))
            case ("answer", str() as response, bool() as has_call, bool() as is_done):
                self._answer(response, has_call=has_call, is_done=is_done)
            case (str() as what,):
                self._interfere(what)
        talk.settle()
        self.look()

    def _answer(self, response: str, *, has_call: bool, is_done: bool) -> None:
        """Let the service answer, maybe with a call, maybe to the end."""
        current = self.talk.dialogue.current
        is_wanted = current is not None and current.turn.needs_session and not current.turn.is_hushed
        self.talk.feed(response_created(response))
        assert is_wanted or f"CancelResponse {response}" in self.talk.actions, "an answer that nobody wants runs on"
        parts = [item_added(response, f"a-{response}"), audio(bytes(9_600), response, f"a-{response}")]
        parts.append(words("The light is on now. ", response, f"a-{response}"))
        parts += [call(f"c-{response}", response=response)] if has_call else []
        self.talk.feed(*parts, *([response_done(response)] if is_done else []))

    def _interfere(self, what: str) -> None:
        """Do what somebody else than the service does."""
        talk = self.talk
        match what:
            case "tap":
                talk.dialogue.interrupt(talk.now, "speech")
            case "typed":
                talk.dialogue.begin_typed("Turn it off", talk.now)
            case "lost":
                talk.dialogue.fail(GrokConnectionError("gone"), talk.now)
        for entry, _ in talk.ready:
            if what == "results":
                entry.turn.give_results({"c": "ok"}, asks=True, now=talk.now)
            elif what == "finish":
                entry.turn.finish()

    def look(self) -> None:
        """Hold it to what must never happen."""
        talk = self.talk
        for news in talk.news:
            match news:
                case TurnTold(entry, Finished(calls)):
                    assert not entry.turn.is_hushed or not calls, "a call of an answer that was cut"
                    self.calls.update(call.call_id for call in calls)
                    if calls:
                        talk.dialogue.seal(entry)  # as whoever runs them does
                case Silenced(number):
                    self.silent_to = max(self.silent_to, number)
                case TurnReady(entry, text):
                    assert text.strip(), "a turn without words"
                    self.ready[entry] += 1
                case Cut(entry, _):
                    self.ended[entry] += 1
                case _:
                    pass
        talk.news.clear()
        assert max(self.calls.values(), default=0) <= 1, "a call was told twice"
        assert max(self.ended.values(), default=0) <= 1, "a turn was cut twice"
        assert max(self.ready.values(), default=0) <= 1, "a turn was run twice"
        for frame in talk.player.take_frames():
            assert frame.answer > self.silent_to, "sound of an answer that has to be silent"
        deadline = talk.dialogue.deadline
        assert deadline is None or deadline < talk.now + 181, "a wait without end"


@settings(max_examples=300, deadline=None)
@given(steps=STEPS)
def test_dialogue_when_anything_happens_then_its_promises_hold(steps: list[tuple[object, ...]]) -> None:
    """No dead answer is sent on, no call runs twice, each turn ends once, nothing waits for ever."""
    judge = _Judge()
    for step in steps:
        judge.do(step)
    for _ in range(60):
        judge.do(("wait", 10.0))
    dialogue = judge.talk.dialogue
    assert not dialogue._cuts, "a cut that was never settled"

"""The responses of one turn: which counts and which are dead."""

import pytest

from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.responses import Broken, Finished, ResponseNews, Responses, Sound, Words
from custom_components.grok_assist.realtime.turn_state import AnswerState

from .wire import TENTH_S, all_words, answered, audio, call, event, item_added, response_created, response_done, words


def responses_of(*frames: JsonObject, is_speaking: bool = False) -> Responses:
    """Give frames to a turn's fresh responses."""
    responses = Responses(patience_s=10.0)
    hear(responses, *frames, is_speaking=is_speaking)
    return responses


def hear(responses: Responses, *frames: JsonObject, is_speaking: bool = False) -> list[bool]:
    """Give frames; return which of them moved the live response."""
    return [responses.receive(event(frame), 0.0, is_speaking=is_speaking) for frame in frames]


def taken(responses: Responses) -> list[ResponseNews]:
    """Take what has come of the live response."""
    assert responses.live is not None
    return responses.live.take()


def test_response_when_taken_late_then_all_of_it_in_order() -> None:
    """What came before somebody listened is kept, what comes after is there the next time."""
    responses = responses_of(*answered("It is on.")[:-1])
    assert taken(responses) == [Sound("a1", TENTH_S), Words("It is on.")]
    assert responses.state is AnswerState.LIVE
    hear(responses, response_done())
    assert (taken(responses), responses.state) == ([Finished(())], AnswerState.COMPLETE)
    assert (responses.response_ids, responses.item_ids) == (["r1"], ["a1"])


def test_words_when_only_the_whole_comes_then_said() -> None:
    """A piece that was lost is in the whole; a whole that says something else is not said a second time."""
    responses = responses_of(response_created(), words("It is "))
    hear(responses, all_words("It is on."), all_words("Something else."), words("", item="a2"))
    assert taken(responses) == [Words("It is "), Words("on.")]
    hear(responses, {"type": "response.output_text.done", "response_id": "r1", "item_id": "a3", "text": "Good."})
    assert taken(responses) == [Words(" "), Words("Good.")]


def test_preamble_when_before_a_call_then_said_and_called() -> None:
    """Words before a call are an item of their own; those after it do not run into them."""
    responses = responses_of(*answered("Let me see.")[:-1], call("c1", '{"a":1}'), response_done())
    assert taken(responses)[1:] == [
        Words("Let me see."),
        Finished((FunctionCall(call_id="c1", name="turn_on", arguments='{"a":1}'),)),
    ]
    assert responses.state is AnswerState.CALLING


def test_calls_when_parallel_and_repeated_then_each_once() -> None:
    """Calls are told apart by their id; the first announcement of one counts."""
    frames = [response_created(), call("c1"), call("c2"), call("c1", '{"again":1}'), call(""), response_done()]
    (finished,) = taken(responses_of(*frames))
    assert isinstance(finished, Finished)
    assert [(made.call_id, made.arguments) for made in finished.calls] == [("c1", "{}"), ("c2", "{}")]


def test_end_when_told_twice_then_once() -> None:
    """After its end a response says nothing."""
    responses = responses_of(*answered(), response_done(), audio(), words("more"))
    assert taken(responses)[2:] == [Finished(())]


@pytest.mark.parametrize("status", ["cancelled", "failed", "incomplete", "brand_new"])
@pytest.mark.parametrize("is_taken", [True, False])
def test_response_when_it_ends_badly_then_broken(status: str, is_taken: bool) -> None:  # noqa: FBT001
    """Only a completed response is an answer; its calls are never made, and what nobody has heard is never heard."""
    responses = responses_of(response_created(), audio(), call())
    before = taken(responses) if is_taken else []
    hear(responses, response_done(status=status))
    assert before == ([Sound("a1", TENTH_S)] if is_taken else [])
    assert taken(responses) == [Broken(f"the response ended as {status}")]
    assert responses.state is AnswerState.FAILED


def test_response_when_killed_then_nothing_of_it_any_more() -> None:
    """Late pieces of a dead response are dropped, whether or not its end is told."""
    responses = responses_of(response_created(), audio(), call())
    live = responses.live
    assert responses.kill_all("the user spoke on") is live
    late = hear(responses, audio(), words("late"), call("c2"), response_done(status="cancelled"), response_done())
    assert late == [False] * 5
    assert live is not None
    assert (live.take(), responses.live) == ([Broken("the user spoke on")], None)


def test_response_when_created_in_speech_then_never_counts() -> None:
    """An answer to half of a sentence is dead from its birth, even when the speaker has stopped meanwhile."""
    responses = responses_of(response_created(), is_speaking=True)
    assert (responses.live, responses.state) == (None, AnswerState.NONE)
    assert not any(hear(responses, *answered()[1:]))
    assert responses.response_ids == ["r1"]


def test_response_when_the_one_before_vanished_then_it_counts() -> None:
    """A dropped response may never be told to have ended."""
    responses = responses_of(response_created("r1"), audio(response="r1"))
    assert responses.speak_on(1.0)
    assert responses.state is AnswerState.NONE
    assert not responses.speak_on(2.0)
    assert all(hear(responses, *answered("It is off.", "r2", "a2")))
    assert taken(responses)[1:] == [Words("It is off."), Finished(())]


def test_response_when_another_one_begins_then_they_do_not_mix() -> None:
    """Two answers at once are heard as one only by mistake: the newest counts, the older one falls silent."""
    responses = responses_of(response_created("r1"))
    hear(responses, response_created("r2"), words("It is off.", "r1"))
    assert responses.live is not None
    assert responses.live.response_id == "r2"
    assert taken(responses) == []


@pytest.mark.parametrize(
    "frame", [response_created(""), response_created("r1"), audio(response="r9"), response_done("r9"), {"type": "ping"}]
)
def test_event_when_of_no_response_then_ignored(frame: JsonObject) -> None:
    """Responses without an id, told again or never begun change nothing."""
    responses = responses_of(response_created("r1"))
    live = responses.live
    assert hear(responses, frame) == [False]
    assert responses.live is live
    assert responses.response_ids == ["r1"]


def test_audio_when_unreadable_then_no_sound() -> None:
    """A response has sound only with samples."""
    responses = responses_of(response_created(), audio(b""), item_added(), item_added(item=""))
    assert responses.live is not None
    assert (taken(responses), responses.live.sounding_item) == ([], "")
    hear(responses, audio())
    assert (taken(responses), responses.live.sounding_item) == ([Sound("a1", TENTH_S)], "a1")
    assert responses.item_ids == ["a1"]

"""The answers of one turn: which counts and which are dead."""

import pytest

from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.responses import Audio, Finished, Lost, Responses, Signal, Words

from .wire import TENTH_S, all_words, answered, audio, call, event, item_added, response_created, response_done, words


def answers_of(*frames: JsonObject, is_speaking: bool = False) -> Responses:
    """Give frames to a turn's fresh answers."""
    answers = Responses()
    for frame in frames:
        answers.receive(event(frame), is_speaking=is_speaking)
    return answers


def followed(answers: Responses) -> list[Signal]:
    """Adopt the live answer; the list grows."""
    signals: list[Signal] = []
    assert answers.live is not None
    answers.live.adopt(signals.append)
    return signals


def test_answer_when_adopted_late_then_all_of_it_in_order() -> None:
    """What came before somebody listened is kept, what comes after is passed on."""
    answers = answers_of(*answered("It is on.")[:-1])
    signals = followed(answers)
    assert signals == [Audio(TENTH_S), Words("It is on.")]
    answers.receive(event(response_done()), is_speaking=False)
    assert signals[2:] == [Finished(())]
    assert (answers.response_ids, answers.item_ids) == (["r1"], ["a1"])


def test_words_when_only_the_whole_comes_then_said() -> None:
    """A piece that was lost is in the whole; a whole that says something else is not said a second time."""
    answers = answers_of(response_created(), words("It is "))
    signals = followed(answers)
    for frame in (all_words("It is on."), all_words("Something else."), words("", item="a2")):
        answers.receive(event(frame), is_speaking=False)
    assert signals == [Words("It is "), Words("on.")]
    text = {"type": "response.output_text.done", "response_id": "r1", "item_id": "a3", "text": "Good."}
    answers.receive(event(text), is_speaking=False)
    assert signals[2:] == [Words(" "), Words("Good.")]


def test_preamble_when_before_a_call_then_said_and_called() -> None:
    """Words before a call are an item of their own; those after it do not run into them."""
    answers = answers_of(*answered("Let me see.")[:-1], call("c1", '{"a":1}'), response_done())
    assert followed(answers)[1:] == [
        Words("Let me see."),
        Finished((FunctionCall(call_id="c1", name="turn_on", arguments='{"a":1}'),)),
    ]


def test_calls_when_parallel_and_repeated_then_each_once() -> None:
    """Calls are told apart by their id; the first announcement of one counts."""
    frames = [response_created(), call("c1"), call("c2"), call("c1", '{"again":1}'), call(""), response_done()]
    (finished,) = followed(answers_of(*frames))
    assert isinstance(finished, Finished)
    assert [(made.call_id, made.arguments) for made in finished.calls] == [("c1", "{}"), ("c2", "{}")]


def test_end_when_told_twice_then_once() -> None:
    """After its end an answer says nothing."""
    answers = answers_of(*answered(), response_done(), audio(), words("more"))
    assert followed(answers)[2:] == [Finished(())]


@pytest.mark.parametrize("status", ["cancelled", "failed", "incomplete", "brand_new"])
@pytest.mark.parametrize("is_adopted", [True, False])
def test_answer_when_it_ends_badly_then_lost(status: str, is_adopted: bool) -> None:  # noqa: FBT001
    """Only a completed answer is one; its calls are never made."""
    answers = answers_of(response_created(), audio(), call())
    signals = followed(answers) if is_adopted else []
    answers.receive(event(response_done(status=status)), is_speaking=False)
    signals = signals if is_adopted else followed(answers)
    assert isinstance(signals[-1], Lost)
    assert not any(isinstance(signal, Finished) for signal in signals)
    assert signals == signals[: 2 if is_adopted else 1]


def test_answer_when_killed_then_nothing_of_it_any_more() -> None:
    """Late pieces of a dead answer are dropped, whether or not its end is told."""
    answers = answers_of(response_created(), audio(), call())
    signals = followed(answers)
    answers.kill_all("the user spoke on")
    for frame in (audio(), words("late"), call("c2"), response_done(status="cancelled"), response_done()):
        assert not answers.receive(event(frame), is_speaking=False)
    assert signals == [Audio(TENTH_S), Lost("the user spoke on")]
    assert answers.live is None


def test_answer_when_created_in_speech_then_never_adopted() -> None:
    """An answer to half of a sentence is dead from its birth, even when the speaker has stopped meanwhile."""
    answers = answers_of(response_created(), is_speaking=True)
    assert answers.live is None
    for frame in answered()[1:]:
        assert not answers.receive(event(frame), is_speaking=False)
    assert answers.response_ids == ["r1"]


def test_answer_when_the_one_before_vanished_then_it_counts() -> None:
    """A dropped answer may never be told to have ended."""
    answers = answers_of(response_created("r1"), audio(response="r1"))
    answers.kill_all("the user spoke on")
    for frame in answered("It is off.", "r2", "a2"):
        assert answers.receive(event(frame), is_speaking=False)
    assert followed(answers)[1:] == [Words("It is off."), Finished(())]


def test_answer_when_another_one_begins_then_they_do_not_mix() -> None:
    """Two answers at once are heard as one only by mistake: the newest counts, the older one falls silent."""
    answers = answers_of(response_created("r1"))
    signals = followed(answers)
    answers.receive(event(response_created("r2")), is_speaking=False)
    answers.receive(event(words("It is off.", "r1")), is_speaking=False)
    assert answers.live is not None
    assert answers.live.response_id == "r2"
    assert Words("It is off.") not in signals


@pytest.mark.parametrize(
    "frame", [response_created(""), response_created("r1"), audio(response="r9"), response_done("r9"), {"type": "ping"}]
)
def test_event_when_of_no_answer_then_ignored(frame: JsonObject) -> None:
    """Answers without an id, told again or never begun change nothing."""
    answers = answers_of(response_created("r1"))
    live = answers.live
    assert not answers.receive(event(frame), is_speaking=False)
    assert answers.live is live
    assert answers.response_ids == ["r1"]


def test_audio_when_unreadable_then_no_sound() -> None:
    """An answer has sound only with samples."""
    answers = answers_of(response_created(), audio(b""), item_added(), item_added(item=""))
    assert answers.live is not None
    assert answers.live.audio_bytes == 0
    answers.receive(event(audio()), is_speaking=False)
    assert answers.live.audio_bytes > 0
    assert answers.item_ids == ["a1"]

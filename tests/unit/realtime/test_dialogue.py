"""Turns in an endless microphone: one or two, heard or not, cut, echoed, taken back."""

from custom_components.grok_assist.core.errors import GrokConnectionError
from custom_components.grok_assist.realtime.dialogue import JUDGED_S, SETTLE_S, STOPPED_S
from custom_components.grok_assist.realtime.dialogue_news import TurnTold, WordsHeard
from custom_components.grok_assist.realtime.turn_state import TurnState

from .dialogues import Talk
from .wire import (
    all_words,
    answered,
    audio,
    call,
    committed,
    item_added,
    response_created,
    response_done,
    said,
    snapshot,
    speech_started,
    speech_stopped,
    transcript,
    words,
)

LONG = "The kitchen light is on and the hall light is off and so are all the others in this house."


def speaking(seconds: float = 4.0) -> Talk:
    """A talk in which a long answer is heard, a second of it so far."""
    talk = Talk()
    talk.feed(*said("What is on?"))
    talk.feed(response_created(), item_added(), audio(bytes(int(48_000 * seconds))), words(LONG))
    talk.wait(SETTLE_S)
    talk.played(1, 0)
    talk.wait(1.0)
    talk.played(1, 1_000)
    talk.told()
    talk.wanted()
    return talk


def test_sentence_when_said_then_ready_after_a_moment_without_speech() -> None:
    """Sound waits for nobody; the words wait until nobody has spoken on."""
    talk = Talk()
    talk.feed(*said("Turn it on"))
    talk.feed(response_created(), audio())
    assert talk.player.take_frames()
    assert talk.told() == [("began", 1), ("words", 1, "Turn it on")]
    talk.wait(SETTLE_S)
    assert talk.told() == [("ready", "Turn it on")]


def test_sound_when_words_are_late_then_not_waited_for() -> None:
    """The transcript comes after the first sound."""
    talk = Talk()
    talk.feed(speech_started(), speech_stopped(), committed(), response_created(), audio(), words("Yes."))
    assert talk.player.take_frames()
    assert talk.ready == []
    talk.feed(transcript("Is it on?"), after_s=1.5)
    talk.wait(SETTLE_S)
    assert [text for _, text in talk.ready] == ["Is it on?"]


def test_speech_when_nothing_was_heard_then_of_the_same_turn() -> None:
    """A pause in a sentence: the first answer is dropped before and after its words were ready."""
    for pause_s in (0.1, SETTLE_S + 0.1):
        talk = Talk()
        talk.feed(*said("Turn on"), response_created(), audio(), call("c1"), response_done())
        talk.wait(pause_s)
        talk.follows = False
        talk.feed(speech_started("u2"), after_s=0.05)
        assert talk.player.turns_to_stop() == set()
        talk.feed(*said("the kitchen light", "u2")[1:], after_s=0.5)
        talk.wait(SETTLE_S)
        assert talk.ready[-1][1] == "Turn on the kitchen light"
        assert {entry.number for entry, _ in talk.ready} == {1}
        assert ("superseded", 1) in talk.told()
        assert "CancelResponse r1" not in talk.wanted()  # it was complete
        assert len(talk.ready) == (2 if pause_s > SETTLE_S else 1)


def test_speech_when_the_answer_was_heard_then_a_new_turn_that_cuts_it() -> None:
    """The page first, then the service; then what was heard."""
    talk = speaking()
    talk.feed(speech_started("u2"))
    assert talk.told() == [("silent", 1, "speech"), ("began", 2)]
    assert talk.wanted() == ["CancelResponse r1"]
    talk.wait(0.02)
    talk.stopped(1, 1_050)
    assert talk.wanted() == ["TruncateItem a1 1050"]
    talk.feed(*said("Stop it", "u2")[1:])
    told = talk.told()
    assert ("cut", 1, "The kitchen light is") in told
    assert talk.ready[0][0].turn.state is TurnState.DEAD
    talk.wait(SETTLE_S)
    assert talk.ready[-1][1] == "Stop it"


def test_cut_when_the_page_says_nothing_then_its_last_report_serves() -> None:
    """Plus the time since, never more than there is."""
    talk = speaking()
    talk.wait(0.1)
    talk.feed(speech_started("u2"))
    talk.wanted()
    talk.wait(STOPPED_S)
    (cut,) = talk.wanted()
    assert cut.startswith("TruncateItem a1 ")
    assert 1_050 <= int(cut.split()[-1]) <= 1_260


def test_noise_when_it_cuts_an_answer_then_it_goes_on_once() -> None:
    """Nobody said anything: the rest is asked for; the second time it stays silent."""
    talk = speaking()
    talk.feed(speech_started("u2"))
    talk.stopped(1, 1_050)
    talk.feed(speech_stopped("u2"), committed("u2"), transcript("", "u2"), response_created("r2"))
    told = talk.told()
    assert ("dropped", 2) in told
    assert ("go on", 1, "The kitchen light is") in told
    talk.feed(response_created("r3"), audio(bytes(96_000), "r3", "a3"), words("on and the hall light", "r3", "a3"))
    assert talk.player.turns_to_stop() == {1}
    assert talk.told() == ["on and the hall light"]
    talk.played(2, 10)
    talk.feed(speech_started("u3"))
    talk.stopped(2, 500)
    talk.feed(speech_stopped("u3"), committed("u3"), transcript("", "u3"))
    assert [one for one in talk.told() if one[0] == "go on"] == []  # type: ignore[index]


def test_echo_when_it_cuts_an_answer_then_told_and_taken_back() -> None:
    """The answer's own words are nobody's turn."""
    talk = speaking()
    talk.feed(speech_started("u2"))
    talk.stopped(1, 1_050)
    talk.feed(*said("The kitchen light is on", "u2")[1:])
    told = talk.told()
    assert "echo" in told
    assert ("dropped", 2) in told
    assert [one for one in told if isinstance(one, tuple) and one[0] == "go on"]
    assert len(talk.ready) == 1


def test_words_when_they_never_come_then_interrupted_in_the_end() -> None:
    """Whoever spoke over an answer has interrupted it, in doubt."""
    talk = speaking()
    talk.feed(speech_started("u2"))
    talk.stopped(1, 1_050)
    talk.wait(JUDGED_S)
    assert ("cut", 1, "The kitchen light is") in talk.told()


def test_preamble_when_cut_then_the_rest_is_deleted_and_the_call_told_once() -> None:
    """The item playing is truncated, what never began is deleted."""
    talk = Talk()
    talk.feed(*said("Turn it on"))
    talk.wait(SETTLE_S)
    talk.feed(
        response_created(), item_added(), audio(bytes(96_000)), words("I will do that."), call("c1"), response_done()
    )
    assert ["c1"] in talk.told()
    entry = talk.ready[0][0]
    talk.dialogue.seal(entry)
    entry.turn.give_results({"c1": "ok"}, asks=True, now=talk.now)
    talk.dialogue.settle(entry, talk.now)
    talk.feed(
        response_created("r2"), item_added("r2", "a2"), audio(bytes(96_000), "r2", "a2"), words("It is on.", "r2", "a2")
    )
    talk.played(1, 300)
    talk.wanted()
    talk.feed(speech_started("u2"))
    talk.stopped(1, 400)
    assert talk.wanted() == ["CancelResponse r2", "TruncateItem a1 400", "DeleteItem a2"]


def test_call_when_its_turn_was_cut_then_finished_and_told_to_the_service_only() -> None:
    """It is not run twice, and nothing more is asked."""
    talk = Talk()
    talk.feed(*said("Turn it on"))
    talk.wait(SETTLE_S)
    talk.feed(response_created(), call("c1"), response_done())
    entry = talk.ready[0][0]
    talk.dialogue.seal(entry)
    talk.feed(speech_started("u2"))
    talk.wanted()
    entry.turn.give_results({"c1": "ok"}, asks=True, now=talk.now)
    talk.dialogue.settle(entry, talk.now)
    talk.settle()
    assert talk.wanted() == ["CreateFunctionOutput c1"]


def test_item_when_the_service_goes_on_with_it_then_only_what_is_new_is_the_next_turn() -> None:
    """Its id is the same before its audio is committed."""
    talk = Talk()
    talk.feed(
        speech_started(),
        speech_stopped(),
        transcript("Turn it on"),
        response_created(),
        item_added(),
        audio(bytes(96_000)),
    )
    talk.wait(SETTLE_S)
    talk.played(1, 100)
    talk.feed(speech_started("u1"))
    talk.stopped(1, 200)
    talk.feed(speech_stopped("u1"), committed("u1"), transcript("Turn it on no stop", "u1"))
    talk.wait(SETTLE_S)
    assert talk.ready[-1][1] == "no stop"


def test_tap_when_something_is_said_then_silent_and_settled_without_words() -> None:
    """Nobody has to say anything for it; where nothing is said it does nothing."""
    talk = speaking()
    talk.dialogue.interrupt(talk.now, "speech")
    talk.settle()
    talk.stopped(1, 1_000)
    assert [one for one in talk.told() if one[0] == "cut"]  # type: ignore[index]
    talk.dialogue.interrupt(talk.now, "speech")
    talk.settle()
    assert talk.told() == []


def test_response_when_nobody_asked_for_it_then_stopped() -> None:
    """Before anybody speaks, and after a turn is over."""
    talk = Talk()
    talk.feed(response_created("r9"))
    assert talk.wanted() == ["CancelResponse r9"]


def test_typed_when_something_is_said_then_it_is_cut_short() -> None:
    """Typing interrupts, and its words are a turn at once."""
    talk = speaking()
    entry = talk.dialogue.begin_typed("and the hall?", talk.now)
    talk.settle()
    assert entry.number == 2
    assert talk.told()[:2] == [("silent", 1, "text"), ("began", 2)]
    assert talk.ready[-1][1] == "and the hall?"


def test_session_when_lost_then_everybody_is_told() -> None:
    """Nobody waits for an answer that cannot come."""
    talk = Talk()
    talk.say("Turn it on")
    talk.dialogue.fail(GrokConnectionError("gone"), talk.now)
    talk.settle()
    assert talk.ready[0][0].turn.error is not None
    assert not talk.ready[0][0].turn.needs_session


def test_snapshot_when_heard_then_shown() -> None:
    """The page shows words while they are said."""
    talk = Talk()
    talk.feed(speech_started(), snapshot("Turn it"))
    assert [news.text for news in talk.news if isinstance(news, WordsHeard)] == ["Turn it"]


def test_answers_when_turns_follow_each_other_then_numbers_count_up() -> None:
    """A number never returns."""
    talk = Talk()
    for number in range(1, 4):
        talk.say("Hello", f"u{number}")
        talk.feed(*answered("Hello.", f"r{number}", f"a{number}"), all_words("Hello.", f"r{number}", f"a{number}"))
        assert talk.player.last_of(number) == number
        talk.ready[-1][0].turn.finish()
        talk.played(number, 100)
        talk.wait(1.0)


def test_answer_when_the_sentence_goes_on_then_stopped_and_void() -> None:
    """What ran of it is cancelled; what was told of it is taken back, before and after its words were ready."""
    talk = Talk()
    talk.feed(*said("Turn on"), response_created(), item_added(), audio(), words("Which"))
    talk.feed(speech_started("u2"), after_s=0.1)
    assert {"CancelResponse r1", "DeleteItem a1"} <= set(talk.wanted())
    talk = Talk()
    talk.feed(speech_started(), speech_stopped(), committed(), response_created(), audio(), words("Which"))
    talk.feed(speech_started("u2"), after_s=0.1)
    told = [type(news.news).__name__ for news in talk.news if isinstance(news, TurnTold)]
    assert told[-1] == "AnswerDropped"


def test_answer_when_it_is_to_a_noise_then_nobody_hears_it() -> None:
    """It begins before anybody knows that nobody spoke."""
    talk = speaking()
    talk.feed(speech_started("u2"), speech_stopped("u2"), committed("u2"))
    talk.player.take_frames()
    talk.feed(
        response_created("r2"), item_added("r2", "a2"), audio(bytes(9_600), "r2", "a2"), words("Yes?", "r2", "a2")
    )
    assert talk.player.take_frames() == []
    talk.feed(transcript("", "u2"))
    assert talk.player.take_frames() == []
    assert "CancelResponse r2" in talk.wanted()


def test_answer_when_somebody_has_spoken_over_the_last_then_heard_once_the_words_are_there() -> None:
    """Nothing of it is lost."""
    talk = speaking()
    talk.feed(speech_started("u2"), speech_stopped("u2"), committed("u2"))
    talk.player.take_frames()
    talk.feed(
        response_created("r2"), item_added("r2", "a2"), audio(bytes(9_600), "r2", "a2"), words("Yes.", "r2", "a2")
    )
    talk.feed(transcript("Stop it", "u2"))
    assert sum(len(frame.pcm) for frame in talk.player.take_frames()) == 9_600
    assert "Yes." in talk.told()


def test_words_when_taken_back_before_they_count_then_no_turn() -> None:
    """A later transcript replaces the one before, also by nothing."""
    talk = Talk()
    talk.feed(*said("Turn it on"))
    talk.feed(transcript("", "u1"), after_s=0.1)
    talk.wait(SETTLE_S)
    assert talk.ready == []
    assert ("dropped", 1) in talk.told()


def test_answer_when_its_turn_was_cut_then_stopped() -> None:
    """The service begins another one for what is over."""
    talk = speaking()
    talk.dialogue.interrupt(talk.now, "speech")
    talk.settle()
    talk.wanted()
    talk.feed(response_created("r2"))
    assert talk.wanted() == ["CancelResponse r2"]

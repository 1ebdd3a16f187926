"""One turn: when its words are complete, which answer counts, and what is overdue."""

import pytest

from custom_components.grok_assist.core.errors import GrokConnectionError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.exchange import (
    ANSWER_S,
    ENDED_S,
    SEARCH_S,
    SPEECH_S,
    START_S,
    TRANSCRIPT_S,
    AnswerChanged,
    Exchange,
    Failed,
    Understood,
)

from .wire import (
    answered,
    audio,
    committed,
    feed,
    response_created,
    response_done,
    said,
    snapshot,
    speech_started,
    speech_stopped,
    transcript,
    words,
)

SOON = 0.001


def exchange_of(*frames: JsonObject, waits_for_end: bool = True, ends_at: float | None = None) -> Exchange:
    """Give frames to a fresh turn at the time zero; maybe close its microphone."""
    exchange = Exchange(now=0.0, waits_for_end=waits_for_end)
    feed(exchange, *frames)
    if ends_at is not None:
        exchange.end_audio(ends_at)
    return exchange


def outline(exchange: Exchange) -> list[str | None]:
    """Take what happened, in short: words, ids of answers, None for an answer that is gone."""
    found: list[str | None] = []
    for signal in exchange.take_signals():
        match signal:
            case Understood(text):
                found.append(text)
            case AnswerChanged(answer):
                found.append(answer.response_id if answer else None)
            case Failed(error):
                found.append(type(error).__name__)
    return found


def test_words_when_microphone_ends_after_them_then_understood_at_the_end() -> None:
    """The server's pause is not Home Assistant's: the words wait for the end, the answer is made ahead."""
    exchange = exchange_of(*said("Is it shut?"), *answered())
    assert outline(exchange) == ["r1"]
    assert exchange.deadline == SPEECH_S
    exchange.end_audio(1.0)
    assert outline(exchange) == ["Is it shut?"]


def test_words_when_microphone_ends_before_them_then_understood_when_final() -> None:
    """A snapshot does not end the wait, the final words do, once."""
    exchange = exchange_of(speech_started(), snapshot("Is it"), ends_at=1.0)
    feed(exchange, speech_stopped(), committed(), transcript("Is it sh", status="in_progress"), now=1.1)
    assert outline(exchange) == []
    feed(exchange, transcript("Is it shut?"), transcript("Is it shut now?"), now=1.2)
    assert outline(exchange) == ["Is it shut?"]
    assert exchange.transcript == "Is it shut now?"


def test_words_when_server_decides_then_understood_at_the_first_pause() -> None:
    """Without waiting for the microphone the first complete words count."""
    assert outline(exchange_of(*said("Is it shut?"), waits_for_end=False)) == ["Is it shut?"]


def test_answer_when_created_before_commit_then_counts() -> None:
    """The answer may begin between the stop and the commit, and before the final words."""
    exchange = exchange_of(speech_started(), speech_stopped(), response_created(), committed(), ends_at=0.5)
    assert outline(exchange) == ["r1"]
    feed(exchange, transcript("Is it shut?"))
    assert outline(exchange) == ["Is it shut?"]


def test_speaker_when_resumes_before_commit_then_begun_answer_is_dead() -> None:
    """The same item goes on: the answer vanishes without a word, the text is replaced."""
    exchange = exchange_of(speech_started(), speech_stopped(), response_created("r1"), audio(response="r1"))
    feed(exchange, speech_started())
    assert outline(exchange) == ["r1", None]
    feed(exchange, audio(response="r1"), response_done("r1", "cancelled"))
    assert outline(exchange) == []
    feed(exchange, speech_stopped(), committed(), transcript("Turn on the lamp"), response_created("r2"))
    exchange.end_audio(1.0)
    assert outline(exchange) == ["r2", "Turn on the lamp"]


def test_speaker_when_resumes_after_commit_then_texts_joined_and_answer_dead() -> None:
    """A new item follows: its words are added, the answer to the first is dead."""
    exchange = exchange_of(*said("Turn on", "u1"), *answered("What?", "r1"), *said("the lamp", "u2"))
    feed(exchange, *answered("Done.", "r2", "a2"))
    exchange.end_audio(1.0)
    assert outline(exchange) == ["r1", None, "r2", "Turn on the lamp"]
    assert exchange.answers.item_ids == ["a1", "a2"]


def test_answer_when_created_in_speech_then_never_counts() -> None:
    """Nobody wants an answer to half of a sentence."""
    exchange = exchange_of(speech_started(), response_created("r1"), speech_stopped(), audio(response="r1"))
    assert outline(exchange) == []
    assert exchange.answers.live is None


def test_start_when_repeated_then_nothing_changes() -> None:
    """The server may say twice that somebody speaks."""
    exchange = exchange_of(speech_started(), speech_started(), speech_stopped(), transcript("On"), ends_at=1.0)
    assert outline(exchange) == ["On"]


@pytest.mark.parametrize(
    ("frames", "deadline", "text", "is_certain"),
    [
        pytest.param([], ENDED_S, "", True, id="nobody-spoke"),
        pytest.param([speech_started(), snapshot("Is it")], TRANSCRIPT_S, "Is it", False, id="still-speaking"),
        pytest.param([speech_started(), speech_stopped(), snapshot("Is")], TRANSCRIPT_S, "Is", False, id="paused"),
    ],
)
def test_words_when_overdue_after_the_end_then_what_there_is(
    frames: list[JsonObject],
    deadline: float,
    text: str,
    is_certain: bool,  # noqa: FBT001
) -> None:
    """After the end of the microphone the words have their time; then the last snapshot serves, and says so."""
    exchange = exchange_of(*frames, ends_at=5.0)
    assert exchange.deadline == 5.0 + deadline
    exchange.expire(5.0 + deadline - SOON)
    assert exchange.take_signals() == []
    exchange.expire(5.0 + deadline)
    assert exchange.take_signals() == [Understood(text, is_certain)]


def test_deadline_when_microphone_is_open_then_a_minute_and_for_words_of_a_pause() -> None:
    """Home Assistant decides how long a room may be silent, but not for ever; speech that has ended must have words."""
    exchange = exchange_of()
    assert exchange.deadline == SPEECH_S
    feed(exchange, speech_started(), now=1.0)
    assert exchange.deadline == SPEECH_S
    feed(exchange, speech_stopped(), now=3.0)
    assert exchange.deadline == 3.0 + TRANSCRIPT_S
    feed(exchange, transcript("On"), now=4.0)
    assert exchange.deadline == SPEECH_S
    assert exchange.take_signals() == []


def test_deadline_when_only_the_server_hears_the_end_then_nobody_is_waited_for_ten_seconds() -> None:
    """An empty room ends the turn without words; who has begun to speak may go on for a minute."""
    exchange = exchange_of(waits_for_end=False)
    assert exchange.deadline == START_S
    exchange.expire(START_S)
    assert outline(exchange) == [""]
    assert exchange.nobody_spoke
    speaking = exchange_of(speech_started(), waits_for_end=False)
    assert speaking.deadline == SPEECH_S
    feed(speaking, snapshot("and so on and so"), now=50.0)
    speaking.expire(SPEECH_S)
    assert outline(speaking) == ["and so on and so"]
    assert not speaking.nobody_spoke


@pytest.mark.parametrize(("may_search", "patience"), [(False, ANSWER_S), (True, SEARCH_S)])
def test_answer_when_overdue_then_given_up(may_search: bool, patience: float) -> None:  # noqa: FBT001
    """Between two signs of an answer there is a limit; a search makes it longer. A late piece is not heard."""
    exchange = Exchange(now=0.0, may_search=may_search)
    feed(exchange, *said("On"))
    exchange.end_audio(1.0)
    feed(exchange, response_created(), now=2.0)
    feed(exchange, words("It"), now=3.0)
    feed(exchange, audio(response="r9"), {"type": "ping"}, now=4.0)
    assert exchange.deadline == 3.0 + patience
    exchange.expire(3.0 + patience - SOON)
    assert outline(exchange) == ["On", "r1"]
    exchange.expire(3.0 + patience)
    assert outline(exchange) == [None]
    assert exchange.deadline is None
    feed(exchange, audio(), response_done(), now=99.0)
    assert exchange.answers.live is None


def test_answer_when_tool_runs_then_not_overdue() -> None:
    """While we work the server owes nothing; after the results it does."""
    exchange = exchange_of(*said("On"), *answered(), ends_at=1.0)
    exchange.rest()
    assert exchange.deadline is None
    exchange.await_answer(50.0)
    assert exchange.deadline == 50.0 + ANSWER_S


def test_text_when_given_then_answer_is_awaited_at_once() -> None:
    """A turn of text has nothing to listen to, and takes the first answer."""
    exchange = Exchange(now=7.0, is_text=True)
    assert exchange.is_understood
    assert exchange.deadline == 7.0 + ANSWER_S
    feed(exchange, response_created(), now=8.0)
    assert outline(exchange) == ["r1"]


def test_session_when_it_fails_then_told_once_and_no_more() -> None:
    """A turn without a session is over."""
    exchange = exchange_of(*said("On"), response_created())
    exchange.take_signals()
    exchange.fail(GrokConnectionError("gone"))
    exchange.fail(GrokConnectionError("again"))
    feed(exchange, *answered(response="r2"))
    (signal,) = exchange.take_signals()
    assert isinstance(signal, Failed)
    assert signal.error.detail == "gone"
    assert (exchange.is_over, exchange.deadline, exchange.answers.live) == (True, None, None)


def test_turn_when_closed_then_gives_the_answer_under_way() -> None:
    """Who ends a turn has to stop its answer."""
    exchange = exchange_of(*said("On"), response_created())
    answer = exchange.close("the user left")
    assert answer is not None
    assert (answer.response_id, answer.is_dead, exchange.is_over) == ("r1", True, True)
    assert exchange.close("again") is None

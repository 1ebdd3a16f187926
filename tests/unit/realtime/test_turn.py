"""A turn as the ear, the agent and the voice see it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import pytest

from custom_components.grok_assist.core.calls import FunctionCall
from custom_components.grok_assist.core.errors import (
    GrokAnswerError,
    GrokBrokenStreamError,
    GrokConnectionError,
    GrokServerError,
)
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import turn as turn_module
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.exchange import Exchange, Failed, Understood
from custom_components.grok_assist.realtime.playback import BYTES_PER_S
from custom_components.grok_assist.realtime.responses import Finished, Response, Words
from custom_components.grok_assist.realtime.turn import FRAME_BYTES, FirstAudio, News, Turn, TurnState

from .wire import CONFIG, answered, audio, call, feed, response_created, response_done, said, speech_started, words

CHUNK = bytes(320)
"""Ten milliseconds of microphone."""


class Carrier:
    """Notes what a turn asks of its channel."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.audio: list[bytes] = []
        self.deeds: list[object] = []

    def send_audio(self, turn: Turn, pcm: bytes) -> None:
        """Note sound."""
        self.audio.append(pcm)

    def end_audio(self, turn: Turn) -> None:
        """Note the end of the sound."""
        self.deeds.append("end")

    def send_results(self, turn: Turn, results: Mapping[str, str], *, asks: bool) -> None:
        """Note results."""
        self.deeds.append(dict(results) if asks else (dict(results), "asks nothing"))

    def say_exactly(self, turn: Turn, text: str) -> None:
        """Note a text."""
        self.deeds.append(("say", text))

    def answer_exactly(self, turn: Turn, text: str) -> None:
        """Note it."""
        self.deeds.append(("answer exactly", text))

    def ask_again(self, turn: Turn, config: SessionConfig, text: str) -> None:
        """Note a question."""
        self.deeds.append((config, text))

    def finished(self, turn: Turn) -> None:
        """Note the end."""
        self.deeds.append("finished")

    def killed(self, turn: Turn, answer: Response | None, *, was_listening: bool) -> None:
        """Note an early end."""
        self.deeds.append(("killed", answer and answer.response_id, was_listening))


@pytest.fixture
def carrier() -> Carrier:
    """A channel that does nothing."""
    return Carrier()


@pytest.fixture
async def turn(carrier: Carrier) -> AsyncGenerator[Turn]:
    """A turn that listens; in the end its timers are stopped."""
    exchange = Exchange(now=asyncio.get_running_loop().time())
    turn = Turn(carrier, exchange, conversation_id="conversation")
    yield turn
    turn.kill()


def hear(turn: Turn, *frames: JsonObject) -> None:
    """Let the server say something, as the channel passes it on."""
    feed(turn.exchange, *frames)
    for signal in turn.exchange.take_signals():
        turn.on_signal(signal)


def claimed(turn: Turn, *frames: JsonObject) -> Turn:
    """Let a turn be spoken, answered in part, and claimed."""
    hear(turn, *said("Is it shut?"), *frames)
    turn.transcribed("Is it shut?")
    assert turn.claim("conversation", "Is it shut?")
    turn.adopt()
    return turn


async def told(turn: Turn) -> list[News]:
    """Take all news."""
    async with asyncio.timeout(1):
        return [item async for item in turn.news()]


# --- the ear ---


async def test_sound_when_fed_then_sent_in_frames_and_kept(turn: Turn, carrier: Carrier) -> None:
    """Small chunks are sent together; the end sends the rest, once."""
    for _ in range(9):
        turn.feed(CHUNK)
    assert [len(frame) for frame in carrier.audio] == [FRAME_BYTES, FRAME_BYTES]
    turn.end_audio()
    turn.end_audio()
    assert [len(frame) for frame in carrier.audio] == [FRAME_BYTES, FRAME_BYTES, 320]
    assert len(turn.kept) == 9 * 320
    assert carrier.deeds == ["end"]


async def test_sound_when_long_then_record_is_limited(
    turn: Turn, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute is kept; all of it is sent."""
    monkeypatch.setattr(turn_module, "KEPT_BYTES", 1000)
    for _ in range(8):
        turn.feed(CHUNK)
    assert len(turn.kept) <= 1000 + len(CHUNK)
    assert sum(map(len, carrier.audio)) == 8 * len(CHUNK)


async def test_words_when_understood_then_given_once(turn: Turn) -> None:
    """The first complete words are the ear's; whether they are the final ones is noted."""
    turn.on_signal(Understood("Is it", is_certain=False))
    turn.on_signal(Understood("Is it shut?", is_certain=False))
    assert await turn.words == "Is it"
    assert not turn.is_certain
    assert turn.understood_at is not None


async def test_words_when_session_fails_then_error(turn: Turn) -> None:
    """The ear is told; what fails first is the reason."""
    turn.on_signal(Failed(GrokServerError(500, "first")))
    turn.on_signal(Failed(GrokServerError(500, "second")))
    with pytest.raises(GrokServerError, match="first"):
        await turn.words
    assert turn.error is not None
    assert turn.error.detail == "first"


# --- the agent ---


@pytest.mark.parametrize(
    ("conversation_id", "text"), [("other", "Is it shut?"), ("conversation", "Is it open?"), ("conversation", "")]
)
async def test_claim_when_of_another_turn_then_refused(turn: Turn, conversation_id: str, text: str) -> None:
    """Conversation and words have to be the turn's own."""
    turn.transcribed("Is it shut?")
    assert not turn.claim(conversation_id, text)
    assert turn.state is TurnState.TRANSCRIBED


async def test_claim_when_not_transcribed_or_twice_then_refused(turn: Turn) -> None:
    """Only what Home Assistant was given can be claimed, and only once."""
    assert not turn.claim("conversation", "")
    turn.transcribed("On")
    assert turn.claim("conversation", "On")
    assert turn.was_claimed
    assert not turn.claim("conversation", "On")
    turn.kill()
    assert not turn.claim("conversation", "On")


async def test_claim_when_nobody_comes_then_turn_is_killed(
    turn: Turn, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody claims is closed, and nothing of its answer is heard."""
    monkeypatch.setattr(turn_module, "ATTACH_S", 0.02)
    ended = asyncio.Event()
    turn.on_end = ended.set
    hear(turn, *said("On"), response_created("r1"))
    turn.transcribed("On")
    async with asyncio.timeout(1):
        await ended.wait()
    assert turn.state is TurnState.DEAD
    assert carrier.deeds == [("killed", "r1", False)]
    assert turn.line.put_bytes == 0


async def test_claim_when_in_time_then_timer_stops(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claimed turn is not closed by the ear's timer."""
    monkeypatch.setattr(turn_module, "ATTACH_S", 0.02)
    claimed(turn)
    await asyncio.sleep(0.05)
    assert turn.state is TurnState.CLAIMED
    assert not turn.line.is_closed


async def test_answer_when_before_the_claim_then_nothing_heard_until_adopted(turn: Turn) -> None:
    """The answer that was made ahead waits, sound and all."""
    hear(turn, *said("On"), *answered("It is on."))
    turn.transcribed("On")
    assert turn.claim("conversation", "On")
    assert (turn.said, turn.line.put_bytes, turn.has_sounded) == ("", 0, False)
    turn.adopt()
    assert await told(turn) == [FirstAudio(), Words("It is on."), Finished(())]
    assert (turn.said, turn.line.put_bytes, turn.line.is_closed) == ("It is on.", 4_800, True)


async def test_answer_when_it_comes_after_the_claim_then_followed(turn: Turn) -> None:
    """A claim may be faster than the answer."""
    claimed(turn)
    hear(turn, *answered("It is on."))
    assert await told(turn) == [FirstAudio(), Words("It is on."), Finished(())]


async def test_calls_when_answered_then_sound_goes_on(turn: Turn, carrier: Carrier) -> None:
    """Calls end an answer, not the sound; their results bring another answer."""
    claimed(turn, *answered("Let me see.")[:-1], call(), response_done())
    news = await told(turn)
    assert news[-1] == Finished((FunctionCall(call_id="c1", name="turn_on", arguments="{}"),))
    assert not turn.line.is_closed
    turn.give_results({"c1": "ok"})
    assert carrier.deeds == [{"c1": "ok"}]
    hear(turn, *answered(" Done.", "r2", "a2"))
    assert await told(turn) == [Words(" Done."), Finished(())]
    assert turn.said == "Let me see. Done."


@pytest.mark.parametrize(
    ("frames", "kind"),
    [
        pytest.param([response_created(), response_done()], GrokAnswerError, id="empty"),
        pytest.param([response_created(), words(" "), response_done()], GrokAnswerError, id="blank"),
        pytest.param([response_created(), audio(), response_done(status="failed")], GrokBrokenStreamError, id="failed"),
        pytest.param([response_created(), speech_started()], GrokBrokenStreamError, id="spoken-over"),
    ],
)
async def test_answer_when_it_is_none_then_agent_is_told(
    turn: Turn, frames: list[JsonObject], kind: type[Exception]
) -> None:
    """The agent has to know that no answer comes."""
    claimed(turn)
    hear(turn, *frames)
    with pytest.raises(kind):
        await told(turn)


async def test_answer_when_dead_at_the_claim_then_agent_is_told(turn: Turn) -> None:
    """An answer that was lost before anybody followed it is lost."""
    claimed(turn, response_created(), audio(), response_done(status="cancelled"))
    with pytest.raises(GrokBrokenStreamError):
        await told(turn)
    assert turn.line.put_bytes == 0


async def test_session_when_it_fails_in_mid_answer_then_agent_is_told(turn: Turn) -> None:
    """The news end with the error."""
    claimed(turn, response_created(), words("It"))
    turn.on_signal(Failed(GrokConnectionError("gone")))
    with pytest.raises(GrokConnectionError, match="gone"):
        await told(turn)


async def test_turn_when_asked_again_then_config_is_noted(turn: Turn, carrier: Carrier) -> None:
    """The channel asks; the turn knows with what."""
    claimed(turn).ask_again(CONFIG, "Is it shut?")
    assert turn.config is CONFIG
    assert carrier.deeds == [(CONFIG, "Is it shut?")]


async def test_turn_when_finished_then_done_and_still_heard(turn: Turn, carrier: Carrier) -> None:
    """The sound of a finished turn is played to its end; a later kill only stops it."""
    ends: list[TurnState] = []
    turn.on_end = lambda: ends.append(turn.state)
    claimed(turn, *answered())
    turn.finish()
    turn.finish()
    assert (turn.state, carrier.deeds, ends) == (TurnState.DONE, ["finished"], [TurnState.DONE])
    assert [piece async for piece in turn.line.pieces()] == [bytes(4_800)]
    turn.kill()
    turn.kill()
    assert (turn.state, carrier.deeds) == (TurnState.DEAD, ["finished"])


async def test_turn_when_killed_while_listening_then_everybody_is_told(turn: Turn, carrier: Carrier) -> None:
    """Who waits for words or news gets the error."""
    hear(turn, speech_started())
    turn.kill(GrokConnectionError("left"))
    assert carrier.deeds == [("killed", None, True)]
    with pytest.raises(GrokConnectionError, match="left"):
        await turn.words
    with pytest.raises(GrokConnectionError, match="left"):
        await told(turn)
    with pytest.raises(GrokConnectionError, match="left"):
        assert [piece async for piece in turn.line.pieces()] == []
    turn.end_audio()
    turn.transcribed("late")
    assert turn.state is TurnState.DEAD
    assert carrier.deeds == [("killed", None, True)]


# --- the voice ---


async def test_sound_when_nobody_takes_it_then_dropped(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound without a player is not kept; the words are still told."""
    monkeypatch.setattr(turn_module, "TAKE_S", 0.02)
    claimed(turn, response_created(), audio(bytes(BYTES_PER_S)), words("It is on."), response_done())
    await asyncio.sleep(0.05)
    assert [piece async for piece in turn.line.pieces()] == []
    assert (await told(turn))[-1] == Finished(())
    assert turn.heard_text == ""


async def test_sound_when_taken_in_time_then_kept(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A player that is there is not cut off by the timer."""
    monkeypatch.setattr(turn_module, "TAKE_S", 0.02)
    claimed(turn, response_created(), audio())
    pieces = turn.line.pieces()
    assert await anext(pieces) == bytes(4_800)
    await asyncio.sleep(0.05)
    assert not turn.line.is_closed
    await pieces.aclose()


@pytest.mark.parametrize(
    ("sound_s", "after_s", "heard"),
    [(10.0, 5.0, "one two three four"), (10.0, 0.0, ""), (10.0, 9.9, None), (0.2, 0.0, None), (0.0, 0.0, None)],
)
async def test_heard_text_when_cut_then_whole_words_of_the_share(
    turn: Turn, monkeypatch: pytest.MonkeyPatch, sound_s: float, after_s: float, heard: str | None
) -> None:
    """Of the words as much was heard as of the sound; all of them: nothing was cut."""
    claimed(turn, response_created(), words("one two three four five six seven eight."))
    pcm = bytes(int(BYTES_PER_S * sound_s))
    hear(turn, *([audio(pcm)] if pcm else []), response_done())
    async for _ in turn.line.pieces():
        pass
    turn.stop_sound()
    monkeypatch.setattr(turn.line, "heard_s", lambda _: min(after_s, sound_s))
    assert turn.heard_text == heard

"""A spoken turn on a running loop: who holds it waits for words, for the answer, for the sound."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine

import pytest

from custom_components.grok_assist.core.errors import GrokConnectionError, GrokServerError
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.voice_settings import EndOfSpeech
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.responses import Finished, Words
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.turn_news import FirstAudio
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines, TurnSettings
from custom_components.grok_assist.realtime.turn_state import TurnState
from custom_components.grok_assist.voice.turn import SpokenTurn
from custom_components.grok_assist.voice.words import SpokenWords

from ..realtime.service import until
from ..realtime.wire import TENTH_S, answered, call, feed, response_created, response_done, said, speech_started


async def nowhere() -> object:
    """Dial for ever."""
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
async def conversation() -> AsyncGenerator[SpokenConversation]:
    """A conversation whose socket never opens: the test says what a session would tell."""
    conversation = SpokenConversation(nowhere, SessionPool(1), keep_open_s=30.0)  # type: ignore[arg-type]
    yield conversation
    await conversation.close()


async def begun(conversation: SpokenConversation, deadlines: TurnDeadlines | None = None) -> SpokenTurn:
    """Begin a turn on a session that is ready."""
    settings = TurnSettings(deadlines=deadlines or TurnDeadlines())
    spoken = SpokenTurn(
        conversation, "c", voice_id="voice", settings=settings, language="en", satellite="assist_satellite.kitchen"
    )
    spoken.begin(None)
    for _ in range(5):
        await asyncio.sleep(0)  # the dialler is on its way
    spoken.turn.session_ready()
    return spoken


def hear(spoken: SpokenTurn, *frames: JsonObject) -> None:
    """Let the session tell something."""
    feed(spoken.turn, *frames, now=spoken.conversation.now)
    spoken.conversation.settle(spoken.turn)


async def followed(conversation: SpokenConversation, *frames: JsonObject) -> SpokenTurn:
    """Have a turn that an agent follows."""
    spoken = await begun(conversation)
    hear(spoken, *said("On"), *frames)
    spoken.end_input()
    spoken.give_words("On")
    assert spoken.attach("c", "On")
    spoken.follow()
    return spoken


async def told(spoken: SpokenTurn) -> list[object]:
    """Take all news of an answer."""
    async with asyncio.timeout(1):
        return [news async for news in spoken.news()]


async def test_words_when_understood_then_whoever_waits_has_them(conversation: SpokenConversation) -> None:
    """The words, and whether they are the final ones."""
    spoken = await begun(conversation)
    waiting = asyncio.ensure_future(spoken.words)
    hear(spoken, *said("Is it shut?"))
    spoken.end_input()
    assert await waiting == ("Is it shut?", True)


async def test_words_when_session_fails_then_whoever_waits_has_the_error(conversation: SpokenConversation) -> None:
    """Speech-to-text is told, and only once."""
    spoken = await begun(conversation)
    spoken.turn.fail(GrokServerError(500, "first"))
    conversation.settle(spoken.turn)
    spoken.kill(GrokConnectionError("second"))
    with pytest.raises(GrokServerError, match="first"):
        await spoken.words


async def test_answer_when_followed_then_words_to_the_agent_and_sound_to_the_player(
    conversation: SpokenConversation,
) -> None:
    """Each has its part of the answer, in order."""
    spoken = await followed(conversation, *answered("It is on."))
    assert await told(spoken) == [FirstAudio(), Words("It is on."), Finished(())]
    spoken.finish(is_last=True)
    assert b"".join([piece async for piece in spoken.player.pieces()]) == TENTH_S
    assert (spoken.has_sounded, conversation.is_last, spoken.turn.state) == (True, True, TurnState.DONE)


async def test_answer_when_turn_is_killed_while_tools_run_then_the_agent_is_told(
    conversation: SpokenConversation,
) -> None:
    """Whoever comes back from its tools waits for nothing that will not come."""
    spoken = await followed(conversation, response_created(), call(), response_done())
    assert len(await told(spoken)) == 1
    spoken.kill()
    spoken.give_results({"c1": "ok"})
    with pytest.raises(GrokConnectionError):
        await told(spoken)
    with pytest.raises(GrokConnectionError):
        await told(spoken)


async def test_answer_when_complete_and_killed_then_no_sentence_of_ours_is_waited_for(
    conversation: SpokenConversation,
) -> None:
    """A correction that cannot be spoken any more is none."""
    spoken = await followed(conversation, *answered())
    await told(spoken)
    spoken.kill()
    spoken.say("It was not done.")
    with pytest.raises(GrokConnectionError):
        await told(spoken)


async def test_sound_when_a_player_takes_it_then_it_is_not_dropped(conversation: SpokenConversation) -> None:
    """The turn waits for a player no more."""
    spoken = await followed(conversation, *answered())
    assert spoken.turn.times.take_by is not None
    pieces = spoken.player.pieces()
    assert await anext(pieces)
    assert spoken.turn.times.take_by is None
    await pieces.aclose()


async def test_sound_when_cut_with_an_error_then_the_player_is_told(conversation: SpokenConversation) -> None:
    """Half an answer must not be kept as a whole one."""
    spoken = await followed(conversation, *answered()[:-1])
    spoken.kill(GrokConnectionError("gone"))
    with pytest.raises(GrokConnectionError, match="gone"):
        assert [piece async for piece in spoken.player.pieces()] == []


async def test_turn_when_no_agent_attaches_then_ended_by_the_clock(conversation: SpokenConversation) -> None:
    """Nobody has to look after a turn that nobody wants."""
    spoken = await begun(conversation, TurnDeadlines(attach_s=0.02))
    hear(spoken, *said("On"))
    spoken.end_input()
    spoken.give_words("On")
    await until(lambda: spoken.turn.state is TurnState.DEAD)
    assert not spoken.attach("c", "On")


async def test_turn_when_a_new_one_begins_then_the_former_is_cut(conversation: SpokenConversation) -> None:
    """One conversation carries one turn at a time, and knows what of the former answer was heard."""
    former = await followed(conversation, response_created())
    await begun(conversation)
    assert former.turn.state is TurnState.DEAD
    with pytest.raises(GrokConnectionError):
        await told(former)
    former.feed(bytes(1280))
    former.end_input()
    assert former.input_audio.recorded == b""


async def test_microphone_when_fed_then_recorded_until_words_are_given(conversation: SpokenConversation) -> None:
    """What comes after listening is nobody's."""
    spoken = await begun(conversation)
    spoken.feed(bytes(320))
    hear(spoken, speech_started())
    spoken.give_up(GrokConnectionError("deaf"))
    spoken.feed(bytes(320))
    spoken.give_words("On")
    spoken.feed(bytes(320))
    assert len(spoken.input_audio.recorded) == 640


async def test_goodbye_when_another_turn_has_begun_then_not_its_own(conversation: SpokenConversation) -> None:
    """An agent that lets go late says nothing of the turn that runs now."""
    former = await followed(conversation, *answered("Bye."))
    await told(former)
    await begun(conversation)
    former.finish(is_last=True)
    assert not conversation.is_last


class Tasks:
    """What a microphone needs of Home Assistant."""

    def async_create_task(
        self, work: Coroutine[object, object, None], name: str, *, eager_start: bool
    ) -> asyncio.Task[None]:
        """Run something."""
        return asyncio.Task(work, loop=asyncio.get_running_loop(), name=name, eager_start=eager_start)


async def test_listen_when_cancelled_while_the_microphone_closes_then_turn_is_killed(
    conversation: SpokenConversation,
) -> None:
    """Words that nobody is given any more must not keep a place and a socket."""
    spoken = await begun(conversation)
    is_closing = asyncio.Event()

    async def audio() -> AsyncGenerator[bytes]:
        """A microphone that takes a moment to close."""
        try:
            await asyncio.Event().wait()
            yield b""
        finally:
            is_closing.set()
            await asyncio.sleep(0)

    words = SpokenWords(
        Tasks(),  # type: ignore[arg-type]
        speech=None,  # type: ignore[arg-type]
        keyterms=None,
        end_of_speech=EndOfSpeech.GROK,
        policy=lambda: None,  # type: ignore[arg-type, return-value]
    )
    listening = asyncio.ensure_future(words.listen(spoken, audio()))
    await asyncio.sleep(0)
    hear(spoken, *said("Is it shut?"))
    spoken.turn.end_input(conversation.now)
    conversation.settle(spoken.turn)
    await is_closing.wait()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert spoken.turn.state is TurnState.DEAD

"""What becomes of a conversation's socket: turns that are ended, turns that follow, and rest."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from websockets.exceptions import ConnectionClosed

from custom_components.grok_assist.core.errors import GrokBrokenStreamError, GrokBudgetError, GrokConnectionError
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.heard import Position
from custom_components.grok_assist.realtime.playback import BYTES_PER_S
from custom_components.grok_assist.realtime.responses import Finished
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from custom_components.grok_assist.realtime.turn_state import AnswerState, TurnState

from .conftest import CONFIGS, QUICK, MakeConversation, begun, finished, followed, heard, ready
from .service import Service, until
from .wire import answered, audio, call, item_added, response_created, response_done, speech_started, words

SOUND = bytes(1280)


# --- ended early ---


async def test_turn_when_killed_while_listening_then_socket_is_closed(
    conversation: SpokenConversation, service: Service
) -> None:
    """Half a sentence in the server's buffer would spoil the next turn."""
    turn = begun(conversation)
    socket = await ready(conversation, service)
    turn.feed(SOUND)
    await socket.say(speech_started())
    await until(lambda: turn.turn.speech.state == "speaking")
    turn.kill()
    await until(lambda: not socket.is_open)
    assert (conversation.connection, conversation.is_idle, conversation.knows_history) == (None, True, False)
    assert begun(conversation).turn.state is TurnState.LISTENING
    await ready(conversation, service)
    assert len(service.sockets) == 2


async def test_turn_when_killed_while_dialling_then_no_socket_stays(
    conversation: SpokenConversation, service: Service
) -> None:
    """A socket that nobody wants any more is not left open."""
    service.gate.clear()
    turn = begun(conversation)
    turn.feed(SOUND)
    await until(lambda: service.handshakes)
    turn.kill()
    service.gate.set()
    await asyncio.sleep(0.05)
    assert conversation.connection is None
    assert not any(socket.is_open or socket.frames for socket in service.sockets)


async def test_turn_when_its_lost_socket_spent_the_budget_then_no_other_is_opened(
    conversation: SpokenConversation, service: Service
) -> None:
    """What a socket used is booked when it is lost, and that may be the last cent."""
    error = GrokBudgetError("day", limit_usd=1, spent_usd=1)
    conversation.usage.on_used = lambda use: conversation.spend_no_more(error) if use.seconds else None
    turn = begun(conversation)
    socket = await ready(conversation, service)
    turn.feed(SOUND)
    await until(lambda: socket.sound)
    await socket.drop()
    await until(lambda: turn.error)
    await asyncio.sleep(0.1)
    assert (conversation.connection, len(service.sockets)) == (None, 1)


async def test_turn_when_killed_while_waiting_for_a_place_then_place_stays_free(
    make_conversation: MakeConversation,
) -> None:
    """Who has gone away does not take a place later."""
    session_pool = SessionPool(1)
    await session_pool.acquire(0.01)
    turn = begun(make_conversation(session_pool))
    await asyncio.sleep(0)
    turn.kill()
    session_pool.release()
    await asyncio.sleep(0.01)
    await session_pool.acquire(0.01)


async def test_turn_when_killed_after_the_claim_then_cancelled_and_truncated(
    conversation: SpokenConversation, service: Service
) -> None:
    """The server stops, and is told how much was heard; the line stays open."""
    turn = await followed(conversation, service, is_answered=False)
    await service.newest.say(response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), words("One two three."))
    await until(lambda: turn.turn.spoken.text)
    pieces = turn.player.pieces()
    await anext(pieces)
    await asyncio.sleep(0.05)
    turn.kill()
    socket = service.newest
    await until(lambda: "conversation.item.truncate" in socket.kinds)
    cancel, truncate = socket.frames[-2:]
    assert cancel == {"type": "response.cancel", "response_id": "r1"}
    assert (truncate["item_id"], truncate["content_index"]) == ("a1", 0)
    assert 40 <= truncate["audio_end_ms"] <= 100  # no more than one piece was given
    assert (socket.is_open, conversation.history.was_cut, conversation.is_idle) == (True, True, True)
    await pieces.aclose()


async def test_turn_when_killed_with_a_call_then_what_sounded_is_truncated(
    conversation: SpokenConversation, service: Service
) -> None:
    """A call is an item of the answer as well, and has no sound that could be cut."""
    turn = await followed(conversation, service, is_answered=False)
    sounding = [response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), words("One two three.")]
    await service.newest.say(*sounding, item_added(item="f-c1"), call())
    await until(lambda: turn.turn.spoken.text)
    await asyncio.sleep(0.05)
    turn.kill()
    await until(lambda: "conversation.item.truncate" in service.newest.kinds)
    assert service.newest.frames[-1]["item_id"] == "a1"


async def test_turn_when_killed_in_the_second_answer_then_truncated_by_its_own_sound(
    conversation: SpokenConversation, service: Service
) -> None:
    """What was heard of words before a call does not count for the answer after it."""
    turn = await followed(conversation, service, is_answered=False)
    preamble = [response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), call(), response_done()]
    await service.newest.say(*preamble)
    await until(lambda: turn.turn.answer.state == "calling")
    turn.give_results({"c1": "ok"})
    await until(lambda: "response.create" in service.newest.kinds)
    second = [item_added("r2", "a2"), audio(bytes(BYTES_PER_S * 5), "r2", "a2"), words("One two.", "r2", "a2")]
    await service.newest.say(response_created("r2"), *second)
    await until(lambda: turn.turn.spoken.text)
    turn.player.at = Position("a2", 1_000)
    turn.kill()
    await until(lambda: "conversation.item.truncate" in service.newest.kinds)
    truncate = service.newest.frames[-1]
    assert (truncate["item_id"], truncate["audio_end_ms"]) == ("a2", 1000)


async def test_turn_when_no_agent_attaches_then_cancelled_and_forgotten(
    conversation: SpokenConversation, service: Service
) -> None:
    """Home Assistant may answer by itself: then the server has to forget both the words and its answer."""
    turn = await heard(conversation, service, deadlines=TurnDeadlines(attach_s=0.1))
    await service.newest.say(*answered()[:3])
    await until(lambda: turn.turn.state is TurnState.DEAD)
    socket = service.newest
    await until(lambda: len(socket.kinds) == 4)
    assert socket.kinds[1:] == ["response.cancel", "conversation.item.delete", "conversation.item.delete"]
    assert [frame["item_id"] for frame in socket.frames if "item_id" in frame] == ["u1", "a1"]
    assert (conversation.history.was_cut, conversation.knows_history, conversation.history.interruption) == (
        False,
        True,
        None,
    )


async def test_socket_when_the_answer_may_come_after_its_turn_then_not_kept(
    conversation: SpokenConversation, service: Service
) -> None:
    """In the next turn nobody could tell it from the answer to that: its calls would be run."""
    (await heard(conversation, service)).kill()
    await until(lambda: not service.newest.is_open)
    turn = begun(conversation)
    await until(lambda: len(service.sockets) == 2)
    assert turn.turn.answer.response_ids == []


async def test_socket_when_a_turn_was_given_up_before_its_answer_began_then_not_kept(
    conversation: SpokenConversation, service: Service
) -> None:
    """A written answer has carried it out already."""
    held = await followed(conversation, service, is_answered=False)
    held.turn.give_up(GrokBrokenStreamError("the answer was lost"))
    conversation.settle(held.turn)
    await until(lambda: not service.newest.is_open)


async def test_answer_when_it_does_not_end_then_the_socket_does(
    conversation: SpokenConversation, service: Service
) -> None:
    """A player keeps ten minutes; what comes behind them nobody hears, and it is paid."""
    held = await followed(conversation, service, is_answered=False)
    await service.newest.say(response_created("r1"), item_added())
    socket = service.newest
    with suppress(ConnectionClosed):
        for _ in range(61):
            await socket.say(audio(bytes(48_000 * 10)))
    await until(lambda: not service.newest.is_open)
    assert held.turn.answer.state is AnswerState.FAILED


async def test_call_when_the_turn_before_was_told_it_then_not_run_again(
    conversation: SpokenConversation, service: Service
) -> None:
    """A call is known by its id, in all turns of a conversation."""
    first = await heard(conversation, service, "u1")
    await service.newest.say(response_created("r1"), call("c1"), response_done("r1"))
    assert first.attach("c", first.turn.text)
    first.follow()
    await until(lambda: bool(first.turn.answer.called))
    first.give_results({"c1": "ok"})
    await service.newest.say(*answered("Done", "r2", "a2"))
    await until(lambda: first.turn.answer.state is AnswerState.COMPLETE)
    first.finish()
    second = await heard(conversation, service, "u2")
    repeated = (call("c1", response="r3"), call("c3", response="r3"))
    await service.newest.say(response_created("r3"), *repeated, response_done("r3"))
    assert second.attach("c", second.turn.text)
    second.follow()
    await until(lambda: bool(second.turn.answer.called - {"c1"}))
    assert [[made.call_id for made in news.calls] for news in second.news if isinstance(news, Finished)] == [["c3"]]


# --- what follows ---


async def test_turn_when_it_follows_then_same_socket_and_only_what_is_new(
    conversation: SpokenConversation, service: Service
) -> None:
    """The socket knows what was said on it; its instructions tell only the rest."""
    await finished(conversation, service)
    turn = await finished(conversation, service, number=2)
    assert len(service.sockets) == 1
    assert (service.newest.updates, turn.turn.speech.transcript) == (["fresh", "kept"], "Is it shut?")
    assert conversation.history.interruption is None
    assert conversation.former_ends_at > 0


async def test_turn_when_it_cuts_the_answer_short_then_heard_words_are_known(
    conversation: SpokenConversation, service: Service
) -> None:
    """Of ten seconds five were heard: half of the words, whole ones."""
    former = await followed(conversation, service, is_answered=False)
    await service.newest.say(response_created(), audio(bytes(BYTES_PER_S * 10)), words("One two three four five."))
    await until(lambda: former.turn.spoken.text)
    pieces = former.player.pieces()
    for _ in range(100):
        await anext(pieces)
    former.player.at = Position("a1", 5_000)
    begun(conversation)
    assert former.turn.state is TurnState.DEAD
    assert conversation.history.interruption == "One two"
    assert [piece async for piece in pieces] == []


async def test_turn_when_the_answer_was_heard_to_its_end_then_no_interruption(
    conversation: SpokenConversation, service: Service
) -> None:
    """A finished answer is not cut by what follows."""
    former = await finished(conversation, service)
    begun(conversation)
    assert (conversation.history.interruption, former.turn.state) == (None, TurnState.DEAD)


async def test_turn_when_socket_is_too_old_then_another(make_conversation: MakeConversation, service: Service) -> None:
    """Between turns a session is renewed before the service ends it; the new one is told everything."""
    conversation = make_conversation(policy=replace(QUICK, max_age_s=0.0))
    await finished(conversation, service)
    begun(conversation)
    await until(lambda: len(service.sockets) == 2)
    await ready(conversation, service)
    assert service.newest.updates == ["fresh"]
    await until(lambda: not service.sockets[0].is_open)


async def test_turn_when_socket_was_lost_between_turns_then_another(
    conversation: SpokenConversation, service: Service
) -> None:
    """The loss of an idle socket is nobody's trouble."""
    await finished(conversation, service)
    await service.newest.drop()
    await until(lambda: conversation.connection is None)
    await finished(conversation, service, number=2)
    assert [socket.updates for socket in service.sockets] == [["fresh"], ["fresh"]]


async def test_history_when_told_then_only_what_the_socket_does_not_know(
    conversation: SpokenConversation, service: Service
) -> None:
    """Lines that were said elsewhere are told once more with every later update; a cut turn's are the socket's own."""
    await finished(conversation, service)
    lines = [*CONFIGS.fresh_lines, "user: typed", "assistant: typed"]
    assert conversation.history.lines_for(lines) == lines
    assert conversation.history.lines_for(lines) == lines
    conversation.history.was_cut = True
    assert conversation.history.lines_for([*lines, "user: cut"]) == lines
    assert (conversation.history.known, conversation.history.was_cut) == (5, False)


async def test_configuration_when_of_a_former_turn_then_ignored(
    conversation: SpokenConversation, service: Service
) -> None:
    """A turn that is gone configures nothing, sends nothing and ends nothing."""
    former = begun(conversation)
    turn = begun(conversation)
    socket = await ready(conversation, service)
    conversation.configure(former.turn, CONFIGS)
    former.feed(SOUND)
    former.end_input()
    turn.feed(SOUND)
    await until(lambda: socket.sound)
    assert (socket.sound, socket.kinds) == (SOUND, ["session.update"])


# --- rest ---


async def test_channel_when_nothing_follows_then_closed(make_conversation: MakeConversation, service: Service) -> None:
    """The line is kept for a while after the answer was heard, not longer."""
    conversation = make_conversation(keep_open_s=0.05)
    closed = asyncio.Event()
    conversation.on_closed = closed.set
    turn = await finished(conversation, service)
    await asyncio.sleep(0.05)
    assert not closed.is_set()  # a tenth of a second of answer has to be played first
    async with asyncio.timeout(1):
        await closed.wait()
    await until(lambda: not service.newest.is_open)
    assert (turn.turn.state, conversation.knows_history) == (TurnState.DEAD, False)


async def test_channel_when_a_turn_is_cut_short_then_the_former_rest_does_not_close_it(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A turn that follows is not closed by the timer of the one before."""
    conversation = make_conversation(keep_open_s=0.03)
    await followed(conversation, service)
    turn = begun(conversation)
    await asyncio.sleep(0.1)
    assert (turn.turn.state, conversation.knows_history, service.newest.is_open) == (TurnState.LISTENING, True, True)


async def test_channel_when_killed_turn_is_not_followed_then_closed(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A line on which a turn was cut short rests too."""
    conversation = make_conversation(keep_open_s=0.03)
    (await followed(conversation, service)).kill()
    await until(lambda: not service.newest.is_open)
    assert conversation.connection is None


async def test_channel_when_closed_in_mid_answer_then_nothing_stays(
    make_conversation: MakeConversation, service: Service
) -> None:
    """Closing ends the turn, its timers, its place and its socket, once."""
    session_pool = SessionPool(1)
    conversation = make_conversation(session_pool, keep_open_s=0.02)
    closed: list[bool] = []
    conversation.on_closed = lambda: closed.append(True)
    turn = await followed(conversation, service, is_answered=False)
    await conversation.close()
    assert turn.turn.state is TurnState.DEAD
    assert isinstance(turn.error, GrokConnectionError)
    await until(lambda: not service.newest.is_open)
    await session_pool.acquire(0.01)
    await session_pool.make_room()
    await asyncio.sleep(0.05)
    assert closed == [True]


async def test_channel_when_another_needs_the_place_then_idle_one_closes(
    make_conversation: MakeConversation, service: Service
) -> None:
    """An open line that nobody uses makes way at once; a turn on it would find a new socket."""
    session_pool = SessionPool(1)
    idle, other = make_conversation(session_pool), make_conversation(session_pool)
    await finished(idle, service)
    begun(other)
    await until(lambda: len(service.sockets) == 2)
    await ready(other, service)
    await until(lambda: not service.sockets[0].is_open)
    assert not idle.knows_history

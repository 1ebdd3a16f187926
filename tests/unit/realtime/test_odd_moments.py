"""What must not happen to a spoken turn in odd moments: found by somebody who wanted it to spend, leak or hang."""

import asyncio
from dataclasses import replace

from custom_components.grok_assist.core.errors import GrokBudgetError, GrokConnectionError
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.turn import Turn
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines, TurnSettings
from custom_components.grok_assist.realtime.turn_state import TurnState

from .conftest import QUICK, MakeConversation, begun, finished, followed, heard, ready
from .service import Service, until
from .sessions import BUSY, Listener, ready as ready_session
from .turns import followed as followed_turn, told, turn_of, wanted
from .wire import (
    audio,
    call,
    error,
    feed,
    kinds,
    response_created,
    response_done,
    said,
    sent,
    speech_started,
    transcript,
)

SPENT = GrokBudgetError("day", limit_usd=1.0, spent_usd=1.0)


async def soon(times: int = 20) -> None:
    """Let the loop turn."""
    for _ in range(times):
        await asyncio.sleep(0.005)


async def test_words_when_budget_is_spent_by_others_after_the_session_was_lost_then_still_heard(
    conversation: SpokenConversation,
) -> None:
    """A turn that goes on without a session is heard to the end of its sentence."""
    held = begun(conversation, refusal=GrokConnectionError("no"))
    held.feed(bytes(1280))
    conversation.spend_no_more(SPENT)
    await soon(5)
    held.feed(bytes(1280))
    assert len(held.microphone.recorded) == 2560
    assert held.turn.state is TurnState.LISTENING


async def test_words_when_their_own_sound_spends_the_budget_then_still_heard(
    conversation: SpokenConversation, service: Service
) -> None:
    """The rest of the sentence is for another engine."""
    conversation.usage.lasts_s = lambda: 0.0
    conversation.usage.on_used = lambda used: conversation.spend_no_more(SPENT) if used.seconds > 0 else None
    held = begun(conversation)
    socket = await ready(conversation, service)
    held.feed(bytes(64_000))
    await until(lambda: socket.sound)
    await socket.say({"type": "ping"})
    await until(lambda: held.error)
    await soon(5)
    held.feed(bytes(1280))
    assert held.turn.state is TurnState.LISTENING
    assert len(held.microphone.recorded) == 65_280


async def test_attach_when_budget_is_spent_between_the_words_and_the_agent_then_still_possible(
    conversation: SpokenConversation,
) -> None:
    """Words that were found elsewhere still find their agent."""
    held = begun(conversation, refusal=GrokConnectionError("no"))
    held.give_words("On")
    conversation.spend_no_more(SPENT)
    await soon(5)
    assert held.attach("c", "On")


def closers(conversation: SpokenConversation) -> list[asyncio.Task[None]]:
    """What closes the conversation itself; two that wait for each other cannot even be cancelled."""
    tasks = [*conversation._closing, conversation._ending]
    return [task for task in tasks if task is not None and "SpokenConversation" in repr(task.get_coro())]


async def test_close_when_letting_go_spends_the_budget_then_closed_by_one(
    conversation: SpokenConversation, service: Service
) -> None:
    """Two that close wait for each other for ever."""
    held = await followed(conversation, service)
    spent = [SPENT]  # told once
    conversation.usage.on_used = lambda _: conversation.spend_no_more(spent.pop()) if spent else None
    held.finish()
    closing = closers(conversation)
    for task in closing[1:]:
        task.cancel()  # before it has begun
    assert len(closing) == 1


async def test_close_when_the_last_booking_of_a_rest_spends_the_budget_then_closed_by_one(
    make_conversation: MakeConversation, service: Service
) -> None:
    """The socket's last usage is told while it closes."""
    conversation = make_conversation(keep_open_s=60.0)
    held = await finished(conversation, service)
    held.player._plays_until = 0.0
    spent, closing = [SPENT], []

    def book(_: object) -> None:
        """Spend the budget, once."""
        if not spent:
            return
        before = closers(conversation)
        conversation.spend_no_more(spent.pop())
        closing.extend(closers(conversation))
        for task in closing:
            if task not in before:
                task.cancel()  # before it has begun

    conversation.usage.on_used = book
    conversation._stop_resting()
    conversation._rested(held.turn)
    await until(lambda: closing)
    assert len(closing) == 1


async def test_place_when_socket_is_lost_while_the_place_is_waited_for_then_taken_once(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A place that is taken twice is given back once."""
    pool = SessionPool(2)
    conversation = make_conversation(pool, policy=replace(QUICK, place_s=5.0))
    await finished(conversation, service)
    await pool.acquire(1.0)
    await pool.acquire(1.0)
    begun(conversation)
    await service.newest.drop()
    await until(lambda: conversation.connection is None)
    await soon()
    pool.release()
    pool.release()
    await soon()
    await conversation.close()
    assert pool._places._value == 2


async def test_place_when_turn_is_over_before_it_was_had_then_not_taken(
    make_conversation: MakeConversation, service: Service
) -> None:
    """Nobody is kept out by a conversation that rests."""
    pool = SessionPool(1)
    conversation = make_conversation(pool, policy=replace(QUICK, place_s=5.0))
    await finished(conversation, service)
    await pool.acquire(1.0)
    await finished(conversation, service, number=2)
    pool.release()
    await soon(5)
    assert pool._places._value == 1


async def test_sound_when_turn_has_no_place_then_not_sent(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A session that will not answer hears nothing, which costs money."""
    pool = SessionPool(1)
    conversation = make_conversation(pool)
    await finished(conversation, service)
    await pool.acquire(1.0)
    held = begun(conversation)
    held.feed(bytes(1280))
    await until(lambda: held.error)
    socket = service.newest
    await soon(3)
    before = len(socket.sound)
    held.feed(bytes(1280))
    await soon(3)
    assert len(socket.sound) == before


async def test_socket_when_turn_lost_its_place_in_mid_sentence_then_not_kept(
    make_conversation: MakeConversation, service: Service
) -> None:
    """Half a sentence lies in the server's buffer."""
    pool = SessionPool(1)
    conversation = make_conversation(pool)
    await finished(conversation, service)
    await pool.acquire(1.0)
    held = begun(conversation)
    held.feed(bytes(1280))
    await until(lambda: held.error)
    held.give_words("Open the garage")
    pool.release()
    third = begun(conversation)
    await service.newest.say(speech_started("u2"), *said("Open the garage", "u2")[1:])
    await soon(5)
    assert third.turn.speech.transcript == ""


async def test_session_when_not_ready_after_the_end_then_given_up_in_time(
    make_conversation: MakeConversation, service: Service
) -> None:
    """An open socket does not begin the wait anew."""
    service.is_mute = True
    service.gate.clear()
    conversation = make_conversation()
    held = begun(conversation, deadlines=TurnDeadlines(ready_s=0.4))
    await until(lambda: service.handshakes)
    held.end_input()
    ended = conversation.now
    await asyncio.sleep(0.3)
    service.gate.set()
    await until(lambda: held.error)
    assert conversation.now - ended < 0.6


async def test_room_when_who_makes_it_is_cancelled_then_idle_socket_is_closed(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A socket that is dropped is nobody's any more: it has to close."""
    pool = SessionPool(1)
    first, second = make_conversation(pool), make_conversation(pool)
    await finished(first, service)
    connection, socket = first.connection, service.newest
    assert connection is not None
    held = begun(second, "d")
    while first.connection is not None:  # noqa: ASYNC110  # the very moment is what it is about
        await asyncio.sleep(0)
    held.kill()
    await soon(30)
    assert not connection.is_open
    assert not socket.is_open
    assert [task for task in asyncio.all_tasks() if "realtime" in task.get_name()] == []


async def test_forgetting_when_cancelled_then_socket_is_closed(
    conversation: SpokenConversation, service: Service
) -> None:
    """A reload cancels what forgets a conversation."""
    await finished(conversation, service)
    connection = conversation.connection
    assert connection is not None
    forgetting = asyncio.ensure_future(conversation.close())
    await asyncio.sleep(0)
    forgetting.cancel()
    await soon(30)
    assert not connection.is_open
    assert [task for task in asyncio.all_tasks() if "realtime" in task.get_name()] == []


async def test_socket_when_budget_is_spent_and_the_turn_is_killed_then_closed(
    conversation: SpokenConversation, service: Service
) -> None:
    """An answer under way is finished, nothing else goes on."""
    held = await followed(conversation, service, is_answered=False)
    conversation.spend_no_more(SPENT)
    held.kill()
    await soon(10)
    assert conversation.connection is None


async def test_socket_when_budget_is_spent_and_nobody_attaches_then_closed(
    conversation: SpokenConversation, service: Service
) -> None:
    """Nor does the socket of a turn that nobody takes stay."""
    held = await heard(conversation, service, deadlines=TurnDeadlines(attach_s=0.05))
    conversation.spend_no_more(SPENT)
    await until(lambda: held.turn.state is TurnState.DEAD)
    await soon(10)
    assert conversation.connection is None


async def test_turn_when_it_begins_as_the_rest_ends_then_not_killed(
    conversation: SpokenConversation, service: Service
) -> None:
    """Both can happen in the same moment."""
    first = await finished(conversation, service)
    conversation._stop_resting()
    first.player._plays_until = 0.0
    conversation._rested(first.turn)
    held = begun(conversation)
    await soon(5)
    assert held.turn.state is TurnState.LISTENING


def test_calls_when_another_response_repeats_them_then_run_once() -> None:
    """A call is known by its id."""
    turn = followed_turn(response_created(), call("c1"), response_done())
    assert told(turn) == [["c1"]]
    turn.give_results({"c1": "ok"}, asks=True, now=1.0)
    feed(turn, response_created("r2"), call("c1", response="r2"), response_done("r2"), now=1.0)
    assert ["c1"] not in told(turn)


def test_answer_when_stalled_then_stopped() -> None:
    """What nobody will hear is not to be spoken, and must not stand in the way of the next."""
    turn = followed_turn(response_created(), audio())
    turn.take_actions()
    deadline = turn.answer.deadline
    assert deadline is not None
    turn.expire(deadline)
    turn.give_up(GrokConnectionError("stalled"))
    assert "CancelResponse r1" in wanted(turn)


def test_deadline_when_session_never_gets_its_configuration_then_there_is_one() -> None:
    """A microphone that never ends must not be waited for without end."""
    turn = Turn("c", now=0.0, settings=TurnSettings(waits_for_end=False))
    assert turn.deadline is not None


def test_session_when_busy_is_told_after_the_turn_then_nobody_asks_again() -> None:
    """The wish was that of a turn that is gone."""
    session = ready_session()
    session.release(())
    feed(session, error(BUSY), response_done("r0"))
    assert "response.create" not in kinds(sent(session))


def test_words_when_of_a_stretch_between_turns_then_not_of_the_next() -> None:
    """What was said when nobody listened is nobody's."""
    session = ready_session()
    feed(session, speech_started("u9"), *said("Open the garage", "u9")[1:3])
    listener = Listener()
    session.on_event = listener
    feed(session, transcript("Open the garage", "u9"))
    assert listener.names == []


def test_follow_when_words_were_given_and_nothing_began_then_not_waited_for_without_end() -> None:
    """Words from elsewhere with a session that lives."""
    turn = turn_of()
    turn.give_words("On", 1.0)
    assert turn.attach("c", "On")
    turn.follow(1.0)
    assert turn.deadline is not None or told(turn)

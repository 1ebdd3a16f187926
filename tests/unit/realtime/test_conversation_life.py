"""What becomes of a channel's socket: turns that are ended, turns that follow, and rest."""

import asyncio

import pytest

from custom_components.grok_assist.core.errors import GrokBudgetError, GrokConnectionError
from custom_components.grok_assist.realtime import conversation as channel_module, turn as turn_module
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.playback import BYTES_PER_S
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.turn import TurnState

from .conftest import CONFIGS, MakeChannel, begun, claimed, finished, heard, ready
from .service import Service, until
from .wire import answered, audio, call, item_added, response_created, response_done, said, speech_started, words

SOUND = bytes(1280)


# --- ended early ---


async def test_turn_when_killed_while_listening_then_socket_is_closed(
    channel: SpokenConversation, service: Service
) -> None:
    """Half a sentence in the server's buffer would spoil the next turn."""
    turn = begun(channel)
    socket = await ready(channel, service)
    turn.feed(SOUND)
    await socket.say(speech_started())
    await until(lambda: turn.exchange.user_speech.state == "speaking")
    turn.kill()
    await until(lambda: not socket.is_open)
    assert (channel.connection, channel.is_idle, channel.knows_history) == (None, True, False)
    assert begun(channel).state is TurnState.LISTENING
    await ready(channel, service)
    assert len(service.sockets) == 2


async def test_turn_when_killed_while_dialling_then_no_socket_stays(
    channel: SpokenConversation, service: Service
) -> None:
    """A socket that nobody wants any more is not left open."""
    service.gate.clear()
    turn = begun(channel)
    turn.feed(SOUND)
    await until(lambda: service.handshakes)
    turn.kill()
    service.gate.set()
    await asyncio.sleep(0.05)
    assert channel.connection is None
    assert not any(socket.is_open or socket.frames for socket in service.sockets)


async def test_turn_when_its_lost_socket_spent_the_budget_then_no_other_is_opened(
    channel: SpokenConversation, service: Service
) -> None:
    """What a socket used is booked when it is lost, and that may be the last cent."""
    error = GrokBudgetError("day", limit_usd=1, spent_usd=1)
    channel.use.on_used = lambda use: channel.spend_no_more(error) if use.seconds else None
    turn = begun(channel)
    socket = await ready(channel, service)
    turn.feed(SOUND)
    await until(lambda: socket.sound)
    await socket.drop()
    await until(turn.words.done)
    await asyncio.sleep(0.1)
    assert (channel.connection, len(service.sockets)) == (None, 1)


async def test_turn_when_killed_while_waiting_for_a_place_then_place_stays_free(make_channel: MakeChannel) -> None:
    """Who has gone away does not take a place later."""
    session_pool = SessionPool(1)
    await session_pool.acquire(0.01)
    turn = begun(make_channel(session_pool))
    await asyncio.sleep(0)
    turn.kill()
    session_pool.release()
    await asyncio.sleep(0.01)
    await session_pool.acquire(0.01)


async def test_turn_when_killed_after_the_claim_then_cancelled_and_truncated(
    channel: SpokenConversation, service: Service
) -> None:
    """The server stops, and is told how much was heard; the line stays open."""
    turn = await claimed(channel, service, is_answered=False)
    await service.newest.say(response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), words("One two three."))
    await until(lambda: turn.said)
    pieces = turn.line.pieces()
    await anext(pieces)
    await asyncio.sleep(0.05)
    turn.kill()
    socket = service.newest
    await until(lambda: "conversation.item.truncate" in socket.kinds)
    cancel, truncate = socket.frames[-2:]
    assert cancel == {"type": "response.cancel", "response_id": "r1"}
    assert (truncate["item_id"], truncate["content_index"]) == ("a1", 0)
    assert 40 <= truncate["audio_end_ms"] <= 100  # no more than one piece was given
    assert (socket.is_open, channel.history.was_cut, channel.is_idle) == (True, True, True)
    await pieces.aclose()


async def test_turn_when_killed_with_a_call_then_what_sounded_is_truncated(
    channel: SpokenConversation, service: Service
) -> None:
    """A call is an item of the answer as well, and has no sound that could be cut."""
    turn = await claimed(channel, service, is_answered=False)
    sounding = [response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), words("One two three.")]
    await service.newest.say(*sounding, item_added(item="f-c1"), call())
    await until(lambda: turn.said)
    await asyncio.sleep(0.05)
    turn.kill()
    await until(lambda: "conversation.item.truncate" in service.newest.kinds)
    assert service.newest.frames[-1]["item_id"] == "a1"


async def test_turn_when_killed_in_the_second_answer_then_truncated_by_its_own_sound(
    channel: SpokenConversation, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard of words before a call does not count for the answer after it."""
    turn = await claimed(channel, service, is_answered=False)
    preamble = [response_created(), item_added(), audio(bytes(BYTES_PER_S * 2)), call(), response_done()]
    await service.newest.say(*preamble)
    await until(lambda: turn.exchange.deadline is None)
    turn.give_results({"c1": "ok"})
    await until(lambda: "response.create" in service.newest.kinds)
    second = [item_added("r2", "a2"), audio(bytes(BYTES_PER_S * 5), "r2", "a2"), words("One two.", "r2", "a2")]
    await service.newest.say(response_created("r2"), *second)
    await until(lambda: turn.said)
    monkeypatch.setattr(turn.line, "heard_s", lambda _: 3.0)
    turn.kill()
    await until(lambda: "conversation.item.truncate" in service.newest.kinds)
    truncate = service.newest.frames[-1]
    assert (truncate["item_id"], truncate["audio_end_ms"]) == ("a2", 1000)


async def test_turn_when_nobody_claims_it_then_cancelled_and_forgotten(
    channel: SpokenConversation, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant may answer by itself: then the server has to forget both the words and its answer."""
    monkeypatch.setattr(turn_module, "ATTACH_S", 0.1)
    turn = await heard(channel, service)
    await service.newest.say(*answered()[:3])
    await until(lambda: turn.state is TurnState.DEAD)
    socket = service.newest
    await until(lambda: len(socket.kinds) == 4)
    assert socket.kinds[1:] == ["response.cancel", "conversation.item.delete", "conversation.item.delete"]
    assert [frame["item_id"] for frame in socket.frames if "item_id" in frame] == ["u1", "a1"]
    assert (channel.history.was_cut, channel.knows_history, channel.interruption) == (False, True, None)


async def test_answer_when_it_comes_after_the_turn_then_cancelled(
    channel: SpokenConversation, service: Service
) -> None:
    """The server may begin to answer a turn that is gone."""
    (await heard(channel, service)).kill()
    await service.newest.say(response_created("r1"))
    await until(lambda: "response.cancel" in service.newest.kinds)
    turn = begun(channel)
    await service.newest.say(*answered("Late.", "r1")[1:], *said("On", "u2"), *answered("On.", "r2", "a2"))
    await until(lambda: turn.exchange.answers.response_ids == ["r2"])
    assert turn.exchange.transcript == "On"


# --- what follows ---


async def test_turn_when_it_follows_then_same_socket_and_only_what_is_new(
    channel: SpokenConversation, service: Service
) -> None:
    """The socket knows what was said on it; its instructions tell only the rest."""
    await finished(channel, service)
    turn = await finished(channel, service, number=2)
    assert len(service.sockets) == 1
    assert (service.newest.updates, turn.exchange.transcript) == (["fresh", "kept"], "Is it shut?")
    assert channel.interruption is None
    assert channel.former_ends_at > 0


async def test_turn_when_it_cuts_the_answer_short_then_heard_words_are_known(
    channel: SpokenConversation, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten seconds five were heard: half of the words, whole ones."""
    former = await claimed(channel, service, is_answered=False)
    await service.newest.say(response_created(), audio(bytes(BYTES_PER_S * 10)), words("One two three four five."))
    await until(lambda: former.said)
    pieces = former.line.pieces()
    for _ in range(100):
        await anext(pieces)
    monkeypatch.setattr(former.line, "heard_s", lambda _: 5.0)
    begun(channel)
    assert former.state is TurnState.DEAD
    assert channel.interruption == "One two"
    assert [piece async for piece in pieces] == []


async def test_turn_when_the_answer_was_heard_to_its_end_then_no_interruption(
    channel: SpokenConversation, service: Service
) -> None:
    """A finished answer is not cut by what follows."""
    former = await finished(channel, service)
    begun(channel)
    assert (channel.interruption, former.state) == (None, TurnState.DEAD)


async def test_turn_when_socket_is_too_old_then_another(
    channel: SpokenConversation, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between turns a session is renewed before the service ends it; the new one is told everything."""
    await finished(channel, service)
    monkeypatch.setattr(channel_module, "MAX_AGE_S", 0.0)
    begun(channel)
    await until(lambda: len(service.sockets) == 2)
    await ready(channel, service)
    assert service.newest.updates == ["fresh"]
    await until(lambda: not service.sockets[0].is_open)


async def test_turn_when_socket_was_lost_between_turns_then_another(
    channel: SpokenConversation, service: Service
) -> None:
    """The loss of an idle socket is nobody's trouble."""
    await finished(channel, service)
    await service.newest.drop()
    await until(lambda: channel.connection is None)
    await finished(channel, service, number=2)
    assert [socket.updates for socket in service.sockets] == [["fresh"], ["fresh"]]


async def test_history_when_told_then_only_what_the_socket_does_not_know(
    channel: SpokenConversation, service: Service
) -> None:
    """Lines that were said elsewhere are told once more with every later update; a cut turn's are the socket's own."""
    await finished(channel, service)
    lines = [*CONFIGS.told, "user: typed", "assistant: typed"]
    assert channel.history.tell(lines) == lines
    assert channel.history.tell(lines) == lines
    channel.history.was_cut = True
    assert channel.history.tell([*lines, "user: cut"]) == lines
    assert (channel.history.known, channel.history.was_cut) == (5, False)


async def test_configuration_when_of_a_former_turn_then_ignored(channel: SpokenConversation, service: Service) -> None:
    """A turn that is gone configures nothing, sends nothing and ends nothing."""
    former = begun(channel)
    turn = begun(channel)
    socket = await ready(channel, service)
    channel.configure(former, CONFIGS)
    former.feed(SOUND)
    channel.end_audio(former)
    turn.feed(SOUND)
    await until(lambda: socket.sound)
    assert (socket.sound, socket.kinds) == (SOUND, ["session.update"])


# --- rest ---


async def test_channel_when_nothing_follows_then_closed(make_channel: MakeChannel, service: Service) -> None:
    """The line is kept for a while after the answer was heard, not longer."""
    channel = make_channel(keep_open_s=0.05)
    closed = asyncio.Event()
    channel.on_closed = closed.set
    turn = await finished(channel, service)
    await asyncio.sleep(0.05)
    assert not closed.is_set()  # a tenth of a second of answer has to be played first
    async with asyncio.timeout(1):
        await closed.wait()
    await until(lambda: not service.newest.is_open)
    assert (turn.state, channel.knows_history) == (TurnState.DEAD, False)


async def test_channel_when_a_turn_is_cut_short_then_the_former_rest_does_not_close_it(
    make_channel: MakeChannel, service: Service
) -> None:
    """A turn that follows is not closed by the timer of the one before."""
    channel = make_channel(keep_open_s=0.03)
    await claimed(channel, service)
    turn = begun(channel)
    await asyncio.sleep(0.1)
    assert (turn.state, channel.knows_history, service.newest.is_open) == (TurnState.LISTENING, True, True)


async def test_channel_when_killed_turn_is_not_followed_then_closed(
    make_channel: MakeChannel, service: Service
) -> None:
    """A line on which a turn was cut short rests too."""
    channel = make_channel(keep_open_s=0.03)
    (await claimed(channel, service)).kill()
    await until(lambda: not service.newest.is_open)
    assert channel.connection is None


async def test_channel_when_closed_in_mid_answer_then_nothing_stays(
    make_channel: MakeChannel, service: Service
) -> None:
    """Closing ends the turn, its timers, its place and its socket, once."""
    session_pool = SessionPool(1)
    channel = make_channel(session_pool, keep_open_s=0.02)
    closed: list[bool] = []
    channel.on_closed = lambda: closed.append(True)
    turn = await claimed(channel, service, is_answered=False)
    await channel.close()
    assert turn.state is TurnState.DEAD
    with pytest.raises(GrokConnectionError):
        assert [item async for item in turn.news()] == []
    await until(lambda: not service.newest.is_open)
    await session_pool.acquire(0.01)
    await session_pool.make_room()
    await asyncio.sleep(0.05)
    assert closed == [True]


async def test_channel_when_another_needs_the_place_then_idle_one_closes(
    make_channel: MakeChannel, service: Service
) -> None:
    """An open line that nobody uses makes way at once; a turn on it would find a new socket."""
    session_pool = SessionPool(1)
    idle, other = make_channel(session_pool), make_channel(session_pool)
    await finished(idle, service)
    begun(other)
    await until(lambda: len(service.sockets) == 2)
    await ready(other, service)
    await until(lambda: not service.sockets[0].is_open)
    assert not idle.knows_history

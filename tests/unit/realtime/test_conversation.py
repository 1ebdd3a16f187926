"""The line of one conversation: from the first sound to the end of the answer."""

from dataclasses import replace

import pytest

from custom_components.grok_assist.core.errors import (
    GrokAuthError,
    GrokConnectionError,
    GrokError,
    GrokRateLimitError,
    GrokServerError,
    GrokTimeoutError,
)
from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.client_events import CancelResponse
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.input_audio import FRAME_BYTES, RECORD_BYTES
from custom_components.grok_assist.realtime.server_events import TAG
from custom_components.grok_assist.realtime.session import SessionDeadlines
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from custom_components.grok_assist.realtime.turn_state import TurnState

from .conftest import CONFIGS, QUICK, MakeConversation, begun, finished, followed, heard, ready
from .held import HeldTurn
from .service import Service, Socket, until
from .wire import (
    TENTH_S,
    answered,
    call,
    committed,
    error,
    response_created,
    response_done,
    said,
    speech_started,
    speech_stopped,
    transcript,
)

SOUND = bytes(range(1, 129)) * 10
SILENCE_BYTES = (500 + 300) * 32


def asked_for(socket: Socket, text: str) -> list[JsonObject]:
    """An answer with the mark of the wish for it."""
    metadata = next(frame for frame in socket.frames if frame["type"] == "response.create")["response"]["metadata"]
    return [response_created("r2", metadata[TAG]), *answered(text, "r2", "a2")[1:]]


async def test_sound_when_spoken_before_the_socket_is_open_then_sent_once_in_order(
    conversation: SpokenConversation, service: Service
) -> None:
    """Nothing of a sentence is lost while the line is made: all of it follows the configuration."""
    service.gate.clear()
    turn = begun(conversation)
    turn.feed(SOUND)
    await until(lambda: service.handshakes)
    service.gate.set()
    socket = await ready(conversation, service)
    turn.feed(SOUND[::-1])
    await until(lambda: len(socket.sound) >= 2 * len(SOUND))
    assert socket.sound == SOUND + SOUND[::-1] == bytes(turn.microphone.recorded)
    assert (socket.frames[0]["type"], socket.updates) == ("session.update", ["fresh"])
    assert len(SOUND) == FRAME_BYTES


async def test_sound_when_a_minute_was_spoken_before_the_socket_then_sent_in_pieces(
    conversation: SpokenConversation, service: Service
) -> None:
    """A usual server closes at a frame of a megabyte, and would be dialled again and again."""
    service.gate.clear()
    turn = begun(conversation)
    for _ in range(60):
        turn.feed(bytes(32_000))
    await until(lambda: service.handshakes)
    service.gate.set()
    socket = await ready(conversation, service)
    await until(lambda: len(socket.sound) >= RECORD_BYTES)
    sizes = [len(frame["audio"]) for frame in socket.frames if frame["type"] == "input_audio_buffer.append"]
    assert max(sizes) < 32_000


async def test_configuration_when_late_then_sound_waits(conversation: SpokenConversation, service: Service) -> None:
    """The socket may be open before anybody knows what it has to be."""
    models: list[str] = []
    conversation.on_model = models.append
    turn = HeldTurn(conversation, "c")
    turn.feed(SOUND)
    await until(lambda: conversation.connection is not None and conversation.connection.session.session_id)
    assert service.newest.frames == []
    conversation.configure(turn.turn, CONFIGS)
    await until(lambda: service.newest.sound == SOUND)
    assert models[-1] == "grok-voice-latest"
    assert conversation.history.known == CONFIGS.known


@pytest.mark.parametrize(
    ("frames", "silence"),
    [
        pytest.param([], SILENCE_BYTES, id="waiting"),
        pytest.param([speech_started()], SILENCE_BYTES, id="speaking"),
        pytest.param([speech_started(), speech_stopped()], 0, id="paused"),
        pytest.param(said("On"), 0, id="understood"),
    ],
)
async def test_microphone_when_closed_then_silence_only_where_it_is_needed(
    conversation: SpokenConversation, service: Service, frames: list[JsonObject], silence: int
) -> None:
    """A server that still hears somebody gets the whole window of silence at once, and a margin."""
    turn = begun(conversation)
    socket = await ready(conversation, service)
    await socket.say(*frames, {"type": "ping"})
    way = {0: "waiting", 1: "speaking", 2: "paused"}.get(len(frames), "understood")
    await until(lambda: turn.turn.speech.state == way)
    turn.end_input()
    assert conversation.connection is not None
    conversation.connection.session.send(CancelResponse(), 0.0)  # marks the place behind it
    conversation.connection.flush()
    await until(lambda: "response.cancel" in socket.kinds)
    assert socket.sound == bytes(silence)


async def test_microphone_when_closed_before_the_socket_is_open_then_heard_all_the_same(
    conversation: SpokenConversation, service: Service
) -> None:
    """A short word may be over before the line is made."""
    service.gate.clear()
    turn = begun(conversation)
    turn.feed(SOUND)
    turn.end_input()
    service.gate.set()
    socket = await ready(conversation, service)
    await until(lambda: len(socket.sound) == len(SOUND) + SILENCE_BYTES)
    await socket.say(speech_started(), speech_stopped(), committed(), transcript("On"))
    await until(lambda: turn.words == "On")


@pytest.mark.parametrize("refusals", [[], [500], [503, 500, 502]])
async def test_dialling_when_service_is_in_trouble_then_again(
    conversation: SpokenConversation, service: Service, refusals: list[int]
) -> None:
    """While somebody speaks there is time for more tries."""
    service.refusals[:] = refusals
    turn = begun(conversation)
    turn.feed(SOUND)
    await ready(conversation, service)
    await until(lambda: service.newest.sound == SOUND)
    assert service.handshakes == len(refusals) + 1


@pytest.mark.parametrize(
    ("refusals", "tries", "kind"),
    [([429], 1, GrokRateLimitError), ([401], 1, GrokAuthError), ([500] * 9, 4, GrokServerError)],
)
async def test_dialling_when_it_is_no_use_then_turn_fails(
    conversation: SpokenConversation, service: Service, refusals: list[int], tries: int, kind: type[GrokError]
) -> None:
    """Who is refused for good does not ask again, and trouble has an end too; the socket's place is free again."""
    service.refusals[:] = refusals
    turn = begun(conversation)
    await until(lambda: isinstance(turn.error, kind))
    assert service.handshakes == tries
    turn.end_input()
    turn.kill()


async def test_dialling_when_the_service_has_too_many_sessions_then_an_idle_one_makes_way(
    make_conversation: MakeConversation, service: Service
) -> None:
    """What we keep open for later does not cost another room its voice; it is tried once more, not for ever."""
    session_pool = SessionPool(4)
    resting = make_conversation(session_pool)
    await finished(resting, service)
    service.refusals[:] = [429]
    begun(make_conversation(session_pool), "d")
    await until(lambda: service.handshakes == 3)
    assert resting.connection is None
    service.refusals[:] = [429] * 9
    third = begun(make_conversation(session_pool), "e")
    await until(lambda: isinstance(third.error, GrokRateLimitError))
    assert service.handshakes == 4


async def test_dialling_when_all_places_are_taken_then_turn_fails(
    make_conversation: MakeConversation, service: Service
) -> None:
    """A place that does not become free in time is an error, and no socket is opened."""
    session_pool = SessionPool(1)
    begun(make_conversation(session_pool))
    await until(lambda: service.handshakes)
    second = begun(make_conversation(session_pool), "d")
    await until(lambda: isinstance(second.error, GrokRateLimitError))
    assert service.handshakes == 1


async def test_socket_when_lost_in_mid_sentence_then_another_hears_all_of_it(
    conversation: SpokenConversation, service: Service
) -> None:
    """A new socket gets the full configuration, and everything that was said from the beginning."""
    turn = begun(conversation)
    first = await ready(conversation, service)
    turn.feed(SOUND)
    await until(lambda: first.sound == SOUND)
    await first.say(speech_started())
    await until(lambda: turn.turn.speech.state == "speaking")
    await first.drop()
    turn.feed(SOUND[::-1])
    await until(lambda: len(service.sockets) == 2)
    second = await ready(conversation, service)
    await until(lambda: second.sound == SOUND + SOUND[::-1])
    assert second.updates == ["fresh"]
    await second.say(*said("Is it shut?", "u7"))
    await until(lambda: turn.turn.speech.state == "understood")
    turn.end_input()
    await until(lambda: turn.words == "Is it shut?")


async def test_socket_when_session_ends_in_mid_sentence_then_another(
    conversation: SpokenConversation, service: Service
) -> None:
    """A session that has become too old is replaced, while somebody speaks."""
    turn = begun(conversation)
    socket = await ready(conversation, service)
    await socket.say(error("Maximum session length", "max_duration"))
    await until(lambda: len(service.sockets) == 2)
    await ready(conversation, service)
    assert turn.turn.state is TurnState.LISTENING
    assert not turn.words is not None


async def test_socket_when_lost_after_the_sentence_then_turn_fails(
    conversation: SpokenConversation, service: Service
) -> None:
    """There is no time left for another one."""
    turn = begun(conversation)
    socket = await ready(conversation, service)
    turn.end_input()
    await socket.drop()
    await until(lambda: isinstance(turn.error, GrokConnectionError))
    assert (len(service.sockets), conversation.knows_history) == (1, False)


async def test_session_when_server_fails_then_turn_fails(conversation: SpokenConversation, service: Service) -> None:
    """Trouble of the server is not mended by asking it again."""
    turn = begun(conversation)
    socket = await ready(conversation, service)
    await socket.say(error("oops", "internal_error"))
    await until(lambda: isinstance(turn.error, GrokServerError))
    assert len(service.sockets) == 1


@pytest.mark.parametrize("is_mute", [True, False], ids=["session-not-ready", "no-socket"])
async def test_session_when_not_ready_at_the_end_then_turn_fails_in_time(
    conversation: SpokenConversation,
    service: Service,
    is_mute: bool,  # noqa: FBT001
) -> None:
    """After the last word the session has little time left."""
    service.is_mute = is_mute
    if not is_mute:
        service.gate.clear()
    turn = begun(conversation, deadlines=TurnDeadlines(ready_s=0.03))
    await until(lambda: service.handshakes)
    turn.end_input()
    await until(lambda: turn.error)
    assert isinstance(turn.error, GrokTimeoutError)
    assert "not ready" in turn.error.detail


async def test_session_when_never_greeted_then_turn_fails_in_time(
    make_conversation: MakeConversation, service: Service
) -> None:
    """The session's own deadlines are kept by a timer; no other socket is tried."""
    conversation = make_conversation(
        policy=replace(QUICK, session=SessionDeadlines(greeting_s=0.03, configuring_s=0.03))
    )
    service.is_mute = True
    turn = begun(conversation)
    await until(lambda: turn.error)
    assert isinstance(turn.error, GrokTimeoutError)
    assert "not configured" in turn.error.detail
    await until(lambda: service.sockets and not service.newest.is_open)
    assert (service.handshakes, conversation.connection) == (1, None)


async def test_answer_when_complete_then_heard_and_socket_kept(
    conversation: SpokenConversation, service: Service
) -> None:
    """A whole turn: words, sound, the end; the line stays open for what follows."""
    turn = await finished(conversation, service)
    assert (turn.turn.state, turn.turn.spoken.text, turn.player.put_bytes) == (
        TurnState.DONE,
        "It is shut and locked.",
        len(TENTH_S),
    )
    assert (conversation.is_idle, conversation.knows_history) == (True, True)
    assert service.newest.kinds == ["session.update"]


async def test_calls_when_answered_then_results_go_out(conversation: SpokenConversation, service: Service) -> None:
    """Results and the wish for more go to the same socket."""
    turn = await followed(conversation, service, is_answered=False)
    await service.newest.say(response_created(), call(), response_done())
    await until(lambda: turn.turn.answer.state == "calling")
    turn.give_results({"c1": "ok"})
    await until(lambda: service.newest.kinds[1:] == ["conversation.item.create", "response.create"])
    assert turn.turn.answer.state == "awaited"


async def test_turn_when_asked_again_then_old_answer_is_cancelled_and_deleted(
    conversation: SpokenConversation, service: Service
) -> None:
    """Nothing of what was heard and answered counts; the words go out as text, with the full configuration."""
    turn = await heard(conversation, service)
    frames = answered("Wrong.")
    await service.newest.say(*frames[:3])
    await until(lambda: turn.turn.answer.item_ids)
    turn.attach("c", "Is it shut?")
    other = CONFIGS.kept
    turn.ask_text("Is it shut?", other)
    socket = service.newest
    await until(lambda: "response.create" in socket.kinds)
    assert socket.kinds[1:] == [
        "response.cancel", "session.update", "conversation.item.delete", "conversation.item.delete",
        "conversation.item.create", "response.create",
    ]  # fmt: skip
    assert [frame["item_id"] for frame in socket.frames if "item_id" in frame] == ["u1", "a1"]
    await socket.say(*frames[3:-1], response_done("r1", "cancelled"), *asked_for(socket, "It is shut."))
    turn.follow()
    await until(lambda: turn.turn.answer.state == "complete")
    assert turn.turn.spoken.text == "It is shut."


async def test_turn_when_asked_again_before_the_server_answers_then_only_the_new_answer_is_heard(
    conversation: SpokenConversation, service: Service
) -> None:
    """The answer to the spoken words may begin after they were taken back; it is not the one that was asked for."""
    turn = await heard(conversation, service)
    turn.attach("c", "Is it shut?")
    turn.ask_text("Is it shut?", CONFIGS.kept)
    await until(lambda: "response.create" in service.newest.kinds)
    old, new = answered("Wrong."), asked_for(service.newest, "It is shut.")
    await service.newest.say(*old[:3], new[0], *old[3:-1], response_done("r1", "cancelled"), *new[1:])
    turn.follow()
    await until(lambda: turn.turn.answer.state == "complete")
    assert turn.turn.spoken.text == "It is shut."


async def test_turn_when_asked_again_without_a_socket_then_fails(
    conversation: SpokenConversation, service: Service
) -> None:
    """There must be a session to ask."""
    turn = await heard(conversation, service)
    turn.attach("c", "Is it shut?")
    await service.newest.drop()
    await until(lambda: conversation.connection is None)
    turn.ask_text("Is it shut?", CONFIGS.kept)
    turn.follow()
    assert isinstance(turn.error, GrokConnectionError)

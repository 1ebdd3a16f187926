"""What the tests of the channel share."""

from collections.abc import AsyncGenerator, Callable, Iterator

import orjson
import pytest

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime import conversation as channel_module
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.session import Session
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.socket_history import Configs
from custom_components.grok_assist.realtime.turn import Turn
from tests.simulator.schema import schema_errors

from .service import Service, Socket, until
from .wire import answered, said

type MakeChannel = Callable[..., SpokenConversation]

CONFIGS = Configs(
    fresh=SessionConfig(instructions="fresh", voice="eve"),
    kept=SessionConfig(instructions="kept", voice="eve"),
    told=("user: On", "assistant: It is on."),
    known=2,
)


@pytest.fixture(autouse=True)
def every_frame(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a session sends has to be a frame of the API."""
    taken: list[JsonObject] = []
    take = Session.take_frames

    def take_frames(self: Session) -> list[bytes]:
        """Take frames and remember them."""
        frames = take(self)
        taken.extend(orjson.loads(frame) for frame in frames)
        return frames

    monkeypatch.setattr(Session, "take_frames", take_frames)
    yield
    for frame in taken:
        assert schema_errors(f"rt.client.{frame['type']}", frame) == []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other fast."""
    monkeypatch.setattr(channel_module, "BACKOFF_S", (0.01, 0.01, 0.01))
    monkeypatch.setattr(channel_module, "PLACE_S", 0.05)


@pytest.fixture
async def service(sockets: None) -> AsyncGenerator[Service]:
    """A realtime service."""
    async with Service() as running:
        yield running


@pytest.fixture
async def make_channel(service: Service) -> AsyncGenerator[MakeChannel]:
    """A way to make channels; all are closed in the end."""
    made: list[SpokenConversation] = []

    def make(session_pool: SessionPool | None = None, *, keep_open_s: float = 30.0) -> SpokenConversation:
        """Make a channel to the service."""
        channel = SpokenConversation(
            service.dial, session_pool or SessionPool(4), keep_open_s=keep_open_s, silence_ms=500
        )
        made.append(channel)
        return channel

    yield make
    for channel in made:
        await channel.close()


@pytest.fixture
async def channel(make_channel: MakeChannel) -> SpokenConversation:
    """A channel."""
    return make_channel()


def begun(channel: SpokenConversation, conversation_id: str = "c") -> Turn:
    """Begin a turn and say what it wants."""
    turn = channel.begin(conversation_id, waits_for_end=True, may_search=False)
    channel.configure(turn, CONFIGS)
    return turn


async def ready(channel: SpokenConversation, service: Service) -> Socket:
    """Wait until the channel's session runs."""
    await until(lambda: channel.connection is not None and channel.connection.session.is_ready)
    await until(lambda: service.newest.updates)
    return service.newest


async def heard(channel: SpokenConversation, service: Service, item: str = "u1") -> Turn:
    """Have a turn whose words Home Assistant was given."""
    turn = begun(channel)
    socket = await ready(channel, service)
    await socket.say(*said("Is it shut?", item))
    await until(lambda: turn.exchange.user_speech.state == "understood")
    turn.end_audio()
    assert await turn.words == "Is it shut?"
    turn.transcribed("Is it shut?")
    return turn


async def claimed(channel: SpokenConversation, service: Service, *, number: int = 1, is_answered: bool = True) -> Turn:
    """Have a turn whose answer is followed."""
    turn = await heard(channel, service, f"u{number}")
    if is_answered:
        frames = answered("It is shut and locked.", f"r{number}", f"a{number}")
        await service.newest.say(*frames)
        await until(lambda: (live := turn.exchange.answers.live) is not None and live.is_over)
    assert turn.claim("c", "Is it shut?")
    turn.adopt()
    return turn


async def finished(channel: SpokenConversation, service: Service, *, number: int = 1) -> Turn:
    """Have a turn whose answer was taken to its end."""
    turn = await claimed(channel, service, number=number)
    assert b"".join([piece async for piece in turn.line.pieces()])
    turn.finish()
    return turn

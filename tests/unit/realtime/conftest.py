"""What the tests of conversations share."""

from collections.abc import AsyncGenerator, Callable

import pytest

from custom_components.grok_assist.core.errors import GrokError
from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.dialler import DialPolicy
from custom_components.grok_assist.realtime.session_pool import SessionPool
from custom_components.grok_assist.realtime.socket_history import Configs
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from tests.simulator.schema import schema_errors

from .held import HeldTurn
from .service import Service, Socket, until
from .wire import answered, said

type MakeConversation = Callable[..., SpokenConversation]

CONFIGS = Configs(
    fresh=SessionConfig(instructions="fresh", voice="eve"),
    kept=SessionConfig(instructions="kept", voice="eve"),
    fresh_lines=("user: On", "assistant: It is on."),
    known=2,
)
QUICK = DialPolicy(backoff_s=(0.01, 0.01, 0.01), place_s=0.05)
"""Tries follow each other fast."""


@pytest.fixture
async def service(sockets: None) -> AsyncGenerator[Service]:
    """A realtime service; whatever it was sent has to be a frame of the API."""
    async with Service() as running:
        yield running
    for frame in (frame for socket in running.sockets for frame in socket.frames):
        assert schema_errors(f"rt.client.{frame['type']}", frame) == []


@pytest.fixture
async def make_conversation(service: Service) -> AsyncGenerator[MakeConversation]:
    """A way to make conversations; all are closed in the end."""
    made: list[SpokenConversation] = []

    def make(
        session_pool: SessionPool | None = None, *, keep_open_s: float = 30.0, policy: DialPolicy = QUICK
    ) -> SpokenConversation:
        """Make a conversation with the service."""
        conversation = SpokenConversation(
            service.dial, session_pool or SessionPool(4), keep_open_s=keep_open_s, policy=policy
        )
        made.append(conversation)
        return conversation

    yield make
    for conversation in made:
        await conversation.close()


@pytest.fixture
async def conversation(make_conversation: MakeConversation) -> SpokenConversation:
    """A conversation."""
    return make_conversation()


def begun(
    conversation: SpokenConversation,
    conversation_id: str = "c",
    *,
    deadlines: TurnDeadlines | None = None,
    refusal: GrokError | None = None,
) -> HeldTurn:
    """Begin a turn and say what it wants."""
    held = HeldTurn(conversation, conversation_id, deadlines=deadlines, refusal=refusal)
    conversation.configure(held.turn, CONFIGS)
    return held


async def ready(conversation: SpokenConversation, service: Service) -> Socket:
    """Wait until the conversation's session runs."""
    await until(lambda: conversation.connection is not None and conversation.connection.session.is_ready)
    await until(lambda: service.newest.updates)
    return service.newest


async def heard(
    conversation: SpokenConversation, service: Service, item: str = "u1", *, deadlines: TurnDeadlines | None = None
) -> HeldTurn:
    """Have a turn whose words Home Assistant was given."""
    held = begun(conversation, deadlines=deadlines)
    socket = await ready(conversation, service)
    await socket.say(*said("Is it shut?", item))
    await until(lambda: held.turn.speech.state == "understood")
    held.end_input()
    assert held.words == "Is it shut?"
    held.give_words("Is it shut?")
    return held


async def followed(
    conversation: SpokenConversation, service: Service, *, number: int = 1, is_answered: bool = True
) -> HeldTurn:
    """Have a turn whose answer is followed."""
    held = await heard(conversation, service, f"u{number}")
    if is_answered:
        frames = answered("It is shut and locked.", f"r{number}", f"a{number}")
        await service.newest.say(*frames)
        await until(lambda: held.turn.answer.state == "complete")
    assert held.attach("c", "Is it shut?")
    held.follow()
    return held


async def finished(conversation: SpokenConversation, service: Service, *, number: int = 1) -> HeldTurn:
    """Have a turn whose answer was taken to its end."""
    held = await followed(conversation, service, number=number)
    held.finish()
    assert b"".join([piece async for piece in held.player.pieces()])
    return held

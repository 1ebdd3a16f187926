"""Who gets a realtime session, how it begins, and how long it lasts, in each of its dialects."""

import aiohttp
import pytest

from ..simulator.script import reply
from ..simulator.server import Simulator
from .asking import KEY
from .talking import Talker, listening, quiet, talking


@pytest.mark.parametrize(("value", "model"), [("alias", "grok-voice-latest"), ("resolved", "grok-voice-3.0")])
async def test_session_model(sim: Simulator, value: str, model: str) -> None:
    """The alias stands for itself or for its model; a pinned model is always named."""
    sim.dialect("session_model", value)
    async with talking(sim) as talker:
        assert (await talker.until("session.created"))["session"]["model"] == model
        assert (await talker.update(voice="eve"))["session"]["model"] == model
    async with talking(sim, "model=grok-voice-2.0") as talker:
        assert (await talker.until("session.created"))["session"]["model"] == "grok-voice-2.0"


async def test_frame_limit(sim: Simulator) -> None:
    """A frame that is too long closes the socket with 1009; shorter ones get through."""
    sim.dialect("frame_limit", "64KiB")
    async with listening(sim) as talker:
        await talker.say(quiet(1000))
        await talker.say(quiet(1000))
        await talker.update(instructions="Still there?")
        await talker.say(quiet(2000))
        assert await talker.until_end() == 1009
    sim.dialect("frame_limit", "1MiB")
    async with listening(sim) as talker:
        await talker.say(quiet(20_000))
        await talker.update(instructions="Still there?")
        await talker.say(quiet(30_000))
        assert await talker.until_end() == 1009


@pytest.mark.parametrize(("value", "most"), [("100", 100), ("10", 10), ("1", 1)])
async def test_sessions_at_once(sim: Simulator, value: str, most: int) -> None:
    """One more is refused with 429."""
    sim.dialect("sessions_at_once", value)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}, connector=connector) as session:
        sockets = [await session.ws_connect(f"{sim.url}/realtime") for _ in range(most)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"{sim.url}/realtime")
        assert caught.value.status == 429
        for socket in sockets:
            await socket.close()


async def test_short_session_limit(sim: Simulator) -> None:
    """After a minute the session ends, and says why."""
    sim.dialect("session_limit", "short")
    async with talking(sim) as talker:
        await talker.rest(59)
        assert talker.of("error") == []
        assert await talker.until_end() == 1000
        assert talker.of("error")[0]["error"]["type"] == "max_duration"
    assert 60 <= sim.sessions[0].open_s < 62


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_handshake_refusal(sim: Simulator, status: int) -> None:
    """A wrong key has one of three statuses at the socket, and the same as ever elsewhere."""
    sim.dialect("handshake_refusal", str(status))
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer xai-bad-key"}) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"{sim.url}/realtime")
        assert caught.value.status == status
        async with session.get(f"{sim.url}/api-key") as response:
            assert response.status == 400


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("first", ["session.created", "conversation.created", "ping"]),
        ("after_ping", ["conversation.created", "ping", "session.created"]),
        ("missing", ["conversation.created", "ping"]),
    ],
)
async def test_greeting(sim: Simulator, value: str, kinds: list[str]) -> None:
    """The session is told first, last or never; it can always be configured."""
    sim.dialect("greeting", value)
    async with talking(sim) as talker:
        await talker.update(voice="eve")
    assert [event["type"] for event in talker.events] == [*kinds, "session.updated"]


async def test_short_idle_limit(sim: Simulator) -> None:
    """Twenty seconds without a sign of the client end the session; audio is one."""
    sim.dialect("idle_limit", "short")
    async with listening(sim) as talker:
        await talker.rest(15)
        await talker.say(quiet(100))
        await talker.rest(18)
        assert talker.of("error") == []
        assert await talker.until_end() == 1000
        assert talker.of("error")[0]["error"]["type"] == "timeout"
    assert 34 < sim.sessions[0].open_s < 38


@pytest.mark.parametrize(
    ("value", "told"), [("assistant", [("created", "assistant")]), ("all", [("added", "user"), ("added", "assistant")])]
)
async def test_resumption(sim: Simulator, value: str, told: list[tuple[str, str]]) -> None:
    """What is replayed of a conversation that is gone on with: the voice's words only, or all by another name."""
    sim.dialect("resumption", value)
    conversation = await _told(sim)
    async with talking(sim, f"conversation_id={conversation}") as talker:
        await talker.until("ping")
        await talker.rest()
    seen = [event for event in talker.events if event["type"].startswith("conversation.item.")]
    assert [(event["type"].rpartition(".")[2], event["item"]["role"]) for event in seen] == told


async def test_lost_conversation(sim: Simulator) -> None:
    """It begins anew, under another name."""
    sim.dialect("resumption", "lost")
    conversation = await _told(sim)
    async with talking(sim, f"conversation_id={conversation}") as talker:
        assert (await talker.until("conversation.created"))["conversation"]["id"] != conversation
        await talker.rest()
        assert not any(event["type"].startswith("conversation.item.") for event in talker.events)


async def _told(sim: Simulator) -> str:
    """Have a short conversation that is kept, and give its id."""
    sim.voice_pace(audio_speed=0)
    sim.script(reply("Hi."))
    async with listening(sim, resumption={"enabled": True}) as talker:
        await talker.write("Hello")
        await talker.until("response.done")
        conversation: str = _conversation(talker)
    await talker.socket.close()
    return conversation


def _conversation(talker: Talker) -> str:
    """Give the id of a conversation."""
    return str(talker.of("conversation.created")[0]["conversation"]["id"])

"""A recording of the check of the live service answers clients as the service did that was recorded."""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
import subprocess
import sys

import aiohttp
from openai import AsyncOpenAI
import pytest

from ..live.check import AGREES, CANNOT_RUN, Check, Order
from ..simulator.jsontypes import JsonObject
from ..simulator.replay_server import Replay
from ..simulator.server import Simulator
from .asking import KEY, MODEL, output_item, user_item
from .talking import Talker, quiet, spoken, vad_session

ROOT = Path(__file__).parents[2]
LAMP: JsonObject = {
    "type": "function",
    "name": "HassTurnOn",
    "description": "Turns on a device",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
}


async def record(url: str, folder: Path) -> JsonObject:
    """Check a service and give what its recording tells of itself."""
    order = Order(base_url=url, key=KEY, folder=folder, is_agreed=True)
    await Check(order, lambda _: None, lambda _: False).run()
    index: JsonObject = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return index


@pytest.fixture
async def replay(sim: Simulator, tmp_path: Path) -> AsyncIterator[Replay]:
    """Give a server that plays back what the simulator has said."""
    await record(sim.url, tmp_path / "recording")
    async with Replay(tmp_path / "recording") as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session with a key."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as opened:
        yield opened


@pytest.fixture
async def talker(replay: Replay, session: aiohttp.ClientSession) -> AsyncIterator[Talker]:
    """Give a socket of voice that is played back."""
    async with session.ws_connect(f"{replay.url}/realtime?model=grok-voice-latest", max_msg_size=0) as socket:
        yield Talker(socket=socket)


async def test_written_turn(replay: Replay) -> None:
    """A typed turn with a function: it is called by its present name, and its result is answered; twice."""
    async with AsyncOpenAI(api_key=KEY, base_url=replay.url, max_retries=0) as sdk:
        call_ids = set()
        said: list[JsonObject] = []
        for _ in range(2):
            said.append(user_item("Switch on the kitchen light"))
            async with sdk.responses.stream(model=MODEL, input=said, tools=[LAMP], store=False) as stream:  # type: ignore[arg-type, list-item]  # plain JSON
                first = await stream.get_final_response()
            call = first.output[-1]
            assert call.type == "function_call"
            assert call.name == "HassTurnOn"
            assert json.loads(call.arguments)["name"] == "Kitchen Light"
            call_ids.add(call.call_id)
            said += [item.model_dump(mode="json", exclude_none=True) for item in first.output]
            said.append(output_item(call.call_id))
            second = await sdk.responses.create(model=MODEL, input=said, tools=[LAMP], store=False)  # type: ignore[arg-type, list-item]  # plain JSON
            assert second.output_text == "Turned on Kitchen Light."
        assert len(call_ids) == 2


async def test_spoken_turn(talker: Talker) -> None:
    """A spoken turn with a function: found in the sound, called, answered; its ids fit each other and are new."""
    await talker.until("session.created")
    await talker.update(**vad_session(), tools=[LAMP])
    heard_ids: set[str] = set()
    for has_call in (True, False, True):
        await talker.say(spoken())
        started = await talker.until("input_audio_buffer.speech_started")
        assert not talker.of("response.created") or heard_ids
        await talker.say(quiet(600))
        if not has_call:
            await talker.until("response.done")
            continue
        call = await talker.until("response.function_call_arguments.done")
        done = await talker.until("response.done")
        assert call["name"] == "HassTurnOn"
        assert call["response_id"] == done["response"]["id"]
        assert started["item_id"] == talker.of("input_audio_buffer.committed")[-1]["item_id"]
        await talker.give_output(call["call_id"])
        await talker.send("response.create", response={"metadata": {"turn": "7"}})
        added = await talker.until("conversation.item.added", where=lambda one: "output" in one["item"])
        assert added["item"]["call_id"] == call["call_id"]
        answer = await talker.until("response.done")
        assert answer["response"]["metadata"] == {"turn": "7"}
        assert talker.of("response.output_audio_transcript.done")[-1]["transcript"] == "Turned on Kitchen Light."
        heard_ids.add(started["item_id"])
    assert len(heard_ids) == 2
    assert talker.audio


async def test_written_item(talker: Talker) -> None:
    """A written item on the socket, a forced sentence and a deletion are answered, too."""
    await talker.until("session.created")
    await talker.update(**vad_session())
    await talker.write("Hello")
    done = await talker.until("response.done")
    await talker.send("conversation.item.truncate", item_id=done["response"]["output"][0]["id"], content_index=0)
    truncated = await talker.until("conversation.item.truncated")
    assert truncated["item_id"] == done["response"]["output"][0]["id"]
    await talker.send("conversation.item.delete", item_id=truncated["item_id"])
    await talker.until("conversation.item.deleted")


@pytest.mark.parametrize(
    "dialects",
    [
        [],
        ["metadata=missing", "billable=zero", "stt_language=listed_or_refused"],
        ["refused_field=keyterms", "idle_cancel=closes", "refused_argument=prompt_cache_key", "finalize=unknown"],
        ["most_tools=20", "rate_16k=wordless", "greeting=after_ping", "empty_content=accepted", "later_system=ignored"],
        ["later_system=refused", "calls=fragments", "grammar=simple", "frame_limit=64KiB", "handshake_refusal=401"],
    ],
)
async def test_same_verdicts(sim: Simulator, tmp_path: Path, dialects: list[str]) -> None:
    """Who checks a recording finds what was found in the service that was recorded."""
    sim.state.dialects.choose_written(dialects)
    first = await record(sim.url, tmp_path / "first")
    async with Replay(tmp_path / "first") as replay:
        second = await record(replay.url, tmp_path / "second")
    assert {one["question"]: one["verdict"] for one in second["verdicts"]} == {
        one["question"]: one["verdict"] for one in first["verdicts"]
    }


async def test_unknown_path(replay: Replay, session: aiohttp.ClientSession) -> None:
    """What is not in the recording is told to be missing."""
    async with session.get(f"{replay.url}/files") as response:
        assert response.status == 404
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(f"{replay.url}/tts")


def test_program_without_recording(tmp_path: Path) -> None:
    """The program says where there is no recording."""
    command = [sys.executable, "-m", "tests.simulator", "--replay", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == CANNOT_RUN
    assert "There is no recording" in ended.stderr


async def test_program(sim: Simulator, tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """The program plays a recording back."""
    await record(sim.url, tmp_path / "recording")
    command = [sys.executable, "-m", "tests.simulator", "--replay", str(tmp_path / "recording")]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = json.loads(await process.stdout.readline())["url"]
        async with session.get(f"{url}/language-models") as response:
            assert MODEL in [model["id"] for model in (await response.json())["models"]]
    finally:
        process.terminate()
    assert await process.wait() == AGREES

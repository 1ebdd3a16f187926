"""What the realtime voice says and takes in each of its dialects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ..simulator.jsontypes import Json, JsonObject
from ..simulator.script import call, calls, reply
from ..simulator.server import Simulator
from .talking import Talker, listening, quiet, spoken, talking, vad_session

_LAMP: JsonObject = {"type": "function", "name": "lamp", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(autouse=True)
def _at_once(sim: Simulator) -> None:
    """Speak without making anybody wait."""
    sim.voice_pace(audio_speed=0)


@pytest.mark.parametrize(("value", "is_echoed"), [("echoed", True), ("missing", False)])
async def test_metadata(sim: Simulator, value: str, *, is_echoed: bool) -> None:
    """The marks come back, or never do."""
    sim.dialect("metadata", value)
    async with listening(sim) as talker:
        await talker.send("response.create", response={"metadata": {"turn": "7"}})
        for kind in ("response.created", "response.done"):
            assert ("metadata" in (await talker.until(kind))["response"]) is is_echoed


@pytest.mark.parametrize(
    ("name", "session", "param"),
    [
        ("keyterms", {"audio": {"input": {"transcription": {"keyterms": ["Flur"]}}}}, "keyterms"),
        ("language_hint", {"audio": {"input": {"transcription": {"language_hint": "de"}}}}, "language_hint"),
        ("speed", {"audio": {"output": {"speed": 1.2}}}, "session.audio.output.speed"),
        ("effort", {"reasoning": {"effort": "none"}}, "session.reasoning.effort"),
        ("transcription", {"audio": {"input": {"transcription": {"model": "grok-transcribe"}}}}, "transcription"),
        ("tools_extra", {"tools": [{"type": "web_search"}]}, "session.tools"),
        ("replace", {"replace": {"HA": "Home Assistant"}}, "session.replace"),
        ("resumption", {"resumption": {"enabled": True}}, "session.resumption"),
        ("threshold", {"turn_detection": {"type": "server_vad", "threshold": 0.5}}, "threshold"),
        ("padding", {"turn_detection": {"type": "server_vad", "prefix_padding_ms": 300}}, "prefix_padding_ms"),
        ("all", {"audio": {"output": {"speed": 1.2}}}, "session.audio.output.speed"),
    ],
)
async def test_refused_field(sim: Simulator, name: str, session: JsonObject, param: str) -> None:
    """The whole update is refused and nothing acknowledged; one without the field goes through."""
    sim.dialect("refused_field", name)
    async with talking(sim) as talker:
        await talker.send("session.update", session={"instructions": "New.", **session})
        error = (await talker.until("error"))["error"]
        assert error["type"] == "invalid_request_error"
        assert error["param"].endswith(param)
        echo = (await talker.update(voice="eve", turn_detection={"type": "server_vad"}, tools=[_LAMP]))["session"]
        assert (echo["instructions"], len(talker.of("session.updated"))) == ("", 1)
    assert sim.violations == []


@pytest.mark.parametrize(
    ("shape", "names", "inner"),
    [
        ("usual", {"type", "event_id", "error"}, {"type", "code", "message", "param", "event_id"}),
        ("untyped", {"type", "event_id", "error"}, {"message"}),
        ("flat", {"type", "event_id", "code", "message"}, set()),
        ("slug", {"type", "event_id", "code", "error"}, set()),
    ],
)
async def test_socket_error_shape(sim: Simulator, shape: str, names: set[str], inner: set[str]) -> None:
    """An error has its words in one of several places."""
    sim.dialect("socket_error_shape", shape)
    async with listening(sim) as talker:
        talker.takes_odd_events = True
        await talker.send("response.cancel")
        error = await talker.until("error")
    assert error.keys() == names
    body = error.get("error")
    assert set(body if isinstance(body, dict) else ()) == inner
    assert "no active response" in str(error)
    assert shape != "slug" or error["code"] == "invalid-argument"
    assert sim.violations == []


async def test_bare_socket_error(sim: Simulator) -> None:
    """An error may have no type of its own."""
    sim.dialect("socket_error_shape", "bare")
    async with listening(sim) as talker:
        await talker.send("response.cancel")
        await talker.rest()
        assert '"error": {"type": "invalid_request_error"' in talker.texts[0]


async def test_stray_errors(sim: Simulator) -> None:
    """They come in mid-turn, of a type that nobody knows, and the turn goes on."""
    sim.dialect("stray_errors")
    async with listening(sim) as talker:
        await talker.say(quiet(200) + spoken() + quiet(400))
        await talker.until("response.done")
    assert [event["error"]["type"] for event in talker.of("error")] == ["telemetry_error"] * 2
    assert talker.audio


@pytest.mark.parametrize(("value", "kind"), [("accepted", "conversation.item.deleted"), ("refused", "error")])
async def test_delete(sim: Simulator, value: str, kind: str) -> None:
    """An item goes, or stays with an error."""
    sim.dialect("delete", value)
    async with _with_item(sim) as talker:
        await talker.send("conversation.item.delete", item_id="one")
        await talker.until(kind)


async def test_delete_during_update(sim: Simulator) -> None:
    """It is refused just before an update and as long as that is not acknowledged, and done at any other time."""
    sim.dialect("delete", "refused_during_update")
    async with _with_item(sim) as talker:
        await talker.send("conversation.item.delete", item_id="one")
        await talker.send("session.update", session={"instructions": "New."})
        await talker.send("conversation.item.delete", item_id="one")
        updated = await talker.until("session.updated")
        assert updated["session"]["instructions"] == "New."
        assert len(talker.of("error")) == 2
        await talker.send("conversation.item.delete", item_id="one")
        await talker.until("conversation.item.deleted")
        await talker.send("conversation.item.delete", item_id="one")
        await talker.until("error", where=lambda event: "No item" in event["error"]["message"])


@pytest.mark.parametrize(
    ("value", "kinds"), [("accepted", {"conversation.item.truncated"}), ("refused", {"error"}), ("ignored", set())]
)
async def test_truncate(sim: Simulator, value: str, kinds: set[str]) -> None:
    """An answer is shortened, or that is refused, or nothing comes of it."""
    sim.dialect("truncate", value)
    async with listening(sim) as talker:
        await talker.write("Hello")
        item = (await talker.until("response.done"))["response"]["output"][0]
        before = len(talker.events)
        await talker.send("conversation.item.truncate", item_id=item["id"], content_index=0, audio_end_ms=300)
        await talker.rest()
    assert {event["type"] for event in talker.events[before:]} == kinds


async def test_idle_cancel_closes(sim: Simulator) -> None:
    """What is harmless otherwise ends the session; a cancel of an answer does not."""
    sim.dialect("idle_cancel")
    sim.voice_pace(audio_speed=1)
    async with listening(sim) as talker:
        await talker.write("Hello")
        await talker.until("response.output_audio.delta")
        await talker.send("response.cancel")
        assert (await talker.until("response.done"))["response"]["status"] == "cancelled"
        await talker.send("response.cancel")
        assert await talker.until_end() == 1011


async def test_preamble(sim: Simulator) -> None:
    """A sentence is spoken before a call, in the same response, where the reply has no words of its own."""
    sim.dialect("preamble")
    sim.script(calls(call("lamp")), reply("Done."))
    async with listening(sim, tools=[_LAMP]) as talker:
        await talker.write("Do it")
        output = (await talker.until("response.done"))["response"]["output"]
        assert [item["type"] for item in output] == ["message", "function_call"]
        assert len(output[0]["content"][0]["transcript"].split()) > 4
        await talker.give_output(output[1]["call_id"])
        await talker.send("response.create")
        assert len((await talker.until("response.done"))["response"]["output"]) == 1


async def test_binary_audio(sim: Simulator) -> None:
    """The sound comes as frames of its own, unasked."""
    sim.dialect("binary_audio")
    async with listening(sim) as talker:
        await talker.write("Hello")
        await talker.until("response.done")
    assert b"".join(talker.frames) == bytes(sim.sessions[0].responses[0].audio)
    assert talker.of("response.output_audio.delta") == []


async def test_audio_events(sim: Simulator) -> None:
    """The events of sound and words have a shorter name."""
    sim.dialect("audio_events")
    async with listening(sim) as talker:
        await talker.write("Hello")
        await talker.until("response.done")
    kinds = {event["type"] for event in talker.events}
    assert {"response.audio.delta", "response.audio.done", "response.audio_transcript.delta"} <= kinds
    assert not any("output_audio" in kind for kind in kinds)
    assert sim.violations == []


@pytest.mark.parametrize(("value", "is_nested"), [("nested", True), ("flat", False)])
async def test_echoed_tools(sim: Simulator, value: str, *, is_nested: bool) -> None:
    """Functions come back in one of two forms."""
    sim.dialect("echoed_tools", value)
    async with talking(sim) as talker:
        (tool,) = (await talker.update(tools=[_LAMP]))["session"]["tools"]
    assert ("function" in tool) is is_nested


@pytest.mark.parametrize(("value", "is_seen"), [("obeyed", True), ("ignored", False)])
async def test_system_item(sim: Simulator, value: str, *, is_seen: bool) -> None:
    """What a system item tells is known, or not."""
    sim.dialect("system_item", value)
    sim.script(lambda request: reply(str(len(request.body["input"]))))
    async with listening(sim) as talker:
        content: Json = [{"type": "input_text", "text": "Be brief."}]
        item = {"type": "message", "role": "system", "content": content}
        await talker.send("conversation.item.create", item=item)
        await talker.write("Hello")
        await talker.until("response.done")
    assert sim.sessions[0].responses[0].text == ("2" if is_seen else "1")


@asynccontextmanager
async def _with_item(sim: Simulator) -> AsyncIterator[Talker]:
    """Give a session with one item of the client's."""
    async with talking(sim) as talker:
        await talker.update(**vad_session())
        content = [{"type": "input_text", "text": "Hello"}]
        item = {"id": "one", "type": "message", "role": "user", "content": content}
        await talker.send("conversation.item.create", item=item)
        await talker.until("conversation.item.added")
        yield talker

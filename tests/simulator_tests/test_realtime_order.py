"""The events of a realtime session come in the order that the reference tells (3.7)."""

import base64
import json

import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.script import call, calls, reply, search_reply
from ..simulator.server import Simulator
from .talking import RATE, Talker, listening, quiet, spoken, talking, vad_session

_HEARD = [
    "input_audio_buffer.speech_started",
    "conversation.item.added",
    "transcription.updated",
    "transcription.completed in_progress",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "transcription.completed completed",
]
_SAID = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio.delta",
    "response.output_audio_transcript.delta",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_audio.done",
    "response.output_item.done",
    "response.done",
]
_CALLED = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
]


@pytest.fixture(autouse=True)
def _at_once(sim: Simulator) -> None:
    """Speak without making anybody wait."""
    sim.voice_pace(audio_speed=0)


async def test_connect(sim: Simulator) -> None:
    """The session is told, then the conversation; an update is acknowledged in the service's own form."""
    tool: JsonObject = {"type": "function", "name": "lamp", "parameters": {"type": "object", "properties": {}}}
    async with talking(sim) as talker:
        created = await talker.until("session.created")
        assert created["session"]["voice"] == "ara"
        assert created["session"]["turn_detection"] == {"type": None}
        assert (await talker.until("conversation.created"))["conversation"]["id"]
        assert (await talker.until("ping"))["timestamp"] > 0
        updated = await talker.update(**vad_session(), tools=[tool, {"type": "web_search"}])
        assert "id" not in updated["session"]
        assert updated["session"]["tools"][0]["function"]["name"] == "lamp"
        assert updated["session"]["tools"][1] == {"type": "web_search"}
        assert updated["session"]["max_response_output_tokens"] == "inf"
        assert updated["session"]["audio"]["input"]["format"]["rate"] == RATE
    assert sim.violations == []


@pytest.mark.parametrize(
    ("query", "model"),
    [("model=grok-voice-3.0", "grok-voice-3.0"), ("model=grok-5", "grok-voice-latest"), ("", "grok-voice-latest")],
)
async def test_model(sim: Simulator, query: str, model: str) -> None:
    """A model that is unknown or missing is silently another one."""
    async with talking(sim, query) as talker:
        assert (await talker.until("session.created"))["session"]["model"] == model
        assert (await talker.update(model="grok-voice-2.0"))["session"]["model"] == model


async def test_spoken_turn(sim: Simulator) -> None:
    """A turn that the server finds by itself is heard, committed and answered."""
    sim.script(reply("It is on."))
    async with listening(sim) as talker:
        await talker.say(quiet(200) + spoken() + quiet(400))
        done = await talker.until("response.done")
    assert talker.kinds[3:] == _HEARD + _SAID
    final = talker.of("conversation.item.input_audio_transcription.completed")[-1]
    assert final["transcript"] == "Turn on the light."
    assert done["response"]["output"][0]["content"][0]["transcript"] == "It is on."
    assert (done["response"]["usage"], done["usage"]["billable_audio_seconds"] > 0) == ({}, True)
    assert sim.violations == []


async def test_written_turn(sim: Simulator) -> None:
    """A text and `response.create` back to back are answered by voice; the text is counted."""
    async with talking(sim) as talker:
        await talker.update(**vad_session())
        await talker.write("Hello")
        await talker.until("response.done")
    assert talker.kinds[3:] == ["conversation.item.added", *_SAID]
    assert sim.sessions[0].text_items == 1


async def test_function_calls(sim: Simulator) -> None:
    """A preamble and parallel calls come in one response; their outputs are answered when that is asked for."""
    lamp = call("lamp", {"on": True}, call_id="call-1")
    sim.script(calls(lamp, call("fan"), text="One moment."), lambda request: reply(str(len(request.body["input"]))))
    async with listening(sim) as talker:
        await talker.write("Do it")
        done = await talker.until("response.done")
        assert talker.kinds[4:] == [*_SAID[:-1], *_CALLED, *_CALLED, "response.done"]
        assert [item["type"] for item in done["response"]["output"]] == ["message", "function_call", "function_call"]
        added = [event["item"]["role"] for event in talker.of("response.output_item.added")]
        assert added == ["assistant", "user", "user"]
        for item in done["response"]["output"][1:]:
            await talker.give_output(item["call_id"])
        await talker.rest(0.05)
        assert talker.kinds[-1] == "conversation.item.added"
        await talker.send("response.create")
        await talker.until("response.done")
    recorded = sim.sessions[0].responses
    assert [made["name"] for made in recorded[0].calls] == ["lamp", "fan"]
    assert (recorded[0].text, recorded[1].text) == ("One moment.", "6")
    assert sim.violations == []


async def test_own_mind(sim: Simulator) -> None:
    """Without a script the mind of the text API answers: from what was heard, with the tools of the session."""
    tool: JsonObject = {
        "type": "function",
        "function": {
            "name": "HassTurnOn",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}, "domain": {"type": "array"}}},
        },
    }
    async with listening(sim, instructions="- names: Light\n  domain: light", tools=[tool]) as talker:
        await talker.say(spoken() + quiet(400))
        asked = await talker.until("response.function_call_arguments.done")
        assert asked["name"] == "HassTurnOn"
        await talker.until("response.done")
        await talker.give_output(asked["call_id"], '{"response_type": "action_done"}')
        await talker.send("response.create")
        done = await talker.until("response.done")
    assert done["response"]["output"][0]["type"] == "message"


async def test_camera_is_looked_at_for_a_voice(sim: Simulator) -> None:
    """A voice cannot see: it has the tool look, and says what that tells."""
    cameras: JsonObject = {"type": "array", "items": {"type": "string"}}
    parameters: JsonObject = {"type": "object", "properties": {"cameras": cameras, "question": {"type": "string"}}}
    tool: JsonObject = {"type": "function", "function": {"name": "look_at_camera", "parameters": parameters}}
    instructions = "<inventory>\n# Hall\ncamera:Front Door\n</inventory>"
    async with listening(sim, instructions=instructions, tools=[tool]) as talker:
        await talker.write("Who is at the front door?")
        asked = await talker.until("response.function_call_arguments.done")
        wanted = {"cameras": ["Front Door"], "question": "Who is at the front door?"}
        assert (asked["name"], json.loads(asked["arguments"])) == ("look_at_camera", wanted)
        await talker.until("response.done")
        await talker.give_output(asked["call_id"], '{"descriptions": {"Front Door": "A man waits."}}')
        await talker.send("response.create")
        await talker.until("response.done")
    assert sim.sessions[0].responses[-1].text == "A man waits."


async def test_server_side_search_is_speech_only(sim: Simulator) -> None:
    """Of a search nothing is seen."""
    sim.script(search_reply("It rains."))
    async with listening(sim, tools=[{"type": "web_search"}]) as talker:
        await talker.write("Weather?")
        await talker.until("response.done")
    assert talker.kinds[4:] == _SAID


async def test_audio(sim: Simulator) -> None:
    """The words and the pieces add up; only the first piece tells the latency."""
    sim.voice_pace(delta_ms=50)
    sim.script(reply("This is said aloud."))
    async with listening(sim) as talker:
        await talker.write("Say it")
        await talker.until("response.done")
    deltas = talker.of("response.output_audio.delta")
    assert ["latency" in delta for delta in deltas] == [True] + [False] * (len(deltas) - 1)
    assert {len(base64.b64decode(delta["delta"])) for delta in deltas[:-1]} == {RATE // 20 * 2}
    words = "".join(event["delta"] for event in talker.of("response.output_audio_transcript.delta"))
    assert words == "This is said aloud."
    recorded = sim.sessions[0].responses[0]
    assert (bytes(recorded.audio), recorded.text) == (talker.audio, words)


async def test_binary_output(sim: Simulator) -> None:
    """Audio comes as frames of its own from the next response on."""
    sim.script(reply("This is said aloud."))
    session = vad_session()
    session["audio"]["output"]["transport"] = "binary"
    async with listening(sim, **session) as talker:
        await talker.write("Say it")
        await talker.until("response.done")
    assert talker.of("response.output_audio.delta") == []
    assert b"".join(talker.frames) == sim.sessions[0].responses[0].audio


async def test_forced_message(sim: Simulator) -> None:
    """The voice says exactly this, unasked and after what it is saying."""
    sim.script(reply("First."))
    async with listening(sim) as talker:
        await talker.write("Hello")
        await _force(talker, "The washing machine is done.")
        await talker.until("response.done")
        done = await talker.until("response.done")
    assert done["response"]["output"][0]["content"][0]["transcript"] == "The washing machine is done."


async def test_only_one_response_at_a_time(sim: Simulator) -> None:
    """A second one is refused, the first goes on."""
    sim.voice_pace(first_audio_s=0.1)
    async with listening(sim) as talker:
        await talker.write("Hello")
        await talker.send("response.create")
        error = await talker.until("error")
        assert "already has an active response" in error["error"]["message"]
        assert (await talker.until("response.done"))["response"]["status"] == "completed"


async def test_cancel(sim: Simulator) -> None:
    """The answer ends as cancelled; with nothing to cancel there is the harmless error."""
    sim.voice_pace(audio_speed=1)
    sim.script(reply("A long sentence that nobody will hear to its end."), reply("Next."))
    async with listening(sim) as talker:
        await talker.write("Hello")
        await talker.until("response.output_audio.delta")
        await talker.send("response.cancel")
        done = await talker.until("response.done")
        assert done["response"]["status"] == "cancelled"
        assert done["response"]["output"][0]["status"] == "incomplete"
        await talker.send("response.cancel")
        assert "no active response" in (await talker.until("error"))["error"]["message"]
        await talker.write("And now?")
        assert (await talker.until("response.done"))["response"]["status"] == "completed"
    assert [response.status for response in sim.sessions[0].responses] == ["cancelled", "completed"]
    assert sim.violations == []


async def test_instructions_and_metadata_of_one_response(sim: Simulator) -> None:
    """The instructions replace the prompt, the metadata comes back."""
    sim.script(lambda request: reply(request.body["instructions"]))
    async with listening(sim, instructions="Be long.") as talker:
        await talker.send("response.create", response={"instructions": "Be brief.", "metadata": {"turn": "7"}})
        done = await talker.until("response.done")
    assert done["response"]["metadata"] == {"turn": "7"}
    assert sim.sessions[0].responses[0].text == "Be brief."


async def test_items_can_be_deleted_and_truncated(sim: Simulator) -> None:
    """A deleted item is not asked about any more; a truncated one is shorter; others are errors."""
    sim.script(reply("One two three four."), lambda request: reply(str(len(request.body["input"]))))
    async with listening(sim) as talker:
        await talker.write("Hello")
        item = (await talker.until("response.done"))["response"]["output"][0]["id"]
        user = talker.of("conversation.item.added")[0]["item"]["id"]
        third_ms = round(talker.of("response.output_audio_transcript.delta")[2]["start_time"] * 1000)
        await talker.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=third_ms)
        assert (await talker.until("conversation.item.truncated"))["transcript"] == "One two"
        await talker.send("conversation.item.delete", item_id=user)
        assert (await talker.until("conversation.item.deleted"))["item_id"] == ""
        await talker.send("conversation.item.truncate", item_id="nothing", content_index=0, audio_end_ms=600)
        assert "truncated" in (await talker.until("error"))["error"]["message"]
        await talker.send("response.create")
        await talker.until("response.done")
    assert sim.sessions[0].responses[-1].text == "1"


async def test_conversation_is_resumed(sim: Simulator) -> None:
    """What was kept is gone on with; of it the voice's own words are replayed."""
    sim.script(reply("I remember."), lambda request: reply(str(len(request.body["input"]))))
    async with talking(sim) as talker:
        await talker.update(**vad_session(), resumption={"enabled": True})
        name = talker.of("conversation.created")[0]["conversation"]["id"]
        await talker.write("Hello")
        await talker.until("response.done")
    async with talking(sim, f"conversation_id={name}") as talker:
        assert (await talker.until("conversation.created"))["conversation"]["id"] == name
        replayed = await talker.until("conversation.item.created")
        assert replayed["item"]["content"][0]["transcript"] == "I remember."
        await talker.update(**vad_session())
        await talker.send("response.create")
        await talker.until("response.done")
    assert sim.sessions[1].responses[0].text == "2"


async def test_pings(sim: Simulator) -> None:
    """The server pings from time to time."""
    sim.voice_pace(ping_s=0.02)
    async with talking(sim) as talker:
        for _ in range(3):
            await talker.until("ping")


async def _force(talker: Talker, text: str) -> None:
    """Order a message to be spoken."""
    content = [{"type": "output_text", "text": text}]
    await talker.send(
        "conversation.item.create", item={"type": "force_message", "role": "assistant", "content": content}
    )

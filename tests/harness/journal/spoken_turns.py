"""The spoken turns in which all goes well, or as the user wants it."""

import asyncio
from typing import Final

from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.samples import silence

from ..microphone import RATE, Microphone
from ..satellites import make_pipeline
from ..waiting import wait_until
from .stage import Sent, Stage, hearing, saying

UPDATE: Final = "session.update"
ITEM: Final = "conversation.item.create"
CREATE: Final = "response.create"
CANCEL: Final = "response.cancel"
TRUNCATE: Final = "conversation.item.truncate"
DELETE: Final = "conversation.item.delete"
TURN_ON: Final = {"name": "HassTurnOn", "arguments": {"name": "Kitchen Light"}}
TURN_ON_BEDROOM: Final = {"name": "HassTurnOn", "arguments": {"name": "Bedroom Light"}}
TURN_ON_GARAGE: Final = {"name": "HassTurnOn", "arguments": {"name": "Garage Light"}}
OPENING: Final = "I will sing now:"
SONG: Final = f"{OPENING} {'la' * 100} and so on."
"""An answer that is cut within its one long word: how much of it counts as heard does not depend on the moment."""
HEARD_S: Final = 4.0
"""When it is cut, in seconds of its sound; the long word begins after one and ends after ten."""
WAIT_S: Final = 0.7
"""A microphone is switched on so late where the new configuration has to have gone out before, on a socket that is
open already, or where a device may be heard only after Home Assistant has taken note of the run."""


async def made_ahead(stage: Stage) -> Sent:
    """Be answered by what the service began by itself, before Home Assistant had the words."""
    await stage.simulator.script({"text": "All quiet."})
    turn = await stage.speak(saying("good_morning"))
    assert (turn.transcript, turn.speech) == ("Good morning.", "All quiet.")
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE]
    (response,) = sent.session["responses"]
    words_at = turn.at("stt-end")
    assert words_at is not None
    assert response["created_at"] < words_at
    return sent


async def with_a_tool(stage: Stage) -> Sent:
    """Have a light switched on, and hear that it is."""
    await stage.simulator.script({"calls": [TURN_ON]}, {"text": "It is on."})
    turn = await stage.speak(saying("turn_on_the_kitchen_light"))
    assert turn.speech == "It is on."
    assert await stage.is_on()
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, ITEM, CREATE]
    return sent


async def two_rounds(stage: Stage) -> Sent:
    """Have the model call twice, the second time two tools at once."""
    await stage.simulator.script(
        {"calls": [TURN_ON]}, {"calls": [TURN_ON_BEDROOM, TURN_ON_GARAGE]}, {"text": "All are on."}
    )
    turn = await stage.speak(saying("turn_on_the_kitchen_light"))
    assert turn.speech == "All are on."
    for light in ("light.kitchen_light", "light.bedroom_light", "light.garage_light"):
        assert await stage.is_on(light)
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, ITEM, CREATE, ITEM, ITEM, CREATE]
    return sent


async def preamble_and_tool(stage: Stage) -> Sent:
    """Hear a word before the tool runs."""
    await stage.simulator.script({"text": "One moment.", "calls": [TURN_ON]}, {"text": "It is on."})
    turn = await stage.speak(saying("turn_on_the_kitchen_light"))
    assert "One moment." in turn.streamed
    assert turn.speech.endswith("It is on.")
    assert await stage.is_on()
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, ITEM, CREATE]
    return sent


async def asked_again(stage: Stage) -> Sent:
    """Answer an automation's question: what it adds to the prompt is known to the claim only."""
    await stage.simulator.voice_pace(audio_speed=1)
    async with stage.satellite(plays=False) as (satellite, place):
        starting = asyncio.create_task(
            stage.home.client.call_service(
                "assist_satellite",
                "start_conversation",
                entity_id=place.entity_id,
                start_message="The washing machine is done. Shall I tell the others?",
                extra_system_prompt="You may announce that the washing machine is done.",
                preannounce=False,
            )
        )

        async def was_asked() -> bool:
            return bool(satellite.announcements)

        await wait_until(was_asked, "the question was spoken", deadline_s=20)
        await starting
        await stage.simulator.script({"text": SONG}, {"text": "I will tell them."})
        turn = await satellite.speak(calling("yes_please"))
        assert turn.transcript == "Yes, please."
        assert turn.answer.strip() == "I will tell them."
        sent = await stage.sent()
    assert sent.kinds() == [UPDATE, CANCEL, DELETE, DELETE, UPDATE, ITEM, CREATE]
    assert [response["status"] for response in sent.session["responses"]] == ["cancelled", "completed"]
    return sent


async def pause_in_the_sentence(stage: Stage) -> Sent:
    """Speak on after the service has answered the first half: the call in that answer is never made."""
    await stage.simulator.script({"calls": [TURN_ON_BEDROOM]}, {"text": "That was the whole sentence."})
    halves = (spoken(name)[1] for name in ("turn_on_the_light", "in_the_bedroom"))
    turn = await stage.speak(hearing(silence(1.2, RATE).join(halves)))
    assert turn.transcript == "Turn on the light. In the bedroom."
    assert turn.speech == "That was the whole sentence."
    assert not await stage.is_on("light.bedroom_light")
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE]
    first, last = sent.session["responses"]
    assert [call["name"].endswith("HassTurnOn") for call in first["calls"]] == [True]
    assert first["done_at"] < sent.session["items"][1]["speech_started_at"]
    assert last["text"] == "That was the whole sentence."
    return sent


async def follow_up(stage: Stage) -> Sent:
    """Go on over the same socket after the answer was heard to its end; the light has changed, so it is told anew."""
    await stage.simulator.script({"calls": [TURN_ON]}, {"text": "It is on."}, {"text": "As I said."})
    first = await stage.speak(saying("turn_on_the_kitchen_light"))
    response = (await stage.simulator.sessions())[0]["responses"][-1]
    await asyncio.sleep(response["audio_bytes"] / 2 / response["audio_rate"] + 0.5)
    second = await stage.speak(saying("what_did_you_say", wait_s=WAIT_S), conversation_id=first.conversation_id)
    assert (first.speech, second.speech) == ("It is on.", "As I said.")
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, ITEM, CREATE, UPDATE]
    assert "interrupted" not in _instructions(sent)
    return sent


async def new_run_over_an_answer(stage: Stage) -> Sent:
    """Begin to speak while an answer plays: it is cut, and the next prompt knows what was heard."""
    await stage.simulator.voice_pace(audio_speed=1.2)
    await stage.simulator.script({"text": SONG}, {"text": "I was singing."})
    first = asyncio.create_task(stage.speak(saying("tell_me_a_story"), conversation_id="<one>"))
    await sounding(stage)
    second = await stage.speak(saying("what_did_you_say", wait_s=WAIT_S), conversation_id="<one>")
    assert second.speech == "I was singing."
    await first
    return cut(await stage.sent())


async def satellite_idle_in_mid_answer(stage: Stage) -> Sent:
    """Press the button of a device that plays an answer, then ask about it."""
    await stage.simulator.voice_pace(audio_speed=1.2)
    async with stage.satellite(plays=True) as (satellite, place):
        await stage.simulator.script({"text": SONG}, {"text": "I was singing."})
        speaking = asyncio.create_task(satellite.speak(calling("tell_me_a_story")))
        await sounding(stage)
        assert await stage.home.client.state(place.entity_id) in {"processing", "responding"}
        await satellite.stop()
        first = await speaking
        await stage.home.client.wait_for_state(place.entity_id, "idle")
        second = await satellite.speak(calling("what_did_you_say"), conversation_id=first.conversation_id)
        assert second.answer.strip() == "I was singing."
        return cut(await stage.sent())


async def never_attached(stage: Stage) -> Sent:
    """End a run with the words: nobody wants the answer, and it is stopped and forgotten."""
    await stage.simulator.voice_pace(audio_speed=1)
    await stage.simulator.script({"text": SONG})
    turn = await stage.speak(saying("tell_me_a_story"), end_stage="stt")
    assert turn.transcript == spoken("tell_me_a_story")[0]
    return await _forgotten(stage)


async def another_agent(stage: Stage) -> Sent:
    """Let Home Assistant's own agent take the sentence; its words are spoken plainly."""
    await stage.simulator.voice_pace(audio_speed=1)
    await stage.simulator.script({"text": SONG})
    pipeline = await make_pipeline(
        stage.home.socket, "Journal", stt="stt.grok_voice", tts="tts.grok_voice", agent="conversation.home_assistant"
    )
    turn = await stage.speak(saying("turn_on_the_kitchen_light"), pipeline=pipeline)
    await stage.home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=pipeline)
    assert await stage.is_on()
    assert turn.audio
    sent = await _forgotten(stage)
    assert len(sent.of("/v1/tts")) == 1
    return sent


async def corrected_claim(stage: Stage) -> Sent:
    """Claim what no tool has done: the same voice says that it is not so."""
    await stage.simulator.script({"text": "I have turned on the kitchen light."})
    turn = await stage.speak(saying("turn_on_the_kitchen_light"))
    assert turn.speech.endswith("I did not switch anything just now. Please ask again.")
    assert not await stage.is_on()
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, ITEM]
    assert len(sent.session["responses"]) == 2
    return sent


async def goodbye(stage: Stage) -> Sent:
    """Say that it was all: the socket is closed soon, although others are kept for half a minute."""
    await stage.simulator.script({"text": "Goodbye."})
    turn = await stage.speak(saying("thats_all"))
    assert turn.speech == "Goodbye."

    async def is_closed() -> bool:
        return bool((await stage.simulator.sessions())[0]["closed_at"])

    await wait_until(is_closed, "the socket is closed after a goodbye", deadline_s=10)
    return await stage.sent()


def calling(name: str) -> Microphone:
    """Give the microphone of a device: Home Assistant hears the end of the sentence."""
    return Microphone(spoken(name)[1], wait_s=WAIT_S)


async def sounding(stage: Stage) -> None:
    """Return when an answer has been heard for a while."""

    async def has_begun() -> bool:
        sessions = await stage.simulator.sessions()
        return any(response["first_audio_at"] for session in sessions for response in session["responses"])

    await wait_until(has_begun, "the answer sounds", deadline_s=20)
    await asyncio.sleep(HEARD_S)


def cut(sent: Sent) -> Sent:
    """Check that an answer was cut where it played, and that the next turn was told what was heard of it."""
    assert sent.kinds() == [UPDATE, CANCEL, TRUNCATE, UPDATE]
    assert [response["status"] for response in sent.session["responses"]] == ["cancelled", "completed"]
    (heard_ms,) = [event["body"]["audio_end_ms"] for event in sent.session["events"] if _is_truncation(event)]
    assert 0 < heard_ms < 2_000 * HEARD_S
    told = _instructions(sent)
    assert "interrupted your last answer" in told
    assert OPENING in told
    return sent


async def _forgotten(stage: Stage) -> Sent:
    """Wait until an answer that nobody wants has been stopped and forgotten, with what was said."""

    async def is_deleted() -> bool:
        sessions = await stage.simulator.sessions()
        return any(event["body"].get("type") == DELETE for event in sessions[0]["events"])

    await wait_until(is_deleted, "the answer is forgotten", deadline_s=15)
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE, CANCEL, DELETE, DELETE]
    return sent


def _is_truncation(event: dict[str, object]) -> bool:
    """Tell whether an event is our word on how much was heard."""
    body = event["body"]
    return event["sender"] == "client" and isinstance(body, dict) and body["type"] == TRUNCATE


def _instructions(sent: Sent) -> str:
    """Give what the session was last told."""
    updates = [event["body"] for event in sent.session["events"] if event["body"].get("type") == UPDATE]
    return str(updates[-1]["session"]["instructions"])

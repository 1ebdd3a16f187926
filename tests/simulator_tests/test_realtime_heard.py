"""What a live conversation asks of the service: what was heard of an answer, late words, coughs, silence."""

import numpy as np
import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.script import call, calls, reply
from ..simulator.server import Simulator
from .talking import RATE, Talker, listening, quiet, spoken

_TOLD = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen."
_LAMP: JsonObject = {"type": "function", "name": "lamp", "parameters": {"type": "object", "properties": {}}}
_CALLED = "response.function_call_arguments.done"


async def _truncate(talker: Talker, item_id: str, end_ms: int) -> None:
    """Tell how much of an item was heard."""
    await talker.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms)


def _noise(milliseconds: int) -> bytes:
    """Give noise as loud as a cough, the same each time."""
    samples = np.random.default_rng(4).normal(0, 4_000, milliseconds * RATE // 1000)
    return samples.clip(-32_768, 32_767).astype("<i2").tobytes()


async def test_cut_answer_is_shortened_by_the_clock_of_what_was_sent(sim: Simulator) -> None:
    """An answer broken off in the middle: what was sent bounds what can have been heard, and words go by its clock."""
    sim.voice_pace(audio_speed=1)
    sim.script(reply(_TOLD), lambda request: reply(request.body["input"][1]["content"][0]["text"]))
    async with listening(sim) as talker:
        await talker.write("Count.")
        item_id = (await talker.until("response.output_audio.delta"))["item_id"]
        for _ in range(8):
            await talker.until("response.output_audio.delta")
        await talker.send("response.cancel")
        await talker.until("response.done")
        sent_ms = len(talker.audio) * 1000 // (2 * RATE)
        words = talker.of("response.output_audio_transcript.delta")
        await _truncate(talker, item_id, sent_ms + 1)
        error = (await talker.until("error"))["error"]
        await _truncate(talker, item_id, 500)
        told = await talker.until("conversation.item.truncated")
        await talker.send("response.create")
        await talker.until("response.done")
    heard = "".join(word["delta"] for word in words if word["start_time"] < 0.5).strip()
    assert _TOLD.startswith(heard)
    assert 0 < len(heard) < len(_TOLD)
    assert (told["audio_end_ms"], told["transcript"]) == (500, heard)
    assert (error["param"], error["code"]) == ("audio_end_ms", "invalid_value")
    assert error["message"] == f"Audio content of {sent_ms}ms is already shorter than {sent_ms + 1}ms"
    session = sim.sessions[0]
    assert session.responses[1].text == heard
    found = [(wish.audio_end_ms, wish.sent_ms, wish.transcript) for wish in session.truncations]
    assert found == [(sent_ms + 1, sent_ms, None), (500, sent_ms, heard)]
    assert [wish["audio_end_ms"] for wish in session.facts["truncations"]] == [sent_ms + 1, 500]


async def test_what_was_cut_is_not_there_any_more(sim: Simulator) -> None:
    """An item that was shortened cannot be made longer again."""
    sim.voice_pace(audio_speed=0)
    sim.script(reply(_TOLD))
    async with listening(sim) as talker:
        await talker.write("Count.")
        item_id = (await talker.until("response.done"))["response"]["output"][0]["id"]
        await _truncate(talker, item_id, 500)
        await talker.until("conversation.item.truncated")
        await _truncate(talker, item_id, 900)
        assert "500ms is already shorter than 900ms" in (await talker.until("error"))["error"]["message"]


async def test_calls_and_texts_have_no_sound_to_be_shortened(sim: Simulator) -> None:
    """The item of a call, and that of the user, are refused; the session goes on."""
    sim.script(calls(call("lamp")), reply("Done."))
    async with listening(sim, tools=[_LAMP]) as talker:
        await talker.write("Hello")
        item_id = (await talker.until(_CALLED))["item_id"]
        await talker.until("response.done")
        user_id = talker.of("conversation.item.added")[0]["item"]["id"]
        for wrong in (item_id, user_id):
            await _truncate(talker, wrong, 0)
            assert "cannot be truncated" in (await talker.until("error"))["error"]["message"]
        await talker.give_output(talker.of(_CALLED)[0]["call_id"])
        await talker.send("response.create")
        await talker.until("response.done")
    assert [wish.sent_ms for wish in sim.sessions[0].truncations] == [None, None]


async def test_words_come_after_the_first_sound_as_a_pace(sim: Simulator) -> None:
    """A slow ear and a fast voice, for every turn of the session."""
    sim.voice_pace(transcript_s=0.6, first_audio_s=0.2)
    async with listening(sim) as talker:
        for _ in range(2):
            before = len(talker.events)
            await talker.say(spoken() + quiet(400))
            await talker.until("response.done")
            turn = talker.events[before:]
            sound = next(place for place, event in enumerate(turn) if event["type"] == "response.output_audio.delta")
            final = [place for place, event in enumerate(turn) if event.get("status") == "completed"]
            assert final
            assert min(final) > sound


async def test_silence_is_billed_as_sound(sim: Simulator) -> None:
    """An open microphone in a quiet room costs as much as a voice; a rule by the connection counts time instead."""
    async with listening(sim) as talker:
        await talker.say(quiet(30_000))
        await talker.rest()
    assert sim.sessions[0].items == []
    assert sim.sessions[0].billed_usd == pytest.approx(30 * 0.08 / 60)


async def test_speech_while_a_call_is_open(sim: Simulator) -> None:
    """It is a turn of its own and answered; the output that comes later is taken, and answered when that is asked."""
    sim.voice_pace(audio_speed=0)
    sim.script(calls(call("lamp")), reply("Patience."), reply("The lamp is on."))
    async with listening(sim, tools=[_LAMP]) as talker:
        await talker.say(spoken() + quiet(400))
        called = await talker.until(_CALLED)
        await talker.until("response.done")
        await talker.say(spoken("thank_you") + quiet(400))
        await talker.until("response.done")
        await talker.give_output(called["call_id"])
        await talker.send("response.create")
        await talker.until("response.done")
    session = sim.sessions[0]
    assert [item.transcript for item in session.items] == ["Turn on the light.", "Thank you."]
    assert [answer.text for answer in session.responses] == ["", "Patience.", "The lamp is on."]
    assert talker.of("error") == []
    assert sim.violations == []


@pytest.mark.parametrize(("milliseconds", "items"), [(30, 0), (60, 1)])
async def test_cough(sim: Simulator, milliseconds: int, items: int) -> None:
    """A click is no speech; a cough is, without words: it breaks the answer off and is answered by another."""
    sim.voice_pace(audio_speed=3)
    sim.script(reply(_TOLD), reply("Pardon?"))
    async with listening(sim) as talker:
        await talker.write("Count.")
        for _ in range(4):
            await talker.until("response.output_audio.delta")
        await talker.say(_noise(milliseconds) + quiet(400))
        done = await talker.until("response.done")
        if items:
            await talker.until("response.done")
    session = sim.sessions[0]
    assert [item.transcript for item in session.items] == [""] * items
    assert done["response"]["status"] == ("cancelled" if items else "completed")
    assert [answer.text for answer in session.responses][1:] == ["Pardon?"] * items

"""Spoken turns that are interrupted, refused, never claimed, or break in mid-answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from homeassistant.components import assist_pipeline
from homeassistant.components.stt import SpeechResultState
from homeassistant.components.stt.const import DATA_COMPONENT
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir, llm
import pytest
import voluptuous as vol

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.speech.matching import decode

from ..agents import change_voice, state_of
from ..talk import until
from ..usage import sensor
from .spoken import RATE, Spoken, microphone, sentence, speak
from .test_alone import METADATA

STORY = " ".join(f"And then, in chapter {number}, nothing much happened in the quiet house." for number in range(12))


@pytest.mark.parametrize("fault", ["drop_mid_audio", "close_mid_audio_1011", "never_finishes", "vanishing_response"])
async def test_fault_in_mid_answer_when_it_happens_then_stream_ends_as_an_error(
    hass: HomeAssistant,
    simulator: Simulator,
    voice: str,
    expect_error: Callable[[str], None],
    fault: str,
) -> None:
    """What was heard cannot be taken back: the stream ends, and the text says that the answer broke off."""
    # Heard means after the claim: what breaks before is nobody's loss.
    simulator.voice_pace(first_audio_s=0.5)
    simulator.script(reply(STORY))
    simulator.fault(fault, path="/v1/realtime")
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    response = run.data("intent-end")["intent_output"]["response"]
    assert response["response_type"] == "error"
    assert run.speech in (
        "The connection to Grok broke off in the middle of the answer. Please ask again.",
        "I cannot reach Grok right now. Check the internet connection and try again.",
    )
    assert run.broke_off
    assert [request for request in simulator.requests if request.path == "/v1/responses"] == []


@pytest.mark.parametrize(
    "fault", ["bad_key", "unauthorized", "forbidden", "no_credits", "rate_limited", "unavailable", "silent"]
)
async def test_handshake_when_refused_then_same_turn_by_text(
    hass: HomeAssistant, simulator: Simulator, voice: str, fault: str
) -> None:
    """Where the socket is refused and the rest works, the user hears one answer all the same."""
    simulator.fault(fault, times=None, path="/v1/realtime")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    heard, rate = decode(run.audio)
    assert len(heard) > rate


async def test_handshake_when_too_many_requests_then_not_tried_again(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A 429 stops the tries; other trouble is tried again while the user speaks."""
    simulator.fault("rate_limited", times=None, path="/v1/realtime")
    await speak(
        hass,
        sentence("good_morning"),
        pipeline_id=voice,
        source=microphone(sentence("good_morning"), lead_s=4, speed=1.5),
    )
    dialled = [request for request in simulator.requests if request.path == "/v1/realtime"]
    assert len(dialled) == 1


async def test_rooms_when_the_service_has_one_session_at_once_then_each_is_answered(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Too many sessions are nothing to transcription, to a written answer, and to plain speech."""
    simulator.dialect("sessions_at_once", "1")
    simulator.voice_pace(audio_speed=2, first_audio_s=0.4)

    async def say(name: str, after_s: float) -> Spoken:
        """Speak in one of the rooms."""
        await asyncio.sleep(after_s)
        return await speak(hass, b"", pipeline_id=voice, source=microphone(sentence(name), tail_s=20, speed=1))

    names = ("good_morning", "turn_on_the_kitchen_light", "thank_you")
    for _ in range(3):
        runs = await asyncio.gather(*(say(name, after_s) for after_s, name in enumerate(names)))
        assert [run.error for run in runs] == [None] * 3
        assert not [run.speech for run in runs if "too many" in run.speech]
        assert all(run.audio for run in runs)
        await asyncio.sleep(10)
    assert int(sensor(hass, entry, "rate_limited")) > 0


async def test_handshake_when_refused_for_a_time_then_nobody_else_calls_either(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A time that the service names is about all requests of the key."""
    simulator.fault("rate_limited", times=None, path="/v1/realtime", retry_after=100)
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert "too many requests" in run.speech
    assert not [request for request in simulator.requests if request.path in ("/v1/stt", "/v1/responses")]


@pytest.mark.parametrize(("fault", "words"), [("unauthorized", "API key"), ("no_credits", "credits")])
async def test_everything_refused_when_spoken_then_sentence_says_why(
    hass: HomeAssistant,
    simulator: Simulator,
    voice: str,
    expect_error: Callable[[str], None],
    fault: str,
    words: str,
) -> None:
    """Without any words the agent still tells what is wrong, instead of a vague error of the pipeline."""
    simulator.fault(fault, times=None, path="*")
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert words in run.speech
    assert run.error is None


async def test_faults_when_they_are_over_then_every_place_is_free_again(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """More failed turns than there are places leave none of them taken, and no conversation behind."""
    await change_voice(hass, entry, keep_open_s=0)
    for fault in ("unauthorized", "unavailable", "no_session") * 2:
        simulator.fault(fault, times=None, path="/v1/realtime")
        simulator.fault("server_error", times=None, path="/v1/stt")
        await speak(hass, sentence("good_morning"), pipeline_id=voice)
        simulator.clear_faults()
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert run.error is None
    assert len([session for session in simulator.sessions if session.responses]) == 1
    (voices,) = entry.runtime_data.voices.values()
    await until(lambda: not voices.conversations)


async def test_turn_when_no_agent_attaches_then_closed_and_nothing_done(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A run that ends with the words leaves no answer, no tool, no paid orphan."""
    (voices,) = entry.runtime_data.voices.values()
    voices.deadlines = TurnDeadlines(attach_s=0.2)
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice, end_stage="stt")
    assert run.transcript == "Turn on the kitchen light."
    (session,) = simulator.sessions
    await until(
        lambda: bool(session.sent("response.cancel")) or all(item.status != "in_progress" for item in session.responses)
    )
    await until(lambda: bool(session.sent("conversation.item.delete")))
    assert state_of(hass, "input_boolean.kitchen_light").state == "off"
    assert not session.sent("conversation.item.create")


async def test_new_run_when_answer_plays_then_cancelled_and_next_answer_knows(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Barge-in: the old answer ends at once, and the model is told only what was heard of it."""
    simulator.voice_pace(audio_speed=1)
    simulator.script(reply(STORY), reply("I was telling a story."))
    first = asyncio.create_task(speak(hass, sentence("tell_me_a_story"), pipeline_id=voice, conversation_id="one"))
    await until(
        lambda: bool(
            simulator.sessions and simulator.sessions[0].responses and simulator.sessions[0].responses[0].audio
        )
    )
    await asyncio.sleep(2.5)
    first.cancel()
    pressed_at = asyncio.get_running_loop().time()
    with pytest.raises(asyncio.CancelledError):
        await first
    session = simulator.sessions[0]
    await until(lambda: bool(session.sent("response.cancel")))
    assert session.sent("response.cancel")[0].at - pressed_at < 0.1
    second = await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id="one")
    assert second.speech == "I was telling a story."
    assert len(simulator.sessions) == 1
    told = session.sent("session.update")[-1].body["session"]["instructions"]
    assert "interrupted your last answer" in told
    assert "And then, in chapter 0" in told
    assert "chapter 9" not in told


async def test_microphone_when_it_falls_silent_then_run_ends(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A device that was left for dead is freed: three seconds without a chunk end the run."""

    async def dead() -> AsyncGenerator[bytes]:
        """Give a little sound, then nothing, for ever."""
        async for chunk in microphone(b"", lead_s=0.1, tail_s=0):
            yield chunk
        await asyncio.Event().wait()

    async with asyncio.timeout(8):
        run = await speak(hass, b"", pipeline_id=voice, source=dead())
    assert run.error in {"stt-no-text-recognized", "stt-stream-failed"}
    await until(lambda: simulator.open_sessions == 0)


async def test_silence_when_nobody_speaks_then_no_text_recognized(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Nothing said is no failure of ours."""
    run = await speak(hass, bytes(RATE), pipeline_id=voice)
    assert run.error == "stt-no-text-recognized"


async def test_end_of_speech_when_grok_decides_then_no_detector_of_home_assistant(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The stream is read until the service has heard the end."""
    await change_voice(hass, entry, end_of_speech="grok")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert "stt-vad-end" not in run.kinds


async def test_end_of_speech_when_grok_decides_and_socket_fails_then_still_an_answer(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The plain transcription finds the end of the sentence as well."""
    await change_voice(hass, entry, end_of_speech="grok")
    simulator.fault("unavailable", times=None, path="/v1/realtime")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


class SlowTool(llm.Tool):
    """A tool that takes its time."""

    name = "wait"
    description = "Wait"
    parameters = vol.Schema({})
    integration = "test"

    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Wait longer than a satellite's patience."""
        await asyncio.sleep(3)
        return llm.ToolResult(data={"done": True})


class SlowAPI(llm.API):
    """An API with a slow tool."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Offer the tool."""
        return llm.APIInstance(self, "Wait when asked.", llm_context, [SlowTool()])


async def test_tool_when_it_is_slow_after_a_preamble_then_bytes_keep_flowing(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A satellite gives up on a stream that stops: silence bridges the tool."""
    llm.async_register_api(hass, SlowAPI(hass=hass, id="slow", name="Slow"))
    await change_voice(hass, entry, llm_hass_api=["slow"])
    simulator.script(calls(call("wait"), text="One moment."), reply("Now it is done."))
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice, audio_output="wav")
    assert run.speech == "Now it is done."
    gaps = [late - early for early, late in zip(run.arrivals, run.arrivals[1:], strict=False)]
    assert max(gaps) < 1.2  # at most the length of the preamble, which is still being played


async def test_pipeline_when_mixed_then_issue_and_local_words_are_spoken(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The realtime ear under another agent transcribes; its unheard answer is stopped, and a repair tells of it."""
    pipeline = next(found for found in assist_pipeline.async_get_pipelines(hass) if found.id == voice)
    await assist_pipeline.async_update_pipeline(hass, pipeline, conversation_engine="conversation.home_assistant")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert run.data("intent-end")["processed_locally"]
    assert [request.body["messages"] for request in simulator.requests if request.path == "/v1/tts"]
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"mixed_pipeline_{entry.entry_id}_{voice}")
    assert issue is not None
    (session,) = simulator.sessions
    assert not session.sent("conversation.item.create")


async def test_unload_when_session_is_kept_then_closed(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Nothing stays open behind an entry that is gone."""
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert simulator.open_sessions == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: simulator.open_sessions == 0)


@pytest.mark.parametrize("is_stop", [False, True])
async def test_plain_transcription_when_account_goes_then_ends(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, *, is_stop: bool
) -> None:
    """Neither an unload nor a stop of Home Assistant leaves somebody listening on an open socket."""
    ear = hass.data[DATA_COMPONENT].get_entity("stt.grok_stt")
    assert ear is not None
    hearing = hass.async_create_task(ear.async_process_audio_stream(METADATA, microphone(b"", tail_s=600, speed=1)))
    speech = entry.runtime_data.speech
    await until(lambda: bool(speech._sockets))
    if is_stop:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    else:
        assert await hass.config_entries.async_unload(entry.entry_id)
    result = await asyncio.wait_for(hearing, 5)
    assert result.result is SpeechResultState.ERROR
    assert not speech._sockets


async def test_session_when_nobody_follows_up_then_closed(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """An open session costs money."""
    await change_voice(hass, entry, keep_open_s=1)
    simulator.script(reply("Yes."))
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert simulator.open_sessions == 1
    await until(lambda: simulator.open_sessions == 0)


async def test_answer_when_the_session_has_no_words_then_asked_by_text(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Nobody is left with silence for an answer."""
    simulator.script(reply(""), reply("Here I am."))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert (run.error, run.speech) == (None, "Here I am.")

"""Each voice entity by itself: typed text, plain transcription, plain speech, other languages and voices."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeassistant.components import assist_pipeline, conversation, stt, tts
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.tts.helper import get_engine_instance
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.stt import GrokStt
from custom_components.grok_assist.tts import audio_format
from custom_components.grok_assist.voice.forgetting import LOOKS_S
from tests.simulator.script import reply
from tests.simulator.server import Simulator
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.uttering import speech as utter

from ..agents import change_voice, state_of
from ..talk import speech
from .spoken import microphone, sentence, speak

METADATA = stt.SpeechMetadata(
    language="en",
    format=stt.AudioFormats.WAV,
    codec=stt.AudioCodecs.PCM,
    bit_rate=stt.AudioBitRates.BITRATE_16,
    sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
    channel=stt.AudioChannels.CHANNEL_MONO,
)
TEXT = "Dinner is ready. Please come to the table."


async def spoken_as(hass: HomeAssistant, text: str, engine: str, **options: Any) -> bytes:
    """Have a text spoken by an engine, as announcements and `tts.speak` do."""
    stream = tts.async_create_stream(hass, engine, options=options, language="en")
    stream.async_set_message(text)
    return b"".join([chunk async for chunk in stream.async_stream_result()])


async def test_voice_agent_when_typed_to_then_answers_by_text(
    hass: HomeAssistant, simulator: Simulator, voice: str, context: Context
) -> None:
    """The same prompt and the same tools, without a session."""
    result = await conversation.async_converse(
        hass, "Turn on the kitchen light", None, context, agent_id="conversation.grok_voice"
    )
    assert speech(result)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert simulator.sessions == []


@pytest.mark.parametrize("engine", ["tts.grok_tts", "tts.grok_voice"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"preferred_format": "wav", "preferred_sample_rate": 16_000, "preferred_sample_channels": 1},
        {"preferred_format": "flac", "preferred_sample_rate": 48_000, "preferred_sample_bytes": 2},
        {"preferred_format": "wav", "preferred_sample_rate": 48_000, "preferred_sample_channels": 2},
    ],
    ids=lambda options: options.get("preferred_format", "mp3"),
)
async def test_speech_when_asked_for_then_the_services_sound_in_that_form(
    hass: HomeAssistant, simulator: Simulator, voice: str, engine: str, options: dict[str, Any]
) -> None:
    """Announcements get what the player wants, whoever converts it."""
    data = await spoken_as(hass, TEXT, engine, **options)
    heard, rate = decode(data)
    assert rate == options.get("preferred_sample_rate", 24_000)
    assert similarity(heard, rate, utter(TEXT, voice="eve", rate=24_000), 24_000) > 0.85
    (request,) = [request for request in simulator.requests if request.path == "/v1/tts"]
    assert request.body["query"]["language"] == "en"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ("mp3", 24_000, 1)),
        ({"preferred_format": "wav", "preferred_sample_rate": "22050"}, ("wav", 22_050, 1)),
        (
            {"preferred_format": "flac", "preferred_sample_rate": 48_000, "preferred_sample_channels": 2},
            ("flac", 48_000, 2),
        ),
        ({"preferred_format": "ogg"}, ("wav", 24_000, 1)),
    ],
)
def test_format_when_home_assistant_trusts_the_engine_then_as_asked(
    options: dict[str, Any], wanted: tuple[str, int, int]
) -> None:
    """From 2026.11 on the engine makes what the player asks for; a form it cannot make is left to Home Assistant."""
    chosen = audio_format(options, converts_needlessly=False)
    assert (chosen.kind.value, chosen.rate, chosen.channels) == wanted


async def test_voice_when_named_by_openai_then_the_nearest_one(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A voice name from another service works as well."""
    await spoken_as(hass, TEXT, "tts.grok_tts", voice="Nova")
    (request,) = [request for request in simulator.requests if request.path == "/v1/tts"]
    assert request.body["query"]["voice"] == "eve"


async def test_voices_when_listed_then_those_of_the_service(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The picker offers what the account can use."""
    engine = get_engine_instance(hass, "tts.grok_tts")
    assert isinstance(engine, tts.TextToSpeechEntity)
    voices = engine.async_get_supported_voices("en")
    assert voices is not None
    assert {found.voice_id for found in voices} == set(entry.runtime_data.coordinator.data.voices)


@pytest.mark.parametrize("comes_after_s", [0.0, 5.0], ids=["at-once", "late"])
@pytest.mark.parametrize("fault", ["unauthorized", "rate_limited", "server_error"])
async def test_speech_when_service_refuses_then_a_recording_is_heard_and_not_kept(
    hass: HomeAssistant, simulator: Simulator, voice: str, fault: str, comes_after_s: float
) -> None:
    """A player may fetch the announcement long after it is ready; the text itself is spoken the next time."""
    simulator.fault(fault, path="/v1/tts")
    stream = tts.async_create_stream(hass, "tts.grok_tts", options={}, language="en")
    stream.async_set_message(TEXT)
    await asyncio.sleep(comes_after_s)
    heard, rate = decode(b"".join([chunk async for chunk in stream.async_stream_result()]))
    assert len(heard) > rate
    assert similarity(heard, rate, utter(TEXT, voice="eve", rate=24_000), 24_000) < 0.5
    await asyncio.sleep(sum(LOOKS_S) + 1)
    kept = await hass.async_add_executor_job(lambda: list(Path(hass.config.path("tts")).glob("*")))
    assert kept == []
    heard, rate = decode(await spoken_as(hass, TEXT, "tts.grok_tts"))
    assert similarity(heard, rate, utter(TEXT, voice="eve", rate=24_000), 24_000) > 0.85


@pytest.mark.parametrize("fault", ["drop", "error_event"])
async def test_speech_when_it_breaks_off_then_raised_and_not_kept(
    hass: HomeAssistant, simulator: Simulator, voice: str, fault: str
) -> None:
    """Half an announcement must not be kept for ever as the whole of it."""
    simulator.fault(fault, path="/v1/tts")
    with pytest.raises(HomeAssistantError):
        await spoken_as(hass, TEXT, "tts.grok_tts")
    data = await spoken_as(hass, TEXT, "tts.grok_tts")
    heard, rate = decode(data)
    assert similarity(heard, rate, utter(TEXT, voice="eve", rate=24_000), 24_000) > 0.85


async def test_plain_pipeline_when_spoken_to_then_all_three_parts_are_grok(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The plain engines serve any pipeline: here one that answers by text, spoken from its first sentence on."""
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(
        hass,
        pipeline,
        stt_engine="stt.grok_stt",
        conversation_engine="conversation.grok",
        tts_engine="tts.grok_tts",
    )
    simulator.script(reply("Good morning to you. " + "It is a fine day, and the house is quiet. " * 3))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.transcript == "Good morning."
    assert run.speech.startswith("Good morning to you.")
    heard, rate = decode(run.audio)
    assert len(heard) / rate / 2 > 5
    assert simulator.sessions == []


async def test_transcription_when_service_fails_then_pipeline_says_so(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """No words, no silence: the run ends with an error."""
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(hass, pipeline, stt_engine="stt.grok_stt")
    simulator.fault("server_error", path="/v1/stt")
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.error == "stt-stream-failed"


async def test_realtime_ear_when_another_agent_answers_then_words_are_right(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The voice's ear transcribes for any agent."""
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(hass, pipeline, conversation_engine="conversation.grok")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_ear_when_used_over_http_then_transcription_only(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Outside of a pipeline nobody claims the turn, and nothing of it stays open."""
    engine = stt.async_get_speech_to_text_entity(hass, "stt.grok_voice")
    assert engine is not None
    assert engine.check_metadata(METADATA)
    result = await engine.internal_async_process_audio_stream(METADATA, microphone(sentence("good_morning"), tail_s=1))
    assert (result.text, result.result) == ("Good morning.", stt.SpeechResultState.SUCCESS)


async def test_language_when_pipeline_is_german_then_hinted(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The service is told what is probably spoken, and the names of the home."""
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(
        hass, pipeline, language="de", stt_language="de", tts_language="de", conversation_language="de"
    )
    run = await speak(hass, sentence("kueche_licht_an"), pipeline_id=voice)
    assert run.transcript == "Schalte das Licht in der Küche ein."
    update = simulator.sessions[0].sent("session.update")[0].body["session"]
    transcription = update["audio"]["input"]["transcription"]
    assert transcription["language_hint"] == "de"
    assert {"Kitchen", "Kitchen light"} <= set(transcription["keyterms"])


async def test_settings_when_changed_then_session_has_them(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Everything in the form reaches the wire."""
    await change_voice(
        hass,
        entry,
        voice="onyx",
        speed=1.2,
        vad_threshold=0.6,
        silence_ms=700,
        prefix_padding_ms=200,
        reasoning_effort="high",
        web_search=True,
        x_search=True,
        voice_model="grok-voice-2.0",
    )
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    (session,) = simulator.sessions
    update = session.sent("session.update")[0].body["session"]
    assert session.query["model"] == "grok-voice-2.0"
    assert update["voice"] == "leo"
    assert update["audio"]["output"]["speed"] == 1.2
    assert update["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.6,
        "silence_duration_ms": 700,
        "prefix_padding_ms": 200,
    }
    assert update["reasoning"] == {"effort": "high"}
    assert {"type": "web_search"} in update["tools"]
    assert {"type": "x_search"} in update["tools"]


@pytest.mark.parametrize(
    "told", [("grok-voice-3.0", "WARNING"), ("grok-voice-latest", "DEBUG")], ids=lambda told: told[0]
)
async def test_model_when_replaced_without_a_word_then_warned_once(
    hass: HomeAssistant,
    simulator: Simulator,
    voice: str,
    entry: GrokConfigEntry,
    caplog: pytest.LogCaptureFixture,
    told: tuple[str, str],
) -> None:
    """The service takes any name and answers with what it has; the log tells, once. An alias stands for another."""
    model, level = told
    await change_voice(hass, entry, voice_model=model)
    simulator.fault("substituted_model", times=None, path="/v1/realtime")
    for _ in range(2):
        await speak(hass, sentence("good_morning"), pipeline_id=voice)
    warned = [record for record in caplog.records if "answered by" in record.getMessage()]
    assert [record.levelname for record in warned] == [level]


async def test_search_when_the_service_makes_it_then_heard_after_its_gap(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A server-side search is a silence before the answer, and no reason to give up."""
    await change_voice(hass, entry, web_search=True)
    simulator.voice_pace(search_s=1.5)
    run = await speak(hass, sentence("search_the_news"), pipeline_id=voice)
    assert run.error is None
    assert "search result" in run.speech
    assert len(simulator.sessions) == 1
    assert simulator.sessions[0].text_items == 0


@dataclass
class Partial:
    """What Home Assistant 2026.11 calls a partial result; 2026.10 has none."""

    text: str
    speaker_id: str | None = None


async def test_transcription_when_home_assistant_takes_partial_results_then_given(
    hass: HomeAssistant, simulator: Simulator, voice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 2026.11 on, what is understood can be seen while it is said; the last result is the whole."""
    monkeypatch.setattr(stt, "PartialSpeechResult", Partial, raising=False)
    engine = stt.async_get_speech_to_text_entity(hass, "stt.grok_stt")
    assert isinstance(engine, GrokStt)
    source = microphone(sentence("turn_on_the_light", "in_the_bedroom"), tail_s=1)
    results = [result async for result in engine.async_process_audio_stream_with_progress(METADATA, source)]
    assert len(results) > 1
    assert all(isinstance(result, Partial) for result in results[:-1])
    assert results[-1] == stt.SpeechResult("Turn on the light. In the bedroom.", stt.SpeechResultState.SUCCESS)
    simulator.fault("unauthorized", path="/v1/stt")
    (failed,) = [
        result
        async for result in engine.async_process_audio_stream_with_progress(
            METADATA, microphone(sentence("good_morning"), tail_s=0)
        )
    ]
    assert failed == stt.SpeechResult(None, stt.SpeechResultState.ERROR)


@pytest.mark.parametrize("choice", [{"llm_hass_api": []}, {"state_context": "off"}])
async def test_names_when_the_voice_may_not_know_the_home_then_none_is_told(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator, choice: dict[str, Any]
) -> None:
    """Names of rooms and devices help to understand, but belong to the home."""
    await change_voice(hass, entry, **choice)
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    told = str([event.body for event in simulator.sessions[-1].sent("session.update")])
    assert "Kitchen light" not in told
    assert "keyterms" not in told


async def test_ear_when_asked_outside_of_a_pipeline_and_xai_is_away_then_an_error(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A failure is no success with an ellipsis for words: nobody is there who could say what is wrong."""
    simulator.fault("unavailable", times=None, path="*")
    ear = stt.async_get_speech_to_text_entity(hass, "stt.grok_voice")
    assert ear is not None
    result = await ear.internal_async_process_audio_stream(METADATA, microphone(sentence("good_morning"), tail_s=0.2))
    assert (result.result, result.text) == (stt.SpeechResultState.ERROR, None)

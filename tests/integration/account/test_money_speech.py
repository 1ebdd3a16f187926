"""Speech within limits and budget: plain sockets, uploads and the gates of keys of their own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
import re

from homeassistant.components import stt
from homeassistant.components.tts.entity import TTSAudioRequest
from homeassistant.components.tts.helper import get_engine_instance
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.account.plain_speech import PlainSpeech
from custom_components.grok_assist.core.errors import GrokBudgetError, GrokLimitError, GrokTooDearError
from custom_components.grok_assist.core.usage.budget import Demand
from custom_components.grok_assist.core.usage.ledger import Kind
from custom_components.grok_assist.runtime import (
    GrokConfigEntry,
    async_client_for,
    async_gate_for,
    async_plain_speech_for,
)
from custom_components.grok_assist.stt import GrokStt
from custom_components.grok_assist.tts import GrokTts
from tests.simulator.server import Simulator
from tests.simulator.speech.samples import silence

from ..talk import until
from ..tasks.tasks import PDF, Media, generate
from ..usage import set_options, spend
from ..voice.spoken import microphone, sentence
from ..voice.test_alone import METADATA


def plain_speech(entry: GrokConfigEntry, kind: str) -> PlainSpeech:
    """Return the speech of the first part of a kind."""
    return async_plain_speech_for(entry, next(iter(entry.get_subentries_of_type(kind))))


def cost_of(entry: GrokConfigEntry, kind: Kind) -> float:
    """Return what a kind of calls cost today."""
    totals = entry.runtime_data.meter.page(UsagePeriod.TODAY).by_kind().get(kind)
    return 0.0 if totals is None else totals.cost_usd


def asked(simulator: Simulator, path: str) -> int:
    """Count the requests of a path."""
    return sum(request.path == path for request in simulator.requests)


async def texts(*pieces: str, then_s: float = 0.0) -> AsyncGenerator[str]:
    """Give a text in pieces, and take some time to say that it is all."""
    for piece in pieces:
        yield piece
    await asyncio.sleep(then_s)


async def spoken(hass: HomeAssistant, source: AsyncGenerator[str]) -> bytes:
    """Have a text spoken by the entity."""
    engine = get_engine_instance(hass, "tts.grok_tts")
    assert isinstance(engine, GrokTts)
    options = {"preferred_format": "wav"}
    response = await engine.async_stream_tts_audio(TTSAudioRequest(language="en", options=options, message_gen=source))
    return b"".join([piece async for piece in response.data_gen])


async def heard(hass: HomeAssistant, source: AsyncIterable[bytes]) -> stt.SpeechResult:
    """Have sound transcribed by the entity."""
    engine = stt.async_get_speech_to_text_entity(hass, "stt.grok_stt")
    assert isinstance(engine, GrokStt)
    return await engine.async_process_audio_stream(METADATA, source)


async def endless() -> AsyncGenerator[bytes]:
    """Give silence for ever, a second at a time."""
    while True:
        yield silence(1, 16_000)
        await asyncio.sleep(0)


async def test_speech_when_limit_is_reached_then_held_back(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A request a minute is one, whatever kind it is of; speech takes no place of those that are over in a moment."""
    await set_options(hass, entry, requests_per_minute=1, max_concurrent_requests=1)
    assert await spoken(hass, texts("Dinner is ready."))
    result = await heard(hass, microphone(sentence("good_morning"), tail_s=1))
    assert result.result is stt.SpeechResultState.ERROR
    assert asked(simulator, "/v1/stt") == 0
    with pytest.raises(GrokLimitError):
        await anext(plain_speech(entry, "tts").speak(texts("Again."), voice="eve", language="en"))
    assert asked(simulator, "/v1/tts") == 1


async def test_speech_when_all_places_are_taken_then_goes_on(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The answer that is being written and the voice that reads it run at once."""
    await set_options(hass, entry, max_concurrent_requests=1)
    with await entry.runtime_data.client.gate.enter(tokens=0, patience_s=0):
        assert await spoken(hass, texts("Dinner is ready."))
        assert (await heard(hass, microphone(sentence("good_morning"), tail_s=1))).text


@pytest.mark.parametrize(("path", "kind"), [("/v1/stt", "stt"), ("/v1/tts", "tts")])
async def test_speech_when_service_says_429_then_nobody_calls_for_a_while(
    hass: HomeAssistant, simulator: Simulator, voice: str, caplog: pytest.LogCaptureFixture, path: str, kind: str
) -> None:
    """A refusal of one kind of call holds all of them back."""
    simulator.fault("rate_limited", path=path, retry_after=60)
    if kind == "stt":
        result = await heard(hass, microphone(sentence("good_morning"), tail_s=1))
        assert result.result is stt.SpeechResultState.ERROR
    else:
        assert await spoken(hass, texts("Dinner is ready."))  # a recording says that it cannot be spoken
    before = len(simulator.requests)
    caplog.clear()
    assert await spoken(hass, texts("Lunch is ready."))
    assert re.search(r"tts\.\w+ cannot speak: Grok\w*LimitError\b", caplog.text)
    result = await heard(hass, microphone(sentence("good_morning"), tail_s=1))
    assert result.result is stt.SpeechResultState.ERROR
    assert len(simulator.requests) == before


async def test_upload_when_service_says_429_then_nobody_calls_for_a_while(
    hass: HomeAssistant, simulator: Simulator, media: Media, entry: GrokConfigEntry
) -> None:
    """Documents go through the same gate."""
    simulator.fault("rate_limited", path="/v1/files", retry_after=100)
    for _ in range(2):
        with pytest.raises(HomeAssistantError, match=r"in \d+ seconds"):
            await generate(hass, attachments=[media("bill.pdf", PDF)])
    assert asked(simulator, "/v1/files") == 1
    assert asked(simulator, "/v1/responses") == 0


async def test_transcription_when_it_goes_on_then_booked_meanwhile_and_ended_by_the_budget(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A microphone that nobody closes costs no more than what was left."""
    await set_options(hass, entry, budget_daily_usd=0.01)
    result = await heard(hass, endless())
    assert result.result is stt.SpeechResultState.ERROR
    assert 0.01 <= cost_of(entry, Kind.STT) < 0.011
    assert isinstance(entry.runtime_data.meter.budget_error(), GrokBudgetError)
    before = asked(simulator, "/v1/stt")
    assert (await heard(hass, endless())).result is stt.SpeechResultState.ERROR
    assert asked(simulator, "/v1/stt") == before


async def test_transcription_when_given_up_then_booked(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """What was sent until then is in the books at once, and nothing is held any more."""

    async def slow() -> AsyncGenerator[bytes]:
        """Give two seconds, and then nothing."""
        yield silence(2, 16_000)
        await asyncio.Event().wait()

    hearing = hass.async_create_task(heard(hass, slow()))
    await until(lambda: asked(simulator, "/v1/stt") == 1)
    await asyncio.sleep(0.1)
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    assert cost_of(entry, Kind.STT) == pytest.approx(2 / 3600 * 0.2)
    await set_options(hass, entry, budget_daily_usd=0.02)
    (await entry.runtime_data.meter.admit(Demand.of(0.02 - cost_of(entry, Kind.STT)), 0)).close()


async def test_speech_when_given_up_then_booked(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A player that stops in the middle, and one that never begins to play."""
    speaking = hass.async_create_task(spoken(hass, texts("x" * 300, then_s=30)))
    await until(lambda: cost_of(entry, Kind.TTS) > 0)
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)
    assert cost_of(entry, Kind.TTS) == pytest.approx(300 * 15 / 1e6)


@pytest.mark.parametrize("action", ["stop", "home_assistant"])
async def test_speech_when_text_is_dearer_than_the_rest_then_refused(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry, action: str
) -> None:
    """A book is not read aloud for the last cents, even where small things may still be said."""
    await set_options(hass, entry, budget_daily_usd=0.1, budget_action=action)
    spend(entry, 0.05)
    with pytest.raises(GrokTooDearError):
        await anext(plain_speech(entry, "tts").speak(texts("word " * 2_000), voice="eve", language="en"))
    assert cost_of(entry, Kind.TTS) == 0
    assert await spoken(hass, texts("Dinner is ready."))


async def test_gate_when_parts_share_a_key_then_they_share_it(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """A key of its own has one gate, whether its part writes, hears or speaks; the account's key has the account's."""
    kinds = ("conversation", "voice", "stt", "tts", "ai_task_data")
    parts = [next(iter(entry.get_subentries_of_type(kind))) for kind in kinds]
    assert {async_gate_for(entry, part) for part in parts} == {entry.runtime_data.client.gate}
    for part in parts[:3]:
        hass.config_entries.async_update_subentry(entry, part, data={**part.data, "api_key": "xai-own-key"})
        await hass.async_block_till_done()
    parts = [entry.subentries[part.subentry_id] for part in parts]
    (own,) = {async_gate_for(entry, part) for part in parts[:3]}
    assert {async_gate_for(entry, part) for part in parts[3:]} == {entry.runtime_data.client.gate}
    assert own is not entry.runtime_data.client.gate
    assert (await async_client_for(hass, entry, parts[0])).gate is own

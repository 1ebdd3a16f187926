"""A short way to speak to a pipeline in this very process, as a satellite does, and to hear the answer out."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components import assist_pipeline, stt, tts
from homeassistant.components.assist_pipeline.pipeline import PipelineStage
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import chat_session

from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.samples import silence

RATE = 16_000
CHUNK_BYTES = RATE * 2 // 100
_MONO = stt.SpeechMetadata(
    language="",
    format=stt.AudioFormats.WAV,
    codec=stt.AudioCodecs.PCM,
    bit_rate=stt.AudioBitRates.BITRATE_16,
    sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
    channel=stt.AudioChannels.CHANNEL_MONO,
)


@dataclass(slots=True, kw_only=True)
class Spoken:
    """What came of one spoken run."""

    events: list[assist_pipeline.PipelineEvent] = field(default_factory=list)
    audio: bytes = b""
    arrivals: list[float] = field(default_factory=list)
    """When each piece of the answer's sound came, on the loop's clock."""
    broke_off: bool = False
    """The sound ended as an error."""
    conversation_id: str = ""

    @property
    def kinds(self) -> list[str]:
        """The kinds of the events in their order."""
        return [str(event.type) for event in self.events]

    def data(self, kind: str) -> dict[str, Any]:
        """The data of the first event of a kind."""
        return next((event.data or {} for event in self.events if str(event.type) == kind), {})

    @property
    def transcript(self) -> str:
        """What was understood."""
        return str(self.data("stt-end").get("stt_output", {}).get("text", ""))

    @property
    def speech(self) -> str:
        """What the answer says."""
        response = self.data("intent-end").get("intent_output", {}).get("response", {})
        return str(response.get("speech", {}).get("plain", {}).get("speech", ""))

    @property
    def error(self) -> str | None:
        """The code of the error that ended the run."""
        return self.data("error").get("code")


def sentence(*names: str, pause_s: float = 0.8) -> bytes:
    """Give spoken sentences of the repository, with pauses between them."""
    return silence(pause_s, RATE).join(spoken(name)[1] for name in names)


async def microphone(
    pcm: bytes, *, lead_s: float = 0.2, tail_s: float = 20.0, speed: float = 8.0
) -> AsyncGenerator[bytes]:
    """Give sound as a microphone does, some times faster than life; silence follows."""
    sound = silence(lead_s, RATE) + pcm + silence(tail_s, RATE)
    for start in range(0, len(sound) - CHUNK_BYTES, CHUNK_BYTES):
        yield sound[start : start + CHUNK_BYTES]
        await asyncio.sleep(0.01 / speed)


@dataclass(slots=True)
class _Listener:
    """Notes the events of a run, and fetches the answer as a player does."""

    hass: HomeAssistant
    on_event: Callable[[assist_pipeline.PipelineEvent], None] | None
    run: Spoken = field(default_factory=Spoken)
    _hearing: asyncio.Task[None] | None = None
    _token: str = ""

    def take(self, event: assist_pipeline.PipelineEvent) -> None:
        """Note an event, and fetch the answer as soon as one may."""
        self.run.events.append(event)
        if self.on_event is not None:
            self.on_event(event)
        data = event.data or {}
        if event.type is assist_pipeline.PipelineEventType.RUN_START and "tts_output" in data:
            self._token = data["tts_output"]["token"]
        if data.get("tts_start_streaming") or event.type is assist_pipeline.PipelineEventType.TTS_END:
            self._hearing = self._hearing or self.hass.async_create_task(self._hear())

    async def hear_out(self) -> None:
        """Wait for the last byte of the answer, where there is one."""
        if self._hearing is not None:
            async with asyncio.timeout(20):
                await self._hearing

    async def _hear(self) -> None:
        """Fetch the answer."""
        stream = tts.async_get_stream(self.hass, self._token)
        assert stream is not None
        try:
            async for chunk in stream.async_stream_result():
                self.run.arrivals.append(self.hass.loop.time())
                self.run.audio += chunk
        except HomeAssistantError:
            self.run.broke_off = True


async def speak(
    hass: HomeAssistant,
    pcm: bytes,
    *,
    pipeline_id: str | None = None,
    conversation_id: str | None = None,
    device_id: str | None = None,
    audio_output: str | dict[str, Any] | None = None,
    source: AsyncGenerator[bytes] | None = None,
    end_stage: str = "tts",
    extra_system_prompt: str | None = None,
    on_event: Callable[[assist_pipeline.PipelineEvent], None] | None = None,
) -> Spoken:
    """Run a pipeline from the microphone to the last byte of the answer."""
    listener = _Listener(hass, on_event)
    run = listener.run
    with chat_session.async_get_chat_session(hass, conversation_id) as session:
        run.conversation_id = session.conversation_id
        await assist_pipeline.async_pipeline_from_audio_stream(
            hass,
            context=Context(),
            event_callback=listener.take,
            stt_metadata=_MONO,
            stt_stream=source if source is not None else microphone(pcm),
            pipeline_id=pipeline_id,
            conversation_id=session.conversation_id,
            device_id=device_id,
            conversation_extra_system_prompt=extra_system_prompt,
            tts_audio_output=audio_output,
            end_stage=PipelineStage(end_stage),
        )
    await listener.hear_out()
    return run

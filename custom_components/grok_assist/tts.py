"""Text-to-speech entities: the voice of a realtime session, and plain speech for other pipelines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
import logging
from typing import Any, Final, override

from homeassistant.components import tts
from homeassistant.components.tts.entity import TTSAudioRequest, TTSAudioResponse
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant, callback
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.plain_speech import PlainSpeech
from .const import SUBENTRY_TTS, SUBENTRY_VOICE
from .core.errors import GrokError, GrokModelError
from .core.languages import OfferedLanguages
from .core.media.audio import AudioFormat, AudioKind, make_encoder
from .core.speech.voices import DEFAULT_VOICE, resolve_voice
from .core.voice_settings import VoiceSettings
from .entity import GrokEntity
from .faults import log_fault
from .grok.speech import TTS_RATE, spoken_language
from .realtime.config import OUTPUT_RATE
from .runtime import GrokConfigEntry, async_plain_speech_for
from .voice.conversations import VoiceConversations
from .voice.forgetting import unkept
from .voice.other_engines import async_local_speech
from .voice.recordings import async_clip, samples_of
from .voice.replayable_text import ReplayableText

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0  # nothing is polled; the account's limits bound what runs at once

CONVERTS_NEEDLESSLY: Final = (MAJOR_VERSION, MINOR_VERSION) < (2026, 11)
"""Before 2026.11 Home Assistant sends everything through its own ffmpeg whenever a rate, a width or a number of
channels is asked for, and that ffmpeg holds back a second of WAV or mp3, but hardly anything of short FLAC frames."""
PIECE_BYTES: Final = TTS_RATE * 2 // 10


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a voice for each subentry that speaks."""
    runtime = entry.runtime_data
    for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE):
        voice = GrokVoiceTts(
            entry, subentry, async_plain_speech_for(entry, subentry), runtime.voices[subentry.subentry_id]
        )
        async_add_entities([voice], config_subentry_id=subentry.subentry_id)
    for subentry in entry.get_subentries_of_type(SUBENTRY_TTS):
        speaker = GrokTts(entry, subentry, async_plain_speech_for(entry, subentry))
        async_add_entities([speaker], config_subentry_id=subentry.subentry_id)


class GrokTts(GrokEntity, tts.TextToSpeechEntity):
    """Speaks any text, from its first sentence on."""

    _attr_translation_key = "tts"
    _attr_default_language = "en"
    _attr_supported_languages = OfferedLanguages(LANGUAGES)
    _attr_supported_options: Final = [  # type: ignore[misc]
        tts.ATTR_VOICE,
        tts.ATTR_PREFERRED_FORMAT,
        tts.ATTR_PREFERRED_SAMPLE_RATE,
        tts.ATTR_PREFERRED_SAMPLE_CHANNELS,
        tts.ATTR_PREFERRED_SAMPLE_BYTES,
        tts.ATTR_PREFERRED_BITRATE,
    ]

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, speech: PlainSpeech) -> None:
        """Use the key of the subentry or of the account."""
        super().__init__(entry, subentry)
        # Home Assistant asks an engine of speech for a name of its own: that of the device is not enough.
        self._attr_has_entity_name = False
        self._attr_name = subentry.title
        self._speech = speech
        self._voice = VoiceSettings.from_data(subentry.data)
        self._gone_voices: set[str] = set()
        """What the log was told of."""

    @property
    @override
    def default_options(self) -> Mapping[str, Any]:
        """The subentry's voice."""
        return {tts.ATTR_VOICE: self._voice.voice}

    @callback
    @override
    def async_get_supported_voices(self, language: str) -> list[tts.Voice]:
        """Every voice speaks every language."""
        voices = self._runtime.coordinator.data.voices
        return [tts.Voice(voice_id=voice, name=voice.capitalize()) for voice in voices]

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Speak a text while it comes."""
        return await self._speak(request, request.message_gen)

    async def _speak(self, request: TTSAudioRequest, texts: AsyncIterable[str]) -> TTSAudioResponse:
        """Have a text spoken; where Grok's voice cannot be had, let somebody else say it, or say what is wrong."""
        replayable = ReplayableText(texts)
        policy = self.policy
        error: GrokError | None = policy.spent
        if error is not None and (local := await self._local(request, replayable, error)) is not None:
            return local
        try:
            if error is not None and not policy.may_spend:
                raise error
            first, samples = await self._begin(request, replayable)
        except asyncio.CancelledError:
            replayable.close()
            raise
        except GrokError as failure:
            return await self._stand_in(request, replayable, failure)
        return self._respond(request, _whole(first, samples, replayable))

    async def _begin(self, request: TTSAudioRequest, texts: AsyncIterable[str]) -> tuple[bytes, AsyncGenerator[bytes]]:
        """Have a text spoken; return its first sound and the rest. Where the voice is gone, ours speaks.

        Raises:
            GrokError: it cannot be spoken.
        """
        voice = resolve_voice(request.options.get(tts.ATTR_VOICE) or self._voice.voice)
        samples = self._synthesize(request, texts, voice)
        try:
            return await anext(samples, b""), samples
        except GrokModelError:
            if voice == DEFAULT_VOICE:
                raise
        if voice not in self._gone_voices:
            self._gone_voices.add(voice)
            _LOGGER.warning("%s has no voice %s any more; %s speaks instead", self.entity_id, voice, DEFAULT_VOICE)
        samples = self._synthesize(request, texts, DEFAULT_VOICE)
        return await anext(samples, b""), samples

    async def _stand_in(
        self, request: TTSAudioRequest, replayable: ReplayableText, error: GrokError
    ) -> TTSAudioResponse:
        """Let another engine speak where that is wanted, else play a recording that says what is wrong."""
        log_fault(_LOGGER, logging.WARNING, f"{self.entity_id} cannot speak", error)
        self.report_fault(error)
        if (local := await self._local(request, replayable, error)) is not None:
            return local
        clip = await async_clip(self.hass, error, request.language)
        respond = self._respond(request, samples_of(clip))
        return TTSAudioResponse(respond.extension, self._unkept(respond.data_gen, await replayable.whole()))

    async def _local(
        self, request: TTSAudioRequest, replayable: ReplayableText, error: GrokError
    ) -> TTSAudioResponse | None:
        """Let another engine of Home Assistant speak, if that is wanted and there is one."""
        if not self.policy.may_lend_engine:
            return None
        text = await replayable.whole()
        local = await async_local_speech(self.hass, text.strip(), request.language, request.options)
        if local is None:
            return None
        sound = self._unkept(local.data_gen, text, *self._runtime.handed_over)
        return TTSAudioResponse(local.extension, sound)

    def _unkept(self, sound: AsyncGenerator[bytes], text: str, *others: str) -> AsyncGenerator[bytes]:
        """Give the sound of a stand-in; only sentences that are not Grok's may be kept with it."""
        if text.strip() in (*self._runtime.sentences, *others):
            return sound
        return unkept(self.hass, sound, text, self.entity_id)

    def _respond(self, request: TTSAudioRequest, samples: AsyncGenerator[bytes]) -> TTSAudioResponse:
        """Write samples as the player wants them."""
        wanted = audio_format(request.options, converts_needlessly=CONVERTS_NEEDLESSLY)
        return TTSAudioResponse(wanted.kind.value, self._encode(wanted, samples))

    async def _encode(self, wanted: AudioFormat, samples: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Encode samples as they come.

        Raises:
            HomeAssistantError: the speech broke off; a clean end would be kept as the whole of it.
        """
        encoder = make_encoder(wanted, input_rate=OUTPUT_RATE)
        try:
            async with aclosing(samples):
                async for pcm in samples:
                    for start in range(0, len(pcm), PIECE_BYTES):
                        if data := encoder.encode(pcm[start : start + PIECE_BYTES]):
                            yield data
        except GrokError as error:
            _LOGGER.debug("%s broke off: %s %s", self.entity_id, type(error).__name__, error.detail)
            self.report_fault(error)
            raise self.service_error(error) from None
        if data := encoder.finish():
            yield data

    def _synthesize(self, request: TTSAudioRequest, texts: AsyncIterable[str], voice: str) -> AsyncGenerator[bytes]:
        """Have a text spoken."""
        return self._speech.speak(
            texts,
            voice=voice,
            language=spoken_language(request.language),
            speed=self._voice.speed,
        )


class GrokVoiceTts(GrokTts):
    """Speaks with the session's own sound where that is what is asked for, else as any other voice."""

    _attr_translation_key = "voice"

    def __init__(
        self, entry: GrokConfigEntry, subentry: ConfigSubentry, speech: PlainSpeech, voices: VoiceConversations
    ) -> None:
        """Share the spoken conversations with the other two entities."""
        super().__init__(entry, subentry, speech)
        self._voices = voices

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Take the sound of the turn that the text stands for, or have the text spoken."""
        first = await anext(request.message_gen, "")
        spoken_turn = self._voices.take_sound(first)
        if spoken_turn is not None:
            return self._respond(request, spoken_turn.player.pieces())
        return await self._speak(request, _with_first(first, request.message_gen))


def audio_format(options: Mapping[str, Any], *, converts_needlessly: bool) -> AudioFormat:
    """Read what a player asks for; a container that we do not write is left to Home Assistant, which gets WAV."""
    kind_name = str(options.get(tts.ATTR_PREFERRED_FORMAT) or AudioKind.MP3)
    kind = AudioKind(kind_name) if kind_name in set(AudioKind) else AudioKind.WAV
    details = (
        tts.ATTR_PREFERRED_SAMPLE_RATE,
        tts.ATTR_PREFERRED_SAMPLE_CHANNELS,
        tts.ATTR_PREFERRED_SAMPLE_BYTES,
        tts.ATTR_PREFERRED_BITRATE,
    )
    if converts_needlessly and any(options.get(detail) is not None for detail in details):
        return AudioFormat(kind=AudioKind.FLAC, rate=OUTPUT_RATE, has_small_frames=True)
    return AudioFormat(
        kind=kind,
        rate=int(options.get(tts.ATTR_PREFERRED_SAMPLE_RATE) or OUTPUT_RATE),
        channels=int(options.get(tts.ATTR_PREFERRED_SAMPLE_CHANNELS) or 1),
        bit_rate=int(options.get(tts.ATTR_PREFERRED_BITRATE) or 96) * 1000,
    )


async def _whole(first: bytes, samples: AsyncGenerator[bytes], replayable: ReplayableText) -> AsyncGenerator[bytes]:
    """Give speech whose beginning was waited for."""
    try:
        async with aclosing(samples):
            yield first
            async for pcm in samples:
                yield pcm
    finally:
        replayable.close()


async def _with_first(first: str, rest: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Give a text whose beginning was looked at."""
    if first:
        yield first
    async for text in rest:
        yield text

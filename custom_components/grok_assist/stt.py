"""Speech-to-text entities: that of a voice, and plain transcription for other pipelines."""

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
import logging
from typing import Final, override

from homeassistant.components import stt
from homeassistant.components.stt.models import SpeechAudioProcessing
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.plain_speech import PlainSpeech
from .const import SUBENTRY_STT, SUBENTRY_VOICE
from .core.errors import GrokConnectionError, GrokError, GrokServerError
from .core.languages import OfferedLanguages, transcribed_language
from .core.voice_settings import EndOfSpeech
from .entity import GrokEntity
from .faults import log_fault
from .grok.speech import Transcript
from .home.keyterms import KeytermList
from .realtime.config import INPUT_RATE
from .runtime import GrokConfigEntry, async_plain_speech_for
from .voice.conversations import VoiceConversations

_LOGGER = logging.getLogger(__name__)

OFFERED: Final = OfferedLanguages(LANGUAGES)
PARALLEL_UPDATES = 0  # nothing is polled; the account's limits bound what runs at once


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each voice, and each plain transcription."""
    runtime = entry.runtime_data
    for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE):
        stt = GrokVoiceStt(entry, subentry, runtime.voices[subentry.subentry_id])
        async_add_entities([stt], config_subentry_id=subentry.subentry_id)
    for subentry in entry.get_subentries_of_type(SUBENTRY_STT):
        transcriber = GrokStt(entry, subentry, async_plain_speech_for(entry, subentry))
        async_add_entities([transcriber], config_subentry_id=subentry.subentry_id)


class _Stt(GrokEntity, stt.SpeechToTextEntity):
    """What both kinds take: the one form of audio that Home Assistant's pipeline has."""

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Every language of Home Assistant; what the service does not document it still tries."""
        return OFFERED

    @property
    @override
    def supported_formats(self) -> list[stt.AudioFormats]:
        """Samples; the pipeline calls them WAV and leaves the header out."""
        return [stt.AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        """Plain samples."""
        return [stt.AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        """Sixteen bits."""
        return [stt.AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        """Sixteen kilohertz."""
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[stt.AudioChannels]:
        """One channel."""
        return [stt.AudioChannels.CHANNEL_MONO]

    def _failed(self, error: GrokError) -> stt.SpeechResult:
        """Tell the log and the repairs what went wrong; the pipeline tells the user that something did."""
        # A service that is away is told once, by the list of models; the turn itself says it to the user.
        level = logging.DEBUG if isinstance(error, GrokConnectionError | GrokServerError) else logging.WARNING
        log_fault(_LOGGER, level, f"{self.entity_id} has no words", error)
        self.report_fault(error)
        return stt.SpeechResult(None, stt.SpeechResultState.ERROR)


class GrokVoiceStt(_Stt):
    """Streams the microphone into a realtime session."""

    _attr_translation_key = "voice"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, voices: VoiceConversations) -> None:
        """Share the spoken conversations with the other two entities."""
        super().__init__(entry, subentry)
        self._voices = voices

    @override
    async def async_added_to_hass(self) -> None:
        """Let them know who listens."""
        await super().async_added_to_hass()
        self._voices.stt_entity_id = self.entity_id

    @property
    @override
    def audio_processing(self) -> SpeechAudioProcessing:
        """Say who decides that the user has finished."""
        return SpeechAudioProcessing(
            requires_external_vad=self._voices.voice.end_of_speech is EndOfSpeech.HOME_ASSISTANT,
            prefers_auto_gain_enabled=True,
            prefers_noise_reduction_enabled=True,
        )

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Give what was said; the answer to it is on its way already."""
        spoken_turn = self._voices.begin(metadata.language)
        try:
            text = await self._voices.listen(spoken_turn, stream)
        except GrokError as error:
            words = self._voices.fail(spoken_turn, error)
            if words is None:
                return self._failed(error)
            return stt.SpeechResult(words, stt.SpeechResultState.SUCCESS)
        return stt.SpeechResult(text, stt.SpeechResultState.SUCCESS)


class GrokStt(_Stt):
    """Transcribes for any pipeline."""

    _attr_translation_key = "stt"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, speech: PlainSpeech) -> None:
        """Use the key of the subentry or of the account."""
        super().__init__(entry, subentry)
        self._speech = speech
        self._keyterms: KeytermList | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Know the names of the home."""
        await super().async_added_to_hass()
        self._keyterms = KeytermList(self.hass)

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Give what was said."""
        text = ""
        if (refusal := self._refusal) is not None:
            return self._failed(refusal)
        try:
            async with aclosing(self._transcribe(metadata, stream)) as transcripts:
                async for transcript in transcripts:
                    text = transcript.text
        except GrokError as error:
            return self._failed(error)
        self.clear_fault()
        return stt.SpeechResult(text, stt.SpeechResultState.SUCCESS)

    async def async_process_audio_stream_with_progress(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> AsyncGenerator[object]:
        """Give what is understood while it is said (Home Assistant 2026.11 and newer)."""
        text = ""
        if (refusal := self._refusal) is not None:
            yield self._failed(refusal)
            return
        try:
            async with aclosing(self._transcribe(metadata, stream)) as transcripts:
                async for transcript in transcripts:
                    if not transcript.is_final and transcript.text and transcript.text != text:
                        yield stt.PartialSpeechResult(transcript.text)  # type: ignore[attr-defined]  # 2026.11
                    text = transcript.text
        except GrokError as error:
            yield self._failed(error)
            return
        self.clear_fault()
        yield stt.SpeechResult(text, stt.SpeechResultState.SUCCESS)

    @property
    def _refusal(self) -> GrokError | None:
        """Why nothing may be spent on hearing."""
        policy = self.policy
        return None if policy.may_spend else policy.spent

    def _transcribe(self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]) -> AsyncGenerator[Transcript]:
        """Send the microphone on."""
        keyterms = self._keyterms.terms() if self._keyterms is not None else ()
        return self._speech.transcribe(
            stream, rate=INPUT_RATE, language=transcribed_language(metadata.language), keyterms=keyterms
        )

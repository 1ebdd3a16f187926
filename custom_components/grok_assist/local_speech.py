"""Home Assistant's other engines of speech, for where Grok neither hears nor speaks."""

import asyncio
from collections.abc import AsyncIterable, Mapping
import logging
from typing import Any, Final

from homeassistant.components import stt, tts
from homeassistant.components.tts.const import DATA_COMPONENT, DOMAIN as TTS_DOMAIN
from homeassistant.components.tts.entity import TTSAudioResponse
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.language import matches

from .const import DOMAIN
from .faults import FOREIGN_FAILURES

_LOGGER = logging.getLogger(__name__)

WORDS_S: Final = 8.0
PASSED_ON: Final = (
    tts.ATTR_PREFERRED_FORMAT,
    tts.ATTR_PREFERRED_SAMPLE_RATE,
    tts.ATTR_PREFERRED_SAMPLE_CHANNELS,
    tts.ATTR_PREFERRED_SAMPLE_BYTES,
)


async def async_local_words(hass: HomeAssistant, audio: AsyncIterable[bytes], language: str) -> str:
    """Have another engine write down what was said; empty where there is none or it has no words.

    Args:
        hass: Home Assistant.
        audio: 16-bit mono samples at 16 kHz.
        language: of the speaker.
    """
    for entity_id in _others(hass, stt.DOMAIN):
        entity = stt.async_get_speech_to_text_entity(hass, entity_id)
        spoken = _nearest(language, entity.supported_languages) if entity is not None else None
        if entity is None or spoken is None:
            continue
        metadata = stt.SpeechMetadata(
            language=spoken,
            format=stt.AudioFormats.WAV,
            codec=stt.AudioCodecs.PCM,
            bit_rate=stt.AudioBitRates.BITRATE_16,
            sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
            channel=stt.AudioChannels.CHANNEL_MONO,
        )
        if not entity.check_metadata(metadata):
            continue
        try:
            async with asyncio.timeout(WORDS_S):
                result = await entity.internal_async_process_audio_stream(metadata, audio)
        except FOREIGN_FAILURES as error:
            _LOGGER.debug("%s has no words: %s", entity_id, type(error).__name__)
            return ""
        return result.text or ""
    return ""


@callback
def async_local_speech(
    hass: HomeAssistant, text: str, language: str, options: Mapping[str, Any]
) -> TTSAudioResponse | None:
    """Have another engine speak a text in the form that is wanted; None where there is none for the language."""
    for entity_id in _others(hass, TTS_DOMAIN):
        supported = _languages_of(hass, entity_id)
        spoken = _nearest(language, supported)
        if spoken is None:
            continue
        passed_on = {key: value for key, value in options.items() if key in PASSED_ON}
        try:
            stream = tts.async_create_stream(hass, entity_id, spoken, passed_on)
        except HomeAssistantError as error:
            _LOGGER.debug("%s does not speak: %s", entity_id, error)
            continue
        stream.async_set_message(text)
        return TTSAudioResponse(stream.extension, stream.async_stream_result())
    return None


@callback
def _others(hass: HomeAssistant, domain: str) -> list[str]:
    """Return the engines of a kind that are not ours and are there."""
    entities = er.async_get(hass)
    found = []
    for state in hass.states.async_all(domain):
        entry = entities.async_get(state.entity_id)
        if state.state != "unavailable" and (entry is None or entry.platform != DOMAIN):
            found.append(state.entity_id)
    return found


@callback
def _languages_of(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return what an engine of speech speaks."""
    entity = hass.data[DATA_COMPONENT].get_entity(entity_id)
    return entity.supported_languages if entity is not None else []


def _nearest(language: str, supported: list[str]) -> str | None:
    """Return the tag that an engine knows a language by."""
    return next(iter(matches(language, supported)), None)

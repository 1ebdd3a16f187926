"""Home Assistant's other engines of speech, for where Grok neither hears nor speaks."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing
import logging
from typing import Any, Final

from homeassistant.components import stt, tts
from homeassistant.components.tts.const import DATA_COMPONENT, DOMAIN as TTS_DOMAIN
from homeassistant.components.tts.entity import TTSAudioResponse
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.language import matches

from ..const import DOMAIN
from ..faults import async_tried

_LOGGER = logging.getLogger(__name__)

PATIENCE_S: Final = 8.0
"""For the words, or for the first sound, of all other engines together."""
PASSED_ON: Final = (
    tts.ATTR_PREFERRED_FORMAT,
    tts.ATTR_PREFERRED_SAMPLE_RATE,
    tts.ATTR_PREFERRED_SAMPLE_CHANNELS,
    tts.ATTR_PREFERRED_SAMPLE_BYTES,
)


async def async_local_words(hass: HomeAssistant, listen: Callable[[], AsyncIterable[bytes]], language: str) -> str:
    """Have another engine write down what was said; empty where there is none or none has words in time.

    Args:
        hass: Home Assistant.
        listen: gives the sound from its beginning, once for each engine: 16-bit mono samples at 16 kHz.
        language: of the speaker.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            for entity_id in _others(hass, stt.DOMAIN):
                words = await async_tried(_heard(hass, entity_id, language, listen))
                if isinstance(words, Exception):
                    _LOGGER.debug("%s has no words: %s", entity_id, type(words).__name__)
                elif words:
                    return words
    except TimeoutError:
        _LOGGER.debug("No other engine has words in time")
    return ""


async def _heard(hass: HomeAssistant, entity_id: str, language: str, listen: Callable[[], AsyncIterable[bytes]]) -> str:
    """Return what one engine has heard; empty where it does not take such sound or has no words."""
    entity = stt.async_get_speech_to_text_entity(hass, entity_id)
    spoken = _nearest(language, entity.supported_languages) if entity is not None else None
    if entity is None or spoken is None:
        return ""
    metadata = stt.SpeechMetadata(
        language=spoken,
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates.BITRATE_16,
        sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
        channel=stt.AudioChannels.CHANNEL_MONO,
    )
    if not entity.check_metadata(metadata):
        return ""
    result = await entity.internal_async_process_audio_stream(metadata, listen())
    return (result.text or "").strip()


async def async_local_speech(
    hass: HomeAssistant, text: str, language: str, options: Mapping[str, Any]
) -> TTSAudioResponse | None:
    """Have another engine speak a text in the form that is wanted; None where none speaks the language in time."""
    passed_on = {key: value for key, value in options.items() if key in PASSED_ON}
    try:
        async with asyncio.timeout(PATIENCE_S):
            for entity_id in _others(hass, TTS_DOMAIN):
                said = await async_tried(_said(hass, entity_id, text, language, passed_on))
                if isinstance(said, TTSAudioResponse):
                    return said
                _LOGGER.debug("%s does not speak: %s", entity_id, type(said).__name__)
    except TimeoutError:
        _LOGGER.debug("No other engine speaks in time")
    return None


async def _said(
    hass: HomeAssistant, entity_id: str, text: str, language: str, options: dict[str, Any]
) -> TTSAudioResponse | None:
    """Have one engine speak, as soon as its first sound is there; None where it cannot."""
    entity = hass.data[DATA_COMPONENT].get_entity(entity_id)
    spoken = _nearest(language, entity.supported_languages) if entity is not None else None
    if spoken is None:
        return None
    stream = tts.async_create_stream(hass, entity_id, spoken, options)
    stream.async_set_message(text)
    sound = stream.async_stream_result()
    first = await anext(sound, b"")
    return TTSAudioResponse(stream.extension, _with_first(first, sound)) if first else None


async def _with_first(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give sound whose beginning was waited for."""
    yield first
    async with aclosing(rest):
        async for piece in rest:
            yield piece


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


def _nearest(language: str, supported: list[str]) -> str | None:
    """Return the tag that an engine knows a language by."""
    return next(iter(matches(language, supported)), None)

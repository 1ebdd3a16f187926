"""Engines of speech of other integrations: some hear and speak, some fail, some never come to an end."""

import asyncio
from collections.abc import AsyncIterable
from io import BytesIO
from typing import Any, override
import wave

from homeassistant.components import stt, tts

from tests.simulator.speech.samples import silence

from ..apis import LibraryError

RATE = 16_000


class PlainEar(stt.SpeechToTextEntity):
    """Hears always the same."""

    def __init__(self, name: str, text: str | None) -> None:
        """Hear a text; without one, fail as an engine says it."""
        self._attr_name = name
        self._text = text
        self.heard_bytes = 0
        self.languages: list[str] = []

    @property
    @override
    def supported_languages(self) -> list[str]:
        """English only."""
        return ["en"]

    @property
    @override
    def supported_formats(self) -> list[stt.AudioFormats]:
        """WAV."""
        return [stt.AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        """Samples."""
        return [stt.AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        """Of 16 bits."""
        return [stt.AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        """16 kHz."""
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[stt.AudioChannels]:
        """Mono."""
        return [stt.AudioChannels.CHANNEL_MONO]

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Listen to the end."""
        self.languages.append(metadata.language)
        async for piece in stream:
            self.heard_bytes += len(piece)
        state = stt.SpeechResultState.SUCCESS if self._text is not None else stt.SpeechResultState.ERROR
        return stt.SpeechResult(self._text, state)


class StereoEar(PlainEar):
    """Takes only what a satellite does not send."""

    @property
    @override
    def supported_channels(self) -> list[stt.AudioChannels]:
        """Stereo."""
        return [stt.AudioChannels.CHANNEL_STEREO]


class GermanEar(PlainEar):
    """Knows another language."""

    @property
    @override
    def supported_languages(self) -> list[str]:
        """German only."""
        return ["de"]


class UnreadableEar(PlainEar):
    """Cannot even tell what it knows, once that is said of it."""

    is_broken = False

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Fail as any code may."""
        if self.is_broken:
            raise LibraryError
        return ["en"]


class BrokenEar(PlainEar):
    """Breaks after the first piece."""

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Fail as any code may."""
        async for piece in stream:
            self.heard_bytes += len(piece)
            raise LibraryError
        raise AssertionError("there was no sound")


class HangingEar(PlainEar):
    """Never has words."""

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


class PlainSpeaker(tts.TextToSpeechEntity):
    """Speaks half a second of nothing for whatever it is given."""

    _attr_default_language = "en"
    _attr_supported_languages = ["en"]  # noqa: RUF012 - as Home Assistant declares it

    def __init__(self, name: str) -> None:
        """Speak."""
        self._attr_name = name
        self.said: list[str] = []

    @override
    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        """Give silence."""
        self.said.append(message)
        sink = BytesIO()
        with wave.open(sink, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(silence(0.5, RATE))
        return "wav", sink.getvalue()


class UnreadableSpeaker(PlainSpeaker):
    """Cannot even tell what it speaks, once that is said of it."""

    is_broken = False

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Fail as any code may."""
        if self.is_broken:
            raise LibraryError
        return ["en"]


class BrokenSpeaker(PlainSpeaker):
    """Breaks before it says anything."""

    @override
    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        """Fail as any code may."""
        self.said.append(message)
        raise LibraryError


class SilentSpeaker(PlainSpeaker):
    """Has nothing to say."""

    @override
    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        """Give nothing."""
        self.said.append(message)
        return None, None


class HangingSpeaker(PlainSpeaker):
    """Never comes to the first sound."""

    @override
    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        """Wait for ever."""
        self.said.append(message)
        await asyncio.Event().wait()
        raise AssertionError

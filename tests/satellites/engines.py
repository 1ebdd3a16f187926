"""Speech engines for core's `wyoming` integration, so that satellites can be tested without any voice of ours.

They hear and speak with the simulator's ear and mouth; the transcript of a known sentence is right only if its audio
arrived, and the sound of an answer can be compared with what was said.
"""

from dataclasses import dataclass, field
from typing import Final, override

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Info, TtsProgram, TtsVoice
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStopped

from tests.simulator.speech.hearing import Hearing
from tests.simulator.speech.uttering import speech

from .wyoming_service import OURS, Link, WyomingService

VOICE: Final = "test voice"
SPEECH_RATE: Final = 22_050
_CHUNK_BYTES: Final = 4410


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is under way on one connection; not frozen because it grows."""

    pcm: bytearray = field(default_factory=bytearray)
    rate: int = 16_000
    text: str | None = None
    """The text of a streamed synthesis so far."""


class WyomingEngines(WyomingService):
    """Speech to text and text to speech behind one port."""

    def __init__(self, *, is_streaming: bool = True) -> None:
        """Say whether text can be spoken before it is whole."""
        super().__init__()
        self.hearing = Hearing()
        self.is_deaf = False
        """Whether nothing is understood for now."""
        self.spoken: list[str] = []
        """The texts that were spoken."""
        self._is_streaming = is_streaming
        self._work: dict[Link, _Work] = {}

    @property
    @override
    def info(self) -> Info:
        """Describe one engine of each kind."""
        languages = ["en", "de"]
        model = AsrModel(
            name="known sentences",
            attribution=OURS,
            installed=True,
            description=None,
            version=None,
            languages=languages,
        )
        voice = TtsVoice(
            name=VOICE, attribution=OURS, installed=True, description=None, version=None, languages=languages
        )
        ear = AsrProgram(
            name="test ear", attribution=OURS, installed=True, description=None, version=None, models=[model]
        )
        mouth = TtsProgram(
            name="test mouth", attribution=OURS, installed=True, description=None, version=None, voices=[voice],
            supports_synthesize_streaming=self._is_streaming,
        )  # fmt: skip
        return Info(asr=[ear], tts=[mouth])

    @override
    async def handle(self, link: Link, event: Event) -> None:
        """Hear or speak."""
        work = self._work.setdefault(link, _Work())
        match event.type:
            case "audio-chunk":
                chunk = AudioChunk.from_event(event)
                work.pcm += chunk.audio
                work.rate = chunk.rate
            case "audio-stop":
                text = "" if self.is_deaf else self.hearing.transcribe(bytes(work.pcm), work.rate)
                await link.write(Transcript(text=text).event())
            case "synthesize-start":
                work.text = ""
            case "synthesize-chunk":
                work.text = (work.text or "") + SynthesizeChunk.from_event(event).text
            case "synthesize-stop":
                await self._speak(link, work.text or "")
                await link.write(SynthesizeStopped().event())
            case "synthesize" if work.text is None:
                await self._speak(link, Synthesize.from_event(event).text)

    @override
    async def gone(self, link: Link) -> None:
        """Forget what was under way."""
        self._work.pop(link, None)

    async def _speak(self, link: Link, text: str) -> None:
        """Speak a text."""
        self.spoken.append(text)
        pcm = speech(text, voice=VOICE, rate=SPEECH_RATE)
        await link.write(AudioStart(rate=SPEECH_RATE, width=2, channels=1).event())
        for start in range(0, len(pcm), _CHUNK_BYTES):
            piece = pcm[start : start + _CHUNK_BYTES]
            await link.write(AudioChunk(rate=SPEECH_RATE, width=2, channels=1, audio=piece).event())
        await link.write(AudioStop().event())

"""The conversation on the socket of speech to text: audio comes in frames, text goes out in three kinds of partials."""

from contextlib import suppress
from typing import Final

from ..faults import FaultName
from ..jsontypes import JsonObject
from ..realtime.pace import VoicePace
from ..realtime.vad import Detector, SpeechStarted, SpeechStopped
from .codecs import expanded
from .hearing import UNINTELLIGIBLE, Hearing
from .line import Line
from .pacing import pause
from .samples import BYTES_PER_SAMPLE
from .uttering import sentences
from .wishes import Wishes

# Whoever sends audio before the service is ready is found out in this time.
_READY_S: Final = 0.02
_INTERIM_EVERY_S: Final = 0.5
_AUDIO_BEFORE_FAULT_S: Final = 0.3
# What a recogniser makes of half a sentence.
_FIRST_GUESS: Final = "Um"


class Listener:
    """Understands one stream of audio."""

    def __init__(self, line: Line, wishes: Wishes, pace: VoicePace, hearing: Hearing) -> None:
        """Listen on one line."""
        self._line = line
        self._wishes = wishes
        self._pace = pace
        self._hearing = hearing
        self._pcm = bytearray()
        self._rest = b""
        self._detector = Detector(wishes.rate)
        self._detector.silence_ms = wishes.endpointing_ms
        self._utterance_at: int | None = None
        """The byte at which what is said now has begun."""
        self._taken = 0
        self._interim_at_s = 0.0
        self._texts: list[str] = []

    async def listen(self) -> None:
        """Take in audio until the client says that it was all."""
        await self._greet()
        while True:
            match await self._line.receive():
                case bytes() as data:
                    await self._take(data)
                case {"type": "finalize"}:
                    await self._end_utterance(len(self._pcm))
                    self._detector.forget()
                case _:
                    break
        await self._line.strike()
        await pause(self._pace.stt_s)
        await self._end_utterance(len(self._pcm))
        text = " ".join(self._texts)
        await self._line.send({"type": "transcript.done", "text": text, "duration": self._seconds(len(self._pcm))})

    async def _greet(self) -> None:
        """Say that audio may come, unless a fault forbids; audio before that is too early."""
        with suppress(TimeoutError):
            await self._line.receive(_READY_S)
            await self._line.refuse("Audio was sent before transcript.created")
        if self._line.fault is not FaultName.NO_SESSION:
            await self._line.send({"type": "transcript.created"})

    async def _take(self, data: bytes) -> None:
        """Take in a frame and tell what there is to tell."""
        whole = self._whole_samples(data)
        self._pcm += whole
        if self._seconds(len(self._pcm)) >= _AUDIO_BEFORE_FAULT_S:
            await self._line.strike()
        for heard in self._detector.feed(whole):
            match heard:
                case SpeechStarted() if self._utterance_at is None:
                    self._utterance_at = self._taken
                case SpeechStopped(sample=sample):
                    await pause(self._pace.stt_s)
                    await self._end_utterance(sample * BYTES_PER_SAMPLE)
        await self._guess()

    async def _guess(self) -> None:
        """Send an interim text from time to time."""
        now_s = self._seconds(len(self._pcm))
        if not self._wishes.has_interim_results or self._utterance_at is None:
            return
        if now_s - self._interim_at_s < _INTERIM_EVERY_S:
            return
        self._interim_at_s = now_s
        text = self._transcript(self._utterance_at, len(self._pcm))
        await self._partial(_FIRST_GUESS if text == UNINTELLIGIBLE else text, self._utterance_at, len(self._pcm))

    async def _end_utterance(self, end: int) -> None:
        """Lock what was said since the last utterance, piece by piece, and then as a whole."""
        start, self._utterance_at = self._utterance_at, None
        if start is None:
            return
        self._taken = end
        text = self._transcript(start, end)
        for piece in sentences(text):
            await self._partial(piece, start, end, is_final=True)
        await self._partial(text, start, end, is_final=True, speech_final=True)
        self._texts += [text] if text else []

    async def _partial(
        self, text: str, start: int, end: int, *, is_final: bool = False, speech_final: bool = False
    ) -> None:
        """Send a partial transcript."""
        start_s, duration = self._seconds(start), self._seconds(end - start)
        await self._line.send(
            {
                "type": "transcript.partial",
                "text": text,
                "is_final": is_final,
                "speech_final": speech_final,
                "start": start_s,
                "duration": duration,
                "words": words_of(text, start_s, duration) if is_final else [],
            }
        )

    def _transcript(self, start: int, end: int) -> str:
        """Understand a stretch of the audio."""
        if self._line.fault is FaultName.EMPTY:
            return ""
        return self._hearing.transcribe(bytes(self._pcm[start:end]), self._wishes.rate)

    def _whole_samples(self, data: bytes) -> bytes:
        """Give PCM; half a sample at the end waits for its other half."""
        pcm = expanded(self._rest + data, self._wishes.codec or "pcm")
        odd = len(pcm) % BYTES_PER_SAMPLE
        self._rest = pcm[len(pcm) - odd :]
        return pcm[: len(pcm) - odd]

    def _seconds(self, size: int) -> float:
        """Tell how long so many bytes last."""
        return size / BYTES_PER_SAMPLE / self._wishes.rate


def words_of(text: str, start: float, duration: float) -> list[JsonObject]:
    """Spread the words of a text over a time."""
    words = text.split()
    step = duration / max(len(words), 1)
    return [
        {
            "text": word,
            "start": round(start + place * step, 3),
            "end": round(start + (place + 1) * step, 3),
            "confidence": 0.97,
        }
        for place, word in enumerate(words)
    ]

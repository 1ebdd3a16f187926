"""Our own sentences, spoken by a machine: nobody's voice."""

from io import BytesIO
from typing import Final
import wave

from ..simulator.speech.hearing import spoken
from ..simulator.speech.samples import from_pcm, resampled, to_pcm

RATE: Final = 16_000
FAST_RATE: Final = 24_000
KITCHEN: Final = "turn_on_the_kitchen_light"
THANKS: Final = "thank_you"


def sentence(name: str) -> tuple[str, bytes]:
    """Give the words of a sentence and its sound, 16 bit mono of 16 kHz."""
    return spoken(name)


def quiet(seconds: float) -> bytes:
    """Give silence."""
    return bytes(round(seconds * RATE) * 2)


def faster(pcm: bytes) -> bytes:
    """Give the same sound in 24 kHz."""
    return to_pcm(resampled(from_pcm(pcm), RATE, FAST_RATE))


def wav(pcm: bytes) -> bytes:
    """Give sound as a file."""
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE)
            writer.writeframes(pcm)
        return file.getvalue()

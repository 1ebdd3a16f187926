"""What is asked of plain speech and plain transcription."""

from typing import Final

from .evidence import Evidence, is_understood
from .service import SPEAKING, TRANSCRIBING, Service
from .sound import KITCHEN, RATE, sentence, wav

SPOKEN: Final = "The washing machine is done."
OPEN_S: Final = 20.0
"""For which the socket may be open, all waits together."""
_SHORT_S: Final = 3.0
_LONG_S: Final = 10.0


async def speaking(service: Service, seen: Evidence) -> None:
    """Have a sentence spoken."""
    seen.replies["tts"] = await service.post(
        SPEAKING,
        {
            "text": SPOKEN,
            "language": "en",
            "voice_id": "eve",
            "output_format": {"codec": "mp3", "sample_rate": 24_000},
        },
    )

    text = sentence(KITCHEN)[0]
    form = {"codec": "pcm", "sample_rate": RATE}
    seen.replies["tts pcm"] = await service.post(
        SPEAKING, {"text": text, "language": "en", "voice_id": "eve", "output_format": form}
    )


async def transcribing(service: Service, seen: Evidence) -> None:
    """Have a sentence written down, in a language that is told in several ways."""
    text, pcm = sentence(KITCHEN)
    seen.replies["stt"] = first = await service.upload(TRANSCRIBING, {}, wav(pcm))
    own = seen.replies["tts pcm"].sound if "tts pcm" in seen.replies else b""
    if first.is_ok and own and not is_understood(str(first.response.get("text", "")), text):
        # Our machine speaks too much like a machine: the service may listen to itself.
        seen.sentence = pcm = own
    file = wav(pcm)
    for language in ("", "en", "es", "es-ES"):
        fields = {"language": language} if language else {}
        seen.replies[f"stt {language}".rstrip()] = await service.upload(TRANSCRIBING, fields, file)


async def finalizing(service: Service, seen: Evidence) -> None:
    """End an utterance on a socket without ending the sound."""
    query = {"sample_rate": str(RATE), "encoding": "pcm", "interim_results": "false", "endpointing": "5000"}
    async with service.line(TRANSCRIBING, query, most_s=OPEN_S) as line:
        seen.talks["stt"] = line.talk
        await line.until("transcript.created", seconds=_SHORT_S)
        await line.send_sound(seen.sentence or sentence(KITCHEN)[1])
        await line.rest(_SHORT_S / 3)
        seen.marks["finalize"] = line.place
        await line.send("finalize")
        await line.until("transcript.partial", "error", seconds=_SHORT_S)
        await line.rest(_SHORT_S / 3)
        seen.marks["audio done"] = line.place
        await line.send("audio.done")
        await line.until("transcript.done", "error", seconds=_LONG_S)

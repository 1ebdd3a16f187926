"""Realtime beside the classic pipeline, each counted from the moment at which it can begin to think."""

from statistics import median
from typing import Final

from .clients import Browser
from .figures import Figure, failures
from .place import SHORT, Pipe, Place
from .turns import Timed, Wanted, interleaved

SECTION: Final = "classic: end of speech known to the client's first byte (browser)"
LONG: Final = (
    "Well, that is longer story number {}, so let me begin at the beginning. "
    "The lamp in the living room was switched on this morning at seven, and it has been on since then. "
    "The heating in the bedroom was lowered to seventeen degrees, because the window was open for an hour. "
    "The washing machine has finished, and the laundry is waiting for somebody to hang it up. "
    "The garage door is closed, both doors are locked, and nobody has rung the bell. "
    "It will be dry until the evening, with some sun in the afternoon and hardly any wind. "
    "If you like, I can read the news to you as well, or play some music while you work."
)
ANSWERS: Final = {"short": SHORT, "long": LONG}
REALTIME_S: Final = 0.78
STT_S: Final = 0.35
TTS_S: Final = 0.3
FIRST_TOKEN_S: Final = 0.5
TOKENS_PER_S: Final = 60
SPEED: Final = 8
"""How much faster than real time audio is sent: nobody needs to hear a long answer out."""
LIMIT: Final = 0.6
REALTIME: Final = (Pipe.GROK_ENDS, Pipe.VOICE)


async def measure(place: Place) -> list[Figure]:
    """Measure the three pipelines with both answers."""
    await set_latencies(place, audio_speed=SPEED)
    browser = Browser(place)
    wanted = {
        (pipe, length): Wanted(client=browser, pipe=pipe, answer=answer)
        for length, answer in ANSWERS.items()
        for pipe in (*REALTIME, Pipe.CLASSIC)
    }
    measured = await interleaved(place, wanted, place.rounds.turns)
    figures = []
    for length in ANSWERS:
        classic = [_since_stream_end(turn) for turn in measured.turns[Pipe.CLASSIC, length]]
        if not classic:
            continue
        figures.append(Figure.of_seconds(SECTION, f"{length} answer: classic, from the end of its stream", classic))
        for pipe in REALTIME:
            realtime = [turn.heard.first_byte_at - turn.server_stopped_at for turn in measured.turns[pipe, length]]
            if not realtime:
                continue
            figures.append(
                Figure.of_seconds(SECTION, f"{length} answer: {pipe}, from the server's knowledge", realtime)
            )
            ratio = median(realtime) / median(classic)
            limit = LIMIT if pipe is Pipe.GROK_ENDS else None
            name = f"{length} answer: {pipe} / classic"
            figures.append(Figure(section=SECTION, name=name, unit="ratio", value=ratio, limit=limit))
    return [*figures, *failures(SECTION, measured.errors)]


async def set_latencies(place: Place, **pace: float) -> None:
    """Make both ways as fast as they are in reality."""
    await place.begin(first_audio_s=REALTIME_S, stt_s=STT_S, tts_s=TTS_S, **pace)
    await place.simulator.pace(first_delta_s=FIRST_TOKEN_S, tokens_per_s=TOKENS_PER_S)


def _since_stream_end(turn: Timed) -> float:
    """Count from the end of the microphone's stream: then the classic pipeline's ear has everything."""
    assert turn.heard.stopped_at is not None
    return turn.heard.first_byte_at - turn.heard.stopped_at

"""A spoken turn that anybody can watch in a terminal: what was understood, what was done, and how long it took."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler

from .assist import PipelineEvent
from .errors import HarnessError
from .microphone import RATE
from .simulator import SimulatorProcess
from .terminal import Style, Terminal
from .voice import VoiceTurn, voice_turn
from .websocket import HomeAssistantSocket

PIPELINE: Final = "Grok Voice"


class SoundError(HarnessError):
    """A file that holds no sound that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A recording to be spoken."""

    name: str
    pcm: bytes
    """16-bit mono samples at `RATE`."""


def read_sentence(path: Path) -> Sentence:
    """Read any sound file as the microphone would hear it.

    Raises:
        SoundError: the file is not there or holds no sound.
    """
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    pcm = bytearray()
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    pcm += bytes(part.planes[0])[: part.samples * 2]
            for part in resampler.resample(None):
                pcm += bytes(part.planes[0])[: part.samples * 2]
    except (OSError, av.FFmpegError, IndexError) as error:
        message = f"{path} is no sound file: {error}"
        raise SoundError(message) from error
    return Sentence(name=path.name, pcm=bytes(pcm))


async def find_pipeline(socket: HomeAssistantSocket, name: str = PIPELINE) -> str:
    """Give the id of the newest pipeline of a name, or of one that begins so.

    Raises:
        HarnessError: there is none.
    """
    listing = await socket.call("assist_pipeline/pipeline/list")
    found = [pipeline["id"] for pipeline in listing["pipelines"] if pipeline["name"].startswith(name)]
    if not found:
        message = f"Home Assistant has no assistant named {name!r}"
        raise HarnessError(message)
    return str(found[-1])


async def show_spoken_turn(
    socket: HomeAssistantSocket,
    url: str,
    sentence: Sentence,
    terminal: Terminal,
    *,
    answer: Path,
    pipeline: str | None = None,
    simulator: SimulatorProcess | None = None,
) -> VoiceTurn:
    """Speak a sentence to a pipeline (None: Grok's), show what happens, and write the answer into a file.

    Raises:
        HarnessError: there is no such pipeline.
    """
    length_s = len(sentence.pcm) / RATE / 2
    terminal.labelled("You", f"({sentence.name}, {length_s:.1f} s of speech)", Style.GREEN)

    def show(event: PipelineEvent) -> None:
        """Show an event as it comes."""
        if event.kind == "stt-end":
            terminal.labelled("heard", event.data["stt_output"]["text"], Style.GREEN)
        terminal.event(event)

    chosen = pipeline or await find_pipeline(socket)
    turn = await voice_turn(socket, url, sentence.pcm, pipeline=chosen, on_event=show)
    terminal.labelled("time", _times(turn, await _servers_share(simulator)), Style.DIM)
    if turn.audio:
        await asyncio.to_thread(answer.write_bytes, turn.audio)
        terminal.labelled("answer", f"{answer} ({len(turn.audio) // 1000} kB)", Style.DIM)
    return turn


def _times(turn: VoiceTurn, server: str) -> str:
    """Tell how long the user waited, and for whom."""
    if turn.first_byte_at is None or turn.last_spoken_at is None:
        return "nothing was to be heard"
    waited = turn.first_byte_at - turn.last_spoken_at
    parts = [f"end of speech → first audio {waited:.2f} s"]
    if (ended_at := turn.at("stt-vad-end")) is not None:
        parts.append(f"of which Home Assistant waited {ended_at - turn.last_spoken_at:.2f} s for silence")
    return ", ".join([*parts, *([server] if server else [])])


async def _servers_share(simulator: SimulatorProcess | None) -> str:
    """Tell what the service itself took, where that is known."""
    sessions = await simulator.sessions() if simulator is not None else []
    responses = [found for found in (sessions[-1]["responses"] if sessions else []) if found["first_audio_at"]]
    stops = [item["speech_stopped_at"] for item in (sessions[-1]["items"] if sessions else [])]
    if not responses or not stops or stops[-1] is None:
        return ""
    return f"the service spoke {responses[-1]['first_audio_at'] - stops[-1]:.2f} s after it had heard the end"

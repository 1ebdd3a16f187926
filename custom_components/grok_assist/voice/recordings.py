"""What is heard where Grok's voice cannot be had: another engine of Home Assistant, or a short recording of ours."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from io import BytesIO
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler
from homeassistant.core import HomeAssistant
from homeassistant.util.language import matches

from ..core.errors import GrokAuthError, GrokBudgetError, GrokCreditsError, GrokError, GrokPermissionError
from ..faults import SPOKEN_LANGUAGES
from ..realtime.config import OUTPUT_RATE

CLIPS: Final = Path(__file__).parent / "clips"


class ReplayableText:
    """A text on its way to a voice, kept in case that voice fails: it can be read again from its beginning."""

    def __init__(self, texts: AsyncIterable[str]) -> None:
        """Begin to read."""
        self._kept: list[str] = []
        self._news = asyncio.Event()
        self._reader = asyncio.get_running_loop().create_task(self._read(texts), name="grok_assist text to be spoken")
        # A source that fails has ended; whoever runs it says why.
        self._reader.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def __aiter__(self) -> AsyncGenerator[str]:
        """Give the texts as they come."""
        position = 0
        while True:
            news = self._news
            while position < len(self._kept):
                yield self._kept[position]
                position += 1
            if self._reader.done():
                return
            await news.wait()

    async def whole(self) -> str:
        """Return all of it."""
        return "".join([text async for text in self])

    def close(self) -> None:
        """Read no more."""
        self._reader.cancel()

    async def _read(self, texts: AsyncIterable[str]) -> None:
        """Keep what comes, whoever listens."""
        try:
            async for text in texts:
                self._kept.append(text)
                self._tell()
        finally:
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        """Wake whoever waits for more."""
        news, self._news = self._news, asyncio.Event()
        news.set()


async def async_clip(hass: HomeAssistant, error: GrokError, language: str) -> bytes:
    """Return samples of the recording that says what is wrong, in the nearest language we have."""
    nearest = (matches(language, SPOKEN_LANGUAGES) or ["en"])[0]
    return await hass.async_add_executor_job(_read, CLIPS / f"{_name(error)}-{nearest}.mp3")


async def samples_of(clip: bytes, error: GrokError | None) -> AsyncGenerator[bytes]:
    """Give a recording; with an error the player is told at its end that it was not the text itself.

    Raises:
        GrokError: the given one: Home Assistant would else keep the recording as the sound of the text.
    """
    yield clip
    if error is not None:
        raise error


def _name(error: GrokError) -> str:
    """Choose the recording."""
    match error:
        case GrokBudgetError() | GrokCreditsError():
            return "limit"
        case GrokAuthError() | GrokPermissionError():
            return "key"
    return "unreachable"


def _read(path: Path) -> bytes:
    """Decode a recording to 16-bit mono samples."""
    resampler = AudioResampler(format="s16", layout="mono", rate=OUTPUT_RATE)
    with av.open(BytesIO(path.read_bytes()), "r") as container:
        frames = [frame for decoded in container.decode(audio=0) for frame in resampler.resample(decoded)]
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in [*frames, *resampler.resample(None)])

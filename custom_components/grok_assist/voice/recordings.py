"""What is heard where nobody can speak: a short recording of ours."""

from collections.abc import AsyncGenerator
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


async def async_clip(hass: HomeAssistant, error: GrokError, language: str) -> bytes:
    """Return samples of the recording that says what is wrong, in the nearest language we have."""
    nearest = (matches(language, SPOKEN_LANGUAGES) or ["en"])[0]
    return await hass.async_add_executor_job(_read, CLIPS / f"{_name(error)}-{nearest}.mp3")


async def samples_of(clip: bytes) -> AsyncGenerator[bytes]:
    """Give a recording as if somebody spoke it now."""
    yield clip


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

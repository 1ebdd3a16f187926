"""How fast the voice model listens, thinks and speaks, and what it does with a user who goes on speaking."""

from dataclasses import dataclass
from enum import StrEnum


class Resume(StrEnum):
    """What happens when the user speaks again after a stop that the server has noticed (API reference 3.7)."""

    AUTO = "auto"
    """As `same_item` before the commit, as `new_item` after it."""
    SAME_ITEM = "same_item"
    """`speech_started` repeats with the same item, and the answer that had begun is dropped without an end."""
    NEW_ITEM = "new_item"
    """A new item; the old answer ends with `response.done`, status cancelled."""
    VANISH = "vanish"
    """A new item; the old answer is dropped without an end, and a late delta of it still comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePace:
    """All times are counted from the end of speech, or from the `response.create` that asks for an answer."""

    transcript_s: float = 0.0
    """Until the commit and the final transcript."""
    first_audio_s: float = 0.0
    tool_s: float = 0.0
    """Until a function call is out."""
    search_s: float = 0.0
    """The silent gap of a server-side search, on top of the others."""
    delta_ms: int = 100
    audio_speed: float = 1.5
    """How much faster than real time audio is sent; zero means all at once."""
    resume: Resume = Resume.AUTO
    ping_s: float = 10.0
    stt_s: float = 0.0
    """Until `/v1/stt` answers."""
    tts_s: float = 0.0
    """Until `/v1/tts` sends its first byte."""

"""The dialects of plain speech and plain transcription."""

from typing import Final

from .dialect import Dialect

SPEECH: Final[tuple[Dialect, ...]] = ()

"""The dialects of the realtime voice."""

from typing import Final

from .dialect import Dialect

VOICE: Final[tuple[Dialect, ...]] = ()

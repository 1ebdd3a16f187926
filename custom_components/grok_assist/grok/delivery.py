"""Whether a request that failed may have been carried out all the same."""

from typing import Final

from ..core.errors import GrokAnswerError, GrokConnectionError, GrokError, GrokServerError

MOMENTARY: Final = frozenset({503, 529})
"""Statuses of a service that has no room for the moment and has done nothing."""

_NEVER_SENT: Final = frozenset({"ConnectError", "ConnectTimeout"})
"""What `Shell.translate` tells of a connection that never stood."""


def may_be_done(error: GrokError) -> bool:
    """Tell whether the service may have done what it was asked: its answer was lost or makes no sense."""
    match error:
        case GrokConnectionError():
            return error.detail not in _NEVER_SENT
        case GrokServerError():
            return error.status not in MOMENTARY
    return isinstance(error, GrokAnswerError)

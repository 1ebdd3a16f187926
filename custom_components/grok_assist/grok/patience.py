"""How long somebody waits for an answer, and when it is asked for again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
import math
from typing import Final

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError

RETRY_DELAYS_S: Final = (0.5, 1.0)
RETRY_CONNECT_WITHIN_S: Final = 6.0  # later a second try would keep the user waiting beyond 20 s
RETRY_SERVER_WITHIN_S: Final = 10.0


def _do_nothing() -> None:
    """Take note of nothing."""


def _for_ever() -> float:
    """Have all the time in the world."""
    return math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The patience of one who asks."""

    queue_s: float = 15.0
    """For limits."""
    retry_delays_s: tuple[float, ...] = RETRY_DELAYS_S
    """Before each further try while nothing has come yet."""
    on_admitted: Callable[[], None] = _do_nothing
    """Called when the limits let a call go."""
    left_s: Callable[[], float] = _for_ever
    """How much is left of the whole time; to wait longer for limits makes no sense."""

    @property
    def present_queue_s(self) -> float:
        """For limits, as of now."""
        return max(0.0, min(self.queue_s, self.left_s()))

    def within(self, deadline: asyncio.Timeout, limit_s: float) -> Patience:
        """Let a deadline, which had to include the time for money and limits, begin when these let the call go."""
        loop = asyncio.get_running_loop()
        queue_ends = loop.time() + self.queue_s
        ends: float | None = None

        def begin() -> None:
            """Move the deadline, once: a later call of the same question must not put it off."""
            nonlocal ends
            if ends is None and not deadline.expired():
                ends = loop.time() + limit_s
                deadline.reschedule(ends)

        def left_s() -> float:
            """Return what is left: of the time for money and limits, then of the question's own."""
            return (queue_ends if ends is None else ends) - loop.time()

        return replace(self, on_admitted=begin, left_s=left_s)


USUAL_PATIENCE: Final = Patience()


def may_retry(error: GrokError, elapsed_s: float) -> bool:
    """Tell whether trying again is honest: passing trouble, and still quick enough for someone who waits."""
    match error:
        case GrokTimeoutError():
            return False
        case GrokConnectionError():
            return elapsed_s < RETRY_CONNECT_WITHIN_S
        case GrokServerError():
            return elapsed_s < RETRY_SERVER_WITHIN_S
    return False

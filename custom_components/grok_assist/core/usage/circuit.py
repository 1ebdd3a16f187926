"""What happens after the service said 429: nobody calls for a while, then one tries."""

import math
from typing import Final

FIRST_DELAY_S: Final = 1.0
MAX_DELAY_S: Final = 30.0
MAX_RETRY_AFTER_S: Final = 3_600.0
PROBE_S: Final = 45.0
"""A probe that has not been judged for so long is lost, and another may try."""


class Circuit:
    """Closed while calls pass; open after a 429; then one probe at a time until one succeeds.

    Times are seconds of a monotonic clock; a clock that goes backwards stands still.
    """

    def __init__(self) -> None:
        """Start closed."""
        self._now = float("-inf")
        self._open_until: float | None = None
        self._probe_until: float | None = None
        self._delay_s = FIRST_DELAY_S

    @property
    def is_closed(self) -> bool:
        """Whether calls pass freely."""
        return self._open_until is None

    def wait_s(self, now: float) -> float:
        """Seconds for which certainly nobody may call; how long a probe takes is unknown and not in it."""
        now = self._tick(now)
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def next_at(self, now: float) -> float | None:
        """When trying to enter makes sense again unless a probe is judged before; None if it does now."""
        now = self._tick(now)
        if self._open_until is None:
            return None
        at = self._open_until if self._probe_until is None else max(self._open_until, self._probe_until)
        return at if at > now else None

    def try_enter(self, now: float) -> bool:
        """Tell whether a call may go; unless the circuit is closed it is the probe, which has to be judged."""
        now = self._tick(now)
        if self._open_until is None:
            return True
        if self.next_at(now) is not None:
            return False
        self._probe_until = now + PROBE_S
        return True

    def succeed(self) -> None:
        """Close after the probe was served; the next trip starts with the shortest delay."""
        self._open_until = None
        self._probe_until = None
        self._delay_s = FIRST_DELAY_S

    def trip(self, retry_after_s: float | None, now: float, jitter: float) -> None:
        """Open after a 429 to a call that began while the circuit was closed, or to the probe.

        The delay is the service's wish, at most an hour; without one it doubles from 1 s to 30 s, moved by `jitter`,
        which is within 0 and 1, by up to a quarter.
        """
        now = self._tick(now)
        self._probe_until = None
        if retry_after_s is not None:
            self._open_until = now + _clamp(retry_after_s)
            return
        self._open_until = now + min(self._delay_s * (0.75 + 0.5 * jitter), MAX_DELAY_S)
        self._delay_s = min(self._delay_s * 2, MAX_DELAY_S)

    def hold(self, retry_after_s: float | None, now: float) -> None:
        """Stay open for longer, if the service wishes, after a 429 to a call that began before the circuit opened."""
        now = self._tick(now)
        if self._open_until is not None and retry_after_s is not None:
            self._open_until = max(self._open_until, now + _clamp(retry_after_s))

    def abandon(self) -> None:
        """Let another try after the probe ended without a judgement."""
        self._probe_until = None

    def _tick(self, now: float) -> float:
        """Move the clock, forward only."""
        self._now = max(self._now, now)
        return self._now


def _clamp(retry_after_s: float) -> float:
    """Bound the service's wish; what is no number is no wait."""
    return 0.0 if math.isnan(retry_after_s) else min(max(0.0, retry_after_s), MAX_RETRY_AFTER_S)

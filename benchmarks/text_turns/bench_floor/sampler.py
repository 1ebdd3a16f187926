"""A sampler of the event loop: a timer signal looks at the stack many times a second."""

from collections import Counter
import signal
from types import FrameType
from typing import Final

LIMIT: Final = 80  # frames of one stack


class Sampler:
    """Counts the stacks that the main thread is seen in; they are text, outermost frame first."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.period_s = 0.0
        self._seen: Counter[str] = Counter()

    def start(self, period_s: float) -> None:
        """Look at the stack every so many seconds of real time."""
        self._seen = Counter()
        self.period_s = period_s
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, period_s, period_s)

    def stop(self) -> Counter[str]:
        """Stop looking and give the stacks with their counts."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        return self._seen

    def _look(self, _number: int, frame: FrameType | None) -> None:
        """Count one stack."""
        frames: list[str] = []
        while frame is not None and len(frames) < LIMIT:
            code = frame.f_code
            frames.append(f"{code.co_qualname} ({_place(code.co_filename)}:{frame.f_lineno})")
            frame = frame.f_back
        self._seen[";".join(reversed(frames))] += 1


def _place(path: str) -> str:
    """Shorten a file's path to what identifies it."""
    for root in ("/site-packages/", "/custom_components/", "/python3.14/"):
        if root in path:
            return path.rpartition(root)[2]
    return "/".join(path.rsplit("/", 2)[-2:])

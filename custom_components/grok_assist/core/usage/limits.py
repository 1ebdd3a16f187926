"""Our own limits: how many requests and tokens an account may spend in a minute and an hour, and who goes next."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from ..json_types import JsonMapping, JsonObject
from ..settings import read_number

DEFAULT_REQUESTS_PER_MINUTE: Final = 480
DEFAULT_REQUESTS_PER_HOUR: Final = 20_000
DEFAULT_TOKENS_PER_MINUTE: Final = 2_000_000
DEFAULT_CONCURRENT_REQUESTS: Final = 8

MIN_REQUESTS: Final = 1
MAX_REQUESTS_PER_MINUTE: Final = 10_000
MAX_REQUESTS_PER_HOUR: Final = 500_000
MIN_TOKENS_PER_MINUTE: Final = 1_000
MAX_TOKENS_PER_MINUTE: Final = 100_000_000
MAX_CONCURRENT_REQUESTS: Final = 100

MINUTE_S: Final = 60
HOUR_S: Final = 3_600

_BUCKET_S: Final = 10
_HISTORY: Final = "history"


class LimitKind(StrEnum):
    """The limits by the names that errors and events carry."""

    REQUESTS_PER_MINUTE = "requests_per_minute"
    REQUESTS_PER_HOUR = "requests_per_hour"
    TOKENS_PER_MINUTE = "tokens_per_minute"
    CONCURRENT_REQUESTS = "concurrent_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one account allows itself."""

    requests_per_minute: int = DEFAULT_REQUESTS_PER_MINUTE
    requests_per_hour: int = DEFAULT_REQUESTS_PER_HOUR
    tokens_per_minute: int = DEFAULT_TOKENS_PER_MINUTE
    concurrent_requests: int = DEFAULT_CONCURRENT_REQUESTS

    @classmethod
    def from_options(cls, options: JsonMapping) -> Limits:
        """Read the account's options; what is absent has its default, what is out of bounds is moved into them."""

        def read(key: str, default: int, low: int, high: int) -> int:
            """Read one whole number."""
            return int(read_number(options.get(key), default, low, high))

        return cls(
            requests_per_minute=read(
                "requests_per_minute", DEFAULT_REQUESTS_PER_MINUTE, MIN_REQUESTS, MAX_REQUESTS_PER_MINUTE
            ),
            requests_per_hour=read("requests_per_hour", DEFAULT_REQUESTS_PER_HOUR, MIN_REQUESTS, MAX_REQUESTS_PER_HOUR),
            tokens_per_minute=read(
                "tokens_per_minute", DEFAULT_TOKENS_PER_MINUTE, MIN_TOKENS_PER_MINUTE, MAX_TOKENS_PER_MINUTE
            ),
            concurrent_requests=read(
                "max_concurrent_requests", DEFAULT_CONCURRENT_REQUESTS, MIN_REQUESTS, MAX_CONCURRENT_REQUESTS
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When a waiting request can go as far as is known, and what holds it back."""

    wait_s: float
    """Seconds until the windows have room; how long the requests under way take is unknown and not in it."""
    limit: LimitKind


@dataclass(slots=True, kw_only=True, eq=False)
class _Use:
    """What one or more requests took of a window at one time."""

    at: float
    weight: int


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """One request's place, from the queue until it is released; only the limiter changes it."""

    tokens: int
    takes_place: bool = True
    """Whether it counts among the requests at the same time; speech goes on for as long as somebody speaks."""
    is_running: bool = False
    use: _Use | None = None
    """Its tokens in their window, once it was admitted."""


class Limiter:
    """Admits requests first come, first served, so that no window ever holds more than its limit.

    Times are seconds of a monotonic clock; a clock that goes backwards stands still. The head of the queue is never
    overtaken but by who needs no place while all are taken, so a large request gets its turn; one that is larger than
    the window goes when the window is empty.
    """

    def __init__(self, limits: Limits) -> None:
        """Start with an empty history."""
        self._places = limits.concurrent_requests
        self._running = 0
        self._now = float("-inf")
        self._queue: dict[Ticket, None] = {}
        self._windows = _Windows(
            minute=_Window(LimitKind.REQUESTS_PER_MINUTE, limits.requests_per_minute, MINUTE_S),
            hour=_Window(LimitKind.REQUESTS_PER_HOUR, limits.requests_per_hour, HOUR_S),
            tokens=_Window(LimitKind.TOKENS_PER_MINUTE, limits.tokens_per_minute, MINUTE_S),
        )

    def enqueue(self, tokens: int, now: float, *, takes_place: bool = True) -> Ticket:
        """Put a request with this estimate of its tokens at the end of the queue."""
        self._tick(now)
        ticket = Ticket(tokens=max(tokens, 0), takes_place=takes_place)
        self._queue[ticket] = None
        return ticket

    def poll(self, now: float, most: int | None = None) -> list[Ticket]:
        """Admit those who can go now, in order, and at most so many."""
        now = self._tick(now)
        admitted: list[Ticket] = []
        while len(admitted) != most and (ticket := self._next()) is not None:
            if self._windows.opening(ticket.tokens, now).at > now:
                break
            del self._queue[ticket]
            ticket.use = self._windows.add(ticket.tokens, now)
            ticket.is_running = ticket.takes_place
            self._running += ticket.takes_place
            admitted.append(ticket)
        return admitted

    def next_at(self, now: float) -> float | None:
        """When polling makes sense again; None when nobody waits or only a release can help."""
        now = self._tick(now)
        ticket = self._next()
        return None if ticket is None else self._windows.opening(ticket.tokens, now).at

    def _next(self) -> Ticket | None:
        """Return who goes next: the first; while no place is free the first of those that need none."""
        has_place = self._running < self._places
        return next((ticket for ticket in self._queue if has_place or not ticket.takes_place), None)

    def outlook(self, ticket: Ticket, now: float) -> Outlook:
        """Foresee when a waiting request can go, given everybody before it and the estimates of those under way."""
        now = self._tick(now)
        windows, opening = self._windows.copy(), _Opening(now, LimitKind.CONCURRENT_REQUESTS)
        for other in self._queue_until(ticket):
            opening = max(opening, windows.opening(other.tokens, opening.at), key=lambda one: one.at)
            windows.expire(opening.at)
            windows.add(other.tokens, opening.at)
        return Outlook(wait_s=opening.at - now, limit=opening.kind)

    def cancel(self, ticket: Ticket) -> None:
        """Take a waiting request out of the queue; one that is not in it is left alone."""
        self._queue.pop(ticket, None)

    def settle(self, ticket: Ticket, tokens: int, now: float) -> None:
        """Replace an admitted request's estimate by its real usage, at the time it was admitted."""
        now = self._tick(now)
        if ticket.use is not None:
            self._windows.tokens.change(ticket.use, max(tokens, 0), now)

    def release(self, ticket: Ticket, now: float) -> None:
        """Give back the place of a request that has ended; a second time does nothing."""
        self._tick(now)
        if ticket.is_running:
            ticket.is_running = False
            self._running -= 1

    def snapshot(self, now: float) -> JsonObject:
        """Return the last hour as JSON: rows of age in seconds, requests and tokens, ages rounded down to 10 s."""
        now = self._tick(now)
        requests, tokens = self._windows.hour.by_age(now), self._windows.tokens.by_age(now)
        return {_HISTORY: [[age, requests[age], tokens[age]] for age in sorted({*requests, *tokens})]}

    def restore(self, snapshot: object, age_s: float, now: float) -> None:
        """Add a stored history that was written so long ago; a clock that was set back since counts as no time.

        Ages were rounded down, so never more is permitted than the true history would. What cannot be read is left
        out.
        """
        now = self._tick(now)
        written_at = now - max(0.0, age_s)
        self._windows.put_back([(written_at - age, requests, tokens) for age, requests, tokens in _rows(snapshot)])
        self._windows.expire(now)

    def _tick(self, now: float) -> float:
        """Move the clock, forward only, and forget what is past."""
        self._now = max(self._now, now)
        self._windows.expire(self._now)
        return self._now

    def _queue_until(self, ticket: Ticket) -> list[Ticket]:
        """Return those who wait before this one, and itself; nobody if it does not wait."""
        waiting = list(self._queue)
        return waiting[: waiting.index(ticket) + 1] if ticket in self._queue else []


class _Opening(NamedTuple):
    """When there is room, and the limit that decides it."""

    at: float
    kind: LimitKind


class _Window:
    """The uses of the last so many seconds, oldest first, and their sum."""

    def __init__(self, kind: LimitKind, limit: int, span_s: int, uses: Iterable[_Use] = ()) -> None:
        """Start with these uses, which are in order."""
        self._kind = kind
        self._limit = limit
        self._span_s = span_s
        self._uses = deque(uses)
        self._held = sum(use.weight for use in self._uses)

    def copy(self) -> _Window:
        """Return a window to look ahead with; it shares the uses."""
        return _Window(self._kind, self._limit, self._span_s, self._uses)

    def expire(self, now: float) -> None:
        """Forget what is older than the span."""
        while self._uses and self._uses[0].at + self._span_s <= now:
            self._held -= self._uses.popleft().weight

    def opening(self, weight: int, now: float) -> _Opening:
        """When this weight has room, one beyond the limit when nothing is held; `now` if it has."""
        room, held, at = max(self._limit - weight, 0), self._held, now
        for use in self._uses:
            if held <= room:
                break
            held -= use.weight
            at = use.at + self._span_s
        return _Opening(at, self._kind)

    def add(self, weight: int, now: float) -> _Use:
        """Note a use, now."""
        use = _Use(at=now, weight=weight)
        self._uses.append(use)
        self._held += weight
        return use

    def change(self, use: _Use, weight: int, now: float) -> None:
        """Give a use another weight; one that has expired is past changing."""
        if use.at + self._span_s > now:
            self._held += weight - use.weight
            use.weight = weight

    def put_back(self, uses: list[_Use]) -> None:
        """Note earlier uses in their order."""
        self._uses = deque(sorted([*uses, *self._uses], key=lambda use: use.at))
        self._held += sum(use.weight for use in uses)

    def by_age(self, now: float) -> Counter[int]:
        """Return the weights by age in seconds, rounded down to whole buckets."""
        weights: Counter[int] = Counter()
        for use in self._uses:
            weights[int((now - use.at) // _BUCKET_S) * _BUCKET_S] += use.weight
        return weights


class _Windows(NamedTuple):
    """The three windows of an account; every request is in all of them."""

    minute: _Window
    hour: _Window
    tokens: _Window

    def copy(self) -> _Windows:
        """Return windows to look ahead with."""
        return _Windows(*(window.copy() for window in self))

    def expire(self, now: float) -> None:
        """Forget what is past."""
        for window in self:
            window.expire(now)

    def opening(self, tokens: int, now: float) -> _Opening:
        """When all have room for one request with so many tokens, and which is the last to have it."""
        openings = self.minute.opening(1, now), self.hour.opening(1, now), self.tokens.opening(tokens, now)
        return max(openings, key=lambda opening: opening.at)

    def add(self, tokens: int, now: float) -> _Use:
        """Note a request, now; returns the use of its tokens."""
        self.minute.add(1, now)
        self.hour.add(1, now)
        return self.tokens.add(tokens, now)

    def put_back(self, uses: list[tuple[float, int, int]]) -> None:
        """Note earlier uses: times, requests and tokens."""
        for window in (self.minute, self.hour):
            window.put_back([_Use(at=at, weight=requests) for at, requests, _ in uses])
        self.tokens.put_back([_Use(at=at, weight=tokens) for at, _, tokens in uses])


def _rows(snapshot: object) -> list[tuple[int, int, int]]:
    """Read the rows of a stored history that are of the last hour and make sense."""
    rows = snapshot.get(_HISTORY) if isinstance(snapshot, dict) else None
    if not isinstance(rows, list):
        return []
    return [(row[0], row[1], row[2]) for row in rows if _is_row(row)]


def _is_row(row: object) -> bool:
    """Tell whether this is an age in seconds within the last hour, requests and tokens."""
    return (
        isinstance(row, list)
        and len(row) == 3
        and all(isinstance(number, int) and number >= 0 for number in row)
        and row[0] < HOUR_S
    )

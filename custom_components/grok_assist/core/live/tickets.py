"""Tickets to the live socket, and tokens to come back to a conversation: single use, short-lived, 128 bits."""

from dataclasses import dataclass
import secrets
from typing import Final

TICKET_S: Final = 30.0
MOST_WAITING: Final = 100
"""Tickets that nobody used yet: the oldest make room."""


@dataclass(frozen=True, slots=True)
class _Issued[T]:
    """A ticket with what it is good for."""

    good_for: T
    until: float


class Tickets[T]:
    """The tickets that were given out and not used."""

    def __init__(self, lasts_s: float = TICKET_S) -> None:
        """Start with none."""
        self._lasts_s = lasts_s
        self._issued: dict[str, _Issued[T]] = {}

    def issue(self, good_for: T, now: float) -> str:
        """Give out a ticket."""
        self._issued = {ticket: issued for ticket, issued in self._issued.items() if issued.until > now}
        while len(self._issued) >= MOST_WAITING:
            del self._issued[next(iter(self._issued))]
        ticket = secrets.token_urlsafe(16)
        self._issued[ticket] = _Issued(good_for, now + self._lasts_s)
        return ticket

    def take(self, ticket: str, now: float) -> T | None:
        """Take a ticket in: what it was good for, once; None where it is wrong, used or too old."""
        issued = self._issued.pop(ticket, None)
        return issued.good_for if issued is not None and now < issued.until else None

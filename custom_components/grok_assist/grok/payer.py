"""Whoever pays for a request, as this package sees them: told of each try what may be billed."""

from typing import Protocol


class Payer(Protocol):
    """Pays for a request."""

    def sent(self) -> None:
        """Note that a try goes out: from now on it may be billed, whatever becomes of it."""

    def refused(self) -> None:
        """Note that the present try has failed, and is certainly not billed."""


class PicturePayer(Payer, Protocol):
    """Pays for a picture."""

    def settle(self, cost_usd: float | None) -> None:
        """Note what the present try cost, as the service reports it; None where it does not."""

"""A payer that remembers what it was told."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Paying:
    """Pays for one request."""

    told: list[str | float | None] = field(default_factory=list)
    """`sent`, `refused`, and what a picture cost."""

    def sent(self) -> None:
        """Note a try."""
        self.told.append("sent")

    def refused(self) -> None:
        """Note that it is free."""
        self.told.append("refused")

    def settle(self, cost_usd: float | None) -> None:
        """Note what a picture cost."""
        self.told.append(cost_usd)

"""The record of what came in, and of every rule that a client or we ourselves broke."""

from dataclasses import asdict, dataclass, field
import logging
from typing import Any

from .jsontypes import JsonObject

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class RecordedRequest:
    """One request; not frozen because its status is known only when it has been answered."""

    method: str
    path: str
    headers: dict[str, str]
    started_at: float
    query: dict[str, list[str]] = field(default_factory=dict)
    """The arguments behind the path, each with all its values."""
    body: Any = None
    reply_status: int | None = None
    is_aborted: bool = False
    billed_usd: float = 0.0
    """What the vendor truly takes for it, whatever the reply tells."""
    peer_port: int | None = None
    """Port of the client's end: requests with the same one came over the same connection."""

    @property
    def facts(self) -> JsonObject:
        """The request as JSON for other processes."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """All requests since the start or the last reset, in order of arrival."""

    requests: list[RecordedRequest] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def blame_client(self, request: RecordedRequest, message: str) -> None:
        """Note that a client sent what the real API refuses."""
        self.violations.append(f"{request.method} {request.path}: {message}")

    def blame_simulator(self, message: str) -> None:
        """Note that the simulator itself was about to send something that fits no schema."""
        _LOGGER.error("Simulator sent an invalid reply: %s", message)
        self.violations.append(f"simulator: {message}")

    def clear(self) -> None:
        """Forget all."""
        self.requests.clear()
        self.violations.clear()

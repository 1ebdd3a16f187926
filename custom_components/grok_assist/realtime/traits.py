"""What was learnt of the service by one voice, shared by all its sockets: what it echoes, and what it does not take."""

from dataclasses import dataclass
import logging

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class ServiceTraits:
    """Facts that were seen on the wire; forgotten with the voice, so that a service that has changed is asked anew."""

    echoes_marks: bool = False
    """A mark that we gave an answer came back with it (documented, never recorded by anybody)."""
    reduction: int = 0
    """How much of the configuration is left out, as `SessionConfig.reduced` counts it."""

    def reduce(self, refusal: str) -> None:
        """Leave out more from now on; the log tells what the service said, without secrets."""
        self.reduction += 1
        _LOGGER.warning(
            "The voice is configured with less (step %s), as the service refused: %s", self.reduction, refusal
        )

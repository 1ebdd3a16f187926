"""What was learnt of the service by one voice, shared by all its sockets: what it echoes, and what it does not take."""

from dataclasses import dataclass, field
import logging

from .config import INPUT_RATE, INPUT_RATES

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class ServiceTraits:
    """Facts that were seen on the wire; forgotten with the voice, so that a service that has changed is asked anew."""

    echoes_marks: bool = False
    """A mark that we gave an answer came back with it (documented, never recorded by anybody)."""
    reduction: int = 0
    """How much of the configuration is left out, as `SessionConfig.reduced` counts it."""

    input_rate: int = INPUT_RATE
    """At which sound is sent."""
    _deaf_rates: set[int] = field(default_factory=set)
    _hearing_rates: set[int] = field(default_factory=set)

    def note_heard(self, rate: int) -> None:
        """Take note that speech was heard at a rate."""
        self._hearing_rates.add(rate)

    def hears_at(self, rate: int) -> bool:
        """Whether speech was ever heard at a rate: else silence may be deafness."""
        return rate in self._hearing_rates

    def note_deaf(self, rate: int) -> None:
        """Take note that speech which the plain transcription understood was not heard at a rate: try the next one."""
        self._deaf_rates.add(rate)
        self.input_rate = next((other for other in INPUT_RATES if other not in self._deaf_rates), INPUT_RATE)

    def reduce(self, refusal: str) -> None:
        """Leave out more from now on; what the service said may quote what it was told, and is for debugging only."""
        self.reduction += 1
        _LOGGER.warning("The voice is configured with less (step %s), as the service refused a part", self.reduction)
        _LOGGER.debug("Step %s, as the service said: %s", self.reduction, refusal)

    def restore(self) -> None:
        """Take the last step back: what was left out had not been refused."""
        if self.reduction:
            self.reduction -= 1
            _LOGGER.info(
                "The error was about something else: the voice is configured with more (step %s)", self.reduction
            )

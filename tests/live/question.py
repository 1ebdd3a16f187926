"""A question to the service, and what can come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .evidence import Evidence


class Verdict(StrEnum):
    """How what was seen stands to what we rely on."""

    AGREES = "agrees"
    DIFFERS = "differs, we stand it"
    CONTRADICTS = "contradicts"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was seen, in a few words, and what it means for us."""

    seen: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that we would like to know."""

    id: str
    text: str
    rely: str
    """What we rely on."""
    scene: str
    """The name of the scene in which it can be seen; what that costs is told by `catalogue.SCENES`."""
    judge: Callable[[Evidence], Finding]
    """Reads the answer in what was seen.

    Raises:
        KeyError: the scene did not get so far.
    """

    def answer(self, seen: Evidence) -> Finding:
        """Tell what was found out; nothing where the scene did not get so far, or its form is unknown."""
        try:
            return self.judge(seen)
        except KeyError as error:
            return unanswered(f"it did not come to that ({seen.troubles.get(self.scene) or error.args[0]})")
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            return unanswered(f"an answer of unknown form ({type(error).__name__})")


def agrees(seen: str) -> Finding:
    """Find what we rely on."""
    return Finding(seen=seen, verdict=Verdict.AGREES)


def differs(seen: str) -> Finding:
    """Find something else that does no harm."""
    return Finding(seen=seen, verdict=Verdict.DIFFERS)


def contradicts(seen: str) -> Finding:
    """Find that something of ours will not work."""
    return Finding(seen=seen, verdict=Verdict.CONTRADICTS)


def unanswered(seen: str) -> Finding:
    """Find nothing."""
    return Finding(seen=seen, verdict=Verdict.UNANSWERED)


def agrees_if(is_so: bool, seen: str) -> Finding:  # noqa: FBT001 - the fact itself
    """Find what we rely on, or something else that does no harm."""
    return agrees(seen) if is_so else differs(seen)


def needed(is_so: bool, seen: str) -> Finding:  # noqa: FBT001 - the fact itself
    """Find what we rely on, or that something of ours will not work."""
    return agrees(seen) if is_so else contradicts(seen)

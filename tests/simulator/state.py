"""Everything that the simulated vendor remembers, shared by all its endpoints."""

from collections import deque
from dataclasses import dataclass, field

from .cache import PrefixCache
from .faults import FaultPlan
from .keys import KeyRing
from .models import Catalogue
from .script import Scripted
from .store import ResponseStore
from .traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast answers come; zero means at once."""

    first_delta_s: float = 0.0
    tokens_per_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class State:
    """The vendor's memory; not frozen because the pace can be changed at run time."""

    pace: Pace = field(default_factory=Pace)
    traffic: Traffic = field(default_factory=Traffic)
    keys: KeyRing = field(default_factory=KeyRing)
    catalogue: Catalogue = field(default_factory=Catalogue)
    faults: FaultPlan = field(default_factory=FaultPlan)
    script: deque[Scripted] = field(default_factory=deque)
    cache: PrefixCache = field(default_factory=PrefixCache)
    store: ResponseStore = field(default_factory=ResponseStore)

    def reset(self) -> None:
        """Forget everything but the pace."""
        self.traffic.clear()
        self.keys = KeyRing()
        self.catalogue = Catalogue()
        self.faults.clear()
        self.script.clear()
        self.cache.clear()
        self.store.clear()

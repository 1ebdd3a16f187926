"""Everything that the simulated vendor remembers, shared by all its endpoints."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .dialects.dialects import Dialects
from .faults import FaultPlan
from .files.files import FileStore
from .images.gallery import Gallery
from .images.image_models import ImageCatalogue
from .jsontypes import JsonObject
from .keys import KeyRing
from .realtime.conversation import Conversation
from .realtime.pace import VoicePace
from .realtime.record import RecordedSession
from .realtime.secrets import ClientSecrets
from .responses.cache import PrefixCache
from .responses.models import Catalogue
from .responses.store import ResponseStore
from .responses.withheld import Withheld
from .script import Scripted
from .speech.hearing import Hearing
from .traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast answers come; zero means at once."""

    first_delta_s: float = 0.0
    tokens_per_s: float = 0.0


def _as_it_is(usage: JsonObject) -> JsonObject:
    """Tell the truth."""
    return usage


@dataclass(slots=True, kw_only=True)
class State:
    """The vendor's memory; not frozen because the pace can be changed at run time."""

    pace: Pace = field(default_factory=Pace)
    traffic: Traffic = field(default_factory=Traffic)
    keys: KeyRing = field(default_factory=KeyRing)
    catalogue: Catalogue = field(default_factory=Catalogue)
    image_catalogue: ImageCatalogue = field(default_factory=ImageCatalogue)
    faults: FaultPlan = field(default_factory=FaultPlan)
    dialects: Dialects = field(default_factory=Dialects)
    withheld: Withheld = field(default_factory=Withheld)
    script: deque[Scripted] = field(default_factory=deque)
    cache: PrefixCache = field(default_factory=PrefixCache)
    store: ResponseStore = field(default_factory=ResponseStore)
    files: FileStore = field(default_factory=FileStore)
    gallery: Gallery = field(default_factory=Gallery)
    voice_pace: VoicePace = field(default_factory=VoicePace)
    sessions: list[RecordedSession] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    secrets: ClientSecrets = field(default_factory=ClientSecrets)
    hearing: Hearing = field(default_factory=Hearing)
    bill: Callable[[JsonObject], JsonObject] = _as_it_is
    """What is told of the usage of a response."""

    def reset(self) -> None:
        """Forget everything but the paces and what the ear has learnt; sessions that are open go on unrecorded."""
        self.traffic.clear()
        self.keys = KeyRing()
        self.catalogue = Catalogue()
        self.image_catalogue = ImageCatalogue()
        self.faults.clear()
        self.dialects.clear()
        self.withheld.clear()
        self.script.clear()
        self.cache.clear()
        self.store.clear()
        self.files.clear()
        self.gallery.clear()
        self.sessions.clear()
        self.conversations.clear()
        self.secrets = ClientSecrets()
        self.bill = _as_it_is

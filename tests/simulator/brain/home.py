"""A home as the model was told of it: its entities, areas and states."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity as the model was told of it; the state is None where only its existence was told."""

    names: tuple[str, ...]
    domain: str
    areas: tuple[str, ...] = ()
    state: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name that people and tools use first."""
        return self.names[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Everything that the model was told about the home."""

    entities: tuple[Entity, ...] = ()
    room: str | None = None

    @property
    def areas(self) -> list[str]:
        """All area names, the longest first, so that the most precise one is found first."""
        names = {name for entity in self.entities for name in entity.areas}
        return sorted(names | ({self.room} if self.room else set()), key=len, reverse=True)

    def of_domain(self, domain: str, area: str | None = None) -> list[Entity]:
        """Give the entities of a domain, in one area if that is named."""
        return [item for item in self.entities if item.domain == domain and (area is None or area in item.areas)]

    def with_states(self, told: list[Entity]) -> Home:
        """Give the same home with what has been learned of its states."""
        fresh = {(item.name, item.domain, item.areas): item for item in told}
        known = [fresh.pop((item.name, item.domain, item.areas), item) for item in self.entities]
        return Home(entities=(*known, *fresh.values()), room=self.room)

"""Pictures that wait at temporary addresses to be fetched, by whoever knows the address."""

from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from ..clock import now

DEFAULT_LIFE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture at its address."""

    data: bytes
    until: float
    """When the address leads nowhere any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One attempt to fetch a picture."""

    path: str
    headers: dict[str, str]
    status: int


@dataclass(slots=True, kw_only=True)
class Gallery:
    """All pictures and all attempts to fetch them; not frozen because tests change how long addresses last."""

    life_s: float = DEFAULT_LIFE_S
    downloads: list[Download] = field(default_factory=list)
    made: list[bytes] = field(default_factory=list)
    """Every picture made so far, in whichever form it was handed out."""
    _shown: dict[str, Shown] = field(default_factory=dict)

    def hang(self, data: bytes, *, is_gone: bool = False) -> str:
        """Put up a picture and give the last part of its address, which may have run out at once."""
        name = f"{uuid4()}.jpg"
        until = now() + (0 if is_gone else self.life_s)
        self._shown[name] = Shown(data=data, until=until)
        return name

    def find(self, name: str) -> bytes | None:
        """Give a picture whose address still leads somewhere."""
        shown = self._shown.get(name)
        return None if shown is None or now() >= shown.until else shown.data

    def clear(self) -> None:
        """Take everything down."""
        self.life_s = DEFAULT_LIFE_S
        self.downloads.clear()
        self.made.clear()
        self._shown.clear()

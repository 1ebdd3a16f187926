"""One point in which the real service may differ."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A named switch with all the values that are plausible."""

    name: str
    values: tuple[str, ...]
    """The default comes first: what is thought likeliest."""
    about: str
    """What differs, with the row of `service-variance.md` or the open question of the API reference."""

    @property
    def default(self) -> str:
        """What the service does where nothing is chosen."""
        return self.values[0]


def dialect(name: str, values: str, about: str) -> Dialect:
    """Write a dialect in one line, its values parted by spaces."""
    return Dialect(name=name, values=tuple(values.split()), about=about)

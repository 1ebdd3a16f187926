"""The dialects that a simulated service speaks at the moment."""

from collections.abc import Iterable

from .table import DIALECTS, PROFILES


class Dialects:
    """Gives the present value of each dialect by its name."""

    def __init__(self) -> None:
        """Begin with what is thought likeliest."""
        self._chosen: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """Give the present value; an unknown name is a slip of ours."""
        return self._chosen.get(name, DIALECTS[name].default)

    @property
    def facts(self) -> dict[str, str]:
        """All present values by name."""
        return {name: self[name] for name in DIALECTS}

    def choose(self, name: str, value: str | None = None) -> None:
        """Speak a dialect from now on: as told, or in the first way that is not the default.

        Raises:
            ValueError: there is no such dialect, or it has no such value.
        """
        if name not in DIALECTS:
            raise ValueError(f"Unknown dialect {name!r}; possible are {', '.join(DIALECTS)}")
        values = DIALECTS[name].values
        wanted = values[1] if value is None else value
        if wanted not in values:
            raise ValueError(f"Unknown value {wanted!r} of the dialect {name}; possible are {', '.join(values)}")
        self._chosen[name] = wanted

    def choose_profile(self, name: str) -> None:
        """Speak all dialects of a profile.

        Raises:
            ValueError: there is no such profile.
        """
        if name not in PROFILES:
            raise ValueError(f"Unknown profile {name!r}; possible are {', '.join(PROFILES)}")
        self._chosen |= PROFILES[name]

    def choose_written(self, orders: Iterable[str]) -> None:
        """Speak dialects written as `NAME`, `NAME=VALUE` or the name of a profile, one after the other.

        Raises:
            ValueError: there is no such dialect, or it has no such value.
        """
        for order in orders:
            name, _, value = order.partition("=")
            if name in PROFILES:
                self.choose_profile(name)
            else:
                self.choose(name, value or None)

    def clear(self) -> None:
        """Go back to what is thought likeliest."""
        self._chosen.clear()

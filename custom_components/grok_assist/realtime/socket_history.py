"""What a socket has been told of what was said before, and so what it still has to be told."""

from dataclasses import dataclass, field

from .config import SessionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Configs:
    """What a turn asks of its session."""

    fresh: SessionConfig
    """For a new socket: all that was said before is told."""
    kept: SessionConfig
    """For the socket that carried the turns before: only what it does not know."""
    told: tuple[str, ...] = ()
    """What a new socket is told of what was said before, as lines."""
    known: int = 0
    """How many lines that stands for: some are left out, forgotten or in a summary."""


@dataclass(slots=True)
class SocketHistory:
    """The lines of a conversation that its socket knows, as items of its own or told in the instructions."""

    known: int = 0
    """How many of them."""
    was_cut: bool = False
    """The last turn was cut short: what it left in the history, the socket knows better."""
    _told: list[str] = field(default_factory=list)

    def tell(self, history: list[str]) -> list[str]:
        """Give the lines that the instructions have to tell the socket that carried the turns before."""
        if self.was_cut:
            self.was_cut, self.known = False, len(history)
        self._told += history[self.known :]
        self.known = len(history)
        return list(self._told)

    def begin(self, configs: Configs) -> None:
        """Take note that a new socket is told everything."""
        self._told, self.known = list(configs.told), configs.known

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
    fresh_lines: tuple[str, ...] = ()
    """What a new socket is told of what was said before."""
    known: int = 0
    """How many lines of the conversation that stands for: some are left out, forgotten or in a summary."""


@dataclass(slots=True)
class SocketHistory:
    """The lines of a conversation that its socket knows, as items of its own or by its instructions."""

    known: int = 0
    """How many of them."""
    was_cut: bool = False
    """The last turn was cut short: what it left in the history, the socket knows better."""
    is_fresh: bool = False
    """The socket was opened for the turn under way."""
    interruption: str | None = None
    """What of the last answer was heard, where the user cut it short; empty: nothing."""
    _sent_lines: list[str] = field(default_factory=list)

    def lines_for(self, history: list[str]) -> list[str]:
        """Give the lines that the instructions have to tell the socket that carried the turns before."""
        if self.was_cut:
            self.was_cut, self.known = False, len(history)
        self._sent_lines += history[self.known :]
        self.known = len(history)
        return list(self._sent_lines)

    def config_of(self, configs: Configs) -> SessionConfig:
        """Choose what the socket has to be asked, and note what it is told with that."""
        if not self.is_fresh:
            return configs.kept
        self._sent_lines, self.known = list(configs.fresh_lines), configs.known
        return configs.fresh

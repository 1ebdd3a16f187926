"""What a socket knows of a conversation, and what it still has to be told."""

from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.socket_history import Configs, SocketHistory

FRESH, KEPT = (SessionConfig(instructions=text, voice="eve") for text in ("fresh", "kept"))
CONFIGS = Configs(fresh=FRESH, kept=KEPT, fresh_lines=("User: On", "You: It is on."), known=4)


def test_socket_when_new_then_told_everything() -> None:
    """A new socket gets all lines, also those that stand for others."""
    history = SocketHistory(is_fresh=True)
    assert history.config_of(CONFIGS) is FRESH
    assert history.known == 4
    assert history.lines_for(["1", "2", "3", "4", "5"]) == ["User: On", "You: It is on.", "5"]


def test_socket_when_kept_then_told_only_what_it_does_not_know() -> None:
    """Lines that were said elsewhere are told once more with every later update."""
    history = SocketHistory(known=2)
    assert history.config_of(CONFIGS) is KEPT
    assert history.known == 2
    assert history.lines_for(["1", "2", "typed"]) == ["typed"]
    assert history.lines_for(["1", "2", "typed"]) == ["typed"]


def test_turn_when_cut_then_the_socket_knows_it_better() -> None:
    """What a cut turn left in the history is not told, once."""
    history = SocketHistory(known=1, was_cut=True)
    assert history.lines_for(["1", "cut"]) == []
    assert (history.known, history.was_cut) == (2, False)
    assert history.lines_for(["1", "cut", "more"]) == ["more"]

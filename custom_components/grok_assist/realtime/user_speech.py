"""What was said in one turn, from the server's view of the microphone.

A turn can have several items (the server cut a sentence in two): its text is the join of theirs, and within one item
the newest transcript replaces the older ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .server_events import (
    AudioCommitted,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
    TranscriptCompleted,
    TranscriptFailed,
    TranscriptUpdated,
)


class SpeechState(StrEnum):
    """Where the server is with its listening."""

    WAITING = "waiting"
    """Nobody has spoken yet."""
    SPEAKING = "speaking"
    PAUSED = "paused"
    """The speaker has stopped, maybe only for a moment; words may be missing yet."""
    UNDERSTOOD = "understood"
    """Every item has stopped and has its final words."""


TRANSITIONS: Final[Mapping[tuple[SpeechState, type[ServerEvent]], SpeechState]] = {
    (SpeechState.WAITING, SpeechStarted): SpeechState.SPEAKING,
    (SpeechState.SPEAKING, SpeechStarted): SpeechState.SPEAKING,
    (SpeechState.SPEAKING, SpeechStopped): SpeechState.PAUSED,
    # A stop or words can come for an item whose beginning was never told.
    (SpeechState.WAITING, SpeechStopped): SpeechState.PAUSED,
    (SpeechState.WAITING, AudioCommitted): SpeechState.PAUSED,
    (SpeechState.WAITING, TranscriptCompleted): SpeechState.PAUSED,
    # Committed audio is over, whether or not the stop was told.
    (SpeechState.SPEAKING, AudioCommitted): SpeechState.PAUSED,
    (SpeechState.PAUSED, SpeechStarted): SpeechState.SPEAKING,
    (SpeechState.UNDERSTOOD, SpeechStarted): SpeechState.SPEAKING,
    # A final transcript that comes again replaces the one before.
    (SpeechState.UNDERSTOOD, TranscriptCompleted): SpeechState.PAUSED,
}
"""Events that are not listed for a state leave it as it is."""


@dataclass(slots=True, kw_only=True)
class _Item:
    """One stretch of speech."""

    text: str = ""
    is_final: bool = False


class UserSpeech:
    """The server's listening in one turn."""

    def __init__(self) -> None:
        """Start with silence."""
        self.state = SpeechState.WAITING
        self._items: dict[str, _Item] = {}

    @property
    def item_ids(self) -> list[str]:
        """The user's items of this turn, in the order in which they were spoken."""
        return list(self._items)

    @property
    def transcript(self) -> str:
        """Everything that was understood so far."""
        return " ".join(text for item in self._items.values() if (text := item.text.strip()))

    def receive(self, event: ServerEvent) -> None:
        """Take an event about the microphone."""
        match event:
            case SpeechStarted(item_id=item_id):
                self._items.setdefault(item_id, _Item()).is_final = False
            case SpeechStopped(item_id=item_id) | AudioCommitted(item_id=item_id):
                self._items.setdefault(item_id, _Item())
            case TranscriptUpdated(item_id=item_id, transcript=text):
                self._understand(item_id, text, is_final=False)
            case TranscriptCompleted(item_id=item_id, transcript=text):
                self._understand(item_id, text, is_final=event.is_final)
            case TranscriptFailed(item_id=item_id):
                self._understand(item_id, "", is_final=True)
        self.state = TRANSITIONS.get((self.state, type(event)), self.state)
        if self.state is SpeechState.PAUSED and self._items and all(item.is_final for item in self._items.values()):
            self.state = SpeechState.UNDERSTOOD

    def _understand(self, item_id: str, text: str, *, is_final: bool) -> None:
        """Take the words of an item; a snapshot that comes late does not undo final ones."""
        item = self._items.setdefault(item_id, _Item())
        if item.is_final and not is_final:
            return
        item.text, item.is_final = text, is_final

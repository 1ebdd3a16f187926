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
from .turn_settings import USUAL, TurnDeadlines


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
    is_committed: bool = False


class UserSpeech:
    """What the server hears in one turn, and when its words are complete."""

    def __init__(self, *, now: float, waits_for_end: bool = True, deadlines: TurnDeadlines = USUAL) -> None:
        """Start with silence.

        Args:
            now: the time.
            waits_for_end: the words count as complete only when the microphone has ended; else at the first pause.
            deadlines: how long it waits.
        """
        self.state = SpeechState.WAITING
        self.has_ended = False
        """The microphone is closed: what the server has heard is all there is."""
        self.nobody_spoke = False
        """The server heard nobody although it was given time."""
        self.moved_at = now
        """When there was something new last, of the speech or of the answer to it."""
        self._began = now
        self._waits_for_end = waits_for_end
        self._limits = deadlines
        self._items: dict[str, _Item] = {}
        self._spoken_id = ""
        """The item that began last."""

    @property
    def item_ids(self) -> list[str]:
        """The user's items of this turn, in the order in which they were spoken."""
        return list(self._items)

    @property
    def transcript(self) -> str:
        """Everything that was understood so far."""
        return " ".join(text for item in self._items.values() if (text := item.text.strip()))

    @property
    def has_nameless_rest(self) -> bool:
        """Whether words may yet come for an item without an id, which nobody could tell from those of the next turn."""
        return any(not item_id and not item.is_final for item_id, item in self._items.items())

    @property
    def is_going_on(self) -> bool:
        """Whether the server hears somebody speak, or may yet."""
        return self.state in (SpeechState.SPEAKING, SpeechState.WAITING)

    @property
    def is_complete(self) -> bool:
        """Whether the words are all there."""
        return self.state is SpeechState.UNDERSTOOD and (self.has_ended or not self._waits_for_end)

    @property
    def is_certain(self) -> bool:
        """Whether the words are final ones, or nobody has spoken."""
        return self.state in (SpeechState.UNDERSTOOD, SpeechState.WAITING)

    @property
    def latest(self) -> float:
        """When the longest sentence is over."""
        return self._began + self._limits.speech_s

    @property
    def deadline(self) -> float:
        """When the words are taken as they are."""
        return min(self._waited_until, self.latest)

    @property
    def _waited_until(self) -> float:
        """The same, as far as the server and the microphone decide."""
        is_waiting = self.state is SpeechState.WAITING
        if self.has_ended:
            return self.moved_at + (self._limits.ended_s if is_waiting else self._limits.words_s)
        if self.state is SpeechState.PAUSED:
            return self.moved_at + self._limits.words_s
        return self._began + (self._limits.start_s if is_waiting and not self._waits_for_end else self._limits.speech_s)

    def give_up(self, now: float) -> None:
        """Take the words as they are."""
        self.nobody_spoke = self.state is SpeechState.WAITING and not self.has_ended
        self.moved_at = now

    def end(self, now: float) -> None:
        """Take note that the microphone is closed."""
        self.has_ended, self.moved_at = True, now

    def receive(self, event: ServerEvent, now: float) -> None:
        """Take an event about the microphone."""
        is_late = isinstance(event, SpeechStopped | AudioCommitted) and self._is_of_another(event.item_id)
        self._note(event)
        if is_late:
            return
        before = self.state
        self.state = TRANSITIONS.get((self.state, type(event)), self.state)
        if self.state is SpeechState.PAUSED and self._items and all(item.is_final for item in self._items.values()):
            self.state = SpeechState.UNDERSTOOD
        if self.state is not before:
            self.moved_at = now

    def _note(self, event: ServerEvent) -> None:
        """Keep what an event tells of an item."""
        match event:
            case SpeechStarted(item_id=item_id):
                self._spoken_id = item_id
                item = self._items.setdefault(item_id, _Item())
                item.is_final = item.is_committed = False
            case SpeechStopped(item_id=item_id):
                self._items.setdefault(item_id, _Item())
            case AudioCommitted(item_id=item_id):
                self._items.setdefault(item_id, _Item()).is_committed = True
            case TranscriptUpdated(item_id=item_id, transcript=text):
                self._understand(item_id, text, is_final=False)
            case TranscriptCompleted(item_id=item_id, transcript=text):
                is_committed = item_id in self._items and self._items[item_id].is_committed
                self._understand(item_id, text, is_final=event.is_final(is_committed=is_committed))
            case TranscriptFailed(item_id=item_id):
                self._understand(item_id, "", is_final=True)

    def _is_of_another(self, item_id: str) -> bool:
        """Whether it is of an item that is over: the end of one stretch is not the end of the next."""
        return item_id != self._spoken_id and item_id in self._items

    def _understand(self, item_id: str, text: str, *, is_final: bool) -> None:
        """Take the words of an item; a snapshot that comes late does not undo final ones."""
        item = self._items.setdefault(item_id, _Item())
        if item.is_final and not is_final:
            return
        item.text, item.is_final = text, is_final

"""A loudspeaker that tells where it is: the sound of a live conversation by answer and item, and what of it was heard.

A page renders what it is sent and reports its own clock, per item; nothing is guessed from when a sound was sent, but
for the moment between two reports.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..core.live.frames import SoundFrame
from ..core.live.messages import PlayedPosition
from ..core.media.samples import WholeSamples
from .config import OUTPUT_RATE, SAMPLE_BYTES
from .heard import Position

BYTES_PER_MS: Final = OUTPUT_RATE * SAMPLE_BYTES / 1000
PIECE_BYTES: Final = OUTPUT_RATE * SAMPLE_BYTES // 10
"""At most a tenth of a second in a frame."""
UNTOLD_S: Final = 5.0
"""A page that tells nothing has played a sound so long after its end, however it began."""
REPORT_S: Final = 0.5
"""A report counts on for so long: pages report four times a second, and one that is gone plays nothing we know of."""
KEPT_BYTES: Final = OUTPUT_RATE * SAMPLE_BYTES * 180
"""Sound of a conversation that is kept for a page that comes back."""


@dataclass(slots=True, kw_only=True)
class _Item:
    """The sound of one item."""

    item_id: str
    number: int
    size: int = 0
    """Bytes that came."""
    pcm: bytearray = field(default_factory=bytearray)
    """Those that the page may yet want again."""
    starts: int = 0
    """Where in the item they begin."""
    is_complete: bool = False
    samples: WholeSamples = field(default_factory=WholeSamples)

    @property
    def ms(self) -> float:
        """How long it is so far."""
        return self.size / BYTES_PER_MS


@dataclass(slots=True, kw_only=True)
class _Answer:
    """The sound of one response."""

    number: int
    turn: int
    response_id: str
    items: dict[str, _Item] = field(default_factory=dict)
    is_stopped: bool = False


class ClientPlayer:
    """The loudspeaker of one live conversation."""

    def __init__(self) -> None:
        """Start silent."""
        self.latency_ms = 0.0
        """From rendering to being heard."""
        self._answers: list[_Answer] = []
        self._frames: list[SoundFrame] = []
        self._report: PlayedPosition | None = None
        self._reported_at = 0.0
        self._is_running = False
        self._silent_by = 0.0
        """When everything so far would have been played by a page that never tells where it is."""

    # --- what is to be played ---

    def put(self, turn: int, response_id: str, item_id: str, pcm: bytes, now: float) -> int:
        """Add sound of an item; return the number of its answer."""
        answer = self._answer(turn, response_id)
        item = answer.items.get(item_id)
        if item is None:
            for before in answer.items.values():
                self._complete(answer, before)
            item = answer.items[item_id] = _Item(item_id=item_id, number=len(answer.items))
        if answer.is_stopped:
            return answer.number
        pcm = item.samples.feed(pcm)
        self._frames += self._cut(answer, item, item.size, pcm)
        item.size += len(pcm)
        item.pcm += pcm
        self._silent_by = max(self._silent_by, now) + len(pcm) / BYTES_PER_MS / 1000
        self._forget()
        return answer.number

    def begin(self, turn: int, response_id: str) -> int:
        """Begin the answer of a response, whose words may come before its sound; return its number."""
        return self._answer(turn, response_id).number

    def last_of(self, turn: int) -> int:
        """Return the number of a turn's newest answer; 0 where it has none."""
        return max((answer.number for answer in self._answers if answer.turn == turn), default=0)

    def left_ms(self, number: int, now: float) -> float:
        """Return how much of an answer is still to be heard."""
        if now > self._silent_by + UNTOLD_S:
            return 0.0
        found = [answer for answer in self._answers if answer.number == number and not answer.is_stopped]
        return sum(
            max(0.0, item.ms - self._played_ms(answer, item, now)) for answer in found for item in answer.items.values()
        )

    def complete(self, response_id: str) -> None:
        """Take note that a response has no more sound."""
        for answer in self._answers:
            if answer.response_id == response_id:
                for item in answer.items.values():
                    self._complete(answer, item)

    def take_frames(self) -> list[SoundFrame]:
        """Take what is to be sent."""
        frames, self._frames = self._frames, []
        return frames

    def number_of(self, response_id: str) -> int | None:
        """Return the number of a response's answer, if it has sounded."""
        return next((answer.number for answer in self._answers if answer.response_id == response_id), None)

    def stop(self) -> int:
        """Let nothing so far be played any more; return the number up to which the page drops everything."""
        self._frames.clear()
        for answer in self._answers:
            answer.is_stopped = True
            for item in answer.items.values():
                item.pcm.clear()
        return self._answers[-1].number if self._answers else 0

    # --- what was played ---

    def report(self, at: PlayedPosition, now: float, *, is_stopped: bool = False) -> int | None:
        """Take a report of the page; return the turn that it is about, or None where it is about none of ours."""
        found = next((answer for answer in self._answers if answer.number == at.answer), None)
        if found is None or not found.items:
            return None
        if self._report is not None and (at.answer, at.item) < (self._report.answer, self._report.item):
            return found.turn
        self._report, self._reported_at, self._is_running = at, now, not is_stopped
        self._forget()
        return found.turn

    def has_begun(self, turn: int) -> bool:
        """Whether anything of a turn was played, as far as the page has told."""
        return self._report is not None and any(
            answer.turn == turn and answer.number <= self._report.answer for answer in self._answers
        )

    def position(self, turn: int, now: float) -> Position | None:
        """Return where in a turn's sound a listener is; None before it has begun."""
        items = [(answer, item) for answer in self._answers if answer.turn == turn for item in answer.items.values()]
        if self._report is None or not items:
            return None
        report, elapsed = self._report, self._elapsed_ms(now)
        if items[-1][0].number < report.answer:
            return Position(items[-1][1].item_id, items[-1][1].ms)
        behind = [pair for pair in items if (pair[0].number, pair[1].number) >= (report.answer, report.item)]
        if len(behind) == len(items) and behind[0][0].number > report.answer:
            return None
        left_ms = max(0.0, report.ms - self.latency_ms + elapsed)
        for _, item in behind:
            if left_ms <= item.ms or item is behind[-1][1] or not self._is_running:
                return Position(item.item_id, min(left_ms, item.ms))
            left_ms -= item.ms
        return Position(items[-1][1].item_id, items[-1][1].ms)

    def unplayed_ms(self, now: float) -> float:
        """Return how much of all that is not stopped is still to be heard."""
        if now > self._silent_by + UNTOLD_S:
            return 0.0
        total = 0.0
        for answer in self._answers:
            if answer.is_stopped:
                continue
            for item in answer.items.values():
                total += max(0.0, item.ms - self._played_ms(answer, item, now))
        return total

    def ends_at(self, now: float) -> float:
        """Return when everything so far will have been heard; in the past where it was."""
        left_ms = self.unplayed_ms(now)
        return now + left_ms / 1000 if left_ms > 1 else self._reported_at

    def turns_to_stop(self) -> set[int]:
        """Return the turns that have sound which is not stopped."""
        return {answer.turn for answer in self._answers if not answer.is_stopped and answer.items}

    def rewind(self, at: PlayedPosition | None, now: float) -> None:
        """Send again from where a page that came back is; what was played is not repeated."""
        self._frames.clear()
        left = [(answer, item) for answer, item in self._items() if not answer.is_stopped]
        self._silent_by = now + sum(item.ms - self._played_ms(answer, item, now) for answer, item in left) / 1000
        reached = (0, 0) if at is None else (at.answer, at.item)
        for answer, item in self._items():
            if answer.is_stopped or (answer.number, item.number) < reached:
                continue
            is_here = at is not None and (answer.number, item.number) == reached
            played = int(at.ms * BYTES_PER_MS) // 2 * 2 if at is not None and is_here else 0
            start = max(0, played - item.starts)
            self._frames += self._cut(answer, item, item.starts + start, bytes(item.pcm[start:]))
            if item.is_complete:
                self._frames.append(SoundFrame(answer.number, item.number, item.size // 2, b"", is_last=True))

    # --- inside ---

    def _items(self) -> list[tuple[_Answer, _Item]]:
        """Return all items with their answers, in the order in which they are played."""
        return [(answer, item) for answer in self._answers for item in answer.items.values()]

    def _answer(self, turn: int, response_id: str) -> _Answer:
        """Find or begin the answer of a response."""
        for answer in self._answers:
            if answer.response_id == response_id:
                return answer
        number = self._answers[-1].number + 1 if self._answers else 1
        made = _Answer(number=number, turn=turn, response_id=response_id)
        self._answers.append(made)
        return made

    def _complete(self, answer: _Answer, item: _Item) -> None:
        """Tell the page that an item is whole."""
        if not item.is_complete and not answer.is_stopped:
            item.is_complete = True
            self._frames.append(SoundFrame(answer.number, item.number, item.size // 2, b"", is_last=True))

    def _cut(self, answer: _Answer, item: _Item, starts: int, pcm: bytes) -> Iterator[SoundFrame]:
        """Cut sound into frames."""
        for place in range(0, len(pcm), PIECE_BYTES):
            piece = pcm[place : place + PIECE_BYTES]
            yield SoundFrame(answer.number, item.number, (starts + place) // 2, piece)

    def _elapsed_ms(self, now: float) -> float:
        """Return how far the loudspeaker has come since its last report."""
        return min(max(0.0, now - self._reported_at), REPORT_S) * 1000 if self._is_running else 0.0

    def _played_ms(self, answer: _Answer, item: _Item, now: float) -> float:
        """Return how much of an item was played."""
        report = self._report
        if report is None or (answer.number, item.number) > (report.answer, report.item):
            return 0.0
        if (answer.number, item.number) < (report.answer, report.item):
            return item.ms
        return report.ms + self._elapsed_ms(now)

    def _forget(self) -> None:
        """Keep no sound that was played, and not too much of what was not; nor answers nobody asks for any more."""
        report = self._report
        if report is not None:
            for answer in self._answers:
                for item in answer.items.values():
                    if (answer.number, item.number) < (report.answer, report.item):
                        item.starts += len(item.pcm)
                        item.pcm.clear()
                    elif (answer.number, item.number) == (report.answer, report.item):
                        self._drop(item, int(report.ms * BYTES_PER_MS) // 2 * 2 - item.starts)
        kept = sum(len(item.pcm) for answer in self._answers for item in answer.items.values())
        for item in [item for answer in self._answers for item in answer.items.values()]:
            if kept <= KEPT_BYTES:
                break
            kept -= self._drop(item, kept - KEPT_BYTES)
        del self._answers[:-20]

    @staticmethod
    def _drop(item: _Item, size: int) -> int:
        """Drop so many bytes of the beginning; return how many."""
        size = min(max(0, size) // 2 * 2, len(item.pcm))
        del item.pcm[:size]
        item.starts += size
        return size

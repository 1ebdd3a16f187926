"""The ear of one session: from audio to turns of the user (API reference 3.7)."""

import asyncio
from dataclasses import dataclass
from typing import Final

from ..clock import now
from ..faults import FaultName
from .answer import Order
from .conversation import message, new_id
from .pace import Resume
from .record import RecordedItem
from .room import Room
from .speaker import Speaker
from .telling import Telling
from .vad import BYTES_PER_SAMPLE, Detector, SpeechStarted, SpeechStopped, level_of

_MANUAL_THRESHOLD: Final = 0.5
_WEAK_RATE: Final = 16_000
_STARTLED_S: Final = 0.15
_HEARD_BEFORE_DROP_S: Final = 0.3


@dataclass(slots=True, kw_only=True)
class Turn:
    """What the user is saying or has just said; not frozen because it goes through stages."""

    item: RecordedItem
    start: int
    """Where its audio begins, in bytes of all audio of the session."""
    is_stopped: bool = False
    is_committed: bool = False
    timer: asyncio.TimerHandle | None = None


class Listener:
    """Finds turns by itself, or takes them as the client commits them."""

    def __init__(self, room: Room, speaker: Speaker) -> None:
        """Listen to nothing yet."""
        self._room = room
        self._speaker = speaker
        self._telling = Telling(room)
        self._turn: Turn | None = None
        self._detector = Detector(room.config.input_rate)
        self._base_bytes = 0
        self._base_ms = 0.0
        self._idle_since_ms = 0.0
        self._buffer_start = 0
        self._has_voice = False
        self._last_commit: str | None = None
        self._is_manual = True
        self._is_startled = False
        self.configure()

    @property
    def has_nothing_new(self) -> bool:
        """Whether the last turn that the client committed has been answered and nothing has come since."""
        return self._last_commit in self._speaker.answered_turns

    def configure(self) -> None:
        """Take over the settings in force."""
        config = self._room.config
        if config.input_rate != self._detector.rate:
            self._base_ms = self._clock_ms(self._detector.samples)
            self._base_bytes = len(self._room.record.audio_in)
            self._detector = Detector(config.input_rate)
            self._begin_buffer()
        wanted = config.turn_detection
        if (wanted is None) is not self._is_manual:
            self._is_manual = wanted is None
            self._turn = None
            self._begin_buffer()
        self._detector.level = level_of(_MANUAL_THRESHOLD if wanted is None else wanted.threshold)
        if wanted is not None:
            self._detector.silence_ms = wanted.silence_ms

    def news(self) -> None:
        """Note that something has come that an answer can be about."""
        self._last_commit = None

    def hear(self, pcm: bytes) -> None:
        """Take audio in and act on what is heard in it."""
        room = self._room
        room.record.audio_in += pcm
        room.record.sent_s += len(pcm) / BYTES_PER_SAMPLE / self._detector.rate
        if room.mischief.has(FaultName.SILENT_VAD) or self._has_weak_ear("deaf"):
            return
        for heard in self._detector.feed(pcm):
            match heard:
                case SpeechStarted(sample=sample):
                    self._started(sample)
                case SpeechStopped(sample=sample):
                    self._stopped(sample)
        self._end_idleness()
        if room.mischief.has(FaultName.DROP_LISTENING) and self._clock_ms(self._detector.samples) >= (
            _HEARD_BEFORE_DROP_S * 1000
        ):
            room.wire.cut()

    def commit(self) -> bool:
        """Take what is buffered as a turn, in manual mode; False where there is no voice in it."""
        if self._room.config.turn_detection is not None or not self._has_voice:
            return False
        turn = self._turn or self._opened(self._buffer_start)
        turn.item.speech_stopped_at = now()
        turn.item.transcript = self._transcribed(turn.start)
        self._turn = None
        self._begin_buffer()
        self._last_commit = turn.item.id
        self._room.conversation.add(message(turn.item.id, "user", turn.item.transcript))
        self._room.wire.send("input_audio_buffer.committed", item_id=turn.item.id)
        turn.item.committed_at = now()
        self._telling.item(turn.item)
        self._telling.interim(turn.item)
        self._telling.final(turn.item)
        self._speaker.answer(Order(since=turn.item.speech_stopped_at, turn_id=turn.item.id))
        return True

    def clear(self) -> None:
        """Forget what is buffered; right after a commit this takes the answer back too."""
        if self._last_commit is not None and self._speaker.answers(self._last_commit):
            self._speaker.cancel()
        if self._turn is not None and not self._turn.is_stopped:
            self._turn = None
        self._begin_buffer()
        self.news()
        self._room.wire.send("input_audio_buffer.cleared")

    def close(self) -> None:
        """Listen no longer."""
        self._stop_timer(self._turn)

    def _started(self, sample: int) -> None:
        """Open a turn, or the one that had seemed to be over."""
        self._has_voice = True
        wanted = self._room.config.turn_detection
        if wanted is None:
            self._started_manually(sample)
            return
        turn = self._turn
        if turn is not None and turn.is_stopped and self._is_same(turn):
            self._reopen(turn, sample)
            return
        if turn is not None and turn.is_stopped and not turn.is_committed:
            self._commit_found(turn)
        padding_bytes = wanted.padding_ms * self._detector.rate // 1000 * BYTES_PER_SAMPLE
        turn = self._opened(max(self._buffer_start, self._offset(sample) - padding_bytes))
        self._turn = turn
        self._telling.started(turn.item, self._clock_ms(sample) - wanted.padding_ms)
        self._telling.item(turn.item)
        if self._speaker.is_interruptible:
            if self._room.pace.resume is Resume.VANISH:
                self._speaker.drop(has_late_delta=True)
            else:
                self._speaker.cancel()

    def _started_manually(self, sample: int) -> None:
        """Note speech that the client will commit; it stops an answer without a word."""
        if self._turn is None:
            self._turn = self._opened(self._buffer_start)
            self._telling.started(self._turn.item, self._clock_ms(sample))
        if self._speaker.is_interruptible:
            self._speaker.drop()

    def _stopped(self, sample: int) -> None:
        """Close the turn provisionally and have it answered."""
        turn = self._turn
        if turn is None or self._room.config.turn_detection is None:
            return
        room = self._room
        stopped_at = now()
        turn.is_stopped = True
        turn.item.speech_stopped_at = stopped_at
        turn.item.transcript = self._transcribed(turn.start, self._offset(sample))
        room.conversation.add(message(turn.item.id, "user", turn.item.transcript))
        self._telling.interim(turn.item)
        is_answered = not self._startles(turn)
        when = room.state.dialects["response_created"]
        order = Order(since=stopped_at, turn_id=turn.item.id, is_early=when != "after_commit")
        if is_answered and when == "before_stop":
            self._speaker.answer(order)
        self._telling.stopped(turn.item, self._clock_ms(sample))
        self._buffer_start = self._offset(sample)
        if is_answered and when == "before_commit":
            self._speaker.answer(order)
        if room.pace.transcript_s:
            loop = asyncio.get_running_loop()
            turn.timer = loop.call_at(stopped_at + room.pace.transcript_s, self._commit_found, turn)
        else:
            self._commit_found(turn)
        if is_answered and when == "after_commit":
            self._speaker.answer(order)

    def _startles(self, turn: Turn) -> bool:
        """Hear speech in a turn once more, a while after its end, where the service does so; True if it will be."""
        if self._is_startled or self._room.state.dialects["speech_after_end"] != "once":
            return False
        self._is_startled = True
        asyncio.get_running_loop().call_later(_STARTLED_S, self._startle, turn)
        return True

    def _startle(self, turn: Turn) -> None:
        """Begin a turn anew in silence, which is over when enough silence has come since."""
        if turn is self._turn:
            self._detector.begin_speech()
            self._reopen(turn, self._detector.samples)

    def _end_idleness(self) -> None:
        """Make a turn of silence that has lasted too long, where that was asked for."""
        wanted = self._room.config.turn_detection
        now_ms = self._clock_ms(self._detector.samples)
        is_pending = self._turn is not None and not self._turn.is_committed
        if wanted is None or wanted.idle_timeout_ms is None or is_pending or self._speaker.is_busy:
            self._idle_since_ms = now_ms
            return
        if now_ms - self._idle_since_ms < wanted.idle_timeout_ms:
            return
        turn = self._opened(len(self._room.record.audio_in))
        turn.is_stopped = True
        self._turn = turn
        self._room.wire.send(
            "input_audio_buffer.timeout_triggered",
            item_id=turn.item.id,
            audio_start_ms=round(self._idle_since_ms),
            audio_end_ms=round(now_ms),
        )
        self._telling.item(turn.item)
        self._commit_found(turn)
        self._room.conversation.add(message(turn.item.id, "user", ""))
        self._speaker.answer(Order(since=now(), turn_id=turn.item.id))

    def _is_same(self, turn: Turn) -> bool:
        """Whether speech after a stop belongs to the item that had seemed to be over."""
        match self._room.pace.resume:
            case Resume.AUTO:
                return not turn.is_committed
            case Resume.SAME_ITEM:
                return not turn.is_committed or self._speaker.answers(turn.item.id)
            case _:
                return False

    def _reopen(self, turn: Turn, sample: int) -> None:
        """Go on with an item; the answer that had begun is no more."""
        self._stop_timer(turn)
        turn.is_stopped = turn.is_committed = False
        self._room.conversation.remove(turn.item.id)
        if self._speaker.answers(turn.item.id):
            self._speaker.drop(is_forgotten=True)
        self._telling.started(turn.item, self._clock_ms(sample))

    def _commit_found(self, turn: Turn) -> None:
        """Commit a turn that was found by itself, and send its final transcript."""
        self._stop_timer(turn)
        turn.is_committed = True
        turn.item.committed_at = now()
        self._room.wire.send("input_audio_buffer.committed", item_id=turn.item.id)
        self._telling.final(turn.item)

    def _opened(self, start: int) -> Turn:
        """Begin a turn, in which the earlier ones may be forgotten."""
        if self._room.state.dialects["spoken_memory"] == "forgotten":
            self._room.conversation.forget_spoken()
        item = RecordedItem(id=new_id(), speech_started_at=now())
        self._room.record.items.append(item)
        return Turn(item=item, start=start)

    def _transcribed(self, start: int, end: int | None = None) -> str:
        """Give what is said in a stretch of the audio, and charge for it."""
        pcm = bytes(self._room.record.audio_in[start:end])
        rate = self._detector.rate
        if self._has_weak_ear("wordless"):
            return ""
        self._room.conversation.billable_s += len(pcm) / BYTES_PER_SAMPLE / rate
        return self._room.state.hearing.transcribe(pcm, rate)

    def _has_weak_ear(self, kind: str) -> bool:
        """Whether audio of this rate is not understood, in one of the ways in which that can be."""
        return self._detector.rate == _WEAK_RATE and self._room.state.dialects["rate_16k"] == kind

    def _begin_buffer(self) -> None:
        """Count what comes from now on as new."""
        self._detector.forget()
        self._has_voice = False
        self._buffer_start = len(self._room.record.audio_in)

    def _offset(self, sample: int) -> int:
        """Give the place of a sample in all audio of the session."""
        return self._base_bytes + sample * BYTES_PER_SAMPLE

    def _clock_ms(self, sample: int) -> float:
        """Give the session's clock at a sample: it runs with the audio."""
        return self._base_ms + sample * 1000 / self._detector.rate

    @staticmethod
    def _stop_timer(turn: Turn | None) -> None:
        """Stop the wait for a commit."""
        if turn is not None and turn.timer is not None:
            turn.timer.cancel()
            turn.timer = None

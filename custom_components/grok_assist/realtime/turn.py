"""One spoken turn as its callers see it: the ear, the agent and the voice each hold it for a while.

The ear feeds it and waits for its words; the agent claims it and follows its answer; the voice takes the sound. What
nobody claims is closed by a timer, and nothing of it is ever heard or done.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from ..core.errors import GrokAnswerError, GrokBrokenStreamError, GrokConnectionError, GrokError
from .config import INPUT_RATE, SAMPLE_BYTES, SessionConfig
from .exchange import AnswerChanged, Exchange, Failed, TurnSignal, Understood
from .playback import BYTES_PER_S, PlaybackBuffer
from .responses import Audio, Finished, Lost, Response, Signal, Words

ATTACH_S: Final = 5.0
"""From the words until the agent has to have claimed the turn."""
TAKE_S: Final = 10.0
"""From the first sound until a voice has to have taken it."""
FRAME_BYTES: Final = INPUT_RATE * SAMPLE_BYTES * 40 // 1000
"""Sound is sent in frames of 40 ms: Home Assistant hands over 10 ms at a time."""
KEPT_BYTES: Final = INPUT_RATE * SAMPLE_BYTES * 60
"""A minute of the microphone is kept, to be heard again by a new session or by the plain transcription."""


UNHEARD_S: Final = 0.3
"""What may be missing at the end of an answer that counts as heard."""


class TurnState(StrEnum):
    """Who holds the turn."""

    LISTENING = "listening"
    TRANSCRIBED = "transcribed"
    CLAIMED = "claimed"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """The answer can be heard from now on."""


type News = FirstAudio | Words | Finished


class Carrier(Protocol):
    """What a turn needs of the channel that carries it."""

    def send_audio(self, turn: Turn, pcm: bytes) -> None:
        """Send microphone sound."""

    def end_audio(self, turn: Turn) -> None:
        """Say that the microphone is closed."""

    def send_results(self, turn: Turn, results: Mapping[str, str], *, asks: bool) -> None:
        """Send the results of calls, and ask for more if that is wanted."""

    def say_exactly(self, turn: Turn, text: str) -> None:
        """Have a text spoken word by word."""

    def ask_again(self, turn: Turn, config: SessionConfig, text: str) -> None:
        """Ask anew with the words as text."""

    def answer_exactly(self, turn: Turn, text: str) -> None:
        """Have a text spoken word by word in place of the answer."""

    def finished(self, turn: Turn) -> None:
        """Take note that the turn is over."""

    def killed(self, turn: Turn, answer: Response | None, *, was_listening: bool) -> None:
        """Take note that the turn was ended early."""


class Turn:
    """A turn on a channel."""

    def __init__(self, carrier: Carrier, exchange: Exchange, *, conversation_id: str) -> None:
        """Start to listen."""
        loop = asyncio.get_running_loop()
        self.conversation_id = conversation_id
        self.exchange = exchange
        self.state = TurnState.LISTENING
        self.line = PlaybackBuffer()
        self.kept = bytearray()
        self.config: SessionConfig | None = None
        """What the answer under way was asked with."""
        self.error: GrokError | None = None
        self.words: asyncio.Future[str] = loop.create_future()
        self.has_sounded = False
        self.said = ""
        self.has_ended = False
        self.text = ""
        """The words as Home Assistant was given them."""
        self.is_certain = True
        """Whether the words are the final ones."""
        self.was_claimed = False
        self.waits_for_end = True
        self.may_search = False
        self.is_last = False
        """The user has said goodbye: nothing will follow."""
        self.may_be_added_to = False
        """The agent may add a sentence of ours: the sound ends with the turn, not with the answer."""
        self.understood_at: float | None = None
        self.first_audio_at: float | None = None
        self.on_end: Callable[[], None] | None = None
        self._loop = loop
        self._carrier = carrier
        self._batch = bytearray()
        self._news: asyncio.Queue[News | GrokError] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped_at: float | None = None
        self._is_complete = False

    # --- the ear ---

    def feed(self, pcm: bytes) -> None:
        """Send sound of the microphone; what comes after the end of the turn is nobody's."""
        if self.state is not TurnState.LISTENING:
            return
        if len(self.kept) < KEPT_BYTES:
            self.kept += pcm
        self._batch += pcm
        if len(self._batch) >= FRAME_BYTES:
            self._flush()

    def end_audio(self) -> None:
        """Take note that the microphone is closed."""
        if self.has_ended or self.state is not TurnState.LISTENING:
            return
        self.has_ended = True
        self._flush()
        self._carrier.end_audio(self)

    def transcribed(self, text: str) -> None:
        """Take note of the words given to Home Assistant; somebody has to claim the turn in time."""
        self._batch.clear()
        self.has_ended = True
        if self.state is TurnState.LISTENING:
            self.text = text
            self.state = TurnState.TRANSCRIBED
            self._set_timer(ATTACH_S, "nobody claimed the turn")

    # --- the agent ---

    def claim(self, conversation_id: str, text: str) -> bool:
        """Take the turn if it is this one; a turn can be claimed once."""
        if self.state is not TurnState.TRANSCRIBED or (conversation_id, text) != (self.conversation_id, self.text):
            return False
        self.state = TurnState.CLAIMED
        self.was_claimed = True
        self._set_timer(None)
        return True

    def adopt(self) -> None:
        """Follow the answer under way; before this nothing of it is heard or run."""
        if (live := self.exchange.answers.live) is not None:
            live.adopt(self._take)

    async def news(self) -> AsyncGenerator[News]:
        """Tell what comes of the answer until it is finished.

        Raises:
            GrokError: the answer was lost, or the session.
        """
        while True:
            item = await self._news.get()
            if isinstance(item, GrokError):
                raise item
            yield item
            if isinstance(item, Finished):
                return

    def ask_again(self, config: SessionConfig, text: str) -> None:
        """Drop the answer under way and ask anew with the words as text."""
        self.config = config
        self._carrier.ask_again(self, config, text)

    def answer_exactly(self, text: str) -> None:
        """Drop the answer under way and have a sentence of ours spoken in its place."""
        self._carrier.answer_exactly(self, text)

    def give_results(self, results: Mapping[str, str], *, asks: bool = True) -> None:
        """Give the results of all calls; the answer goes on, unless it was complete."""
        self._is_complete = self._is_complete or not asks
        self._carrier.send_results(self, results, asks=asks)

    def add(self, text: str) -> None:
        """Have a sentence of ours spoken after the answer, in the same voice."""
        self._is_complete = False
        self._carrier.say_exactly(self, text)

    def finish(self) -> None:
        """End a turn whose answer is complete; its sound may still be played."""
        if self.state is not TurnState.CLAIMED:
            return
        self.state = TurnState.DONE
        self.line.close()
        self._carrier.finished(self)
        self._ended()

    def kill(self, error: GrokError | None = None) -> None:
        """End the turn at once: cancel the answer, end its sound. With an error the player is told of it."""
        if self.state is TurnState.DEAD:
            return
        was_listening = self.state is TurnState.LISTENING
        was_done = self.state is TurnState.DONE
        self.stop_sound(error)
        self.state = TurnState.DEAD
        self._set_timer(None)
        answer = self.exchange.close("the turn was ended")
        self._fail(error or GrokConnectionError("the turn was ended"))
        if not was_done:
            self._carrier.killed(self, answer, was_listening=was_listening)
        self._ended()

    # --- the voice ---

    def stop_sound(self, error: GrokError | None = None) -> None:
        """End the sound at once; what was heard until now is all that was heard."""
        if self._stopped_at is None:
            self._stopped_at = self._loop.time()
        self.line.cut(error)

    @property
    def heard_s(self) -> float:
        """How much of the answer was heard, as far as anybody can tell, in seconds."""
        return self.line.heard_s(self._stopped_at or self._loop.time())

    def heard_of(self, answer: Response) -> float:
        """How much was heard of one of the turn's answers, the last one, in seconds."""
        earlier_s = (self.line.put_bytes - answer.audio_bytes) / BYTES_PER_S
        return max(0.0, self.heard_s - earlier_s)

    @property
    def heard_text(self) -> str | None:
        """The words that were heard, where that is less than all of them."""
        total_s = self.line.duration_s
        if not self.said or total_s <= 0 or (self._is_complete and self.heard_s >= total_s - UNHEARD_S):
            return None
        share = self.said[: int(len(self.said) * self.heard_s / total_s)]
        return share.rsplit(" ", 1)[0] if " " in share else ""

    # --- the session ---

    def on_signal(self, signal: TurnSignal) -> None:
        """Take what happened on the session."""
        match signal:
            case Understood(text, is_certain):
                self.is_certain = is_certain
                self.understood_at = self._loop.time()
                if not self.words.done():
                    self.words.set_result(text)
            case AnswerChanged(None):
                if self.state is TurnState.CLAIMED:
                    self._news.put_nowait(GrokBrokenStreamError("the answer was lost"))
            case AnswerChanged(Response() as answer):
                if self.state is TurnState.CLAIMED:
                    answer.adopt(self._take)
            case Failed(error):
                self._fail(error)

    def _take(self, signal: Signal) -> None:
        """Take a piece of the adopted answer."""
        match signal:
            case Audio(pcm):
                if not self.has_sounded:
                    self.has_sounded = True
                    self.first_audio_at = self._loop.time()
                    self._set_timer(TAKE_S, "nobody took the sound")
                    self._news.put_nowait(FirstAudio())
                self.line.put(pcm)
            case Words(text):
                self.said += text
                self._news.put_nowait(signal)
            case Finished(calls):
                if calls:
                    self.exchange.rest()
                else:
                    self._is_complete = True
                    if not self.may_be_added_to:
                        self.line.close()
                if not calls and not self.said.strip() and not self.has_sounded:
                    self._news.put_nowait(GrokAnswerError("the answer is empty"))
                    return
                self._news.put_nowait(signal)
            case Lost(reason):
                self._news.put_nowait(GrokBrokenStreamError(reason))

    def _fail(self, error: GrokError) -> None:
        """Tell everybody who waits."""
        self.error = self.error or error
        if not self.words.done():
            self.words.set_exception(error)
            # The ear may have gone already; nobody has to look.
            self.words.exception()
        self._news.put_nowait(error)

    def _flush(self) -> None:
        """Send what was collected."""
        if self._batch:
            self._carrier.send_audio(self, bytes(self._batch))
            self._batch.clear()

    def _set_timer(self, seconds: float | None, reason: str = "") -> None:
        """Wait for the next holder of the turn."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._expire, reason) if seconds is not None else None

    def _expire(self, reason: str) -> None:
        """Close a turn that nobody wants."""
        if self.state is TurnState.TRANSCRIBED:
            self.kill(GrokConnectionError(reason))
        elif not self.line.is_taken:
            self.stop_sound()

    def _ended(self) -> None:
        """Tell the owner."""
        if self.on_end is not None:
            self.on_end()

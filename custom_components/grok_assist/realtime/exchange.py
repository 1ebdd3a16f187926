"""One turn on a session as a sans-I/O state machine: what was said, and the answer that counts."""

from dataclasses import dataclass
from typing import Final

from ..core.errors import GrokError
from .responses import Response, Responses
from .server_events import ResponseCreated, ServerEvent, SpeechStarted
from .user_speech import SpeechState, UserSpeech

ENDED_S: Final = 2.0
"""From the end of the audio until the server says that somebody spoke."""
START_S: Final = 10.0
"""From the beginning of the turn until somebody speaks, where the server alone hears that."""
SPEECH_S: Final = 60.0
"""From the beginning of the turn until its words are taken as they are: so much sound is kept."""
TRANSCRIPT_S: Final = 2.0
"""From the end of speech until its words are final; after that the latest snapshot counts."""
ANSWER_S: Final = 10.0
"""Between two events of an answer that is awaited; pydantic-ai and livekit wait as long."""
SEARCH_S: Final = 30.0
"""The same where the server may search in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDeadlines:
    """How long a turn waits, in seconds."""

    start_s: float = START_S
    speech_s: float = SPEECH_S
    ended_s: float = ENDED_S
    transcript_s: float = TRANSCRIPT_S
    answer_s: float = ANSWER_S
    search_s: float = SEARCH_S


USUAL: Final = TurnDeadlines()


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of the turn are complete; empty where nobody said anything."""

    text: str
    is_certain: bool = True
    """Not so where the final words never came and the last snapshot of them has to serve."""


@dataclass(frozen=True, slots=True)
class AnswerChanged:
    """Another answer counts from now on; None: the one so far does no more, and none has begun."""

    answer: Response | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The session failed under the turn."""

    error: GrokError


type TurnSignal = Understood | AnswerChanged | Failed


class Exchange:
    """A turn: it listens until its words are complete, and keeps the one answer that counts."""

    def __init__(
        self,
        *,
        now: float,
        waits_for_end: bool = True,
        may_search: bool = False,
        is_text: bool = False,
        has_rival: bool = False,
        deadlines: TurnDeadlines = USUAL,
    ) -> None:
        """Start to listen; a turn of text has nothing to listen to.

        Args:
            now: the time.
            waits_for_end: the words count as complete only when the microphone has ended; else at the first pause.
            may_search: the server may fall silent while it searches.
            is_text: the user's words were given as text.
            has_rival: the server may yet begin an answer to what the words replace.
            deadlines: how long it waits.
        """
        self.has_rival = has_rival
        self.user_speech = UserSpeech()
        self.answers = Responses()
        self.is_understood = is_text
        self.is_over = False
        self._has_ended = is_text
        self._waits_for_end = waits_for_end
        self._limits = deadlines
        self._patience_s = deadlines.search_s if may_search else deadlines.answer_s
        self._signals: list[TurnSignal] = []
        self._awaits_answer = is_text
        self._since = self._began = now
        self.nobody_spoke = False
        """The server heard nobody although it was given time."""

    def take_signals(self) -> list[TurnSignal]:
        """Take what happened."""
        signals, self._signals = self._signals, []
        return signals

    @property
    def transcript(self) -> str:
        """Everything that was understood so far."""
        return self.user_speech.transcript

    @property
    def is_speaking(self) -> bool:
        """Whether the server hears somebody speak, or may yet."""
        return self.user_speech.state in (SpeechState.SPEAKING, SpeechState.WAITING)

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called."""
        if self.is_over:
            return None
        if not self.is_understood:
            return min(self._listening_until, self._began + self._limits.speech_s)
        return self._since + self._patience_s if self._awaits_answer else None

    @property
    def _listening_until(self) -> float:
        """When the words are taken as they are, as far as the server and the microphone decide."""
        is_waiting = self.user_speech.state is SpeechState.WAITING
        if self._has_ended:
            return self._since + (self._limits.ended_s if is_waiting else self._limits.transcript_s)
        if self.user_speech.state is SpeechState.PAUSED:
            return self._since + self._limits.transcript_s
        return self._began + (self._limits.start_s if is_waiting and not self._waits_for_end else self._limits.speech_s)

    def expire(self, now: float) -> None:
        """Act on what did not come in time."""
        moment = self.deadline
        if moment is None or now < moment:
            return
        self._since = now
        if not self.is_understood:
            self.nobody_spoke = self.user_speech.state is SpeechState.WAITING and not self._has_ended
            self._understand()
        else:
            self._awaits_answer = False
            self.answers.kill_all("the answer stalled")
            self._signals.append(AnswerChanged(None))

    def end_audio(self, now: float) -> None:
        """Take note that the microphone is closed: what the server has heard is all there is."""
        self._has_ended = True
        self._since = now
        self._check()

    def await_answer(self, now: float) -> None:
        """Take note that the model was asked for more: results were given, or words as text."""
        self._awaits_answer = True
        self._since = now

    def rest(self) -> None:
        """Nothing is awaited for the moment: a tool runs."""
        self._awaits_answer = False

    def receive(self, event: ServerEvent, now: float) -> None:
        """Take an event of the server."""
        if self.is_over:
            return
        if isinstance(event, SpeechStarted):
            self._speak_on()
        state = self.user_speech.state
        self.user_speech.receive(event)
        if self.user_speech.state is not state:
            self._since = now
        if self.answers.receive(event, is_speaking=self.is_speaking and not self.is_understood):
            self._since = now
            if isinstance(event, ResponseCreated):
                self._awaits_answer = True
                self._signals.append(AnswerChanged(self.answers.live))
        self._check()

    def fail(self, error: GrokError) -> None:
        """End the turn: the session is gone."""
        if self.is_over:
            return
        self.answers.kill_all("the session is gone")
        self.is_over = True
        self._signals.append(Failed(error))

    def close(self, reason: str) -> Response | None:
        """End the turn; give the answer that was under way."""
        live = self.answers.live
        self.answers.kill_all(reason)
        self.is_over = True
        return live

    def _speak_on(self) -> None:
        """Drop the answer to half of a sentence."""
        if self.answers.live is not None:
            self.answers.kill_all("the user spoke on")
            self._signals.append(AnswerChanged(None))

    def _check(self) -> None:
        """Tell when the words are complete."""
        if self.is_understood or self.user_speech.state is not SpeechState.UNDERSTOOD:
            return
        if self._has_ended or not self._waits_for_end:
            self._understand()

    def _understand(self) -> None:
        """Take the words as they are."""
        self.is_understood = True
        self._awaits_answer = True
        is_certain = self.user_speech.state in (SpeechState.UNDERSTOOD, SpeechState.WAITING)
        self._signals.append(Understood(self.transcript, is_certain))

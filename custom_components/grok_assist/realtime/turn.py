"""One spoken turn as a sans-I/O state machine: events, inputs and times in, client events and news out.

It knows neither sockets nor players nor tasks: whoever carries it takes its actions and its news after every call, and
calls `expire` when `deadline` has come. Its states and their ways are in `turn_state`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ..core.errors import GrokAnswerError, GrokBrokenStreamError, GrokConnectionError, GrokError, GrokTimeoutError
from .config import SessionConfig
from .heard import Position, Spoken
from .responses import Broken, Finished, Responses, Sound, Words
from .server_events import AudioCommitted, ResponseCreated, ServerEvent, SpeechStarted, SpeechStopped
from .turn_actions import TurnActions
from .turn_news import FirstAudio, Lost, SoundComplete, SoundCut, TurnAction, TurnNews, Understood
from .turn_settings import TurnSettings, TurnTimes
from .turn_state import TURN, AnswerInput, AnswerState, TurnInput, TurnState
from .user_speech import SpeechState, UserSpeech

MOST_LATE_STARTS: Final = 3
LOST_ANSWER: Final = "the answer was lost"


class Turn:
    """A turn from its first sound to the end of its answer."""

    def __init__(self, conversation_id: str, *, now: float, settings: TurnSettings) -> None:
        """Start to listen."""
        self.conversation_id = conversation_id
        self.settings = settings
        self.state = TurnState.LISTENING
        self.times = TurnTimes()
        self.spoken = Spoken()
        self.text = ""
        """The words as Home Assistant was given them."""
        self.error: GrokError | None = None
        """Why no session answers."""
        self.was_attached = False
        self._was_taken = False
        """Its sound had a player."""
        self._actions = TurnActions()
        self._news: list[TurnNews] = []
        self._former_ids: set[str] = set()
        """Responses, and items of the user, of which nothing counts any more."""
        self._is_ready = False
        """The session can be waited for: it is configured."""
        self.known_calls: set[str] = set()
        """Calls that the turns before were told."""
        self._late_starts = 0
        """How often the server heard somebody begin to speak after the microphone was closed."""
        self._begin(now)

    def _begin(self, now: float) -> None:
        """Listen to a session that has heard nothing yet."""
        settings, limits = self.settings, self.settings.deadlines
        self.speech = UserSpeech(now=now, waits_for_end=settings.waits_for_end, deadlines=limits)
        patience_s = limits.search_s if settings.may_search else limits.answer_s
        self.answer = Responses(patience_s=patience_s, called=self.known_calls)

    # --- what its carrier does ---

    def take_actions(self) -> list[TurnAction]:
        """Take what has to be said to the service, in order."""
        return self._actions.take()

    def take_news(self) -> list[TurnNews]:
        """Take what has happened."""
        news, self._news = self._news, []
        return news

    @property
    def needs_session(self) -> bool:
        """Whether a session has something to do for it."""
        return not self.state.is_over and self.answer.state is not AnswerState.LOST

    @property
    def ids(self) -> set[str]:
        """The responses and items by which late events of the turn are known."""
        return self._former_ids.union(self.speech.item_ids, self.answer.response_ids) - {""}

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called; None while nobody is awaited."""
        moments = [self.times.take_by, self.times.attach_by, self._answer_by, self._words_by]
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def _words_by(self) -> float | None:
        """When the words are overdue, or the session for which they wait."""
        if self.state is not TurnState.LISTENING or not self.needs_session:
            return None
        if self._is_ready:
            return self.speech.deadline
        return self.speech.latest if self.times.ready_by is None else self.times.ready_by

    @property
    def _answer_by(self) -> float | None:
        """When the answer is overdue."""
        is_asked = self.state is not TurnState.LISTENING and self.needs_session
        return self.answer.deadline if is_asked else None

    def expire(self, now: float) -> None:
        """Act on what did not come in time."""
        times, state = self.times, self.state
        if times.take_by is not None and now >= times.take_by:
            times.take_by = None
            self.spoken.cut(None)
            self._news.append(SoundCut())
        if times.attach_by is not None and now >= times.attach_by:
            self.kill(GrokConnectionError("no agent attached"))
        elif (words_by := self._words_by) is not None and now >= words_by:
            self._expire_words(now)
        elif (answer_by := self._answer_by) is not None and now >= answer_by:
            self._actions.cancel(self.answer.kill_all("the answer stalled"))
            self.answer.move(AnswerInput.BREAK, now)
            if state is TurnState.FOLLOWED:
                self._news.append(Lost(GrokBrokenStreamError(LOST_ANSWER)))

    def _expire_words(self, now: float) -> None:
        """Take the words as they are, or go on without a session that is not ready."""
        if self._is_ready:
            self.speech.give_up(now)
            self._understand(now)
        else:
            self.fail(GrokTimeoutError(self.settings.deadlines.ready_s, "the session was not ready"))

    def receive(self, event: ServerEvent, now: float) -> None:
        """Take an event of the server."""
        if not self.needs_session:
            return
        if event.ids & self._former_ids:
            return
        if isinstance(event, ResponseCreated) and self._is_unwanted(event):
            self._former_ids.add(event.response_id)
            self._actions.cancel_id(event.response_id)
            return
        if isinstance(event, SpeechStarted):
            self._speak_on(now)
        self.speech.receive(event, now)
        if isinstance(event, SpeechStopped | AudioCommitted) and not self.speech.is_going_on:
            self.answer.revive(now)
        is_speaking = self.state is TurnState.LISTENING and self.speech.is_going_on
        if self.answer.receive(event, now, is_speaking=is_speaking):
            self.speech.moved_at = now
        if self.state is TurnState.LISTENING and self.speech.is_complete:
            self._understand(now)
        self._pass_on(now)

    def note_calls(self, called: Iterable[str]) -> None:
        """Take note of calls that the turns before on the socket were told: none of them is made again."""
        self.known_calls.update(called)
        self.answer.called |= self.known_calls

    def session_ready(self) -> None:
        """Take note that the session is what it was asked to be."""
        self._is_ready = True

    def restart(self, now: float) -> None:
        """Begin anew with another socket, which will hear everything from the beginning."""
        self._former_ids.clear()
        self._is_ready = False
        self._begin(now)

    def fail(self, error: GrokError) -> None:
        """Take note that no session will answer."""
        if not self.needs_session:
            return
        is_awaited = self._is_awaited
        if self.state.is_listening:
            self._actions.close_socket()  # half a sentence lies in the server's buffer
        self.answer.kill_all("the session is gone")
        self._lose(error)
        if is_awaited:
            self._news.append(Lost(error))

    def _lose(self, error: GrokError) -> None:
        """Count on no answer any more."""
        self.answer.move(AnswerInput.LOSE, 0.0)
        self.error = self.error or error
        self.times.attach_by = None

    # --- what speech-to-text does ---

    def end_input(self, now: float) -> None:
        """Take note that the microphone is closed: a server that still waits is given all its silence at once."""
        if not self.state.is_listening:
            return
        if self.times.ready_by is None:
            self.times.ready_by = now + self.settings.deadlines.ready_s
        if not self.needs_session:
            self.speech.end(now)
            return
        if self.speech.is_going_on:
            self._actions.silence(self.settings.silence)
        self.speech.end(now)
        if self.state is TurnState.LISTENING and self.speech.is_complete:
            self._understand(now)

    def give_words(self, text: str, now: float) -> None:
        """Take note of the words that Home Assistant was given; an agent has to attach in time."""
        if self._move(TurnInput.GIVE_WORDS):
            self.text = text
            self.speech.has_ended = True
            self.answer.move(AnswerInput.WORDS_COMPLETE, now)  # where they did not come from the session
            if self.needs_session:
                self.times.attach_by = now + self.settings.deadlines.attach_s

    # --- what the agent does ---

    def attach(self, conversation_id: str, text: str) -> bool:
        """Take the turn if it is this one; it can be taken once."""
        is_this = (conversation_id, text) == (self.conversation_id, self.text)
        if not is_this or not self._move(TurnInput.ATTACH):
            return False
        self.was_attached = True
        self.times.attach_by = None
        return True

    def follow(self, now: float) -> None:
        """Hear and run the answer from here on, with what it has so far."""
        if not self._move(TurnInput.FOLLOW):
            return
        if self.answer.state is AnswerState.LOST:
            self._news.append(Lost(self.error or GrokBrokenStreamError(LOST_ANSWER)))
        elif self.answer.live is None and self.answer.state is AnswerState.FAILED:
            self._news.append(Lost(GrokBrokenStreamError(LOST_ANSWER)))
        self._pass_on(now)

    def ask_text(self, text: str, config: SessionConfig, now: float, *, echoes_marks: bool) -> None:
        """Forget what was heard and answered, and ask with the words as text; costs money.

        Where the service was never seen to echo our mark, the first answer that it begins after this counts.
        """
        if (forgotten := self._take_back()) is not None:
            self.answer.has_unasked = self.answer.has_unasked and echoes_marks
            self._actions.ask(text, config, forgotten)
            self.answer.move(AnswerInput.ASK_ANEW, now)

    def say_instead(self, text: str, now: float) -> None:
        """Forget what was heard and answered, and have a text spoken word by word; costs money."""
        if (forgotten := self._take_back()) is None:
            return
        self._actions.delete(forgotten)
        if self.answer.has_unasked:
            # What the service still begins by itself could not be told from what it is to say.
            self._actions.close_socket()
            self.fail(GrokConnectionError("the session has not begun to answer"))
            return
        self._actions.say(text)
        self.answer.move(AnswerInput.ASK_ANEW, now)

    def _take_back(self) -> tuple[str, ...] | None:
        """Let nothing count of what was heard and answered; return its items, or None without a session to ask anew."""
        if self.state is not TurnState.ATTACHED or not self.needs_session:
            return None
        former = self.answer
        live = former.kill_all("the answer did not fit")
        self._actions.cancel(live)
        forgotten = (*self.speech.item_ids, *self.answer.item_ids)
        self._former_ids = self.ids
        self._begin(self.speech.moved_at)
        self.answer.has_unasked = live is None
        return forgotten

    def give_results(self, results: Mapping[str, str], *, asks: bool, now: float) -> None:
        """Give the results of all calls (call id → text); the answer goes on, unless it was complete."""
        what = AnswerInput.GIVE_RESULTS if asks else AnswerInput.END_WITH_RESULTS
        if self.state is not TurnState.FOLLOWED or not self.answer.move(what, now):
            return  # the answer that made the calls was lost meanwhile
        self._actions.give_results(results, asks=asks)
        self.spoken.is_complete = not asks

    def say(self, text: str, now: float) -> None:
        """Have a sentence of ours spoken behind the answer, in the same voice; costs money."""
        if self.state is not TurnState.FOLLOWED or not self.answer.move(AnswerInput.SAY, now):
            return
        self.spoken.is_complete = False
        self.answer.has_unasked = False  # what comes next is what we say
        self._actions.say(text)

    def finish(self) -> None:
        """Let go of a turn whose answer is complete; its sound may still be played."""
        leaves_rest = self._leaves_rest
        if self._move(TurnInput.FINISH):
            if leaves_rest:
                self._actions.close_socket()
            self._news.append(SoundComplete())

    def give_up(self, error: GrokError, at: Position | None = None) -> None:
        """Go on without the session: its answer is stopped, and somebody else answers."""
        if not self.needs_session:
            return
        self._stop(at)
        self._lose(error)
        if self.times.first_audio_at is not None:
            self._news.append(SoundCut(error))

    def kill(self, error: GrokError | None = None, at: Position | None = None) -> None:
        """End the turn at once: its answer is stopped, its sound ends. With an error the player is told of it."""
        if self.state is TurnState.DEAD:
            return
        reason, is_awaited = error or GrokConnectionError("the turn was ended"), self._is_awaited
        self.spoken.cut(at)
        if self.needs_session:
            self._stop(at)
            self._lose(reason)
        self._move(TurnInput.KILL)
        self.times.attach_by = self.times.take_by = None
        self._news.append(SoundCut(error))
        if is_awaited:
            self._news.append(Lost(reason))

    def heard_before(self, at: Position | None) -> str | None:
        """Return what was heard of an answer that is cut short now; None where that is all, or nobody knows.

        An answer that is complete and never had a player of ours was read, or another engine spoke it.
        """
        is_elsewhere = self.state is TurnState.DONE and not self._was_taken
        return self.spoken.heard_text(at) if self.was_attached and not is_elsewhere else None

    # --- what the player does ---

    def sound_taken(self) -> None:
        """Take note that the sound has a player."""
        self.times.take_by = None
        self._was_taken = True

    # --- inside ---

    @property
    def _is_awaited(self) -> bool:
        """Whether somebody waits for words, or for the end of the answer."""
        if self.state is TurnState.FOLLOWED:
            return self.answer.state in (AnswerState.NONE, AnswerState.AWAITED, AnswerState.LIVE, AnswerState.CALLING)
        return self.state is TurnState.LISTENING and self.needs_session

    def _move(self, what: TurnInput) -> bool:
        """Follow the table; tell whether it knows the way."""
        if (then := TURN.get((self.state, what))) is None:
            return False
        self.state = then
        return True

    def _is_unwanted(self, event: ResponseCreated) -> bool:
        """Whether a response that begins is one to a turn, or to words, that are gone, or to none."""
        if not event.response_id:
            return True  # nothing that comes of it could be told apart
        if self.state is TurnState.LISTENING:
            return self.speech.state is SpeechState.WAITING
        if self.answer.has_unasked and not event.tag:
            self.answer.has_unasked = False
            return True
        # Whoever follows was told how the answer ended, and has not asked for more.
        is_ended = self.answer.state in (AnswerState.CALLING, AnswerState.COMPLETE, AnswerState.FAILED)
        return self.state is TurnState.FOLLOWED and is_ended

    def _speak_on(self, now: float) -> None:
        """Drop the answer to half of a sentence."""
        is_followed = self.state is TurnState.FOLLOWED
        if is_followed and not self._is_awaited:
            return  # whoever follows has its end already
        if self.speech.has_ended and self._late_starts < MOST_LATE_STARTS:
            self._late_starts += 1
            self._actions.silence(self.settings.silence)  # the microphone is closed: only this ends that speech
        if not self.answer.speak_on(now) or self.state is TurnState.LISTENING:
            return
        self.answer.move(AnswerInput.WORDS_COMPLETE, now)
        if is_followed and (self._is_begun or self._late_starts >= MOST_LATE_STARTS):
            self.answer.move(AnswerInput.BREAK, now)
            self._news.append(Lost(GrokBrokenStreamError(LOST_ANSWER)))

    @property
    def _is_begun(self) -> bool:
        """Whether something of the answer was passed on: another one could not take its place."""
        return (
            self.times.first_audio_at is not None
            or bool(self.spoken.text)
            or bool(self.answer.called - self.known_calls)
        )

    def _understand(self, now: float) -> None:
        """Take the words as they are."""
        self._move(TurnInput.WORDS_COMPLETE)
        self.times.understood_at = now
        if not self.answer.move(AnswerInput.WORDS_COMPLETE, now):
            self.answer.expect(now)
        self._news.append(Understood(self.speech.transcript, self.speech.is_certain))

    @property
    def _may_sound(self) -> bool:
        """Whether what comes of the answer is told: once somebody follows it."""
        return self.state is TurnState.FOLLOWED

    def _pass_on(self, now: float) -> None:
        """Tell what has come of the answer that counts, once somebody follows it."""
        if not self._may_sound or self.answer.live is None:
            return
        for news in self.answer.live.take():
            match news:
                case Sound(item_id, pcm):
                    self._sound(item_id, pcm, now)
                case Words(text):
                    self.spoken.text += text
                    self._news.append(news)
                case Finished(calls):
                    self.answer.called.update(call.call_id for call in calls)
                    self.spoken.is_complete = not calls
                    if calls or not self.spoken.is_empty:
                        self._news.append(news)
                    else:
                        self.answer.move(AnswerInput.BREAK, now)
                        self._news.append(Lost(GrokAnswerError("the answer is empty")))
                case Broken(reason):
                    self._news.append(Lost(GrokBrokenStreamError(reason)))

    def _sound(self, item_id: str, pcm: bytes, now: float) -> None:
        """Tell a piece of sound; the first one is waited for."""
        if self.times.first_audio_at is None:
            self.times.first_audio_at = now
            self.times.take_by = now + self.settings.deadlines.take_s
            self._news.append(FirstAudio())
        self.spoken.sound(item_id, len(pcm))
        self._news.append(Sound(item_id, pcm))
        if self.spoken.is_too_long and (live := self.answer.live) is not None:
            self._actions.cancel(live)  # nobody listens to it any more, and each second is paid
            live.kill("the answer does not end")
            self.answer.move(AnswerInput.BREAK, now)
            self._actions.close_socket()

    @property
    def _leaves_rest(self) -> bool:
        """Whether the server may yet begin its answer, or tell words that could be those of the next turn."""
        return self.needs_session and (self.answer.may_begin or self.speech.has_nameless_rest)

    def _stop(self, at: Position | None) -> None:
        """Have the service stop what it does for the turn, and know of it what counts."""
        leaves_rest = self._leaves_rest
        live = self.answer.kill_all("the turn was ended")
        if leaves_rest or self.state.is_listening:
            # Half a sentence lies in the server's buffer, and whether clearing it ends its turn nobody documents.
            self._actions.close_socket()
            return
        self._actions.cancel(live)
        if not self.was_attached:
            self._actions.delete((*self.speech.item_ids, *self.answer.item_ids))
            return
        # Sound that nobody has followed yet is known to its response only.
        unheard = [Position(live.sounding_item, 0)] if live is not None and live.sounding_item else []
        self._actions.truncate(self.spoken.cut_items(at) or unheard)

"""A turn of a live conversation: the same turn, heard as soon as it is there, under a microphone that never closes."""

from collections.abc import Iterable, Mapping
from typing import override

from ..core.errors import GrokError
from .client_events import TruncateItem
from .heard import Position, Spoken
from .responses import Finished, Response
from .turn import Turn
from .turn_actions import TurnActions
from .turn_news import AnswerDropped, Lost
from .turn_settings import TurnSettings
from .turn_state import AnswerInput, AnswerState, TurnInput, TurnState
from .user_speech import SpeechState, UserSpeech


class LiveActions(TurnActions):
    """The client events of a live turn: the socket is the conversation's, and never closed for half a sentence."""

    @override
    def close_socket(self) -> None:
        """Leave it open."""


class LiveTurn(Turn):
    """A turn that a dialogue has begun."""

    def __init__(
        self,
        conversation_id: str,
        *,
        now: float,
        settings: TurnSettings,
        speech: UserSpeech | None = None,
        dead_ids: Iterable[str] = (),
    ) -> None:
        """Start to listen, or go on to listen where an earlier part of the sentence was taken for the whole of it."""
        super().__init__(conversation_id, now=now, settings=settings)
        self._actions: TurnActions = LiveActions()
        self.is_typed = False
        """Nobody spoke: the service begins no answer by itself."""
        self._is_hushed = False
        """Its answer was cut short, and what of it was heard is not settled yet."""
        self._former_ids.update(dead_ids)
        if speech is not None:
            self.speech = speech
        self.session_ready()

    @property
    def is_hushed(self) -> bool:
        """Whether its answer was cut short."""
        return self._is_hushed

    @property
    def response(self) -> Response | None:
        """The response whose sound comes now."""
        return self.answer.live

    # --- what the dialogue does ---

    def supersede(self) -> UserSpeech:
        """End it without a trace, as the user goes on with the sentence; return what was heard of it so far."""
        live = self.answer.kill_all("the user spoke on")
        self._actions.cancel(live)
        self._actions.delete(self.answer.item_ids)
        self._move(TurnInput.KILL)
        self._end()
        return self.speech

    def hush(self, now: float) -> None:
        """Let nothing more of its answer be heard; what of it was is settled by `interrupt` or by `conclude`."""
        live = self.answer.kill_all("the user spoke")
        self._actions.cancel(live)
        self.answer.move(AnswerInput.BREAK, now)
        self._is_hushed = True
        self._news = [news for news in self._news if not isinstance(news, Lost)]

    def truncate(self, at: Position | None) -> str | None:
        """Let the service know how much was heard; return the words that were, or None where that is all.

        Args:
            at: where the loudspeaker stopped; None: it had not begun.
        """
        self.spoken.cut(at)
        for position in self.spoken.cut_items(at):
            if position.ms > 0 or (at is not None and position.item_id == at.item_id):
                self._actions.add(TruncateItem(position.item_id, int(position.ms)))
            else:
                self._actions.delete([position.item_id])
        return self.spoken.heard_text(at)

    def interrupt(self, error: GrokError) -> None:
        """End it: the user has spoken over its answer."""
        is_followed = self.state is TurnState.FOLLOWED
        self._move(TurnInput.KILL)
        self.error = error
        if is_followed:
            self._news.append(Lost(error))
        self._end()

    def conclude(self) -> None:
        """Let its answer be complete with what was told of it: it was cut short by mistake, and goes on elsewhere."""
        self.spoken.is_complete = True
        self._news.append(Finished(()))

    def expect_rest(self, now: float, *, has_unasked: bool) -> None:
        """Wait for the rest of an answer, which nobody follows; the service may answer the noise itself before."""
        self.answer.has_unasked = has_unasked
        self.speech.state = SpeechState.UNDERSTOOD
        self.state = TurnState.FOLLOWED
        self.answer.move(AnswerInput.WORDS_COMPLETE, now)

    def drop(self) -> None:
        """End it as if nobody had said anything."""
        self._actions.cancel(self.answer.kill_all("nobody said anything"))
        self._actions.delete((*self.speech.item_ids, *self.answer.item_ids))
        self._move(TurnInput.KILL)
        self._end()

    def _end(self) -> None:
        """Wait for nothing."""
        self.times.attach_by = self.times.take_by = None

    # --- what differs from a turn of a pipeline ---

    @override
    def follow(self, now: float) -> None:
        """Hear and run the answer; one that was cut short is followed until that is settled."""
        if self._is_hushed:
            self._move(TurnInput.FOLLOW)
        else:
            super().follow(now)

    @override
    def say(self, text: str, now: float) -> None:
        """Have a sentence of ours spoken, unless the user speaks."""
        if not self._is_hushed:
            super().say(text, now)

    @override
    def _take_back(self) -> tuple[str, ...] | None:
        """Ask nothing anew of what was cut short."""
        if self._is_hushed:
            return None
        forgotten = super()._take_back()
        if self.is_typed:
            self.answer.has_unasked = False
        return forgotten

    @override
    def give_results(self, results: Mapping[str, str], *, asks: bool, now: float) -> None:
        """Give the results of all calls, also of a turn that was cut short meanwhile: then nothing more is asked."""
        if (self._is_hushed or self.state is TurnState.DEAD) and self.answer.state is not AnswerState.LOST:
            self._actions.give_results(results, asks=False)
            return
        super().give_results(results, asks=asks, now=now)

    @property
    @override
    def _may_sound(self) -> bool:
        """Sound waits for nobody; words and calls wait in line for whoever follows."""
        return self.state not in (TurnState.DONE, TurnState.DEAD) and not self._is_hushed

    @override
    def _sound(self, item_id: str, pcm: bytes, now: float) -> None:
        """Tell a piece of sound; the page is there."""
        super()._sound(item_id, pcm, now)
        self.times.take_by = None

    @override
    def _speak_on(self, now: float) -> None:
        """Drop the answer to half of a sentence, and what of it was told already."""
        had_answer = self.answer.live is not None
        super()._speak_on(now)
        if had_answer:
            self.spoken = Spoken()
            self.times.first_audio_at = None
            self.answer.called.clear()
            self._news = [AnswerDropped()]

    @override
    def _stop(self, at: Position | None) -> None:
        """Have the service stop what it does for the turn."""
        live = self.answer.kill_all("the turn was ended")
        self._actions.cancel(live)
        for position in self.spoken.cut_items(at):
            self._actions.add(TruncateItem(position.item_id, int(position.ms)))

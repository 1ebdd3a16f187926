"""Finds the turns in an endless microphone: which speech belongs to which, what is heard, cut, told and run.

Sans-I/O: events, reports and times in; actions and news out. A turn is sealed by the first moment of its answer at the
loudspeaker or by the start of a call with an effect: speech before that goes on with the sentence, speech after it is a
new turn and cuts the old one. A cut is provisional until the words are there that were spoken over the answer: without
words, or with the answer's own, it was noise or an echo, and the answer goes on, once.
"""

from typing import Final

from ..core.errors import GrokError, GrokInterruptedError
from ..core.live.messages import PlayedPosition
from ..core.speech.echo import is_own_voice
from .client_events import CancelResponse
from .client_player import ClientPlayer
from .dialogue_news import (
    Cut,
    DialogueNews,
    Dropped,
    Echoed,
    GoOn,
    Hearing,
    Silenced,
    Superseded,
    TurnBegan,
    TurnReady,
    TurnTold,
    WordsHeard,
)
from .dialogue_turn import AnswerCut, DialogueTurn, EarlierWords, KnownTurns, ToldNews
from .live_turn import LiveTurn
from .responses import Finished, Sound, Words
from .server_events import (
    ResponseCreated,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
    TranscriptCompleted,
    TranscriptUpdated,
)
from .turn import Turn
from .turn_news import AnswerDropped, FirstAudio, Lost, SoundComplete, SoundCut, TurnAction, Understood
from .turn_settings import TurnSettings
from .turn_state import TurnState
from .user_speech import SpeechState, UserSpeech

SETTLE_S: Final = 0.3
"""Without speech before a sentence counts as complete for what has an effect."""
STOPPED_S: Final = 0.15
"""Until the page has to have told where it fell silent; then its last report serves."""
JUDGED_S: Final = 4.0
"""Until the words are there that were spoken over an answer; then it counts as interrupted."""


class Dialogue:
    """The turns of one live conversation."""

    def __init__(self, conversation_id: str, *, settings: TurnSettings, player: ClientPlayer) -> None:
        """Start with nobody speaking."""
        self.player = player
        self.current: DialogueTurn | None = None
        self.goes_on = True
        """An answer that was cut short by mistake may go on: not twice in a row."""
        self._conversation_id = conversation_id
        self._settings = settings
        self._number = 0
        self.known = KnownTurns()
        self._cuts: list[AnswerCut] = []
        self._actions: list[TurnAction] = []
        self._news: list[DialogueNews] = []
        self._earlier = EarlierWords()
        self._called: set[str] = set()
        """Calls that were made."""

    # --- what its carrier does ---

    def take_actions(self) -> list[TurnAction]:
        """Take what has to be said to the service, in order."""
        actions, self._actions = self._actions, []
        return actions

    def take_news(self) -> list[DialogueNews]:
        """Take what has happened, in order."""
        news, self._news = self._news, []
        return news

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called; None while nobody is awaited."""
        moments = [entry.turn.deadline for entry in self.known]
        moments += [cut.judged_by if cut.is_placed else cut.place_by for cut in self._cuts]
        if (ready_at := self._ready_at) is not None:
            moments.append(ready_at)
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def _ready_at(self) -> float | None:
        """When the words of the present turn count as complete for whatever has an effect."""
        entry = self.current
        if entry is None or entry.is_told or entry.turn.state is not TurnState.UNDERSTOOD:
            return None
        return entry.stopped_at + SETTLE_S

    @property
    def is_quiet(self) -> bool:
        """Whether nobody speaks and no turn is under way."""
        return all(entry.turn.state.is_over for entry in self.known) and not self._cuts

    @property
    def is_hearing(self) -> bool:
        """Whether the service hears somebody speak."""
        entry = self.current
        return entry is not None and entry.turn.speech.state is SpeechState.SPEAKING and not entry.turn.state.is_over

    def expire(self, now: float) -> None:
        """Act on what did not come in time."""
        for entry in list(self.known):
            if (due := entry.turn.deadline) is not None and now >= due:
                entry.turn.expire(now)
                self._settle(entry, now)
        for cut in list(self._cuts):
            if not cut.is_placed and now >= cut.place_by:
                self._place(cut, now)
            if cut.is_placed and cut.is_real is None and now >= cut.judged_by:
                self._judge(cut, now, is_real=True)
        self._tell_ready(now)

    def receive(self, event: ServerEvent, now: float) -> None:
        """Take an event of the service."""
        if isinstance(event, SpeechStarted):
            self._hear(event, now)
        entry = self._owner(event)
        if entry is None:
            if isinstance(event, ResponseCreated) and event.response_id:
                self._actions.append(CancelResponse(event.response_id))
            return
        if isinstance(event, SpeechStopped):
            entry.stopped_at = now
        if isinstance(event, ResponseCreated):
            entry.response_ids.add(event.response_id)
        entry.turn.receive(self._earlier.left_out(event), now)
        self._settle(entry, now)
        is_heard = isinstance(event, TranscriptUpdated | TranscriptCompleted)
        if is_heard and entry.turn.state is TurnState.LISTENING:
            self._news.append(WordsHeard(entry, entry.turn.speech.transcript, is_final=False))
        self._tell_ready(now)

    def entry_of(self, turn: Turn) -> DialogueTurn | None:
        """Find what is known of a turn; None where nothing of it can come any more."""
        return self.known.of_turn(turn)

    def settle(self, entry: DialogueTurn, now: float) -> None:
        """Take what a turn wants and tells after an input of whoever follows it."""
        self._settle(entry, now)

    # --- what the page does ---

    def played(self, at: PlayedPosition, now: float) -> None:
        """Take a report of the loudspeaker: what is heard is sealed."""
        number = self.player.report(at, now)
        for entry in self.known:
            if entry.number == number:
                entry.is_sealed = True

    def stopped(self, at: PlayedPosition, now: float) -> None:
        """Take note of where the loudspeaker fell silent."""
        self.player.report(at, now, is_stopped=True)
        for cut in list(self._cuts):
            if not cut.is_placed:
                self._place(cut, now)

    def interrupt(self, now: float, cause: str) -> None:
        """Cut short what is being said: the user tapped, or typed."""
        entry = self.current
        if entry is None or not self._is_answering(entry, now):
            return
        cut = self._cut(entry, now, cause)
        cut.is_real = True
        if cut.is_placed:
            self._judge(cut, now, is_real=True)

    def begin_typed(self, text: str, now: float) -> DialogueTurn:
        """Begin a turn whose words nobody spoke."""
        self.interrupt(now, "text")
        entry = self._begin(now, self._next_number())
        entry.is_typed = entry.turn.is_typed = True
        entry.turn.speech.state = SpeechState.UNDERSTOOD
        entry.is_told = True
        entry.turn.give_words(text, now)
        self._news += [TurnBegan(entry), WordsHeard(entry, text, is_final=True), TurnReady(entry, text)]
        return entry

    # --- what whoever runs turns does ---

    def silence(self, entry: DialogueTurn, cause: str) -> None:
        """Have the page fall silent: something else is said in the place of what it plays."""
        if entry.number in self.player.turns_to_stop():
            self._silence(entry, cause)

    def stand_in(self, now: float) -> DialogueTurn:
        """Make a turn that is none, for what the session has to be before anybody speaks."""
        turn = LiveTurn(self._conversation_id, now=now, settings=self._settings)
        return DialogueTurn(number=0, turn=turn, stopped_at=now)

    @property
    def number(self) -> int:
        """How many turns there were."""
        return self._number

    def seal(self, entry: DialogueTurn) -> None:
        """Take note that something with an effect begins for a turn: no other turn makes its calls again."""
        entry.is_sealed = True
        self._called |= entry.turn.answer.called

    def fail(self, error: GrokError, now: float) -> None:
        """Take note that the session is gone."""
        for entry in list(self.known):
            entry.turn.fail(error)
            self._settle(entry, now)
        for cut in list(self._cuts):
            if not cut.is_placed:
                self._place(cut, now)
            self._judge(cut, now, is_real=True)

    def close(self, now: float) -> None:
        """End everything."""
        for entry in list(self.known):
            entry.turn.kill(at=self.player.position(entry.number, now))
            self._settle(entry, now)
        self._cuts.clear()

    # --- turns ---

    def _next_number(self) -> int:
        """Count a turn."""
        self._number += 1
        return self._number

    def _begin(self, now: float, number: int, speech: UserSpeech | None = None) -> DialogueTurn:
        """Begin a turn, or a sentence that goes on."""
        dead: set[str] = set().union(*(entry.response_ids for entry in self.known if entry.number == number))
        turn = LiveTurn(self._conversation_id, now=now, settings=self._settings, speech=speech, dead_ids=dead)
        turn.note_calls(self._called)
        entry = self.current = DialogueTurn(number=number, turn=turn, began_at=now, stopped_at=now)
        self.known.keep(self._may_come)
        self.known.append(entry)
        return entry

    def _may_come(self, entry: DialogueTurn) -> bool:
        """Whether something may still come of a turn."""
        is_cut = any(cut.entry is entry for cut in self._cuts)
        return is_cut or not entry.turn.state.is_over or entry is self.current

    def _hear(self, event: SpeechStarted, now: float) -> None:
        """Decide whether speech goes on with the present turn or begins another."""
        entry = self.current
        if entry is not None and not entry.is_continuation and self._is_open(entry, now):
            self._speak_on(entry, now)
            return
        former = entry if entry is not None and self._is_answering(entry, now) else None
        if former is not None:
            self._cut(former, now, "speech")
        for known in self.known:
            if event.item_id in known.turn.speech.item_ids:
                # The service goes on with an item of a turn that is sealed: what comes after its words is new.
                self._earlier.note(event.item_id, known.turn.speech.transcript)
        made = self._begin(now, self._next_number())
        made.cuts = former
        self._news += [TurnBegan(made), Hearing()]

    def _is_open(self, entry: DialogueTurn, now: float) -> bool:
        """Whether speech goes on with a turn: nothing of its answer was heard or done."""
        if entry.is_sealed or entry.is_typed or entry.turn.is_hushed or entry.turn.state is TurnState.DEAD:
            return False
        return entry.turn.state is not TurnState.DONE or self.player.ends_at(now) > now

    def _is_answering(self, entry: DialogueTurn, now: float) -> bool:
        """Whether there is something to be cut short."""
        if entry.turn.is_hushed or entry.turn.state is TurnState.DEAD:
            return False
        return entry.turn.state is not TurnState.DONE or self.player.unplayed_ms(now) > 0

    def _speak_on(self, entry: DialogueTurn, now: float) -> None:
        """Let nothing count of what was answered so far: the user goes on with the sentence."""
        if entry.number in self.player.turns_to_stop():
            self._silence(entry, "speech")
        if entry.turn.state is TurnState.LISTENING:
            self._news.append(Hearing())
            return  # the turn itself drops the answer
        speech = entry.turn.supersede()
        self._settle(entry, now)
        made = self._begin(now, entry.number, speech)
        made.cuts, made.began_at = entry.cuts, entry.began_at
        self._news += [Superseded(entry), TurnBegan(made), Hearing()]

    def _owner(self, event: ServerEvent) -> DialogueTurn | None:
        """Find the turn that an event belongs to; None: it is nobody's."""
        if isinstance(event, ResponseCreated):
            entry = self.current
            is_wanted = entry is not None and entry.turn.needs_session and not entry.turn.is_hushed
            return entry if is_wanted else None
        if isinstance(event, SpeechStarted):
            return self.current
        return self.known.named_by(event) or self.current

    def _settle(self, entry: DialogueTurn, now: float) -> None:
        """Take what a turn wants and tells; an answer to what may be a noise waits for its words."""
        self._actions += entry.turn.take_actions()
        for news in entry.turn.take_news():
            told = ToldNews(news, "" if (response := entry.turn.response) is None else response.response_id)
            if isinstance(news, AnswerDropped):
                entry.held.clear()
            if entry.waits_for_words and not isinstance(news, Understood | AnswerDropped | Lost):
                entry.held.append(told)
            else:
                self._tell(entry, told, now)
        self._actions += entry.turn.take_actions()

    def _tell(self, entry: DialogueTurn, told: ToldNews, now: float) -> None:
        """Pass on what a turn tells."""
        match told.news:
            case Understood(text):
                self._understand(entry, text, now)
            case Sound(item_id, pcm):
                self.player.put(entry.number, told.response_id, item_id, pcm, now)
            case Words() as words:
                if told.response_id:
                    self.player.begin(entry.number, told.response_id)
                self._news.append(TurnTold(entry, words))
            case SoundComplete() | SoundCut():
                pass
            case Finished() as finished if entry.is_continuation:
                self._end_continuation(entry, finished, now)
            case Lost() if entry.is_continuation:
                entry.turn.interrupt(GrokInterruptedError("the rest was lost"))
            case FirstAudio() | Finished() | Lost() | AnswerDropped() as news:
                if isinstance(news, Finished):
                    self._complete(entry)
                self._news.append(TurnTold(entry, news))

    def _complete(self, entry: DialogueTurn) -> None:
        """Tell the loudspeaker that the sound of a response is whole."""
        for response_id in entry.response_ids:
            self.player.complete(response_id)

    def _understand(self, entry: DialogueTurn, text: str, now: float) -> None:
        """Judge the words of a turn: those of nobody, or our own, are no turn."""
        entry.stopped_at = entry.stopped_at or now
        former = entry.cuts
        is_own = former is not None and is_own_voice(text, former.turn.spoken.text)
        if text.strip() and not is_own:
            self._news.append(WordsHeard(entry, text, is_final=True))
            if former is not None:
                self._settle_cut(former, now, is_real=True)
            self.goes_on = True
            held, entry.held = entry.held, []
            for told in held:
                self._tell(entry, told, now)
            return
        entry.turn.drop()
        self._actions += entry.turn.take_actions()
        if entry.number in self.player.turns_to_stop():
            self._silence(entry, "error")
        self._news.append(Dropped(entry))
        if former is None:
            return
        if is_own:
            self._news.append(Echoed())
        self._settle_cut(former, now, is_real=False)

    def _tell_ready(self, now: float) -> None:
        """Give the words of the present turn to whoever runs turns, once nobody has spoken on."""
        ready_at, entry = self._ready_at, self.current
        if ready_at is None or entry is None or now < ready_at:
            return
        text = entry.turn.speech.transcript
        if not text.strip():
            self._understand(entry, text, now)  # its words were taken back since
            return
        entry.is_told = True
        entry.turn.give_words(text, now)
        self._settle(entry, now)
        self._news.append(TurnReady(entry, text))

    # --- cutting short ---

    def _silence(self, entry: DialogueTurn, cause: str) -> int:
        """Have the page fall silent at once."""
        number = self.player.stop()
        self._news.append(Silenced(number, cause, entry))
        return number

    def _cut(self, entry: DialogueTurn, now: float, cause: str) -> AnswerCut:
        """Cut an answer short: the loudspeaker first, then the service."""
        had_sound = entry.number in self.player.turns_to_stop()
        number = self._silence(entry, cause) if had_sound else 0
        entry.turn.hush(now)
        self._actions += entry.turn.take_actions()
        cut = AnswerCut(entry=entry, number=number, place_by=now + STOPPED_S, judged_by=now + JUDGED_S)
        self._cuts.append(cut)
        if not had_sound:
            self._place(cut, now)
        return cut

    def _place(self, cut: AnswerCut, now: float) -> None:
        """Find out how much of an answer was heard, and tell the service."""
        cut.is_placed = True
        cut.entry.heard = cut.entry.turn.truncate(self.player.position(cut.entry.number, now))
        self._actions += cut.entry.turn.take_actions()
        if cut.is_real is not None:
            self._judge(cut, now, is_real=cut.is_real)

    def _settle_cut(self, entry: DialogueTurn, now: float, *, is_real: bool) -> None:
        """Take note of whether it was a person who cut an answer short."""
        for cut in list(self._cuts):
            if cut.entry is entry:
                cut.is_real = is_real
                if cut.is_placed:
                    self._judge(cut, now, is_real=is_real)

    def _judge(self, cut: AnswerCut, now: float, *, is_real: bool) -> None:
        """End an answer that was cut short, or let it go on."""
        if cut not in self._cuts:
            return
        self._cuts.remove(cut)
        entry = cut.entry
        may_go_on = not is_real and self.goes_on and entry.heard is not None and bool(entry.turn.spoken.text)
        if not may_go_on:
            entry.turn.interrupt(GrokInterruptedError("the user spoke"))
            self._news.append(Cut(entry, entry.heard))
            self._settle(entry, now)
            return
        self.goes_on = False
        noise = self.current
        entry.turn.conclude()
        self._settle(entry, now)
        rest = self._begin(now, entry.number)
        rest.is_continuation = True
        rest.turn.expect_rest(now, has_unasked=not (noise and noise.response_ids))
        self._news.append(GoOn(rest, entry.heard or ""))

    def _end_continuation(self, entry: DialogueTurn, news: Finished, now: float) -> None:
        """End the rest of an answer; nobody runs what it calls."""
        self._complete(entry)
        if news.calls:
            results = {call.call_id: '{"cancelled": "the user spoke"}' for call in news.calls}
            entry.turn.give_results(results, asks=False, now=now)
        entry.turn.finish()
        self._actions += entry.turn.take_actions()
        self._news.append(TurnTold(entry, news))

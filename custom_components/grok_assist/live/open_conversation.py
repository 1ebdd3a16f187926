"""One live conversation from its opening to its end, for one page at a time."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
import logging
import secrets
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant, callback

from ..core.errors import GrokBudgetError, GrokError
from ..core.live import messages
from ..core.live.endings import Endings, EndReason, Notice
from ..core.live.frames import MicrophoneFrame
from ..core.speech.farewell import ends_conversation
from ..faults import async_sentence, translation_of
from ..realtime.dialogue_news import (
    Cut,
    DialogueNews,
    Echoed,
    GoOn,
    Silenced,
    Superseded,
    TurnBegan,
    TurnReady,
    TurnTold,
    WordsHeard,
)
from ..realtime.dialogue_turn import DialogueTurn
from ..realtime.responses import Finished, Words
from ..realtime.turn_news import Lost
from .access import LiveVoice
from .link import Link
from .money import LiveMoney
from .open_microphone import OpenMicrophone
from .page import PageWriter
from .second_ear import SecondEar
from .spoken_turn import CONSENT_S, LiveSpokenTurn
from .turn_runner import Speaker, TurnRunner
from .wording import END_SENTENCES, NOTICE_SENTENCES, SILENT_REASONS, plain_word

_LOGGER = logging.getLogger(__name__)

TICK_S: Final = 0.5
TEXTS_A_MINUTE: Final = 10
"""Typed sentences are paid."""


class OpenConversation:
    """A user, a page, a voice, and what they say to each other."""

    def __init__(self, hass: HomeAssistant, voice: LiveVoice, speaker: Speaker) -> None:
        """Start closed; `open` begins to dial."""
        self.voice = voice
        self.speaker = speaker
        self.page = PageWriter()
        self.resume = secrets.token_urlsafe(16)
        self.on_ended: Callable[[OpenConversation], None] = lambda _: None
        self.is_ended = False
        self._hass = hass
        self._voices = voice.voices
        self._live = self._voices.make_live(speaker.conversation_id)
        self._money = LiveMoney(
            self._voices,
            on_spent=lambda: self.leave(EndReason.BUDGET),
            on_warning=lambda: self._notice(Notice.BUDGET_WARNING, 0),
        )
        self._live.usage.on_used = self._money.book
        self._live.on_news = self._on_news
        self._live.on_settled = self._settled
        self._live.on_ready = self._on_ready
        self._live.on_away = self._on_away
        self._live.on_failed = self._on_failed
        self._runner = TurnRunner(hass, self._live, self._voices, speaker)
        self._runner.on_result = self._on_result
        self._runner.on_fault = self._on_fault
        self._runner.on_said = self._on_said
        self._second_ear = SecondEar(hass, self._live, self._voices.plain_speech(), speaker.language)
        self._second_ear.on_words = self._heard_beside
        self._microphone = OpenMicrophone(self._live, self._second_ear)
        settings = self._voices.voice
        now = hass.loop.time()
        self._endings = Endings(
            opened_at=now, idle_s=settings.live_idle_s, max_s=settings.live_max_minutes * 60, active_at=now
        )
        self._question: LiveSpokenTurn | None = None
        """The turn whose question waits for a yes."""
        self._was_ready = False
        self._is_reconnecting = False
        self._texts: deque[float] = deque()
        self._finished: dict[int, str] = {}
        """Answers that are complete and not heard to their end, with their words."""
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- the page ---

    @callback
    def open(self) -> None:
        """Get a place and a socket, and the prompt meanwhile."""
        self.page.state("connecting")
        self._live.open()
        waiting = self._live.dialogue.stand_in(self._live.now)
        spoken = LiveSpokenTurn(
            self._live,
            waiting,
            voice_id=self._voices.billing.agent,
            language=self.speaker.language,
            device_id=self.speaker.device_id,
        )
        self._spawn(self._runner.prepare(spoken), "prepares a live conversation")
        self._tick()

    @callback
    def attach(self, link: Link, hello: messages.Hello) -> None:
        """Talk to a page from here on."""
        former, is_again = self.page.link, self._was_ready
        if former is not None and former is not link:
            self.page.send("end", reason=EndReason.REPLACED.value, text="")
            former.close()
        self.page.attach(link, hello.play_rate)
        self._microphone.attach(hello.rate)
        self._live.player.latency_ms = hello.latency_ms
        self._microphone.taps_only = self._microphone.taps_only or hello.taps_only
        self._endings.away_since = None
        self._endings.be_active(self._live.now)
        if hello.played is not None:
            self._live.dialogue.played(hello.played, self._live.now)
        self._live.player.rewind(hello.played, self._live.now)
        if is_again:
            self.resume = secrets.token_urlsafe(16)
            self._tell_ready()
        self._live.settle()

    @callback
    def detach(self, link: Link) -> None:
        """Wait for a page that is gone."""
        if self.page.link is not link or self.is_ended:
            return
        self.page.link = None
        self._endings.away_since = self._live.now
        self._microphone.pause()

    @callback
    def hear(self, frame: MicrophoneFrame) -> None:
        """Take sound of the microphone."""
        if self._endings.may_hear and not self.is_ended:
            self._microphone.hear(frame)

    @callback
    def take(self, message: messages.Message) -> None:
        """Take a message of the page."""
        live, now = self._live, self._live.now
        if isinstance(message, messages.Interrupt | messages.TypedText | messages.ConsentGiven | messages.Mute):
            self._endings.touch(now)
        match message:
            case messages.Played(at):
                live.dialogue.played(at, now)
            case messages.Stopped(at):
                live.dialogue.stopped(at, now)
            case messages.Interrupt() if not live.dialogue.is_hearing:  # else it is the user who speaks
                live.dialogue.interrupt(now, "speech")
            case messages.Mute(on):
                self._microphone.mute(is_muted=on)
            case messages.TypedText(text) if text:
                self._typed(text)
            case messages.ConsentGiven(call, accept):
                self._press(call, is_yes=accept)
            case messages.Ping(t):
                self.page.send("pong", t=t)
            case messages.EndRequest(reason):
                self._spawn(self.end(EndReason.HIDDEN if reason == "hidden" else EndReason.USER), "ends")
        live.settle()

    # --- the end ---

    @callback
    def leave(self, reason: EndReason) -> None:
        """End when what is being said is said."""
        self._endings.is_leaving = self._endings.is_leaving or reason

    async def end(self, reason: EndReason, error: GrokError | None = None, *, key: str = "") -> None:
        """End now: the page is told why, the sockets close."""
        if self.is_ended:
            return
        self.is_ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._money.stop()
        self.page.state("ending")
        text = await self._sentence_of(reason, error, key)
        self._live.usage.tell()
        self._tell_usage()
        self.page.send("end", reason=reason.value, text=text)
        if self.page.link is not None:
            self.page.link.close()
        self.on_ended(self)
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        try:
            await self._live.close()
            await self._runner.close()
        finally:
            self._money.close()

    async def _sentence_of(self, reason: EndReason, error: GrokError | None, key: str) -> str:
        """Say why it ends, in the user's language."""
        if error is not None:
            told, placeholders = translation_of(error)
            return await async_sentence(self._hass, self.speaker.language, told, placeholders)
        if reason in SILENT_REASONS and not key:
            return ""
        return await async_sentence(self._hass, self.speaker.language, key or END_SENTENCES[reason])

    # --- what happens ---

    def _on_ready(self) -> None:
        """Take note that the service listens."""
        is_first, self._was_ready, self._is_reconnecting = not self._was_ready, True, False
        if is_first:
            self._tell_ready()

    def _tell_ready(self) -> None:
        """Tell the page that it may speak."""
        settings = self._voices.voice
        self.page.ready(
            resume=self.resume,
            conversation_id=self.speaker.conversation_id,
            agent=self.voice.name,
            voice=settings.voice,
            idle_s=self._endings.idle_s,
            max_s=self._endings.max_s,
        )

    def _on_away(self) -> None:
        """Take note that the service has to be called again."""
        if not self._is_reconnecting:
            self._notice(Notice.NETWORK, 0)
        self._is_reconnecting = True

    def _on_failed(self, error: GrokError) -> None:
        """End where no session can be had."""
        reason = EndReason.BUDGET if isinstance(error, GrokBudgetError) else EndReason.ERROR
        self._spawn(self.end(reason, error), "ends a live conversation")

    def _on_news(self, news: DialogueNews) -> None:
        """Have turns run as the dialogue finds them; the rest is for the page."""
        match news:
            case TurnBegan(entry):
                spoken = self._runner.begin(entry)
                spoken.on_calls, spoken.on_results = self.page.calls, self.page.results
                spoken.on_question = partial(self._ask, spoken)
            case TurnReady(entry, text):
                self._question = None
                self._endings.note_farewell(is_said=ends_conversation(text))
                self._runner.run(entry, text)
            case Superseded(entry):
                self._endings.note_farewell(is_said=False)  # the sentence goes on
                self._runner.take_back(entry)
            case Cut(entry, heard):
                self._runner.cut(entry, heard)
                self._withdraw_unheard(entry)
                self._tell_answered(entry, "interrupted", heard)
            case TurnTold(entry, told):
                self._tell_answer(entry, told)
            case _:
                self._show(news)

    def _show(self, news: DialogueNews) -> None:
        """Show what happens besides."""
        match news:
            case WordsHeard(entry, text, is_final):
                self._show_words(entry, text, is_final=is_final)
            case Silenced(number, cause):
                self._finished = {later: text for later, text in self._finished.items() if later > number}
                self.page.send("stop", answer=number, cause=cause)
            case GoOn(entry, heard):
                self._tell_answered(entry, "interrupted", heard)
            case Echoed():
                self._microphone.taps_only = True
                self._notice(Notice.ECHO, 0)

    def _show_words(self, entry: DialogueTurn, text: str, *, is_final: bool) -> None:
        """Show what the user says."""
        if text.strip() and not entry.is_typed:
            self._second_ear.note_words()
        self.page.user(entry.number, text, is_final=is_final)

    def _tell_answer(self, entry: DialogueTurn, told: object) -> None:
        """Show what comes of an answer, and let the agent have it."""
        number = self._live.player.last_of(entry.number)
        if isinstance(told, Words):
            self.page.send("answer", turn=entry.number, answer=number, item=0, text=told.text)
        elif isinstance(told, Finished) and not told.calls and not entry.turn.is_hushed:
            self._endings.answers += 1
            self._finished[number] = entry.turn.spoken.text
        elif isinstance(told, Lost) and not entry.turn.is_hushed:
            self._tell_answered(entry, "failed", None)
        if (spoken := self._runner.turn_of(entry)) is not None and not entry.is_continuation:
            spoken.take(told)  # type: ignore[arg-type]  # the news of an answer

    def _tell_answered(self, entry: DialogueTurn, status: str, heard: str | None) -> None:
        """Tell how an answer ended."""
        number = self._live.player.last_of(entry.number)
        self._finished.pop(number, None)
        self.page.send(
            "answered", answer=number, status=status, heard=heard if heard is not None else entry.turn.spoken.text
        )

    def _on_result(self, entry: DialogueTurn, result: conversation.ConversationResult) -> None:
        """Show what is more than words."""
        if (card := result.response.card.get("simple")) and (content := str(card.get("content") or "")):
            self.page.card(entry.number, content)

    def _on_fault(self, entry: DialogueTurn, sentence: str) -> None:
        """Show why a turn failed; the conversation goes on."""
        self.page.send("error", key="turn_failed", text=sentence, fatal=False, wait_s=None)

    def _on_said(self, entry: DialogueTurn, text: str) -> None:
        """Take note of words that another voice has spoken to their end."""
        number = self._live.player.last_of(entry.number)
        self.page.send("answer", turn=entry.number, answer=number, item=0, text=text)
        self._finished[number] = text

    def _ask(self, spoken: LiveSpokenTurn, question: str) -> None:
        """Show a question with its buttons."""
        self._question = spoken
        self.page.send("consent", call=f"q{spoken.entry.number}", question=question, expires_s=CONSENT_S)

    def _withdraw_unheard(self, entry: DialogueTurn) -> None:
        """Take a question back of which too little was heard: nobody can agree to that."""
        asked = self._question
        if asked is not None and asked.entry is entry and not asked.has_asked(asked.question):
            consents = self.voice.entry.runtime_data.consents
            consents.forget(self._voices.billing.agent, self.speaker.conversation_id)

    def _press(self, call: str, *, is_yes: bool) -> None:
        """Take a button under a question, if that is the one that is open: a button answers no other."""
        question = self._question
        if question is None or call != f"q{question.entry.number}":
            return
        question.is_pressed = True
        self._typed(plain_word(self.speaker.language, is_yes=is_yes))

    def _notice(self, notice: Notice, seconds: float) -> None:
        """Tell something in a sentence."""

        async def tell() -> None:
            text = await async_sentence(
                self._hass, self.speaker.language, NOTICE_SENTENCES[notice], {"seconds": str(round(seconds))}
            )
            self.page.send("notice", key=notice.value, text=text, seconds=round(seconds))

        self._spawn(tell(), "tells a notice")

    def _typed(self, text: str) -> None:
        """Take a sentence that was typed: it is paid, and so bounded."""
        now = self._live.now
        while self._texts and now - self._texts[0] > 60:
            self._texts.popleft()
        if len(self._texts) >= TEXTS_A_MINUTE or self._endings.is_leaving is not None:
            self._spawn(self._refuse_text(), "refuses a text")
            return
        self._texts.append(now)
        self._live.dialogue.begin_typed(text, now)

    def _heard_beside(self, text: str) -> None:
        """Take words that the service has missed: they were spoken, and are not lost; but they are no yes."""
        if self._question is not None:
            return
        self._live.dialogue.begin_typed(text, self._live.now)
        self._live.settle()

    async def _refuse_text(self) -> None:
        """Say that too much is typed."""
        text = await async_sentence(self._hass, self.speaker.language, "live_too_many_texts")
        self.page.send("error", key="live_too_many_texts", text=text, fatal=False, wait_s=60)

    # --- clocks ---

    def _settled(self) -> None:
        """Send what is to be heard, and tell what is going on."""
        if self.page.link is not None:
            self.page.sound(self._live.player.take_frames())
        self.page.state(self._state())
        now = self._live.now
        for number, text in list(self._finished.items()):
            if self._live.player.left_ms(number, now) <= 0:
                del self._finished[number]
                self.page.send("answered", answer=number, status="complete", heard=text)

    def _state(self) -> str:
        """Say what is going on, in the protocol's words."""
        dialogue, now = self._live.dialogue, self._live.now
        if self.is_ended:
            return "ending"
        if not self._was_ready:
            return "connecting"
        if dialogue.is_hearing:
            return "hearing"
        if self._live.player.unplayed_ms(now) > 0:
            return "speaking"
        if self._is_reconnecting:
            return "reconnecting"
        if self.page.has_calls:
            return "acting"
        return "listening" if dialogue.is_quiet and not self._runner.is_busy else "thinking"

    @property
    def is_quiet(self) -> bool:
        """Whether nobody speaks, nothing is to be heard, and no turn is under way."""
        dialogue = self._live.dialogue
        is_silent = dialogue.is_quiet and not dialogue.is_hearing and not self._runner.is_busy
        return is_silent and self._live.player.unplayed_ms(self._live.now) <= 0

    def _tick(self) -> None:
        """Look at the clocks."""
        now, is_quiet = self._live.now, self.is_quiet
        if not is_quiet:
            self._endings.be_active(now)
        for notice, seconds in self._endings.notices(now, is_quiet=is_quiet):
            self._notice(notice, seconds)
        if self._money.is_due(now):
            self._tell_usage()
        self._settled()
        if (reason := self._endings.due(now, is_quiet=is_quiet)) is not None:
            error = self._money.error if reason is EndReason.BUDGET else None
            self._spawn(self.end(reason, error), "ends a live conversation")
            return
        self._timer = self._hass.loop.call_later(TICK_S, self._tick)

    def _tell_usage(self) -> None:
        """Tell what was used so far."""
        self.page.send("usage", seconds=round(self._money.seconds, 1), usd=round(self._money.usd, 5))

    def _spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        """Do something in the background."""
        task = self._hass.async_create_task(work, f"grok_assist {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

"""A turn of a live conversation as an agent holds it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Final, override

from homeassistant.core import callback

from ..chat.tools import MICROPHONE
from ..core.calls import FunctionCall
from ..core.errors import GrokConnectionError, GrokError
from ..core.voice_settings import VoiceSettings
from ..realtime.dialogue import SETTLE_S
from ..realtime.dialogue_turn import DialogueTurn
from ..realtime.heard import Position
from ..realtime.live_conversation import LiveConversation
from ..realtime.responses import Finished, Words
from ..realtime.turn_news import AnswerDropped, FirstAudio, Lost
from ..voice.followed_turn import AnswerNews, FollowedTurn

LIVE_THRESHOLD: Final = 0.65
LIVE_SILENCE_MS: Final = 600
CONSENT_S: Final = 15.0
"""A question of an open microphone waits so long: afterwards the television may say yes."""

type OnCalls = Callable[[Sequence[FunctionCall]], None]
type OnResults = Callable[[Mapping[str, str]], None]
type OnQuestion = Callable[[str], None]


class LiveSpokenTurn(FollowedTurn):
    """A turn of a live conversation: its sound has gone to the page already, its words and calls wait here."""

    answer_s = CONSENT_S

    def __init__(
        self, live: LiveConversation, entry: DialogueTurn, *, voice_id: str, language: str, device_id: str | None
    ) -> None:
        """Begin with a turn of the dialogue."""
        super().__init__(live, entry.turn, voice_id=voice_id, language=language)
        self.live = live
        self.entry = entry
        self.device_id = device_id
        self.on_calls: OnCalls = lambda _: None
        self.on_results: OnResults = lambda _: None
        self.on_question: OnQuestion = lambda _: None
        self.question = ""
        """What the user was asked before something is done."""
        self.is_pressed = False
        """A button under its question was pressed."""

    @callback
    def take(self, news: FirstAudio | Words | Finished | Lost | AnswerDropped) -> None:
        """Take what the dialogue tells of the answer."""
        match news:
            case AnswerDropped():
                self._news = asyncio.Queue()
            case Lost(error):
                self._news.put_nowait(error)
            case _:
                self._news.put_nowait(news)

    @override
    async def news(self) -> AsyncGenerator[AnswerNews]:
        """Tell what comes of the answer until it is finished; what has an effect waits until nobody speaks on.

        Raises:
            GrokError: the answer was lost, cut short, or the session was.
        """
        while True:
            if self._news.empty() and not self.turn.needs_session and not self.entry.turn.is_hushed:
                raise self.turn.error or GrokConnectionError("the turn is over")
            item = await self._news.get()
            if isinstance(item, GrokError):
                raise item
            if isinstance(item, Finished) and item.calls and not await self._may_call(item):
                continue  # what comes next says what became of it
            yield item
            if isinstance(item, Finished):
                return

    async def _may_call(self, item: Finished) -> bool:
        """Wait until nobody has spoken on for a while, where a call has an effect; tell whether nobody has."""
        if self._has_effect(item):
            await asyncio.sleep(max(0.0, self.entry.stopped_at + SETTLE_S - self.live.now))
            if self.entry.turn.is_hushed or self.turn.state.is_over:
                return False
            self.live.dialogue.seal(self.entry)
        self.on_calls(item.calls)
        return True

    def _has_effect(self, item: Finished) -> bool:
        """Whether a call of an answer does more than look."""
        tools = self.assumed.tools
        names = {tools.own_names.get(call.name, call.name) for call in item.calls} - {MICROPHONE}
        return bool(names - tools.read_only)

    @override
    def threshold(self, voice: VoiceSettings) -> float:
        """How sure the service has to be that somebody speaks: an open microphone hears more than a called one."""
        return max(voice.threshold, LIVE_THRESHOLD)

    @override
    def silence_ms(self, voice: VoiceSettings) -> int:
        """How long a pause ends a sentence: nobody has said that the user is done."""
        return max(voice.silence_ms, LIVE_SILENCE_MS)

    @property
    @override
    def must_ask(self) -> bool:
        """Whether nobody spoke, and so no answer begins by itself."""
        return self.entry.is_typed

    @property
    @override
    def may_ask_anew(self) -> bool:
        """Whether another answer may take the place of the one under way: not once the user hears it."""
        return not self.has_sounded

    @override
    def say_instead(self, text: str) -> None:
        """Drop the answer under way, heard or not, and have a sentence of ours spoken in its place."""
        if self.has_sounded:
            self.live.dialogue.silence(self.entry, "consent")
        super().say_instead(text)

    @override
    def give_results(self, results: Mapping[str, str], *, asks: bool = True) -> None:
        """Give the results of all calls."""
        self.on_results(results)
        super().give_results(results, asks=asks)

    @override
    def seal(self) -> None:
        """Take note that something with an effect begins: what is said from here on is another turn."""
        self.live.dialogue.seal(self.entry)

    @override
    def has_asked(self, question: str) -> bool:
        """Whether what is asked was heard, up to its question mark, or answered on the screen."""
        heard = self.entry.heard
        return self.is_pressed or heard is None or question.partition("?")[0] in heard

    @override
    def ask_first(self, question: str) -> None:
        """Take note that the user is asked, and that the screen may ask, too."""
        self.seal()
        self.question = question
        self.on_question(question)

    @property
    @override
    def position(self) -> Position | None:
        """Where the page is in the answer."""
        return self.live.player.position(self.entry.number, self.live.now)

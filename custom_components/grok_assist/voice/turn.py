"""One spoken turn as Home Assistant's three entities hold it: its words, its news and its sound, awaited."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
import re
from typing import Final

from homeassistant.core import callback

from ..chat.prompt import NO_PROMPT, TurnPrompt
from ..chat.tools import NO_TOOLS, OfferedTools
from ..core.errors import GrokConnectionError, GrokError
from ..realtime.config import SessionConfig
from ..realtime.conversation import SpokenConversation
from ..realtime.input_audio import InputAudio
from ..realtime.playback import PlaybackBuffer
from ..realtime.responses import Finished, Sound, Words
from ..realtime.turn import Turn
from ..realtime.turn_news import FirstAudio, Lost, SoundComplete, SoundCut, Understood
from ..realtime.turn_settings import TurnSettings

_CLOCK_TIME: Final = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")

type AnswerNews = FirstAudio | Words | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What the answer under way was asked with."""

    prompt: TurnPrompt = NO_PROMPT
    tools: OfferedTools = NO_TOOLS

    def fits(self, prompt: TurnPrompt, tools: OfferedTools) -> bool:
        """Whether an answer to this is an answer to that.

        States and the time of day may have moved on, and whose name it is changes no answer enough to pay for another:
        in the first turn of a browser nobody knows it yet.
        """
        mine = self.prompt
        same_text = _CLOCK_TIME.sub("", mine.instructions) == _CLOCK_TIME.sub("", prompt.instructions)
        same_room = mine.situation.room == prompt.situation.room
        return same_text and same_room and self.tools.specs == tools.specs


class SpokenTurn:
    """A turn on the running loop: who holds it waits here for words, for the answer, and for the sound."""

    def __init__(
        self,
        conversation: SpokenConversation,
        conversation_id: str,
        *,
        voice_id: str,
        settings: TurnSettings,
        language: str,
        satellite: str | None,
    ) -> None:
        """Start to listen, on nothing yet."""
        self.voice_id = voice_id
        """Id of the subentry whose voice it is."""
        self.conversation = conversation
        self.language = language
        self.satellite = satellite
        self.assumed = Assumed()
        self.turn = Turn(conversation_id, now=conversation.now, settings=settings)
        self.input_audio = InputAudio()
        self.player = PlaybackBuffer()
        self.player.on_taken = self._sound_taken
        self.words: asyncio.Future[tuple[str, bool]] = asyncio.get_running_loop().create_future()
        """The words, and whether they are certain."""
        self._news: asyncio.Queue[AnswerNews | GrokError] = asyncio.Queue()

    @callback
    def begin(self, refusal: GrokError | None) -> None:
        """Put it on its conversation; with a refusal it is only heard."""
        self.conversation.begin(
            self.turn,
            input_audio=self.input_audio,
            player=self.player,
            on_news=self._take_news,
            refusal=refusal,
        )

    # --- speech-to-text ---

    @callback
    def feed(self, pcm: bytes) -> None:
        """Take sound of the microphone; what comes after the end of listening is nobody's."""
        self.conversation.feed(self.turn, pcm)

    @callback
    def end_input(self) -> None:
        """Take note that the microphone is closed."""
        self.conversation.end_input(self.turn)

    @callback
    def give_words(self, text: str) -> None:
        """Take note of the words that Home Assistant was given."""
        self.turn.give_words(text, self.conversation.now)
        self._settle()

    # --- the agent ---

    @callback
    def attach(self, conversation_id: str, text: str) -> bool:
        """Take the turn if it is this one; it can be taken once."""
        is_attached = self.turn.attach(conversation_id, text)
        self._settle()
        return is_attached

    @callback
    def follow(self) -> None:
        """Hear and run the answer from here on."""
        self.turn.follow(self.conversation.now)
        self._settle()

    async def news(self) -> AsyncGenerator[AnswerNews]:
        """Tell what comes of the answer until it is finished.

        Raises:
            GrokError: the answer was lost, or the session.
        """
        while True:
            if self._news.empty() and not self.turn.needs_session:
                raise self.turn.error or GrokConnectionError("the turn is over")
            item = await self._news.get()
            if isinstance(item, GrokError):
                raise item
            yield item
            if isinstance(item, Finished):
                return

    @callback
    def ask_text(self, text: str, config: SessionConfig) -> None:
        """Drop the answer under way and ask anew with the words as text."""
        echoes_marks = self.conversation.traits.echoes_marks
        self.turn.ask_text(text, config, self.conversation.now, echoes_marks=echoes_marks)
        self._settle()

    @callback
    def note_deaf(self) -> None:
        """Take note that the session has not heard what others did."""
        if (connection := self.conversation.connection) is not None:
            self.conversation.traits.note_deaf(connection.session.input_rate)

    def say_instead(self, text: str) -> None:
        """Drop the answer under way and have a sentence of ours spoken in its place."""
        self.turn.say_instead(text, self.conversation.now)
        self._settle()

    @callback
    def give_results(self, results: Mapping[str, str], *, asks: bool = True) -> None:
        """Give the results of all calls; the answer goes on, unless it was complete."""
        self.turn.give_results(results, asks=asks, now=self.conversation.now)
        self._settle()

    @callback
    def say(self, text: str) -> None:
        """Have a sentence of ours spoken behind the answer, in the same voice."""
        self.turn.say(text, self.conversation.now)
        self._settle()

    @callback
    def finish(self, *, is_last: bool = False) -> None:
        """Let go of a turn whose answer is complete; after a goodbye nothing follows."""
        if self.conversation.turn is self.turn:
            self.conversation.is_last = is_last
        self.turn.finish()
        self._settle()

    @callback
    def give_up(self, error: GrokError) -> None:
        """Go on without the session."""
        self.turn.give_up(error, self.player.position(self.conversation.now))
        self._settle()

    @callback
    def kill(self, error: GrokError | None = None) -> None:
        """End the turn at once."""
        self.turn.kill(error, self.player.position(self.conversation.now))
        self._settle()

    @property
    def has_sounded(self) -> bool:
        """Whether the answer can be heard."""
        return self.turn.times.first_audio_at is not None

    @property
    def heard_text(self) -> str | None:
        """The words that were heard, where that is less than all of them."""
        return self.turn.spoken.heard_text(self.player.position(self.conversation.now))

    # --- inside ---

    def _settle(self) -> None:
        """Let the service and whoever waits know what has come of it."""
        self.conversation.settle(self.turn)
        self._take_news()

    def _sound_taken(self) -> None:
        """Take note that the sound has a player."""
        self.turn.sound_taken()
        self._settle()

    def _take_news(self) -> None:
        """Tell everybody who waits."""
        for news in self.turn.take_news():
            match news:
                case Understood(text, is_certain):
                    self.words.set_result((text, is_certain))
                case Sound(item_id, pcm):
                    self.player.put(item_id, pcm)
                case SoundComplete():
                    self.player.close()
                case SoundCut(error):
                    self.player.cut(error)
                case Lost(error) if not self.words.done():
                    self.words.set_exception(error)
                    # Speech-to-text may have gone already; nobody has to look.
                    self.words.exception()
                case Lost(error):
                    self._news.put_nowait(error)
                case _:
                    self._news.put_nowait(news)

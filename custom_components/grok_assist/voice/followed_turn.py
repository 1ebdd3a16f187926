"""A turn whose answer an agent follows: what is assumed of it, its news, and what the agent does with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
import re
from typing import Final, Protocol

from homeassistant.core import callback

from ..chat.prompt import NO_PROMPT, TurnPrompt
from ..chat.tools import NO_TOOLS, OfferedTools
from ..core.errors import GrokConnectionError, GrokError
from ..core.voice_settings import VoiceSettings
from ..realtime.config import SessionConfig
from ..realtime.connection import Connection
from ..realtime.heard import Position
from ..realtime.responses import Finished, Words
from ..realtime.socket_history import Configs, SocketHistory
from ..realtime.traits import ServiceTraits
from ..realtime.turn import Turn
from ..realtime.turn_news import FirstAudio

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


class TurnCarrier(Protocol):
    """The conversation on whose socket a turn is."""

    traits: ServiceTraits
    history: SocketHistory
    connection: Connection | None
    is_last: bool

    @property
    def now(self) -> float:
        """The clock of turns and sessions."""

    @property
    def turn(self) -> Turn | None:
        """The turn under way."""

    def configure(self, turn: Turn, configs: Configs) -> None:
        """Say what the session has to be for a turn."""

    def settle(self, turn: Turn) -> None:
        """Say to the service what a turn wants said, and tell its news."""


class FollowedTurn:
    """A turn on the running loop, as an agent holds it."""

    padding = ""
    """Goes before the first words of the answer."""
    answer_s: float | None = None
    """How long a question waits for its yes, where that is not the usual time."""

    def __init__(self, carrier: TurnCarrier, turn: Turn, *, voice_id: str, language: str) -> None:
        """Begin without news."""
        self.voice_id = voice_id
        """Id of the subentry whose voice it is."""
        self.carrier = carrier
        self.turn = turn
        self.language = language
        self.satellite: str | None = None
        self.device_id: str | None = None
        self.assumed = Assumed()
        self._news: asyncio.Queue[AnswerNews | GrokError] = asyncio.Queue()

    @callback
    def give_words(self, text: str) -> None:
        """Take note of the words that Home Assistant was given."""
        self.turn.give_words(text, self.carrier.now)
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
        self.turn.follow(self.carrier.now)
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
        echoes_marks = self.carrier.traits.echoes_marks
        self.turn.ask_text(text, config, self.carrier.now, echoes_marks=echoes_marks)
        self._settle()

    @callback
    def note_deaf(self) -> None:
        """Take note that the session has not heard what others did."""
        if (connection := self.carrier.connection) is not None:
            self.carrier.traits.note_deaf(connection.session.input_rate)

    def say_instead(self, text: str) -> None:
        """Drop the answer under way and have a sentence of ours spoken in its place."""
        self.turn.say_instead(text, self.carrier.now)
        self._settle()

    @callback
    def give_results(self, results: Mapping[str, str], *, asks: bool = True) -> None:
        """Give the results of all calls; the answer goes on, unless it was complete."""
        self.turn.give_results(results, asks=asks, now=self.carrier.now)
        self._settle()

    @callback
    def say(self, text: str) -> None:
        """Have a sentence of ours spoken behind the answer, in the same voice."""
        self.turn.say(text, self.carrier.now)
        self._settle()

    @callback
    def finish(self, *, is_last: bool = False) -> None:
        """Let go of a turn whose answer is complete; after a goodbye nothing follows."""
        if self.carrier.turn is self.turn:
            self.carrier.is_last = is_last
        self.turn.finish()
        self._settle()

    @callback
    def give_up(self, error: GrokError) -> None:
        """Go on without the session."""
        self.turn.give_up(error, self.position)
        self._settle()

    @callback
    def kill(self, error: GrokError | None = None) -> None:
        """End the turn at once."""
        self.turn.kill(error, self.position)
        self._settle()

    def threshold(self, voice: VoiceSettings) -> float:
        """How sure the service has to be that somebody speaks."""
        return voice.threshold

    def silence_ms(self, voice: VoiceSettings) -> int:
        """How long a pause ends a sentence, in milliseconds."""
        return voice.silence_ms

    @property
    def must_ask(self) -> bool:
        """Whether nothing has asked the service for an answer yet."""
        return False

    @property
    def may_ask_anew(self) -> bool:
        """Whether another answer may take the place of the one under way."""
        return True

    def seal(self) -> None:
        """Take note that something with an effect begins: what is said from here on is another turn."""

    def has_asked(self, question: str) -> bool:
        """Whether a question that was put has reached the user, though the answer was cut short."""
        return True

    def ask_first(self, question: str) -> None:
        """Take note that the user is asked for a yes."""

    @property
    def position(self) -> Position | None:
        """Where a listener is in the answer; None before it has begun."""
        return None

    @property
    def has_sounded(self) -> bool:
        """Whether the answer can be heard."""
        return self.turn.times.first_audio_at is not None

    @property
    def heard_text(self) -> str | None:
        """The words that were heard, where that is less than all of them."""
        return self.turn.spoken.heard_text(self.position)

    # --- inside ---

    def _settle(self) -> None:
        """Let the service and whoever waits know what has come of it."""
        self.carrier.settle(self.turn)

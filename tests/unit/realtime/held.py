"""A turn on a conversation, held by a test: what speech-to-text, agent and player do with it."""

from collections.abc import Mapping
from typing import override

from custom_components.grok_assist.core.errors import GrokError
from custom_components.grok_assist.realtime.config import SessionConfig, silence
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.heard import Position
from custom_components.grok_assist.realtime.input_audio import InputAudio
from custom_components.grok_assist.realtime.playback import PlaybackBuffer
from custom_components.grok_assist.realtime.responses import Sound
from custom_components.grok_assist.realtime.turn import Turn
from custom_components.grok_assist.realtime.turn_news import Lost, SoundComplete, SoundCut, TurnNews, Understood
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines, TurnSettings


class PlayerAt(PlaybackBuffer):
    """A player of which a test says how much was heard."""

    at: Position | None = None

    @override
    def position(self, now: float) -> Position | None:
        """Be where the test says, if it does."""
        return self.at or super().position(now)


class HeldTurn:
    """A turn with its microphone, its player, and all its news."""

    def __init__(
        self,
        conversation: SpokenConversation,
        conversation_id: str,
        *,
        deadlines: TurnDeadlines | None = None,
        refusal: GrokError | None = None,
    ) -> None:
        """Put a turn on a conversation."""
        settings = TurnSettings(silence=silence(500), deadlines=deadlines or TurnDeadlines())
        self.conversation = conversation
        self.turn = Turn(conversation_id, now=conversation.now, settings=settings)
        self.microphone = InputAudio()
        self.player = PlayerAt()
        self.player.on_taken = self.turn.sound_taken
        self.news: list[TurnNews] = []
        conversation.begin(
            self.turn, input_audio=self.microphone, player=self.player, on_news=self._take, refusal=refusal
        )

    @property
    def words(self) -> str | None:
        """The words, once they are complete."""
        return next((news.text for news in self.news if isinstance(news, Understood)), None)

    @property
    def error(self) -> GrokError | None:
        """Why there are no words, or no answer."""
        return next((news.error for news in self.news if isinstance(news, Lost)), None)

    def feed(self, pcm: bytes) -> None:
        """Speak."""
        self.conversation.feed(self.turn, pcm)

    def end_input(self) -> None:
        """Close the microphone."""
        self.conversation.end_input(self.turn)

    def give_words(self, text: str) -> None:
        """Give the words to Home Assistant."""
        self.turn.give_words(text, self.conversation.now)
        self._settle()

    def attach(self, conversation_id: str, text: str) -> bool:
        """Take the turn."""
        is_attached = self.turn.attach(conversation_id, text)
        self._settle()
        return is_attached

    def follow(self) -> None:
        """Follow its answer."""
        self.turn.follow(self.conversation.now)
        self._settle()

    def ask_text(self, text: str, config: SessionConfig) -> None:
        """Ask anew."""
        self.turn.ask_text(text, config, self.conversation.now, echoes_marks=True)
        self._settle()

    def give_results(self, results: Mapping[str, str]) -> None:
        """Give results."""
        self.turn.give_results(results, asks=True, now=self.conversation.now)
        self._settle()

    def finish(self) -> None:
        """Let go."""
        self.turn.finish()
        self._settle()

    def kill(self, error: GrokError | None = None) -> None:
        """End it."""
        self.turn.kill(error, self.player.position(self.conversation.now))
        self._settle()

    def _settle(self) -> None:
        """Let the service and the test know what has come of it."""
        self.conversation.settle(self.turn)
        self._take()

    def _take(self) -> None:
        """Keep the news, and play."""
        for news in self.turn.take_news():
            match news:
                case Sound(item_id, pcm):
                    self.player.put(item_id, pcm)
                case SoundComplete():
                    self.player.close()
                case SoundCut(error):
                    self.player.cut(error)
            self.news.append(news)

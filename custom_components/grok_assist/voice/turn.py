"""One spoken turn as Home Assistant's three entities hold it: its words, its news and its sound, awaited."""

import asyncio
from typing import Final, override

from homeassistant.core import callback

from ..core.errors import GrokError
from ..realtime.conversation import SpokenConversation
from ..realtime.heard import Position
from ..realtime.input_audio import InputAudio
from ..realtime.playback import PlaybackBuffer
from ..realtime.responses import Sound
from ..realtime.turn import Turn
from ..realtime.turn_news import AnswerDropped, Lost, SoundComplete, SoundCut, Understood
from ..realtime.turn_settings import TurnSettings
from .followed_turn import FollowedTurn

PADDING: Final = "\n" * 61
"""Home Assistant plays nothing until more than 60 characters of an answer have come. Empty lines count and nobody sees
them (blanks would: the dialog shows an indented text as code). They also keep the answer out of the cache of speech,
which knows an answer by its words alone."""


class SpokenTurn(FollowedTurn):
    """A turn of a pipeline: who holds it waits here for words, for the answer, and for the sound."""

    padding = PADDING

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
        turn = Turn(conversation_id, now=conversation.now, settings=settings)
        super().__init__(conversation, turn, voice_id=voice_id, language=language)
        self.conversation = conversation
        self.satellite = satellite
        self.input_audio = InputAudio()
        self.player = PlaybackBuffer()
        self.player.on_taken = self._sound_taken
        self.words: asyncio.Future[tuple[str, bool]] = asyncio.get_running_loop().create_future()
        """The words, and whether they are certain."""

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

    @property
    @override
    def position(self) -> Position | None:
        """Where a listener is in the answer, by estimate."""
        return self.player.position(self.conversation.now)

    # --- inside ---

    @override
    def _settle(self) -> None:
        """Let the service and whoever waits know what has come of it."""
        super()._settle()
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
                case AnswerDropped():
                    pass  # a live turn's: here nobody was told of an answer before the words were complete
                case _:
                    self._news.put_nowait(news)

"""Dialogues that are ready to be tried, and what they tell, in short."""

from collections.abc import Callable
from typing import Any, Final

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.core.live.messages import PlayedPosition
from custom_components.grok_assist.realtime.client_events import TruncateItem
from custom_components.grok_assist.realtime.client_player import ClientPlayer
from custom_components.grok_assist.realtime.dialogue import SETTLE_S, Dialogue
from custom_components.grok_assist.realtime.dialogue_news import (
    Cut,
    DialogueNews,
    Dropped,
    Echoed,
    GoOn,
    Silenced,
    Superseded,
    TurnBegan,
    TurnReady,
    TurnTold,
    WordsHeard,
)
from custom_components.grok_assist.realtime.dialogue_turn import DialogueTurn
from custom_components.grok_assist.realtime.responses import Finished, Words
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines, TurnSettings

from .wire import event, said

LIVE = TurnSettings(waits_for_end=False, deadlines=TurnDeadlines(attach_s=180.0))


class Talk:
    """A dialogue, with a clock that a test moves and an agent that follows at once."""

    def __init__(self) -> None:
        """Begin with nobody speaking."""
        self.player = ClientPlayer()
        self.dialogue = Dialogue("c", settings=LIVE, player=self.player)
        self.now = 0.0
        self.news: list[DialogueNews] = []
        self.actions: list[str] = []
        self.ready: list[tuple[DialogueTurn, str]] = []
        self.follows = True

    def feed(self, *frames: JsonObject, after_s: float = 0.0) -> None:
        """Let the service tell something, later."""
        self.wait(after_s)
        for frame in frames:
            self.dialogue.receive(event(frame), self.now)
            self.settle()

    def say(self, text: str, item: str = "u1") -> None:
        """Have somebody say a sentence, and wait until it counts."""
        self.feed(*said(text, item))
        self.wait(SETTLE_S)

    def wait(self, seconds: float) -> None:
        """Let time pass; what is due happens on its way."""
        until = self.now + seconds
        while (due := self.dialogue.deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self.dialogue.expire(self.now)
            self.settle()
            if self.dialogue.deadline == due:
                break
        self.now = until

    def settle(self) -> None:
        """Take what is told and wanted; an agent attaches and follows."""
        self.actions += [_name(action) for action in self.dialogue.take_actions()]
        for news in self.dialogue.take_news():
            self.news.append(news)
            if isinstance(news, TurnReady):
                self.ready.append((news.entry, news.text))
                if self.follows and news.entry.turn.attach("c", news.text):
                    news.entry.turn.follow(self.now)
                    self.dialogue.settle(news.entry, self.now)
                    self.settle()

    def played(self, answer: int, ms: float, item: int = 0) -> None:
        """Let the page tell where it is."""
        self.dialogue.played(PlayedPosition(answer=answer, item=item, ms=ms), self.now)
        self.settle()

    def stopped(self, answer: int, ms: float, item: int = 0) -> None:
        """Let the page tell where it fell silent."""
        self.dialogue.stopped(PlayedPosition(answer=answer, item=item, ms=ms), self.now)
        self.settle()

    def told(self) -> list[object]:
        """Take what happened, in short."""
        told = [short for news in self.news if (short := _short(news)) is not None]
        self.news.clear()
        return told

    def wanted(self) -> list[str]:
        """Take what the service is told, by names."""
        actions, self.actions = self.actions, []
        return actions


def _short(news: DialogueNews) -> object:
    """Write one piece of news; None for what goes without saying."""
    return _told(news.news) if isinstance(news, TurnTold) else SHORT.get(type(news), lambda _: None)(news)


def _told(news: object) -> object:
    """Write what has come of an answer."""
    if isinstance(news, Finished) and news.calls:
        return [call.call_id for call in news.calls]
    return news.text if isinstance(news, Words) else None


SHORT: Final[dict[type, Callable[[Any], object]]] = {
    TurnBegan: lambda news: ("began", news.entry.number),
    Superseded: lambda news: ("superseded", news.entry.number),
    TurnReady: lambda news: ("ready", news.text),
    WordsHeard: lambda news: ("words", news.entry.number, news.text) if news.is_final else None,
    Silenced: lambda news: ("silent", news.number, news.cause),
    Cut: lambda news: ("cut", news.entry.number, news.heard),
    Dropped: lambda news: ("dropped", news.entry.number),
    GoOn: lambda news: ("go on", news.entry.number, news.heard),
    Echoed: lambda _: "echo",
}


def _name(action: object) -> str:
    """Name an action, with the item or response that it is about."""
    about = getattr(action, "response_id", "") or getattr(action, "item_id", "") or getattr(action, "call_id", "")
    ms = f" {action.heard_ms}" if isinstance(action, TruncateItem) else ""
    return f"{type(action).__name__} {about}{ms}".strip()

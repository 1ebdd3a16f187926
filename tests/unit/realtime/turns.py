"""Turns that are ready to be tried, and what they tell, in short."""

from custom_components.grok_assist.core.json_types import JsonObject
from custom_components.grok_assist.realtime.responses import Finished, Sound, Words
from custom_components.grok_assist.realtime.turn import Turn
from custom_components.grok_assist.realtime.turn_news import (
    AnswerDropped,
    FirstAudio,
    Lost,
    SoundComplete,
    SoundCut,
    TurnAction,
    TurnNews,
    Understood,
)
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines, TurnSettings

from .wire import feed, said

SILENCE = bytes(64)
SIMPLE = {FirstAudio: "first audio", AnswerDropped: "answer dropped", SoundComplete: "sound complete"}
WORDS = "Is it shut?"


def turn_of(
    *frames: JsonObject,
    waits_for_end: bool = True,
    may_search: bool = False,
    ends_at: float | None = None,
    deadlines: TurnDeadlines | None = None,
) -> Turn:
    """Give frames to a fresh turn on a session that is ready, at the time zero; maybe close its microphone."""
    settings = TurnSettings(
        waits_for_end=waits_for_end,
        may_search=may_search,
        silence=SILENCE,
        deadlines=deadlines or TurnDeadlines(),
    )
    turn = Turn("c", now=0.0, settings=settings)
    turn.session_ready()
    feed(turn, *frames)
    if ends_at is not None:
        turn.end_input(ends_at)
    return turn


def transcribed(*frames: JsonObject, now: float = 1.0) -> Turn:
    """A turn whose words Home Assistant was given, and that was answered in part; nothing of it is left to be taken."""
    turn = turn_of(*said(WORDS), *frames, ends_at=now)
    turn.give_words(WORDS, now)
    turn.take_actions()
    turn.take_news()
    return turn


def attached(*frames: JsonObject, now: float = 1.0) -> Turn:
    """The same, and an agent has it."""
    turn = transcribed(*frames, now=now)
    assert turn.attach("c", WORDS)
    return turn


def followed(*frames: JsonObject, now: float = 1.0) -> Turn:
    """The same, and the agent follows its answer."""
    turn = attached(*frames, now=now)
    turn.follow(now)
    return turn


def told(turn: Turn) -> list[object]:
    """Take what has happened, in short: words as they are, errors and ends by their names."""
    return [_short(news) for news in turn.take_news()]


def _short(news: TurnNews) -> object:
    """Write one piece of news."""
    match news:
        case Understood(text):
            return ("understood", text)
        case FirstAudio() | AnswerDropped() | SoundComplete():
            return SIMPLE[type(news)]
        case Sound(item_id, pcm):
            return (item_id, len(pcm))
        case Words(text):
            return text
        case Finished(calls):
            return [call.call_id for call in calls]
        case Lost(error):
            return type(error).__name__
        case SoundCut(error):
            return ("sound cut", type(error).__name__ if error else None)


def wanted(turn: Turn) -> list[str]:
    """Take what the service is to be told, by names."""
    return [_name(action) for action in turn.take_actions()]


def _name(action: TurnAction) -> str:
    """Name an action, with the item or response that it is about."""
    about = getattr(action, "response_id", "") or getattr(action, "item_id", "") or getattr(action, "text", "")
    return f"{type(action).__name__} {about}".strip()

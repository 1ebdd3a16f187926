"""Sessions and turns that are ready to be tried."""

from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.exchange import AnswerChanged, Exchange
from custom_components.grok_assist.realtime.session import Session

from .wire import CONFIG, feed, sent, session_created, session_updated

OTHER = SessionConfig(instructions="Be brief.", voice="rex")
BUSY = "Conversation already has an active response in progress"


def ready(config: SessionConfig = CONFIG, *, exchange: Exchange | None = None) -> Session:
    """A session that runs, maybe with a turn."""
    session = Session(config, now=0.0)
    feed(session, session_created(), session_updated())
    sent(session)
    if exchange is not None:
        session.begin(exchange)
    return session


def turn(*, is_text: bool = False) -> Exchange:
    """A turn that takes words at the first pause."""
    return Exchange(now=0.0, waits_for_end=False, is_text=is_text)


def changes(exchange: Exchange) -> list[str | None]:
    """Take the answers that came to count."""
    return [
        signal.answer.response_id if signal.answer else None
        for signal in exchange.take_signals()
        if isinstance(signal, AnswerChanged)
    ]

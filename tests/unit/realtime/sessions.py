"""Sessions that are ready to be tried."""

from custom_components.grok_assist.realtime.config import SessionConfig
from custom_components.grok_assist.realtime.server_events import ServerEvent
from custom_components.grok_assist.realtime.session import Session

from .wire import CONFIG, feed, sent, session_created, session_updated

OTHER = SessionConfig(instructions="Be brief.", voice="rex")
BUSY = "Conversation already has an active response in progress"


class Listener:
    """Notes the events that a session hands on."""

    def __init__(self) -> None:
        """Start with none."""
        self.events: list[ServerEvent] = []

    def __call__(self, event: ServerEvent, now: float) -> None:
        """Note one."""
        self.events.append(event)

    @property
    def names(self) -> list[str]:
        """What came."""
        return [type(event).__name__ for event in self.events]


def ready(config: SessionConfig = CONFIG, *, listener: Listener | None = None) -> Session:
    """A session that runs, maybe with a listener."""
    session = Session(config, now=0.0)
    feed(session, session_created(), session_updated())
    sent(session)
    session.on_event = listener
    return session

"""What a session has used of what the service bills."""

from dataclasses import dataclass

from .connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a session has used."""

    model: str = ""
    seconds: float = 0.0
    text_items: int = 0
    answers: int = 0

    def since(self, former: Use) -> Use:
        """Return what was used since an earlier moment."""
        return Use(
            model=self.model,
            seconds=self.seconds - former.seconds,
            text_items=self.text_items - former.text_items,
            answers=self.answers - former.answers,
        )


def used_of(connection: Connection, former: Use, now: float) -> Use:
    """Return what a session has used so far.

    Seconds are the running total that the service tells; where it tells none, those for which the socket was open, as
    livekit's client bills them.
    """
    session = connection.session
    return Use(
        model=session.model,
        seconds=max(former.seconds, session.billable_audio_s or now - connection.opened_at),
        text_items=session.text_items,
        answers=session.answers,
    )

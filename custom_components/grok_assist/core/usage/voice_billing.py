"""By which rule the seconds of a realtime voice are booked: xAI's own statements do not agree."""

from enum import StrEnum

from ..json_types import JsonMapping
from ..settings import read_choice


class VoiceBilling(StrEnum):
    """Which seconds of a session are paid; the service's own figure is never gone below.

    Sources: xAI's page of speech to speech, "per minute of audio sent or received"; an earlier copy of it, "per minute
    of connection time" (read 2026-11-28). The figure on the wire follows neither.
    """

    SENT_AND_RECEIVED = "sent_and_received"
    CONNECTION = "connection"

    @classmethod
    def from_options(cls, options: JsonMapping) -> VoiceBilling:
        """Read the account's options; what is absent or unknown is the rule of the newest page."""
        return read_choice(VoiceBilling, options.get("voice_billing"), cls.SENT_AND_RECEIVED)

    def seconds(self, *, told_s: float, sound_s: float, open_s: float) -> float:
        """Return how many seconds of a session are paid until now.

        Args:
            told_s: that the service told as billed.
            sound_s: of sound that was sent or received.
            open_s: for which the socket has been open.
        """
        most_s = max(told_s, sound_s)
        return max(most_s, open_s) if self is VoiceBilling.CONNECTION else most_s

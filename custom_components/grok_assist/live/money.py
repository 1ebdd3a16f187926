"""The money of one live conversation: held ahead, booked while it runs, told to the page, ended by the budget."""

from collections.abc import Callable
from typing import Final

from ..core.errors import GrokBudgetError, GrokError
from ..core.json_types import JsonObject
from ..core.usage.budget import BudgetNotice
from ..core.usage.prices import SECONDS_PER_MINUTE, voice_cost_usd
from ..realtime.session import SessionUsage
from ..voice.conversations import VoiceConversations

HELD_MINUTES: Final = 2
"""Whose cost is held while a conversation runs, or what is left of the budget."""
TOLD_S: Final = 5.0
"""So often the page is told."""


class LiveMoney:
    """What a conversation has cost so far, and what is held for it."""

    def __init__(
        self, voices: VoiceConversations, *, on_spent: Callable[[], None], on_warning: Callable[[], None]
    ) -> None:
        """Hold the money of the first minutes."""
        self.seconds = self.usd = 0.0
        self._voices = voices
        self._on_spent = on_spent
        self._on_warning = on_warning
        self._told_at = 0.0
        meter = voices.billing.meter
        held_usd = voice_cost_usd(voices.voice.model, HELD_MINUTES * SECONDS_PER_MINUTE, 0)
        left_usd = meter.left_usd
        self._held = meter.reserve(held_usd if left_usd is None else min(held_usd, max(0.0, left_usd)))
        voices.on_spent.append(self._spent)
        self._stop_listening = meter.async_listen_events(self._on_meter)

    @property
    def error(self) -> GrokBudgetError | None:
        """Why nothing more may be spent."""
        return self._voices.billing.meter.budget_error()

    def book(self, used: SessionUsage) -> None:
        """Book what was used since the last time."""
        self.seconds += used.seconds
        self.usd += voice_cost_usd(used.model or self._voices.voice.model, used.seconds, used.text_items)
        self._voices.book(used)

    def is_due(self, now: float) -> bool:
        """Whether the page has to be told again; asked at every tick."""
        if now - self._told_at < TOLD_S:
            return False
        self._told_at = now
        return True

    def stop(self) -> None:
        """Listen to the budget no more."""
        self._voices.on_spent.remove(self._spent)
        self._stop_listening()

    def close(self) -> None:
        """Give back what is held."""
        self._held.close()

    def _spent(self, _error: GrokError) -> None:
        """Take note that the budget is spent."""
        self._on_spent()

    def _on_meter(self, event: str, _data: JsonObject) -> None:
        """Take note that most of the budget is used."""
        if event == BudgetNotice.WARNING:
            self._on_warning()

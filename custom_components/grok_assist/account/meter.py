"""Counts what one account uses, holds it to its budget, and tells entities at once."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.errors import GrokBudgetError, GrokLimitError, GrokSpendingUnknownError, GrokTooDearError
from ..core.json_types import JsonObject
from ..core.usage.budget import (
    SMALL_USD,
    Budget,
    BudgetAction,
    BudgetSettings,
    BudgetState,
    Demand,
    Limit,
    Offer,
    Spending,
    Verdict,
)
from ..core.usage.ledger import Page, Totals
from ..core.usage.outputs import Outputs
from .reservations import Reservation, Reservations
from .usage_store import UsageStore

RATE_LIMITED: Final = "rate_limited"
BUSY_S: Final = 5.0
"""What is told where the rest of a budget is held for calls under way."""
BUDGET_IN_USE: Final = "budget"

type EventListener = Callable[[str, JsonObject], None]


class UsagePeriod(StrEnum):
    """What a user may ask the usage of."""

    TODAY = "today"
    MONTH = "month"
    TOTAL = "total"


class Meter:
    """The account's ledger, budget and counters at work; one lives as long as its entry, whether loaded or not."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start empty."""
        self.store = UsageStore(hass, entry_id)
        self._budget = Budget(BudgetSettings())
        self._reservations = Reservations()
        self.outputs = Outputs()
        self._was_exhausted = False
        self._listeners: list[CALLBACK_TYPE] = []
        self._spent_listeners: list[CALLBACK_TYPE] = []
        self._event_listeners: list[EventListener] = []
        self.last_response_ms: float | None = None
        self.last_first_audio_ms: float | None = None

    @callback
    def book(self, agent: str, kind: str, totals: Totals) -> None:
        """Book a call of a subentry; see `core.ledger.Kind` for the kinds."""
        self.store.ledger.book(agent, kind, totals, self._today())
        self._note_change()

    async def admit(self, demand: Demand, patience_s: float) -> Reservation:
        """Reserve the money of a call, first come first served.

        Raises:
            GrokBudgetError: the budget is spent, or what is left is not enough for this.
            GrokLimitError: what is in flight may spend the rest and took too long to settle.
        """
        offer, reservation = await self._reservations.admit(lambda: self._offer(demand), patience_s)
        if reservation is not None:
            return reservation
        if offer.state is BudgetState.BUSY or offer.limit is None:
            self.note_limited(BUDGET_IN_USE)
            raise GrokLimitError(BUSY_S, BUDGET_IN_USE)
        if offer.state is BudgetState.TOO_DEAR:
            raise _too_dear(offer.limit, demand.least_usd)
        raise self._error_of(offer.limit)

    def _offer(self, demand: Demand) -> Offer:
        """Tell whether a call may begin now, beside those in flight; what is not known counts as spent."""
        verdict = self.verdict()
        if verdict.state is BudgetState.SPENT:
            return Offer(state=verdict.state, limit=verdict.limit)
        return self._budget.offer(self._spending(), self._reservations.held_usd, demand)

    @callback
    def check(self, cost_usd: float) -> None:
        """Make sure that a further piece of something under way can be paid, before it is sent.

        Where Home Assistant is to help out once the budget is spent, small pieces still pass: its agent needs words
        and a voice.

        Raises:
            GrokBudgetError: it cannot.
        """
        if self.action is BudgetAction.STOP and (error := self.budget_error()) is not None:
            raise error
        for limit in self._budget.limits(self._spending()):
            if cost_usd > max(limit.left_usd, SMALL_USD):
                raise _too_dear(limit, cost_usd)

    @callback
    def reserve(self, cost_usd: float) -> Reservation:
        """Hold money for a call without asking whether there is any."""
        return Reservation(self._reservations, cost_usd, cost_usd)

    @property
    def left_usd(self) -> float | None:
        """What may still be spent, with what is held for others; None where there is no limit."""
        if self.is_exhausted:
            return 0.0
        return min((limit.left_usd for limit in self._budget.limits(self._spending())), default=None)

    @callback
    def note_response(self, ms: float) -> None:
        """Note how long the last turn took from the request to its first words."""
        self.last_response_ms = ms
        self._tell()

    @callback
    def note_first_audio(self, ms: float) -> None:
        """Note how long the last voice turn took from the end of speech to its first sound."""
        self.last_first_audio_ms = ms
        self._tell()

    @callback
    def note_limited(self, limit: str) -> None:
        """Note that a limit, ours or the service's, turned a call away."""
        self.store.rate_limited += 1
        self._note_change()
        self._tell_event(RATE_LIMITED, {"limit": limit})

    @callback
    def note_outcome(self, outcome: str) -> None:
        """Note a turn that was not answered the ordinary way."""
        self.store.fallbacks[outcome] += 1
        self._note_change()

    @property
    def action(self) -> BudgetAction:
        """What a turn does when the budget is spent."""
        return self._budget.settings.action

    @property
    def is_exhausted(self) -> bool:
        """Whether a limit is reached now."""
        return self.verdict().state is BudgetState.SPENT

    def verdict(self) -> Verdict:
        """Tell whether anything is left to be spent; what is not known counts as spent."""
        if self.store.is_incomplete and (limits := self._budget.limits(self._spending())):
            return Verdict(state=BudgetState.SPENT, limit=limits[-1])
        return self._budget.verdict(self._spending())

    def budget_error(self) -> GrokBudgetError | None:
        """Return why nothing may be spent now, for those who do not ask to be admitted."""
        verdict = self.verdict()
        return self._error_of(verdict.limit) if verdict.limit and verdict.state is BudgetState.SPENT else None

    def _error_of(self, limit: Limit) -> GrokBudgetError:
        """Write a limit in the way as an error."""
        kind = GrokSpendingUnknownError if self.store.is_incomplete else GrokBudgetError
        return kind(limit.period, limit_usd=limit.limit_usd, spent_usd=limit.spent_usd)

    def page(self, period: UsagePeriod) -> Page:
        """Return the bookings of a period that ends today."""
        match period:
            case UsagePeriod.TODAY:
                return self.store.ledger.of_day(self._today())
            case UsagePeriod.MONTH:
                return self.store.ledger.of_month(self._today())
            case UsagePeriod.TOTAL:
                return self.store.ledger.total()

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener right after each change; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def async_listen_spent(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener whenever the budget has just been spent; returns what ends it."""
        self._spent_listeners.append(listener)
        return lambda: self._spent_listeners.remove(listener)

    @callback
    def async_listen_events(self, listener: EventListener) -> CALLBACK_TYPE:
        """Call the listener with the type and the data of each event; returns what ends it."""
        self._event_listeners.append(listener)
        return lambda: self._event_listeners.remove(listener)

    @callback
    def configure(self, settings: BudgetSettings) -> None:
        """Take over the options of the account."""
        self._budget = Budget(settings, self.store.notices)

    @callback
    def refresh(self) -> None:
        """Tell everybody where it stands."""
        self._reservations.wake()
        self._tell_spent()
        self._tell()
        self._tell_crossings()

    @callback
    def begin_day(self, _now: datetime) -> None:
        """Tell everybody that a new day has begun."""
        self.refresh()

    async def async_count_anew(self) -> bool:
        """Go on without what cannot be read, which is kept under another name; tell whether that was possible."""
        if not await self.store.async_count_anew():
            return False
        self.configure(self._budget.settings)
        self.refresh()
        return True

    def _today(self) -> date:
        """Return the local day."""
        return dt_util.now().date()

    def _spending(self) -> Spending:
        """Return what was spent today and this month."""
        return Spending(
            today=self._today(),
            day_usd=self.page(UsagePeriod.TODAY).all().cost_usd,
            month_usd=self.page(UsagePeriod.MONTH).all().cost_usd,
        )

    def _note_change(self) -> None:
        """Have a change written before long and told at once."""
        self.store.async_note_change()
        self.refresh()

    def _tell_spent(self) -> None:
        """Call those who wait for the end of the budget, once."""
        former, self._was_exhausted = self._was_exhausted, self.is_exhausted
        if self._was_exhausted and not former:
            for listener in list(self._spent_listeners):
                listener()

    def _tell(self) -> None:
        """Call the listeners."""
        for listener in list(self._listeners):
            listener()

    def _tell_crossings(self) -> None:
        """Tell of limits that are newly reached, once there is somebody to be told."""
        if not self._event_listeners:
            return
        crossings = self._budget.crossings(self._spending())
        self.store.notices = self._budget.notices()
        for crossing in crossings:
            limit = crossing.limit
            self._tell_event(
                crossing.notice.value,
                {
                    "period": limit.period.value,
                    "limit_usd": limit.limit_usd,
                    "spent_usd": limit.spent_usd,
                    "resets_at": limit.resets_at.isoformat(),
                },
            )

    def _tell_event(self, event: str, data: JsonObject) -> None:
        """Call the listeners of events."""
        for listener in list(self._event_listeners):
            listener(event, data)


METERS: HassKey[dict[str, Meter]] = HassKey(f"{DOMAIN}_meters")


async def async_open_meter(hass: HomeAssistant, entry: ConfigEntry) -> Meter:
    """Return the entry's meter with its present options; calls that outlive a reload go on booking on the same one."""
    meters = hass.data.setdefault(METERS, {})
    if (meter := meters.get(entry.entry_id)) is None:
        meter = meters[entry.entry_id] = Meter(hass, entry.entry_id)
        await meter.store.async_load()
    await meter.store.async_reload()
    meter.configure(BudgetSettings.from_options(entry.options))
    return meter


async def async_remove_meter(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what is kept of an entry, loaded in this run or not."""
    meter = hass.data.setdefault(METERS, {}).pop(entry.entry_id, None)
    await (meter.store if meter is not None else UsageStore(hass, entry.entry_id)).async_remove()


def _too_dear(limit: Limit, cost_usd: float) -> GrokTooDearError:
    """Write a limit that is not enough for a single call as an error."""
    return GrokTooDearError(limit.period, limit_usd=limit.limit_usd, spent_usd=limit.spent_usd, cost_usd=cost_usd)

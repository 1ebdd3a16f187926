"""The file of what one account used: ledger, counters, and snapshots of its limiters; survives restarts."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..core.json_types import JsonMapping, JsonObject
from ..core.usage.ledger import Ledger, is_known
from .kept_file import KeptFile, Trouble

STORE_VERSION: Final = 1
SAVE_DELAY_S: Final = 20
LIMITS_KEPT_S: Final = 3600  # the longest window that a limiter looks back

type Snapshot = Callable[[], JsonObject]


class UsageStore:
    """What is kept of one account's usage."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start empty."""
        self._file = KeptFile(hass, STORE_VERSION, f"{DOMAIN}.usage.{entry_id}")
        self.is_incomplete = False
        """Whether something was spent that cannot be read, and the user has not yet had it counted anew."""
        self.ledger = Ledger.empty()
        self.notices: Iterable[str] = ()
        """What the budget has told already."""
        self.fallbacks: Counter[str] = Counter()
        """Turns that were not answered the ordinary way, by what became of them."""
        self.rate_limited = 0
        """Calls that a limit held back for too long."""
        self._snapshots: dict[str, Snapshot] = {}
        self._stored_limits: dict[str, tuple[JsonObject, float]] = {}
        self._is_save_pending = False
        self._is_removed = False

    @callback
    def register_limits(self, name: str, snapshot: Snapshot) -> None:
        """Keep what the callable returns whenever the file is written; the same name replaces the one before."""
        self._snapshots[name] = snapshot

    @callback
    def restored_limits(self, name: str) -> tuple[JsonObject, float] | None:
        """Return the last snapshot of a name and its age in seconds; ask before registering the new one."""
        if (snapshot := self._snapshots.get(name)) is not None:
            return snapshot(), 0.0
        if (stored := self._stored_limits.get(name)) is None:
            return None
        state, taken_at = stored
        return state, max(0.0, _timestamp() - taken_at)

    @callback
    def limits(self) -> dict[str, JsonObject]:
        """Return the snapshots of all limiters that are registered."""
        return {name: snapshot() for name, snapshot in self._snapshots.items()}

    @callback
    def async_note_change(self) -> None:
        """Have a change written before long.

        A write that is pending is left alone: asking the store again would put it off, again and again.
        """
        if not self._is_save_pending and not self._is_removed:
            self._is_save_pending = True
            self._file.async_delay_save(self._contents, SAVE_DELAY_S)

    async def async_load(self) -> None:
        """Read the file, and add what it holds to what was counted since.

        One that cannot be read is kept under another name before anything is written; until the user has it counted
        anew, a budget counts as spent.
        """
        kept = await self._file.async_load()
        if kept is not None and not is_known(_mapping(kept.get("ledger"))):
            self._file.refuse()
            kept = None
        self.is_incomplete = self._file.trouble is not None or _mapping(kept).get("is_incomplete") is True
        if kept is not None:
            self._take_over(kept)
        if self._file.trouble is Trouble.FOREIGN:
            await self._file.async_set_aside()
        if self.is_incomplete:
            await self.async_save()  # so that the next start knows it, too

    def _take_over(self, kept: JsonMapping) -> None:
        """Add what was stored to what was counted since."""
        ledger = Ledger.from_json(_mapping(kept.get("ledger")))
        ledger.absorb(self.ledger)
        self.ledger = ledger
        self.notices = _texts(kept.get("told"))
        self.rate_limited += _count(kept.get("rate_limited"))
        self.fallbacks.update({name: _count(count) for name, count in _mapping(kept.get("fallbacks")).items()})
        for name, limits in _mapping(kept.get("limits")).items():
            parts = _mapping(limits)
            if isinstance(taken_at := parts.get("at"), int | float):
                self._stored_limits[name] = dict(_mapping(parts.get("state"))), taken_at

    async def async_save(self) -> None:
        """Write the file now."""
        if not self._is_removed:
            self._is_save_pending = False
            await self._file.async_save(self._contents())

    async def async_reload(self) -> None:
        """Read the file again where the disk did not give it."""
        if self._file.trouble is Trouble.AWAY:
            await self.async_load()
            await self.async_save()  # what was booked meanwhile

    async def async_count_anew(self) -> bool:
        """Go on without what cannot be read, which is kept under another name; tell whether that was possible."""
        await self.async_reload()
        if self._file.trouble is not None and not await self._file.async_set_aside():
            return False
        self.is_incomplete = False
        await self.async_save()
        return True

    async def async_remove(self) -> None:
        """Delete the file; what is still booked afterwards is not kept."""
        self._is_removed = True
        await self._file.async_remove()

    def _contents(self) -> JsonObject:
        """Return what the file holds; from now on a change asks for the next write."""
        self._is_save_pending = False
        now = _timestamp()
        kept = {name: limits for name, limits in self._stored_limits.items() if now - limits[1] < LIMITS_KEPT_S}
        kept |= {name: (state, now) for name, state in self.limits().items()}
        return {
            "ledger": self.ledger.to_json(),
            "is_incomplete": self.is_incomplete,
            "told": list(self.notices),
            "rate_limited": self.rate_limited,
            "fallbacks": dict(self.fallbacks),
            "limits": {name: {"state": state, "at": taken_at} for name, (state, taken_at) in kept.items()},
        }


def _timestamp() -> float:
    """Return the time of the clock on the wall, which goes on while we do not run."""
    return dt_util.utcnow().timestamp()


def _mapping(stored: object) -> JsonMapping:
    """Return a stored mapping; of anything else an empty one."""
    return stored if isinstance(stored, dict) else {}


def _texts(stored: object) -> Iterable[str]:
    """Return stored texts; of anything else none."""
    return [str(text) for text in stored] if isinstance(stored, list) else []


def _count(stored: object) -> int:
    """Return a stored count; anything else is none."""
    return stored if isinstance(stored, int) and stored > 0 else 0

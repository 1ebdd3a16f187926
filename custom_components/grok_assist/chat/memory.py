"""What was said before, beyond Home Assistant's own few minutes: on disk for as long as the user wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.chat_session import CONVERSATION_TIMEOUT
from homeassistant.util import dt as dt_util

from ..account.kept_file import KeptFile
from ..const import DOMAIN
from ..core.history import Remembered
from ..core.json_types import plain
from ..core.settings import AgentSettings

STORE_VERSION: Final = 1
SAVE_AFTER_S: Final = 30.0
HOUR_S: Final = 3600.0
MOST_KEPT: Final = 100
"""Conversations of an account: an automation may begin one every minute."""

type Key = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be forgotten; None: of whichever there is."""

    agent: str | None = None
    """The subentry's id."""
    conversation_id: str | None = None
    user_id: str | None = None

    def fits(self, kept: Remembered) -> bool:
        """Whether a conversation is meant."""
        return (
            self.agent in (None, kept.agent)
            and self.conversation_id in (None, kept.conversation_id)
            and self.user_id in (None, kept.user_id)
        )


class Memory:
    """The remembered conversations of one account, each belonging to an agent, a conversation and a person."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start without memories."""
        self._hass = hass
        self._file = KeptFile(hass, STORE_VERSION, memory_key(entry_id))
        self._kept: dict[Key, Remembered] = {}
        self._hours: dict[str, float] = {}
        self._is_save_due = self._is_closed = False
        self.on_forgotten: list[Callable[[str, str], None]] = []
        """Called with agent and conversation of what was forgotten."""

    async def async_load(self, hours: Mapping[str, float]) -> None:
        """Read what was remembered before the restart; where it cannot be read, begin without and write nothing.

        Args:
            hours: how long each agent remembers; what belongs to no agent of these is dropped.
        """
        self._hours = dict(hours)
        stored = await self._file.async_load()
        rows = stored.get("conversations") if stored is not None else []
        if not isinstance(rows, list):
            self._file.refuse()
            rows = []
        for row in rows:
            remembered = Remembered.from_json(row) if isinstance(row, dict) else None
            if remembered is not None and self._hours.get(remembered.agent, 0) > 0:
                remembered.is_restored = True
                self._kept[_key(remembered)] = remembered
        if len(self._kept) < len(rows):
            await self.async_save()  # what nobody remembers any more must not stay on the disk

    @property
    def is_readable(self) -> bool:
        """Whether the file could be read, so that what is said is kept and what is forgotten is erased."""
        return self._file.is_writable

    @callback
    def async_find(
        self, agent: str, *, conversation_ids: tuple[str | None, ...], user_id: str | None, device_id: str | None
    ) -> Remembered | None:
        """Return what is remembered of a conversation, by its ids, else of the last one here that is over."""
        self._drop_old()
        for conversation_id in conversation_ids:
            if conversation_id and (found := self._kept.get((agent, conversation_id, user_id))) is not None:
                return found
        if device_id is None:
            return None
        # One that Home Assistant still has was left on purpose.
        gone_at = dt_util.utcnow().timestamp() - CONVERSATION_TIMEOUT.total_seconds()
        found_here = [
            kept
            for kept in self._kept.values()
            if (kept.agent, kept.device_id, kept.user_id) == (agent, device_id, user_id)
            and (kept.is_restored or kept.updated < gone_at)
        ]
        return max(found_here, key=lambda kept: kept.updated, default=None)

    @callback
    def async_begin(
        self,
        agent: str,
        *,
        conversation_id: str,
        asked_id: str | None,
        user_id: str | None,
        device_id: str | None,
        hours: float,
    ) -> Remembered:
        """Return what is remembered of a conversation, from now on under its present id.

        Args:
            agent: the subentry's id.
            conversation_id: as Home Assistant calls it now.
            asked_id: as the client calls it; Home Assistant gives a new one where it no longer knows it.
            user_id: the person.
            device_id: the satellite; a new conversation there goes on with what was said last.
            hours: how long it is to be remembered.
        """
        self._hours[agent] = hours
        found = self.async_find(
            agent,
            conversation_ids=(conversation_id, asked_id if hours else None),
            user_id=user_id,
            device_id=device_id if hours else None,
        )
        if found is None:
            found = Remembered(agent=agent, conversation_id=conversation_id, user_id=user_id, device_id=device_id)
        elif found.conversation_id != conversation_id:
            del self._kept[_key(found)]
            found.begin(())  # its chat log is gone
            found.conversation_id = conversation_id
        found.device_id = device_id or found.device_id
        self._kept[_key(found)] = found
        found.updated = dt_util.utcnow().timestamp()
        return found

    @callback
    def async_note(self, remembered: Remembered) -> None:
        """Have a changed memory written."""
        remembered.updated = dt_util.utcnow().timestamp()
        self._schedule_save()

    async def async_forget(self, wanted: Wanted) -> int:
        """Forget what was said; return how many conversations there were."""
        found = [kept for kept in self._kept.values() if wanted.fits(kept)]
        count = sum(bool(remembered.summary or remembered.unfolded) for remembered in found)
        for remembered in found:
            remembered.forget()
            for forgotten in self.on_forgotten:
                forgotten(remembered.agent, remembered.conversation_id)
        if found:
            await self.async_save()
        return count

    async def async_save(self) -> None:
        """Write now."""
        await self._file.async_save(self._data())

    async def async_close(self) -> None:
        """Write for the last time: a turn that outlives its account must not write over the next one's file."""
        self._is_closed = True
        await self.async_save()

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._file.async_remove()

    @callback
    def _schedule_save(self) -> None:
        """Write soon, at the latest when Home Assistant stops; a further change does not put it off."""
        if not self._is_save_due and not self._is_closed:
            self._is_save_due = True
            self._file.async_delay_save(self._data, SAVE_AFTER_S)

    @callback
    def _data(self) -> dict[str, Any]:
        """Write what survives a restart."""
        self._is_save_due = False
        self._drop_old()
        data: dict[str, Any] = {
            "conversations": [
                kept.to_json()
                for kept in self._kept.values()
                if self._hours.get(kept.agent, 0) > 0 and (kept.summary or kept.unfolded)
            ]
        }
        # A text that cannot be written must not keep the account from being unloaded.
        return {name: plain(rows) for name, rows in data.items()}

    @callback
    def _drop_old(self) -> None:
        """Forget what is older than its agent may remember, an hour at least, and of too many those worth least."""
        now = dt_util.utcnow().timestamp()
        for key, kept in list(self._kept.items()):
            if (hours := self._hours.get(kept.agent)) is not None and now - kept.updated > max(hours, 1.0) * HOUR_S:
                del self._kept[key]
        for kept in sorted(self._kept.values(), key=_worth)[:-MOST_KEPT]:
            del self._kept[_key(kept)]


def hours_of(entry: ConfigEntry) -> dict[str, float]:
    """Return how long each agent of an account remembers, in hours."""
    return {
        subentry.subentry_id: AgentSettings.from_data(subentry.data).history.hours
        for subentry in entry.subentries.values()
    }


def memory_key(entry_id: str) -> str:
    """Return the name of an account's file."""
    return f"{DOMAIN}.memory.{entry_id}"


def _worth(remembered: Remembered) -> tuple[bool, float]:
    """Return what is forgotten last: what a person said, then what is newer."""
    return bool(remembered.device_id or remembered.user_id), remembered.updated


def _key(remembered: Remembered) -> Key:
    """Return what a conversation is found by."""
    return remembered.agent, remembered.conversation_id, remembered.user_id

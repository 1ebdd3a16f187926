"""Which satellite a pipeline run belongs to, already while it listens.

Home Assistant tells an engine of speech to text nothing about the run. But it writes the satellite's state within the
run's own task just before it calls the engine, and calls state listeners in that same moment: a context variable that
is set there is the run's own. "The satellite that is listening" would be wrong with two of them and a browser.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
import time
from typing import Final

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

LISTENING_AGE_S: Final = 5.0
"""A note of a satellite is of this run if it is no older; it was under 2 ms in every run that was measured."""

RUN_S: Final = 90.0
"""No run takes longer until its words are there."""
REOPENS_S: Final = 1.5
"""A device opens its microphone again so soon after its answer, if at all."""

LATE_PLATFORMS: Final = frozenset({"wyoming"})

type IdleListener = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """A satellite that began to listen in this context."""

    entity_id: str
    at: float
    idle_s: float
    """For how long it had been idle before."""


@dataclass(slots=True)
class _Watch:
    """The one listener of all accounts; it lives while anybody uses it."""

    idle_listeners: list[IdleListener] = field(default_factory=list)
    stop: list[CALLBACK_TYPE] = field(default_factory=list)


_NOTE: ContextVar[_Note | None] = ContextVar(f"{DOMAIN}_satellite", default=None)
_WATCH: HassKey[_Watch] = HassKey(f"{DOMAIN}_satellites")


@callback
def async_watch_satellites(hass: HomeAssistant, on_idle: IdleListener) -> CALLBACK_TYPE:
    """Note from now on which satellite listens, and tell which one has become idle; return how to stop."""
    watch = hass.data.get(_WATCH)
    if watch is None:
        watch = hass.data[_WATCH] = _Watch()
        watch.stop = _listen(hass, watch)
    watch.idle_listeners.append(on_idle)

    @callback
    def stop() -> None:
        """Stop, with the last user for good."""
        watch.idle_listeners.remove(on_idle)
        if not watch.idle_listeners:
            for remove in watch.stop:
                remove()
            hass.data.pop(_WATCH, None)

    return stop


@callback
def async_listening_satellite(hass: HomeAssistant) -> str | None:
    """Return the satellite that this very run belongs to; None in a browser and wherever nothing was noted."""
    note = _NOTE.get()
    if note is None or hass.loop.time() - note.at > LISTENING_AGE_S:
        return None
    return note.entity_id


@callback
def async_was_called(hass: HomeAssistant) -> bool:
    """Whether somebody has opened the microphone of this run by a wake word or a button, for all that is known.

    A microphone that an answer left open listens at once; one that was idle for a while was opened by a person.
    """
    note = _NOTE.get()
    is_of_this_run = note is not None and hass.loop.time() - note.at < RUN_S
    return note is not None and is_of_this_run and note.idle_s > REOPENS_S


def _idle_s(state: State | None) -> float:
    """Return for how long a satellite has been idle."""
    return time.time() - state.last_changed_timestamp if state is not None and state.state == "idle" else 0.0


@callback
def async_device_of(hass: HomeAssistant, entity_id: str | None) -> str | None:
    """Return the device of an entity."""
    entry = er.async_get(hass).async_get(entity_id) if entity_id else None
    return entry.device_id if entry is not None else None


def _is_late(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether `idle` says nothing of the present: Wyoming writes it two seconds after an answer, whatever happens then.

    A Wyoming satellite has no way to stop an answer but a new run, which ends the old one anyway.
    """
    entry = er.async_get(hass).async_get(entity_id)
    return entry is not None and entry.platform in LATE_PLATFORMS


def _listen(hass: HomeAssistant, watch: _Watch) -> list[CALLBACK_TYPE]:
    """Listen to the states of satellites; a second run may begin in the state in which the first one did."""

    @callback
    def note(entity_id: str, state: State | None, idle_s: float = 0.0) -> None:
        """Note what a satellite does."""
        if state is None:
            return
        if state.state == "listening":
            _NOTE.set(_Note(entity_id=entity_id, at=hass.loop.time(), idle_s=idle_s))
        elif state.state == "idle" and not _is_late(hass, entity_id):
            for listener in list(watch.idle_listeners):
                listener(entity_id)

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        """Note a new state."""
        note(event.data["entity_id"], event.data["new_state"], _idle_s(event.data["old_state"]))

    @callback
    def reported(event: Event[EventStateReportedData]) -> None:
        """Note a state that was written again."""
        state = event.data["new_state"]
        if state.state == "listening":
            note(event.data["entity_id"], state)

    @callback
    def is_satellite(data: EventStateChangedData | EventStateReportedData) -> bool:
        """Keep the busy bus away."""
        return data["entity_id"].startswith("assist_satellite.")

    return [
        hass.bus.async_listen(EVENT_STATE_CHANGED, changed, event_filter=is_satellite),
        hass.bus.async_listen(EVENT_STATE_REPORTED, reported, event_filter=is_satellite),
    ]

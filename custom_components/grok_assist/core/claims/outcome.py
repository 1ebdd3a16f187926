"""Whether the states of a home show what an order leads to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .actions import Action, Order, Reach, fits

SAME: Final = 0.25
"""Degrees by which a temperature may be off."""
SAME_SHARE: Final = 1.0
"""Percent by which a brightness may be off, which is kept in 255 steps."""
_UNKNOWN: Final = frozenset({"unavailable", "unknown", ""})
_LEADS: Final[Mapping[Action, str]] = {
    Action.OFF: "off standby idle disarmed docked paused",
    Action.OPEN: "open opening unlocked unlocking",
    Action.CLOSE: "closed closing locked locking",
    Action.LOCK: "locked locking",
    Action.UNLOCK: "unlocked unlocking open opening",
    Action.RAISE: "open opening",
    Action.LOWER: "closed closing",
    Action.PLAY: "playing buffering",
    Action.PAUSE: "paused idle off standby",
    Action.START: "on playing cleaning mowing open",
    Action.STOP: "off idle paused standby docked closed returning",
    Action.SEND: "returning docked",
}
_LEADS_TO: Final = {action: frozenset(states.split()) for action, states in _LEADS.items()}
_PLAYER: Final = "media_player"
_ENDING: Final = frozenset({Action.OFF, Action.PAUSE, Action.STOP})
"""What is carried out when nothing plays any more, whatever was meant."""
_IS_OFF: Final = frozenset({"off", "standby", "disarmed", "closed", "docked", "unlocked", "idle"})
_SHARES: Final = {"brightness": 100 / 255, "volume_level": 100.0}
"""Attributes that are no percentages, and what makes them ones."""
_NUMBERS: Final = (
    *("temperature", "target_temp_low", "target_temp_high", "humidity", "percentage", "current_position", "brightness"),
    "volume_level",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entity as it is now."""

    domain: str
    state: str
    attributes: Mapping[str, object]


def is_shown(order: Order, seen: Iterable[Seen]) -> bool:
    """Whether the home is as an order would leave it; what no state tells (timers, lists, colours) is not shown."""
    by_domain: dict[str, list[bool]] = {}
    for thing in seen:
        if thing.state not in _UNKNOWN and any(fits(action, thing.domain) for action in order.actions):
            by_domain.setdefault(thing.domain, []).append(_shows(order, thing))
    if order.numbers:
        return any(map(any, by_domain.values()))
    match order.reach:
        case Reach.NAMED:
            return any(map(all, by_domain.values()))
        case Reach.PLACE:
            return bool(by_domain) and all(map(all, by_domain.values()))
        case Reach.LOOSE:
            ends = not order.actions.isdisjoint(_ENDING)
            enough = {domain: all if ends and domain == _PLAYER else any for domain in by_domain}
            return any(enough[domain](shown) for domain, shown in by_domain.items())


def _shows(order: Order, thing: Seen) -> bool:
    """Whether a thing is as an order would leave it."""
    if order.numbers and (values := _values(thing)):
        return any(abs(value - number) <= same for value, same in values for number in order.numbers)
    return any(_is_result(action, thing) for action in order.actions if fits(action, thing.domain))


def _is_result(action: Action, thing: Seen) -> bool:
    """Whether a thing's state is what an action leads to."""
    match action:
        case Action.ON:
            return thing.state not in _IS_OFF
        case Action.MUTE | Action.UNMUTE:
            return thing.attributes.get("is_volume_muted") is (action is Action.MUTE)
        case _:
            return thing.state in _LEADS_TO.get(action, ())


def _values(thing: Seen) -> Sequence[tuple[float, float]]:
    """Return the numbers that can be set of a thing, as people say them, and by how much each may be off."""
    found = [
        (float(value) * _SHARES.get(name, 1.0), SAME_SHARE if name in _SHARES else SAME)
        for name in _NUMBERS
        if isinstance(value := thing.attributes.get(name), int | float)
    ]
    return found or _own_number(thing)


def _own_number(thing: Seen) -> Sequence[tuple[float, float]]:
    """Return a state that is a number itself."""
    try:
        return ((float(thing.state), SAME),)
    except ValueError:
        return ()

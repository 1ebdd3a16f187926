"""What can be ordered of a home: families of actions, what they fit and which of them mean the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """A family of actions; an order and a claim are compared by it, whatever their words."""

    ON = "on"
    OFF = "off"
    OPEN = "open"
    CLOSE = "close"
    LOCK = "lock"
    UNLOCK = "unlock"
    SET = "set"
    RAISE = "raise"
    LOWER = "lower"
    PLAY = "play"
    PAUSE = "pause"
    NEXT = "next"
    MUTE = "mute"
    UNMUTE = "unmute"
    START = "start"
    STOP = "stop"
    SEND = "send"
    ADD = "add"
    REMOVE = "remove"


class Reach(StrEnum):
    """What of a home an order is for."""

    NAMED = "named"
    """Things by their names; of several domains with one name, any may be meant."""
    PLACE = "place"
    """All that fits in an area, or all there is."""
    LOOSE = "loose"
    """A kind of thing without a place, or what need not be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a user ordered of the home."""

    language: str
    """Of the order, in which its answer is judged."""
    actions: frozenset[Action]
    numbers: tuple[float, ...] = ()
    """Degrees, percent, minutes: what stands in the sentence in digits."""
    reach: Reach = Reach.LOOSE


_SAME: Final[Mapping[Action, str]] = {
    Action.ON: "on start play",
    Action.OFF: "off stop pause send remove",
    Action.OPEN: "open raise unlock",
    Action.CLOSE: "close lower lock",
    Action.LOCK: "lock close",
    Action.UNLOCK: "unlock open",
    Action.SET: "set raise lower on start open close",
    Action.RAISE: "raise set open",
    Action.LOWER: "lower set close",
    Action.PLAY: "play start on",
    Action.PAUSE: "pause stop off",
    Action.NEXT: "next play",
    Action.MUTE: "mute off set",
    Action.UNMUTE: "unmute on set",
    Action.START: "start on play set",
    Action.STOP: "stop off pause remove send",
    Action.SEND: "send start",
    Action.ADD: "add set",
    Action.REMOVE: "remove stop off",
}
_SWITCHED: Final = (
    "light switch fan climate media_player input_boolean humidifier siren water_heater remote automation scene vacuum"
    " lawn_mower alarm_control_panel camera"
)
_SET: Final = (
    "light climate cover media_player fan humidifier water_heater valve number input_number select input_select"
    " alarm_control_panel todo"
)
_FITS: Final[Mapping[Action, str]] = {
    Action.ON: _SWITCHED,
    Action.OFF: _SWITCHED,
    Action.OPEN: "cover valve lock",
    Action.CLOSE: "cover valve lock",
    Action.LOCK: "lock",
    Action.UNLOCK: "lock",
    Action.SET: _SET,
    Action.RAISE: _SET,
    Action.LOWER: _SET,
    Action.PLAY: "media_player",
    Action.PAUSE: "media_player vacuum lawn_mower",
    Action.NEXT: "media_player",
    Action.MUTE: "media_player",
    Action.UNMUTE: "media_player",
    Action.START: f"{_SWITCHED} button input_button",
    Action.STOP: f"{_SWITCHED} valve",
    Action.SEND: "vacuum lawn_mower",
    Action.ADD: "todo",
    Action.REMOVE: "todo",
}
_KIN: Final = {action: frozenset(map(Action, names.split())) for action, names in _SAME.items()}
_DOMAINS: Final = {action: frozenset(names.split()) for action, names in _FITS.items()}


def fits(action: Action, domain: str) -> bool:
    """Whether an action can be done to a thing of a domain."""
    return domain in _DOMAINS[action]


def kin(actions: Iterable[Action]) -> frozenset[Action]:
    """Return the actions that may be told as the carrying out of others."""
    return frozenset[Action]().union(*(_KIN[action] for action in actions))

"""The homes that are asked about: fifty devices with names of their own, then ordinary rooms until there are enough."""

from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

type Usual = tuple[str, str, str, str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One entity of the home; its state never changes by itself."""

    domain: str
    name: str
    room: str = ""
    state: str = ""
    kind: str = ""
    """Its device class, if it has one."""
    unit: str = ""
    percent: int | None = None
    """How bright a light is while it is on."""
    is_exposed: bool = True

    @property
    def entity_id(self) -> str:
        """Its id, which follows from its name."""
        return f"{self.domain}.{self.name.lower().replace(' ', '_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One room, its floor and its further names."""

    name: str
    floor: str
    aliases: tuple[str, ...] = field(default=())


SECRET: Final = "Secret vault"
"""What must never leave the home is called so."""
SECRETS: Final = 20
RELAY: Final = "switch.secret_vault_switch_16"
"""What the thermostats switch: one of the secrets."""
TARGET_TEMPERATURE: Final = "21"
_SECRET_DOMAINS: Final = ("sensor", "light", "lock", "binary_sensor")
GROUND: Final = "Ground Floor"
ABOVE: Final = "First Floor"
ROOMS: Final = (
    Room(name="Kitchen", floor=GROUND, aliases=("Küche",)),
    Room(name="Living Room", floor=GROUND, aliases=("Wohnzimmer",)),
    Room(name="Bedroom", floor=ABOVE, aliases=("Schlafzimmer",)),
    Room(name="Bathroom", floor=ABOVE),
    Room(name="Hall", floor=GROUND),
    Room(name="Office", floor=ABOVE),
    Room(name="Garage", floor=GROUND),
    Room(name="Nursery", floor=ABOVE),
)
# Domain, name, state; then device class or percent.
_CORE: Final[dict[str, tuple[tuple[str, str, str, str | int], ...]]] = {
    "Kitchen": (
        ("light", "Kitchen Ceiling Light", "on", 80),
        ("light", "Worktop Light", "off", 100),
        ("switch", "Coffee Machine", "on", ""),
        ("switch", "Dishwasher", "off", ""),
        ("sensor", "Kitchen Temperature", "21.4", "temperature"),
        ("sensor", "Kitchen Humidity", "48.3", "humidity"),
        ("binary_sensor", "Kitchen Window", "on", "window"),
        ("cover", "Kitchen Blind", "open", "blind"),
    ),
    "Living Room": (
        ("light", "Floor Lamp", "on", 60),
        ("light", "Living Room Ceiling Light", "off", 100),
        ("media_player", "Living Room TV", "playing", "tv"),
        ("sensor", "Living Room Temperature", "22.1", "temperature"),
        ("binary_sensor", "Living Room Window", "off", "window"),
        ("cover", "Living Room Blind", "closed", "blind"),
        ("fan", "Living Room Fan", "off", ""),
        ("climate", "Living Room Thermostat", "heat", ""),
        ("binary_sensor", "Terrace Door", "off", "door"),
    ),
    "Bedroom": (
        ("light", "Bedroom Ceiling Light", "off", 100),
        ("light", "Bedside Lamp", "on", 40),
        ("sensor", "Bedroom Temperature", "18.9", "temperature"),
        ("sensor", "Bedroom Humidity", "52.1", "humidity"),
        ("binary_sensor", "Bedroom Window", "off", "window"),
        ("cover", "Bedroom Blind", "closed", "blind"),
        ("fan", "Bedroom Fan", "on", ""),
    ),
    "Bathroom": (
        ("light", "Bathroom Ceiling Light", "off", 100),
        ("light", "Mirror Light", "on", 100),
        ("sensor", "Bathroom Temperature", "23.5", "temperature"),
        ("sensor", "Bathroom Humidity", "67.4", "humidity"),
        ("binary_sensor", "Bathroom Window", "off", "window"),
        ("binary_sensor", "Bathroom Motion", "off", "motion"),
    ),
    "Hall": (
        ("light", "Hall Ceiling Light", "on", 50),
        ("binary_sensor", "Front Door", "off", "door"),
        ("lock", "Front Door Lock", "locked", ""),
        ("binary_sensor", "Hall Motion", "on", "motion"),
        ("vacuum", "Robby", "docked", ""),
    ),
    "Office": (
        ("light", "Desk Lamp", "on", 70),
        ("sensor", "Office Temperature", "20.7", "temperature"),
        ("binary_sensor", "Office Window", "on", "window"),
        ("switch", "Printer", "off", ""),
        ("media_player", "Office Speaker", "idle", "speaker"),
    ),
    "Garage": (
        ("cover", "Garage Door", "closed", "garage"),
        ("light", "Garage Light", "off", 100),
        ("lock", "Side Door Lock", "unlocked", ""),
        ("sensor", "Freezer Temperature", "-18.2", "temperature"),
    ),
    "Nursery": (
        ("light", "Night Light", "on", 10),
        ("sensor", "Nursery Temperature", "20.3", "temperature"),
        ("binary_sensor", "Nursery Window", "off", "window"),
    ),
    "": (("person", "Ada", "home", ""), ("person", "Ben", "not_home", ""), ("weather", "Forecast", "sunny", "")),
}
# Domain, end of the name, device class, the usual state, the other one, and how often of a hundred that is so.
_USUAL: Final[tuple[Usual, ...]] = (
    ("light", "Ceiling Light", "", "off", "on", 20),
    ("light", "Reading Lamp", "", "off", "on", 10),
    ("switch", "Socket", "", "on", "off", 50),
    ("sensor", "Temperature", "temperature", "", "", 0),
    ("sensor", "Humidity", "humidity", "", "", 0),
    ("binary_sensor", "Window", "window", "off", "on", 6),
    ("binary_sensor", "Motion", "motion", "off", "on", 8),
    ("binary_sensor", "Door", "door", "off", "on", 10),
    ("cover", "Blind", "blind", "open", "closed", 40),
    ("climate", "Thermostat", "", "heat", "off", 20),
    ("media_player", "Speaker", "speaker", "idle", "playing", 10),
    ("fan", "Fan", "", "off", "on", 10),
    ("lock", "Lock", "", "locked", "unlocked", 5),
)
_MORE_ROOMS: Final = (
    *("Dining Room", "Guest Room", "Laundry Room", "Cellar", "Attic", "Utility Room", "Pantry", "Library"),
    *("Playroom", "Gym", "Studio", "Workshop", "Sauna", "Music Room", "Dressing Room", "Winter Garden"),
)
_WINGS: Final = ("East Wing", "West Wing", "Guest House", "Tower")
_WING_ROOMS: Final = (
    *("Kitchen", "Bedroom", "Bathroom", "Office", "Hall", "Studio", "Library", "Lounge", "Landing"),
    *("Pantry", "Dressing Room", "Corner Room", "Gallery"),
    *("Storeroom", "Parlour", "Sun Room", "Linen Room"),
)
_UNITS: Final = {"temperature": "°C", "humidity": "%"}
_LOCKED: Final = 4
"""One in so many rooms has a lock."""


def rooms_for(size: int) -> list[Room]:
    """List the rooms of a home of this size."""
    used = {device.room for device in devices_for(size)}
    return [room for room in _all_rooms() if room.name in used]


def devices_for(size: int) -> list[Device]:
    """List what Assist may see in a home of this size.

    Raises:
        ValueError: there are not so many rooms, or fewer devices are asked for than have names of their own.
    """
    devices = [_core(room, *row) for room, rows in _CORE.items() for row in rows]
    more = _all_rooms()[len(ROOMS) :]
    for number, room in enumerate(more):
        devices += [_usual(room.name, row) for row in _USUAL if row[0] != "lock" or number % _LOCKED == 0]
    if not sum(map(len, _CORE.values())) <= size <= len(devices):
        raise ValueError(f"no home of {size} devices")
    return devices[:size]


def secrets() -> list[Device]:
    """List what Assist may not see: nothing of it may ever be in a request."""
    found = []
    for number in range(SECRETS):
        domain = "switch" if number >= SECRETS - SECRETS // len(_SECRET_DOMAINS) else _SECRET_DOMAINS[number % 4]
        name = f"{SECRET} {domain.replace('_', ' ')} {number + 1}"
        room = ROOMS[number % len(ROOMS)].name
        found.append(Device(domain=domain, name=name, room=room, state=_SECRET_STATES[domain], is_exposed=False))
    return found


_SECRET_STATES: Final = {"sensor": "1234", "light": "on", "lock": "unlocked", "binary_sensor": "on", "switch": "off"}


def _all_rooms() -> list[Room]:
    """List all rooms in the order in which homes get them."""
    more = [Room(name=name, floor=(GROUND, ABOVE)[number % 2]) for number, name in enumerate(_MORE_ROOMS)]
    wings = [Room(name=f"{wing} {name}", floor=wing) for wing in _WINGS for name in _WING_ROOMS]
    return [*ROOMS, *more, *wings]


def _core(room: str, domain: str, name: str, state: str, more: str | int) -> Device:
    """Make a device that has a name of its own."""
    kind = more if isinstance(more, str) else ""
    percent = more if isinstance(more, int) else None
    unit = _UNITS.get(kind, "")
    return Device(domain=domain, name=name, room=room, state=state, kind=kind, unit=unit, percent=percent)


def _usual(room: str, shape: Usual) -> Device:
    """Make a device as every room has it; its state follows from its name, so that all runs have the same home."""
    domain, end, kind, usual, other, share = shape
    name = f"{room} {end}"
    chance = crc32(name.encode()) % 1000
    state = other if chance % 100 < share else usual
    if kind == "temperature":
        state = f"{18 + chance % 60 / 10:.1f}"
    if kind == "humidity":
        state = f"{35 + chance % 300 / 10:.1f}"
    percent = 30 + chance % 70 if domain == "light" else None
    return Device(
        domain=domain, name=name, room=room, state=state, kind=kind, unit=_UNITS.get(kind, ""), percent=percent
    )

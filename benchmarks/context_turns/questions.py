"""Forty sentences of a household, and which devices' states have to be tellable for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .rooms import Device

type About = Callable[[Device], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One sentence with what it is about."""

    text: str
    about: About
    before: tuple[str, ...] = ()
    """What was said earlier in the conversation."""
    room: str = ""
    """The room of the satellite that hears it; empty: it is typed."""
    language: str = "en"
    is_command: bool = False
    detail: str = ""
    """A number beside the state that has to be told, too."""


def _named(*names: str) -> About:
    """Select devices by their names."""
    return lambda device: device.name in names


def _all(domain: str, kind: str = "", room: str | None = None) -> About:
    """Select devices by domain, device class and room."""

    def about(device: Device) -> bool:
        return device.domain == domain and kind in ("", device.kind) and room in (None, device.room)

    return about


STATE_QUESTIONS: Final = (
    # One device by its name.
    Question(text="Is the coffee machine on?", about=_named("Coffee Machine")),
    Question(text="Is the garage door open?", about=_named("Garage Door")),
    Question(text="Is the front door locked?", about=_named("Front Door Lock")),
    Question(text="How bright is the bedside lamp?", about=_named("Bedside Lamp"), detail="40"),
    Question(text="What is the freezer temperature?", about=_named("Freezer Temperature")),
    # One device, or a few, by kind and room.
    Question(text="What is the temperature in the kitchen?", about=_named("Kitchen Temperature")),
    Question(text="Are the lights in the living room on?", about=_all("light", room="Living Room")),
    Question(text="Is the light on in the laundry room?", about=_all("light", room="Laundry Room")),
    Question(text="Are the blinds in the bedroom closed?", about=_named("Bedroom Blind")),
    Question(text="Is the heating on in the living room?", about=_named("Living Room Thermostat"), detail="21"),
    Question(text="Is there any motion in the hall?", about=_named("Hall Motion")),
    Question(text="Is the TV on?", about=_named("Living Room TV")),
    Question(text="What is the vacuum doing?", about=_named("Robby")),
    Question(text="What is the weather like?", about=_all("weather")),
    # All of a kind.
    Question(text="Which lights are on?", about=_all("light")),
    Question(text="Is any window open?", about=_all("binary_sensor", "window")),
    Question(text="Are all doors locked?", about=_all("lock")),
    Question(text="Which blinds are closed?", about=_all("cover", "blind")),
    Question(text="What is the temperature in each room?", about=_all("sensor", "temperature")),
    Question(text="Who is at home?", about=_all("person")),
    # Misheard, mistyped, inflected.
    Question(text="Is the bedsid lamp on?", about=_named("Bedside Lamp")),
    Question(text="Is the cofee machne running?", about=_named("Coffee Machine")),
    Question(text="Is the desklamp on?", about=_named("Desk Lamp")),
    Question(text="Are the bedroom windows shut?", about=_named("Bedroom Window")),
    # What was said before.
    Question(
        text="And in the bedroom?",
        before=("What is the temperature in the kitchen?",),
        about=_named("Bedroom Temperature"),
    ),
    Question(
        text="And in the office?",
        before=("Which lights are on in the kitchen?",),
        about=_all("light", room="Office"),
    ),
    # The room of whoever asks.
    Question(text="Is the light on?", room="Office", about=_all("light", room="Office")),
    Question(text="How humid is it in here?", room="Bathroom", about=_named("Bathroom Humidity")),
    Question(text="How warm is it?", room="Kitchen", about=_named("Kitchen Temperature")),
    # Another language than that of the names.
    Question(text="Welche Lichter sind an?", language="de", about=_all("light")),
    Question(text="Wie warm ist es in der Küche?", language="de", about=_named("Kitchen Temperature")),
    Question(text="Ist das Garagentor zu?", language="de", about=_named("Garage Door")),
)
COMMANDS: Final = (
    Question(text="Turn off the coffee machine", about=_named("Coffee Machine"), is_command=True),
    Question(text="Close the garage door", about=_named("Garage Door"), is_command=True),
    Question(text="Unlock the front door lock", about=_named("Front Door Lock"), is_command=True),
    Question(text="Turn off all lights in the kitchen", about=_all("light", room="Kitchen"), is_command=True),
    Question(text="Turn on the light", room="Bathroom", about=_all("light", room="Bathroom"), is_command=True),
    Question(text="Set the bedside lamp to 20 percent", about=_named("Bedside Lamp"), is_command=True),
    Question(text="Open the blinds in the living room", about=_named("Living Room Blind"), is_command=True),
    Question(text="Start the vacuum", about=_named("Robby"), is_command=True),
)
QUESTIONS: Final = (*STATE_QUESTIONS, *COMMANDS)


def questions_for(devices: Sequence[Device]) -> list[Question]:
    """List the questions about what there is in a home: small ones have no laundry room."""
    return [question for question in QUESTIONS if any(map(question.about, devices))]

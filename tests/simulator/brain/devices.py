"""Sentences that switch and set devices."""

import re
from typing import Final

from ..jsontypes import Json, JsonObject
from .scene import Rule, Scene, Step
from .targets import Target

_COLORS: Final = "red|green|blue|yellow|orange|purple|pink|white|cyan|magenta|turquoise|violet|lime|gold"
_KELVINS: Final = {"candlelight": 2000, "warm white": 2700, "neutral white": 4000, "cool white": 5500, "daylight": 6500}
_UNFOUND: Final = "I could not find {phrase} among the devices that I was given."
_DIMMED_PERCENT: Final = 30
_HALF_PERCENT: Final = 50
_POSITIONABLE: Final = ("cover", "valve")


def _switch(match: re.Match[str], scene: Scene) -> Step | None:
    """Turn something on or off."""
    phrase = match["what"] + (match.groupdict().get("where") or "")
    return _power(scene, phrase, is_on=match["power"].lower() == "on")


def _power(scene: Scene, phrase: str, *, is_on: bool) -> Step | None:
    """Turn a target on or off."""
    target = scene.target(phrase)
    word = "on" if is_on else "off"
    if problem := _problem(target, phrase, verb=f"turn {word}"):
        return problem
    return _turn(scene, target, is_on=is_on, verb=f"turn {word}", done=f"Turned {word}")


def _turn(scene: Scene, target: Target | None, *, is_on: bool, verb: str, done: str) -> Step | None:
    """Call the tool that turns on, opens and locks, or its opposite."""
    if target is None:
        return None
    tool = "HassTurnOn" if is_on else "HassTurnOff"
    return scene.act(
        tool,
        target.slots,
        lambda result: _confirmed(done, result, target.label),
        verb=f"{verb} {target.label}",
    )


def _toggle(match: re.Match[str], scene: Scene) -> Step | None:
    """Turn something to its other state, which has to be known first where no tool does it by itself."""
    target = scene.target(match["what"])
    if target is None or target.is_unclear:
        return _problem(target, match["what"], verb="toggle")
    if scene.toolbox.has("HassToggle"):
        return scene.act("HassToggle", target.slots, f"Toggled {target.label}.", verb=f"toggle {target.label}")
    home = scene.look({"name": target.name} if target.name else {"area": target.area, "domain": target.domain})
    if not hasattr(home, "entities"):
        return home
    state = next((item.state for item in home.entities if item.name == target.name and item.state), "off")
    is_on = state in {"off", "closed", "unlocked"}
    word = "on" if is_on else "off"
    return _turn(scene, target, is_on=is_on, verb=f"turn {word}", done=f"Turned {word}")


def _open(match: re.Match[str], scene: Scene) -> Step | None:
    """Open or close a cover, or a part of the way."""
    is_open = match["verb"].lower() == "open"
    phrase = match["what"]
    verb = "open" if is_open else "close"
    target = scene.target(re.sub(r"\b(half ?way|half)\b", "", phrase, flags=re.IGNORECASE), *_POSITIONABLE)
    target = target or scene.target(phrase)
    if problem := _problem(target, phrase, verb=verb):
        return problem
    if target is not None and re.search(r"\bhalf", phrase, re.IGNORECASE):
        return _position(scene, target, _HALF_PERCENT)
    return _turn(scene, target, is_on=is_open, verb=verb, done="Opened" if is_open else "Closed")


def _lock(match: re.Match[str], scene: Scene) -> Step | None:
    """Lock or unlock a door; Home Assistant turns a lock on to lock it."""
    is_lock = match["verb"].lower() == "lock"
    target = scene.target(match["what"], "lock")
    verb = "lock" if is_lock else "unlock"
    if problem := _problem(target, match["what"], verb=verb):
        return problem
    return _turn(scene, target, is_on=is_lock, verb=verb, done=f"{verb.capitalize()}ed")


def _stop(match: re.Match[str], scene: Scene) -> Step | None:
    """Stop something that moves."""
    target = scene.target(match["what"], *_POSITIONABLE)
    if target is None:
        return None
    return scene.act("HassStopMoving", target.slots, f"Stopped {target.label}.", verb=f"stop {target.label}")


def _set_number(match: re.Match[str], scene: Scene) -> Step | None:
    """Set a device to a number, whatever that means for its kind."""
    phrase = match["what"].lower()
    number = _number(match)
    target = scene.target(re.sub(r"\b(brightness|volume|position|humidity|speed|temperature)\b( of)?", "", phrase))
    for word, act in _NUMBER_WORDS.items():
        if word in phrase or (word in _DEGREES and word in (match["unit"] or "")):
            return act(scene, target or Target(area=scene.home.room), number)
    if target is None or target.domain is None:
        return _UNFOUND.format(phrase=match["what"])
    by_domain = _NUMBER_DOMAINS.get(target.domain)
    return by_domain(scene, target, number) if by_domain else None


def _brightness(scene: Scene, target: Target, percent: float) -> Step:
    """Set the brightness of lights."""
    return _light(scene, target, {"brightness": percent}, f"{percent}%")


def _light(scene: Scene, target: Target, setting: JsonObject, word: str) -> Step:
    """Set something about lights."""
    return scene.act(
        "HassLightSet", {**target.slots, **setting}, f"Set {target.label} to {word}.", verb=f"set {target.label}"
    )


def _position(scene: Scene, target: Target, percent: float) -> Step:
    """Move covers to a position."""
    arguments = {**target.slots, "position": percent}
    return scene.act("HassSetPosition", arguments, f"Set {target.label} to {percent}%.", verb=f"move {target.label}")


def _fan_speed(scene: Scene, target: Target, percent: float) -> Step:
    """Set the speed of fans."""
    arguments = {**target.slots, "percentage": percent}
    return scene.act("HassFanSetSpeed", arguments, f"Set {target.label} to {percent}%.", verb=f"set {target.label}")


def _volume(scene: Scene, target: Target, percent: float) -> Step:
    """Set the volume of players."""
    slots = target.slots if target.domain in {None, "media_player"} else {}
    return scene.act(
        "HassSetVolume", {**slots, "volume_level": percent}, f"Volume set to {percent}%.", verb="set the volume"
    )


def _temperature(scene: Scene, target: Target, degrees: float) -> Step:
    """Set the target temperature of a thermostat or a room."""
    arguments: JsonObject = {"temperature": degrees}
    if target.domain == "climate" and target.name:
        arguments["name"] = target.name
    elif target.area:
        arguments["area"] = target.area
    return scene.act(
        "HassClimateSetTemperature", arguments, f"Set the temperature to {degrees} degrees.", verb="set the temperature"
    )


def _humidity(scene: Scene, target: Target, percent: float) -> Step:
    """Set the wanted humidity."""
    arguments = {**target.slots, "humidity": percent}
    return scene.act("HassHumidifierSetpoint", arguments, f"Humidity set to {percent}%.", verb="set the humidity")


def _dim(match: re.Match[str], scene: Scene) -> Step | None:
    """Make lights darker or brighter where no number is said."""
    percent = _DIMMED_PERCENT if match["verb"].lower() == "dim" else 100
    return _lights(scene, match["what"], {"brightness": percent}, f"{percent}%")


def _color(match: re.Match[str], scene: Scene) -> Step | None:
    """Give lights a colour."""
    color = match["color"].lower()
    return _lights(scene, match["what"], {"color": color}, color)


def _white(match: re.Match[str], scene: Scene) -> Step | None:
    """Give lights a colour temperature, by name or in kelvins."""
    said = match["white"].lower()
    kelvin = _KELVINS.get(said) or int(re.sub(r"\D", "", said))
    return _lights(scene, match["what"], {"temperature": kelvin}, f"{kelvin} K")


def _lights(scene: Scene, phrase: str, setting: JsonObject, word: str) -> Step:
    """Set something about the lights that a phrase means."""
    target = scene.target(phrase, "light")
    if target is None:
        return _UNFOUND.format(phrase=phrase.strip())
    return _problem(target, phrase, verb="set") or _light(scene, target, setting, word)


def _area_temperature(match: re.Match[str], scene: Scene) -> Step | None:
    """Set the temperature of a room: `set the temperature in the kitchen to 21`."""
    target = scene.target(match["what"] or "thermostat", "climate") or Target(area=scene.home.room)
    return _temperature(scene, target, _number(match))


def _number(match: re.Match[str]) -> int | float:
    """Give the number in a sentence, whole where it can be."""
    number = float(match["number"])
    return round(number) if number.is_integer() else number


def _problem(target: Target | None, phrase: str, *, verb: str) -> str | None:
    """Tell what keeps a target from being used."""
    if target is None:
        return _UNFOUND.format(phrase=phrase.strip())
    if target.is_unclear:
        return f"Which ones should I {verb}? Tell me a room or a name."
    return None


def _confirmed(done: str, result: Json, label: str) -> str:
    """Give a sentence about what a tool says it did."""
    data = result.get("data", {}) if isinstance(result, dict) else {}
    good = [item["name"] for item in data.get("success", ()) if item.get("type") == "entity"]
    bad = [item["name"] for item in data.get("failed", ())]
    sentence = f"{done} {joined(good) if good else label}."
    return f"{sentence} It did not work for {joined(bad)}." if bad else sentence


def joined(names: list[str]) -> str:
    """Names in a spoken list."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_DEGREES: Final = frozenset({"degree", "°"})
_NUMBER_WORDS: Final = {
    "volume": _volume,
    "humidity": _humidity,
    "temperature": _temperature,
    "thermostat": _temperature,
    "degree": _temperature,
    "°": _temperature,
    "brightness": _brightness,
    "position": _position,
}
_NUMBER_DOMAINS: Final = {
    "light": _brightness,
    "cover": _position,
    "valve": _position,
    "fan": _fan_speed,
    "media_player": _volume,
    "climate": _temperature,
    "humidifier": _humidity,
}
_NUMBER: Final = r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>%|percent|degrees?|°c?|celsius|c)?"
_TO_WHITE: Final = rf"(?P<white>{'|'.join(_KELVINS)}|\d{{4}} ?(?:k|kelvins?))"

DEVICE_RULES: Final[tuple[Rule, ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), act)
    for pattern, act in (
        (r"^(?:turn|switch|put) (?P<power>on|off) (?P<what>.+)$", _switch),
        (r"^(?:turn|switch|put) (?P<what>.+?) (?P<power>on|off)(?P<where> in .+)?$", _switch),
        (r"^(?P<what>(?:all )?(?:the )?lights) (?P<power>on|off)$", _switch),
        (r"^toggle (?P<what>.+)$", _toggle),
        (rf"^set (?:the )?temperature(?: (?:in|of|at|for) (?P<what>.+?))? to {_NUMBER}$", _area_temperature),
        (
            rf"^(?:set|dim|change|make|turn|open|raise|lower|move|put|brighten) (?P<what>.+?) (?:to|at) {_NUMBER}$",
            _set_number,
        ),
        (rf"^(?:set|change|make|turn) (?P<what>.+?) (?:to )?{_TO_WHITE}$", _white),
        (rf"^(?:set|change|make|turn|paint) (?P<what>.+?) (?:to )?(?P<color>{_COLORS})$", _color),
        (r"^(?P<verb>dim|brighten) (?P<what>.+)$", _dim),
        (r"^(?P<verb>open|close|shut) (?P<what>.+)$", _open),
        (r"^(?P<verb>lock|unlock) (?P<what>.+)$", _lock),
        (r"^stop (?P<what>.+)$", _stop),
    )
)

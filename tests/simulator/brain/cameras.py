"""What a camera shows: when to look, through which one, and what is told of it."""

import re
from typing import Final

from ..jsontypes import Json
from .home import Entity
from .scene import Rule, Scene, Step
from .targets import words_of

TOOL: Final = "look_at_camera"
_DOMAINS: Final = ("camera", "image")
_AND: Final = re.compile(r",? and |, ", re.IGNORECASE)
_SOMEBODY: Final = (
    r"(?:any(?:body|one|thing)|some(?:body|one|thing)|people"
    r"|(?:an? |any )(?:person|people|visitor|child|car|truck|package|packages|parcel|parcels|delivery|dog|cat|animal))"
)
_CAMERA: Final = frozenset({"camera", "cam", "cctv"})
_ALL: Final = frozenset({"all", "every", "each"})
_PLURALS: Final = frozenset({"cameras", "cams"})
_FILLERS: Final = frozenset({"the", "my", "our", "a", "in", "of", "at", "on", "by", "near", "to", *_ALL})


def look(match: re.Match[str], scene: Scene) -> Step | None:
    """Look through the cameras that a sentence names, or tell what was seen there."""
    if not scene.toolbox.has(TOOL):
        return None
    names = _named(match["what"], _cameras(scene))
    if not names:
        return None
    arguments = {"cameras": names, "question": _question(scene)}
    while len(names) > 1 and scene.toolbox.call(TOOL, arguments) is None:
        # The tool takes fewer at once.
        arguments["cameras"] = names = names[:-1]
    return scene.act(TOOL, arguments, _told, verb=f"look at {' and '.join(names)}")


def _question(scene: Scene) -> str:
    """Give what the user said, as it was said."""
    return [line.strip() for line in scene.text.splitlines() if line.strip()][-1]


def _cameras(scene: Scene) -> list[Entity]:
    """Give everything that shows a picture."""
    return [entity for entity in scene.home.entities if entity.domain in _DOMAINS]


def _named(phrase: str, cameras: list[Entity]) -> list[str]:
    """Give the names of the cameras that a phrase speaks of; none where any piece of it means something else."""
    spoken = set(phrase.lower().split())
    told = [word for word in words_of(phrase) if word not in _FILLERS]
    if set(told) <= _CAMERA and (told or spoken & _ALL):
        real = [camera.name for camera in cameras if camera.domain == "camera"] or [camera.name for camera in cameras]
        means_all = bool(spoken & (_ALL | _PLURALS)) or len(real) == 1
        return list(dict.fromkeys(real)) if means_all else []
    names: list[str] = []
    for piece in _AND.split(phrase):
        name = _name(piece, cameras)
        if name is None:
            return []
        names.append(name)
    return list(dict.fromkeys(names))


def _name(phrase: str, cameras: list[Entity]) -> str | None:
    """Give the name of the one camera that a phrase means: by its whole name, else by words that fit only one."""
    words = words_of(phrase)
    whole = [(len(words_of(name)), camera) for camera in cameras for name in camera.names if _holds(words, name)]
    if whole:
        return max(whole, key=lambda found: found[0])[1].name
    told = {word for word in words if word not in _FILLERS} - _CAMERA
    fitting = [camera.name for camera in cameras if told and told <= _vocabulary(camera)]
    return fitting[0] if len(fitting) == 1 else None


def _holds(words: list[str], name: str) -> bool:
    """Whether a name occurs in a row of words, with or without its camera."""
    full = words_of(name)
    short = [word for word in full if word not in _CAMERA]
    return any(wanted and f" {' '.join(wanted)} " in f" {' '.join(words)} " for wanted in (full, short))


def _vocabulary(camera: Entity) -> set[str]:
    """All words by which a camera may be meant."""
    return {word for name in (*camera.names, *camera.areas) for word in words_of(name)}


def _told(result: Json) -> str:
    """Give what a tool that has looked itself says it saw, and what it could not see."""
    if not isinstance(result, dict):
        return _words(result)
    seen = result.get("descriptions", result.get("description"))
    told = [] if seen is None else [_words(seen)]
    if problems := result.get("problems"):
        told.append(f"I could not see everything: {_words(problems)}.")
    return " ".join(told) or _words(result)


def _words(value: Json) -> str:
    """Give a description in words, whatever it is wrapped in; only one of several is told with its name."""
    match value:
        case dict() if len(value) == 1:
            return _words(next(iter(value.values())))
        case dict():
            return " ".join(f"{name}: {_words(text)}" for name, text in value.items())
        case list():
            return " ".join(_words(text) for text in value)
        case _:
            return str(value)


CAMERA_RULES: Final[tuple[Rule, ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), look)
    for pattern in (
        r"^what (?:do|can|did) you see (?:at|in|on|through|from|with|by|near|outside)?(?: |$)(?P<what>.+)$",
        r"^(?:have a |take a )?look (?:at|through|into) (?P<what>.+)$",
        rf"^(?:is|are) there {_SOMEBODY} (?:at|in|on|by|near|outside|around) (?P<what>.+)$",
        rf"^is {_SOMEBODY} (?:at|in|on|by|near|outside|around) (?P<what>.+)$",
        r"^do you see .+? (?:at|in|on|by|near) (?P<what>.+)$",
        r"^what (?:does|do|is on) (?P<what>.+?) (?:show|see)$",
        r"^what is on (?P<what>.+ (?:cameras?|cams?))$",
        r"^who(?: is|'s) (?:standing |waiting )?(?:at|in|on|by|near|outside) (?P<what>.+)$",
        r"^what(?: is|'s) (?:happening|going on) (?:at|in|on|by|near|outside) (?P<what>.+)$",
        r"^(?:check|show me|describe) (?P<what>.*\b(?:cameras?|cams?))$",
    )
)

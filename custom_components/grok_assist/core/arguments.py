"""Arguments of a call as models really write them, read as they were meant."""

from collections.abc import Iterable, Mapping
import html
import json
import re
from typing import Final
import unicodedata

from .json_types import JsonObject, packed_json

_FENCE: Final = "```"
_LANGUAGE: Final = re.compile(r"^[a-zA-Z]+")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_QUOTES: Final = "\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019` "
_MARKS: Final = re.compile(r"[\W_]+")


class ArgumentsError(ValueError):
    """The arguments make no sense; the text says why, for the model."""


def written_arguments(value: object) -> str:
    """Write arguments as the text that they should have come as: an object is taken as it is, what is lost is empty."""
    if isinstance(value, str):
        return value
    return "" if value is None else packed_json(value).decode()


def read_arguments(text: str) -> JsonObject | None:
    """Parse the arguments of a call: JSON, be it in a code block or written as a text; None where there are none.

    Raises:
        ArgumentsError: they are no JSON object.
    """
    text = _out_of_code(text.strip())
    if not text.strip():
        return None
    try:
        arguments = json.loads(text)
        if isinstance(arguments, str):
            arguments = json.loads(arguments) if arguments.strip() else None
    except (ValueError, RecursionError) as error:
        raise ArgumentsError(f"the arguments are not valid JSON: {error}") from None
    if arguments is None:
        return None
    if not isinstance(arguments, dict):
        raise ArgumentsError("the arguments are not a JSON object")
    return arguments


def _out_of_code(text: str) -> str:
    """Take a text out of the code block that it is; searched from both ends, for it may have a million blanks."""
    if len(text) < 2 * len(_FENCE) or not text.startswith(_FENCE) or not text.endswith(_FENCE):
        return text
    inner = text.removeprefix(_FENCE).removesuffix(_FENCE)
    return _LANGUAGE.sub("", inner, count=1)


class NameBook:
    """Finds the name that was meant, by ever looser ways of writing it; a way by which two differ decides nothing."""

    def __init__(self, names: Iterable[str], told: Mapping[str, str] | None = None) -> None:
        """Know names, and forms in which some of them were told to the model (told form → name)."""
        known = tuple(names)
        self._exact = {_norm(name) for name in known}
        self._by_key: dict[str, set[str]] = {}
        for written, name in [*zip(known, known, strict=True), *(told or {}).items()]:
            for key in _keys(written):
                self._by_key.setdefault(key, set()).add(name)

    def meant(self, written: str) -> str:
        """Return the name that was meant; the text itself where it is one, or means none for certain."""
        if _norm(written) in self._exact:
            return written
        for key in _keys(written):
            found = self._by_key.get(key, set())
            if len({_norm(name) for name in found}) == 1:
                return next(iter(found))
        return written


def _norm(name: str) -> str:
    """Write a name as Home Assistant compares names (`helpers.intent`: without outer blanks and case)."""
    return name.strip().casefold()


def _keys(written: str) -> tuple[str, ...]:
    """Return ever looser ways of writing a name: blanks, escapes and quotes first, then all marks."""
    plain = html.unescape(_ESCAPE.sub(lambda sign: chr(int(sign[1], 16)) if sign[1] else sign[2], written))
    plain = unicodedata.normalize("NFKC", plain).casefold()
    spaced = " ".join(plain.split()).strip(_QUOTES)
    bare = " ".join(_MARKS.sub(" ", plain).split())
    return tuple(dict.fromkeys(key for key in (spaced, bare) if key))

"""Small checks of values that the speech endpoints share."""

from collections.abc import Collection, Mapping
import re
from typing import Final

from ..errors import RefusalError, unsupported
from ..jsontypes import Json

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

type Texts = Mapping[str, list[str]]
"""The arguments of a query or of a form, each with all its values."""


def require_known(names: Collection[str], known: Collection[str]) -> None:
    """Refuse arguments that the API does not have.

    Raises:
        RefusalError: 400 for the first such argument.
    """
    for name in names:
        if name not in known:
            raise unsupported(f"Argument not supported: {name}")


def require_language(language: str) -> None:
    """Refuse what is no BCP-47 tag.

    Raises:
        RefusalError: 400.
    """
    if not _LANGUAGE.fullmatch(language):
        raise unsupported(f"Invalid language tag: {language!r}")


def choice[T](value: T, allowed: Collection[T], name: str) -> T:
    """Give the value if it is one of those allowed.

    Raises:
        RefusalError: 400 where it is not.
    """
    if value not in allowed:
        raise unsupported(f"Invalid {name}: {value!r}; it must be one of {sorted(map(str, allowed))}")
    return value


def within[T: (int, float)](value: T, least: T, most: T, name: str) -> T:
    """Give the value if it lies within limits.

    Raises:
        RefusalError: 400 where it does not.
    """
    if not least <= value <= most:
        raise unsupported(f"{name} must be between {least} and {most}, not {value}")
    return value


def text_of(arguments: Texts, name: str, default: str | None = None) -> str | None:
    """Give an argument that may be there once.

    Raises:
        RefusalError: 400 where it is there more often.
    """
    values = arguments.get(name, [])
    if len(values) > 1:
        raise unsupported(f"{name} was given {len(values)} times")
    return values[0] if values else default


def number_of(arguments: Texts, name: str) -> float | None:
    """Give an argument that is a number.

    Raises:
        RefusalError: 400 where it is none.
    """
    text = text_of(arguments, name)
    try:
        return None if text is None else float(text)
    except ValueError:
        raise unsupported(f"{name} must be a number, not {text!r}") from None


def integer_of(arguments: Texts, name: str) -> int | None:
    """Give an argument that is a whole number.

    Raises:
        RefusalError: 400 where it is none.
    """
    number = number_of(arguments, name)
    if number is not None and number != int(number):
        raise unsupported(f"{name} must be a whole number, not {number}")
    return None if number is None else int(number)


def boolean_of(arguments: Texts, name: str) -> bool | None:
    """Give an argument that is true or false.

    Raises:
        RefusalError: 400 where it is neither.
    """
    text = text_of(arguments, name)
    if text is not None and text.lower() not in _BOOLEANS:
        raise unsupported(f"{name} must be true or false, not {text!r}")
    return None if text is None else _BOOLEANS[text.lower()]


def not_found(message: str) -> RefusalError:
    """Give a 404 for something that the client named."""
    return RefusalError(404, message, is_violation=True)


def present(values: Mapping[str, Json]) -> dict[str, Json]:
    """Give the values that are there at all."""
    return {name: value for name, value in values.items() if value is not None}

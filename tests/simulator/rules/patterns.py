"""Texts that match a regular expression, for structured output."""

from collections.abc import Callable
from importlib import import_module
import re
import string
from typing import Any, Final

# Python's own parser of expressions has no public name.
_PARSER: Final = import_module("re._parser")
_LETTERS: Final = string.ascii_lowercase + string.ascii_uppercase + string.digits + string.punctuation + " "
_UNBOUNDED: Final = 1_000

type _Node = tuple[Any, Any]


def text_like(pattern: str, *, least: int = 0) -> str:
    """Give a short text that matches an expression and has at least so many characters, as far as that can be done.

    Raises:
        ValueError: no such text was found.
    """
    tree = list(_PARSER.parse(pattern))
    for more in range(max(1, least) + 1):
        text = _of_all(tree, more)
        if len(text) >= least and re.search(pattern, text):
            return text
    raise ValueError(f"No text was found that matches {pattern}")


def _of_all(nodes: list[_Node], more: int) -> str:
    """Give a text for nodes in a row; `more` is how often something is repeated beyond what is needed."""
    return "".join(_of_one(node, more) for node in nodes)


def _of_one(node: _Node, more: int) -> str:
    """Give a text for one node."""
    kind, value = node
    make: Callable[[Any, int], str] = _MAKERS.get(f"{kind}", _nothing)
    return make(value, more)


def _nothing(_: Any, __: int) -> str:
    """Give no text, for what takes no room."""
    return ""


def _repeated(value: Any, more: int) -> str:
    """Give something as often as it must be there."""
    least, most, inner = value
    times: int = min(least + more, int(most) if int(most) < _UNBOUNDED else least + more)
    return _of_all(list(inner), 0) * times


def _chosen(value: Any, _: int) -> str:
    """Give the first character of a class."""
    is_other = f"{value[0][0]}" == "NEGATE"
    members = value[1:] if is_other else value
    return next(letter for letter in _LETTERS if any(_is_in(letter, member) for member in members) is not is_other)


def _is_in(letter: str, member: _Node) -> bool:
    """Whether a character belongs to a member of a class."""
    kind, value = member
    match f"{kind}":
        case "LITERAL":
            return bool(ord(letter) == value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case _:
            return _is_of_category(letter, f"{value}")


def _is_of_category(letter: str, category: str) -> bool:
    """Whether a character is a digit, a part of a word or a space, or is not."""
    is_so = {
        "DIGIT": letter.isdigit(),
        "WORD": letter.isalnum() or letter == "_",
        "SPACE": letter.isspace(),
    }[category.rpartition("_")[2]]
    return is_so is not ("NOT" in category)


_MAKERS: Final[dict[str, Callable[[Any, int], str]]] = {
    "LITERAL": lambda value, _: chr(int(value)),
    "NOT_LITERAL": lambda value, _: next(letter for letter in _LETTERS if ord(letter) != value),
    "ANY": lambda _, __: "a",
    "IN": _chosen,
    "MAX_REPEAT": _repeated,
    "MIN_REPEAT": _repeated,
    "POSSESSIVE_REPEAT": _repeated,
    "SUBPATTERN": lambda value, more: _of_all(list(value[3]), more),
    "ATOMIC_GROUP": lambda value, more: _of_all(list(value), more),
    "BRANCH": lambda value, more: _of_all(list(value[1][0]), more),
}

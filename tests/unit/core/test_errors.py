"""Failures are told apart by their class."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from custom_components.grok_assist.core.errors import (
    GrokAnswerError,
    GrokAuthError,
    GrokBrokenStreamError,
    GrokConnectionError,
    GrokCreditsError,
    GrokCutError,
    GrokError,
    GrokModelError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
    GrokTimeoutError,
    GrokUnreachableError,
)

PACKAGE = Path(__file__).parents[3] / "custom_components" / "grok_assist"


@pytest.mark.parametrize(
    ("error", "may_have_acted"),
    [
        (GrokError(), False),
        (GrokTimeoutError(30), True),
        (GrokBrokenStreamError(), True),
        (GrokConnectionError("ReadError"), True),
        (GrokUnreachableError("ConnectError"), False),
        (GrokServerError(200, "failed in the middle"), True),
        (GrokServerError(500), True),
        (GrokServerError(503), False),
        (GrokServerError(529), False),
        (GrokAnswerError("refused"), True),
        (GrokCutError(), True),
        (GrokRateLimitError(1), False),
        (GrokAuthError(), False),
        (GrokCreditsError(), False),
        (GrokModelError(), False),
        (GrokRequestError(400), False),
    ],
)
def test_request_when_it_fails_then_its_class_says_whether_it_may_have_been_done(
    error: GrokError, *, may_have_acted: bool
) -> None:
    """What never left, or was plainly refused, was not done; what got lost may have been."""
    assert error.may_have_acted is may_have_acted


def compared(node: ast.AST) -> Iterator[ast.AST]:
    """Give what a piece of code compares, looks into or matches."""
    match node:
        case ast.Compare():
            yield from (node.left, *node.comparators)
        case ast.Match():
            yield node.subject
        case ast.Call(func=ast.Attribute(value=value)):
            yield value
        case ast.MatchClass(kwd_attrs=names):
            yield from (ast.Name(name) for name in names)


def test_handlers_when_read_then_none_looks_into_the_words_of_an_error() -> None:
    """What the service says is told, never understood: it is prose, and may be another tomorrow."""
    found = [
        f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for part in compared(node)
        if (isinstance(part, ast.Attribute) and part.attr == "detail")
        or (isinstance(part, ast.Name) and isinstance(node, ast.MatchClass) and part.id == "detail")
    ]
    assert not found

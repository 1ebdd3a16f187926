"""What a refusal tells of a request: which part of it the service does not take, so that it can be asked without.

Seen in 2026: "Argument not supported: metadata", "Argument not supported on this model: presencePenalty" (GitHub issues
of Open-WebUI-OpenRouter-pipe, openclaw), "Grammar is too complex" (opencode, grok-cli).
"""

from dataclasses import dataclass, replace
import re
from typing import Final, override

from ..core.errors import GrokError, GrokRequestError, GrokServerError
from .messages import Request

OPTIONAL: Final = frozenset(("include", "prompt_cache_key", "temperature", "reasoning", "max_output_tokens", "text"))
"""Arguments without which an answer is still one; without `store` the service would keep what it is told."""

LONGEST_NAME: Final = 40
"""Of an argument, in characters: what is longer is none."""

_ARGUMENT: Final = re.compile(r"argument not supported[^:]{0,60}:\s*['\"`]?([A-Za-z_]+)", re.IGNORECASE)
_ARGUMENT_ALONE: Final = re.compile(rf"{_ARGUMENT.pattern}((?:\.[A-Za-z_]+)*)['\"`]?\.?\s*$", re.IGNORECASE)
_TOO_COMPLEX: Final = re.compile(r"(?:grammar|schema)s? (?:is|are) too complex", re.IGNORECASE)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """What a model does not take."""

    arguments: frozenset[str] = frozenset()
    """Top-level fields of a request."""
    is_schema_too_complex: bool = False

    @override
    def __str__(self) -> str:
        """Write it in our words only: a refusal may quote anything."""
        return ", ".join([*sorted(self.arguments), *["finer rules of schemas"] * self.is_schema_too_complex])

    def applied(self, request: Request) -> Request:
        """Return a request without it."""
        if not self.arguments and not self.is_schema_too_complex:
            return request
        return replace(
            request,
            left_out=request.left_out | self.arguments,
            has_plain_schemas=request.has_plain_schemas or self.is_schema_too_complex,
        )

    def with_refusal(self, error: GrokError, request: Request) -> Untaken | None:
        """Return what is known after a refusal; None where it does not say what of the request to leave out."""
        if not isinstance(error, GrokRequestError | GrokServerError) or getattr(error, "status", 0) not in _STATUSES:
            return None
        if _TOO_COMPLEX.search(error.detail) and not request.has_plain_schemas:
            return replace(self, is_schema_too_complex=True)
        if (found := _ARGUMENT.search(error.detail)) is None:
            return None
        name = _HUMP.sub("_", found[1]).lower().removesuffix("_effort")
        if name not in request.arguments & OPTIONAL:
            return None
        return replace(self, arguments=self.arguments | {name})


def refused_name(error: GrokError) -> str | None:
    """Return the name of the argument that a refusal is about, where it says nothing else behind that."""
    found = _ARGUMENT_ALONE.search(error.detail)
    name = found[1] + found[2] if found is not None else ""
    return name if 0 < len(name) <= LONGEST_NAME else None


TAKES_ALL: Final = Untaken()
_STATUSES: Final = frozenset((200, 400, 422))
"""An error may come with HTTP 200 in place of a stream, too."""

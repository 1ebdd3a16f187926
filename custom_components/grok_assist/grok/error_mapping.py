"""The one place that knows how the service says no: HTTP statuses, both body shapes, errors inside a stream.

Sources: xAI debugging page, OpenAPI document, `@ai-sdk/xai` (two body shapes), developersdigest.tech (no
credits as 403 and as 429), all read 2026-11-20.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import math
from typing import Final

import orjson

from ..core.errors import (
    GrokAuthError,
    GrokCreditsError,
    GrokError,
    GrokModelError,
    GrokPermissionError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
)
from ..core.json_types import packed_json
from ..core.redaction import NO_KEY, Redactor
from ..core.usage.circuit import MAX_RETRY_AFTER_S

DETAIL_LIMIT: Final = 200  # characters of the service's own text that are kept
READ_LIMIT: Final = 4_000  # characters of it that are looked at

_KEY_WORDS: Final = ("api key", "api-key", "api_key", "credential", "authoriz", "authentic")
_CREDIT_WORDS: Final = ("credit", "spending limit", "billing", "balance", "quota", "payment")


def from_reply(
    status: int, body: bytes, headers: Mapping[str, str], now: datetime, *, redact: Redactor = NO_KEY
) -> GrokError:
    """Translate an HTTP reply that is no success."""
    detail = read_detail(body, redact)
    words = (_message(body)[:DETAIL_LIMIT] + " " + _read_code(body)).lower()
    if status == 429:
        if _mentions(words, _CREDIT_WORDS):
            return GrokCreditsError(detail)
        return GrokRateLimitError(read_retry_after(headers, now), detail)
    if status == 401 or (status == 400 and _mentions(words, _KEY_WORDS)):
        return GrokAuthError(detail)
    if status in (402, 403):
        return GrokCreditsError(detail) if _mentions(words, _CREDIT_WORDS) else GrokPermissionError(detail)
    if status == 404:
        return GrokModelError(detail)
    if status >= 500:
        return GrokServerError(status, detail)
    return GrokRequestError(status, detail)


def from_stream(error: Mapping[str, object], *, redact: Redactor = NO_KEY) -> GrokError:
    """Translate an error that came in place of, or in the middle of, a stream that began with HTTP 200."""
    body = packed_json(error)
    detail = read_detail(body, redact)
    words = f"{_message(body)[:DETAIL_LIMIT]} {error.get('code', '')}".lower()
    if _mentions(words, _CREDIT_WORDS):
        return GrokCreditsError(detail)
    if "rate" in words and "limit" in words:
        return GrokRateLimitError(None, detail)
    if _mentions(words, ("api key",)):
        return GrokAuthError(detail)
    return GrokServerError(200, detail)


def read_detail(body: bytes, redact: Redactor = NO_KEY) -> str:
    """Take the message out of either body shape, else the first characters of the body; the key goes first."""
    return shortened(_message(body), redact)


def shortened(text: object, redact: Redactor = NO_KEY) -> str:
    """Return the beginning of what the service says, without the key: a key that is cut first is not known again."""
    return redact(text[:READ_LIMIT])[:DETAIL_LIMIT] if isinstance(text, str) else ""


def _message(body: bytes) -> str:
    """Take the message out of either body shape, else return the body itself."""
    parsed = _parse(body)
    if isinstance(parsed, Mapping):
        error = parsed.get("error", parsed)
        message = error.get("message") if isinstance(error, Mapping) else error
        if isinstance(message, str):
            return message
    return body[: READ_LIMIT * 4].decode(errors="replace")


def _read_code(body: bytes) -> str:
    """Take the code, which is prose and no stable token, out of either body shape."""
    parsed = _parse(body)
    if not isinstance(parsed, Mapping):
        return ""
    error = parsed.get("error")
    code = error.get("code") if isinstance(error, Mapping) else parsed.get("code")
    return code if isinstance(code, str) else ""


def _parse(body: bytes) -> object:
    """Parse a body that may be anything."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read `Retry-After` in either form (seconds or an HTTP date) as seconds from now, an hour at most."""
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "").strip()
    if not value:
        return None
    try:
        return _bounded(float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError, OverflowError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _bounded((moment - now).total_seconds())


def _bounded(wait_s: float) -> float | None:
    """Bring a wait within an hour; what is no number is none."""
    return None if math.isnan(wait_s) else min(max(0.0, wait_s), MAX_RETRY_AFTER_S)


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether a lower-case text holds one of the words."""
    return any(word in text for word in words)

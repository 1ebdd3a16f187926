"""How the service says no: both body shapes, prose codes, statuses that mean several things."""

from datetime import UTC, datetime

import pytest

from custom_components.grok_assist.core.errors import (
    GrokAuthError,
    GrokCreditsError,
    GrokError,
    GrokModelError,
    GrokPermissionError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
)
from custom_components.grok_assist.grok.error_mapping import from_reply, from_stream, read_detail, read_retry_after

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"code":"invalid argument","error":"Incorrect API key provided: xa***"}', GrokAuthError),
        (400, b'{"code":"x","error":"Invalid request content: tool_choice"}', GrokRequestError),
        (401, b"", GrokAuthError),
        (402, b"", GrokPermissionError),
        (403, b'{"error":"The caller does not have permission"}', GrokPermissionError),
        (403, b'{"code":"no","error":"Your team has used all available credits"}', GrokCreditsError),
        (404, b'{"error":{"message":"The model grok-3 does not exist"}}', GrokModelError),
        (413, b"", GrokRequestError),
        (422, b'{"error":"Failed to deserialize"}', GrokRequestError),
        (429, b'{"error":"Too many requests"}', GrokRateLimitError),
        (429, b'{"error":"monthly spending limit reached"}', GrokCreditsError),
        (500, b"<html>oops</html>", GrokServerError),
        (503, b"", GrokServerError),
        (529, b'{"error":{"message":"overloaded"}}', GrokServerError),
    ],
)  # fmt: skip
def test_reply_when_refused_then_remedy_known(status: int, body: bytes, kind: type[GrokError]) -> None:
    """Status and text together tell what helps."""
    assert type(from_reply(status, body, {}, NOW)) is kind


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"code":"c","error":"native"}', "native"),
        (b'{"error":{"message":"nested","type":"t"}}', "nested"),
        (b'{"message":"top"}', "top"),
        (b"plain text", "plain text"),
        (b"x" * 1000, "x" * 200),
        (b'{"error":' + b'"' + b"y" * 999 + b'"}', "y" * 200),
        (b"[1]", "[1]"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_detail_when_any_body_then_first_words(body: bytes, detail: str) -> None:
    """Either shape, plain text or noise: at most 200 characters of it."""
    assert read_detail(body) == detail


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, 3600),
        ({"Retry-After": "1e400"}, 3600),
        ({"Retry-After": "99999999999999999999"}, 3600),
        ({"Retry-After": "-inf"}, 0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "Fri, 20 Nov 9999 12:00:30 GMT"}, 3600),
        ({"Retry-After": "Fri, 20 Nov 99999999999999999999 12:00:30 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_when_given_then_seconds(headers: dict[str, str], seconds: float | None) -> None:
    """Both forms of the header are read; none is no error."""
    assert read_retry_after(headers, NOW) == seconds
    error = from_reply(429, b"{}", headers, NOW)
    assert isinstance(error, GrokRateLimitError)
    assert error.retry_after_s == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "x", "error": "no credits left"}, GrokCreditsError),
        ({"code": "rate_limit_exceeded", "message": "slow down"}, GrokRateLimitError),
        ({"error": "Incorrect API key"}, GrokAuthError),
        ({"message": "internal"}, GrokServerError),
    ],
)
def test_stream_error_when_inside_200_then_remedy_known(error: dict[str, object], kind: type[GrokError]) -> None:
    """An error inside a stream has no status; its words decide."""
    assert type(from_stream(error)) is kind

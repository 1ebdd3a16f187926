"""The SDK as the rest of this package sees it: plain JSON within deadlines, and failures in our own errors."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import httpx
import openai

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError, GrokUnreachableError
from ..core.json_types import JsonMapping
from ..core.redaction import Redactor
from . import error_mapping
from .wire_log import Channel, ChannelLog, Direction, WireLog

LOOKUP_TIMEOUT_S: Final = 10.0
CONNECT_TIMEOUT_S: Final = 10.0

_SDK_FAILURES: Final = (GrokError, openai.OpenAIError, httpx.HTTPError, OSError, ValueError)


class RestApi:
    """One key's SDK client, which makes no retries of its own."""

    def __init__(self, sdk: openai.AsyncOpenAI, wire_log: WireLog) -> None:
        """Wrap a client; what it asks and is told is kept in a log by its kind."""
        self.sdk = sdk
        self.wire_log = wire_log

    async def get(self, path: str) -> Mapping[str, object]:
        """Fetch one JSON object.

        Raises:
            GrokError: it could not be had.
        """
        options: openai.RequestOptions = {"timeout": openai.Timeout(LOOKUP_TIMEOUT_S)}
        pending = self.sdk.get(path, cast_to=object, options=options)
        return _object(await self.within(now() + LOOKUP_TIMEOUT_S, pending, call=path))

    async def post(self, path: str, body: Mapping[str, object], limit_s: float) -> Mapping[str, object]:
        """Send one JSON object and return the reply's.

        Raises:
            GrokError: there is none.
        """
        options: openai.RequestOptions = {"timeout": openai.Timeout(limit_s, connect=CONNECT_TIMEOUT_S)}
        pending = self.sdk.post(path, cast_to=object, body=body, options=options)
        return _object(await self.within(now() + limit_s, pending, call=path))

    async def within[Result](
        self, deadline: float, awaitable: Awaitable[Result], *, call: str = "", size: int = 0
    ) -> Result:
        """Await something of the SDK until a deadline on the loop's clock, in our own errors.

        Ours are raised outside the handler: the SDK's carry the request with the key in its headers.

        Args:
            deadline: on the loop's clock.
            awaitable: of the SDK.
            call: the path of a request that it makes, to be kept in the log.
            size: of the request's body in bytes, where it is known.
        """
        waited_from, kind = now(), call.strip("/").replace("/", ".").replace("-", "_")
        if call:
            self.wire_log.note(Channel.REST, Direction.OUT, kind, size=size)
        try:
            async with asyncio.timeout_at(deadline):
                result = await awaitable
        except _SDK_FAILURES as error:
            failure = self.translate(error, now() - waited_from)
            if call:
                self._note_failure(kind, error, failure)
        else:
            if call:
                ChannelLog(self.wire_log, Channel.REST).reply(kind, HTTPStatus.OK)
            return result
        raise failure

    def _note_failure(self, kind: str, error: Exception, failure: GrokError) -> None:
        """Keep how a request failed: the status and the slugs of its reply, or that there was none."""
        log = ChannelLog(self.wire_log, Channel.REST)
        if isinstance(error, openai.APIStatusError):
            log.reply(kind, error.status_code, error.response.content)
        else:
            log.lost(kind, type(failure).__name__.removeprefix("Grok").removesuffix("Error").lower())

    def noted[Event: JsonMapping](self, events: Sequence[Event], size: int) -> Sequence[Event]:
        """Keep the kinds of events that came in so many bytes, and give them back."""
        for event in events:
            self.wire_log.note_event(Channel.REST, Direction.IN, event, size=size)
            size = 0
        return events

    @property
    def redact(self) -> Redactor:
        """Writes the service's words without the key."""
        return Redactor(self.sdk.api_key)

    def translate(self, error: Exception, waited_s: float) -> GrokError:
        """Turn a failure of the SDK, the socket or the JSON parser into ours, without the key in its text."""
        match error:
            case GrokError():
                return error
            case openai.APIStatusError():
                reply = error.response
                return error_mapping.from_reply(
                    error.status_code, reply.content, reply.headers, datetime.now(UTC), redact=self.redact
                )
            case openai.APITimeoutError() if not isinstance(error.__cause__, httpx.ConnectTimeout):
                return GrokTimeoutError(waited_s)
            case openai.APIConnectionError():
                return _lost(error.__cause__ or error)
            case openai.APIError():
                body = error.body if isinstance(error.body, Mapping) else {"error": error.message}
                return error_mapping.from_stream(body, redact=self.redact)
            case TimeoutError() | httpx.TimeoutException():
                return GrokTimeoutError(waited_s)
            case httpx.HTTPError() | OSError():
                return _lost(error)
        return GrokServerError(200, "the reply is not what the service promises")


def _lost(error: BaseException) -> GrokConnectionError:
    """Tell whether a line was lost or never stood."""
    never_stood = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    return (GrokUnreachableError if never_stood else GrokConnectionError)(type(error).__name__)


def _object(reply: object) -> Mapping[str, object]:
    """Return a reply that is a JSON object, whatever it holds.

    Raises:
        GrokError: it is something else.
    """
    if not isinstance(reply, Mapping):
        raise GrokServerError(200, "the reply is not a JSON object")
    return reply


def now() -> float:
    """Read the loop's clock in seconds."""
    return asyncio.get_running_loop().time()

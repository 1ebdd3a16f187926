"""I/O shell of the REST API on an injected `openai.AsyncOpenAI`: streamed replies, model list, key facts.

Bodies and events pass the SDK as plain JSON (its public `get` and `post`): building and validating its typed
models costs several milliseconds a turn, and the first time half a second.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import Final

import httpx
import openai
import orjson

from ..core.errors import (
    GrokAuthError,
    GrokBrokenStreamError,
    GrokConnectionError,
    GrokError,
    GrokModelError,
    GrokPermissionError,
    GrokRateLimitError,
    GrokServerError,
    GrokTimeoutError,
)
from ..core.models import TextModel, parse_models
from ..core.settings import Deadlines
from ..core.tokens import BYTES_PER_TOKEN
from . import refusals
from .gate import Gate, Permit
from .messages import (
    KEY_PATH,
    LANGUAGE_MODELS_PATH,
    MODELS_PATH,
    RESPONSES_PATH,
    VOICES_PATH,
    KeyFacts,
    Request,
    parse_key_facts,
    parse_voices,
)
from .reach import Reach
from .stream import Activity, Completed, Delta, Event, EventSplitter, ReplyReader, TextDelta

RETRY_DELAYS_S: Final = (0.5, 1.0)
RETRY_CONNECT_WITHIN_S: Final = 6.0  # later a second try would keep the user waiting beyond 20 s
RETRY_SERVER_WITHIN_S: Final = 10.0
FIRST_DELTA_LATEST_S: Final = 42.0  # all tries together, so that a retried silence ends within 45 s
LOOKUP_TIMEOUT_S: Final = 10.0
RATE_LIMIT_WITHIN_S: Final = 8.0  # so long a refused request is waited for and tried again
DEFAULT_PATIENCE_S: Final = 15.0
USUAL_OUTPUT_TOKENS: Final = 300  # reserved before the real usage is known
DRAIN_S: Final = 0.5  # for the end of a stream whose answer is complete

_STREAM_TYPE: Final = "text/event-stream"
_SDK_FAILURES: Final = (GrokError, openai.OpenAIError, httpx.HTTPError, OSError, ValueError)


class GrokClient:
    """Talks to one account (or with one agent's own key) within deadlines."""

    def __init__(
        self, client: openai.AsyncOpenAI, deadlines: Deadlines, gate: Gate, reach: Reach | None = None
    ) -> None:
        """Use an SDK client that makes no retries of its own, and a gate and a reach that may be shared."""
        self.gate = gate
        self._reach = reach or Reach()
        self._client = client
        self._deadlines = deadlines

    async def key_facts(self) -> KeyFacts:
        """Return what the service says of the key.

        Raises:
            GrokAuthError: the key is wrong, blocked or disabled.
            GrokPermissionError: its team is blocked, or it may not ask models.
            GrokError: the service could not be asked.
        """
        try:
            facts = parse_key_facts(await self._get(KEY_PATH))
        except ValueError:
            raise GrokServerError(200, "the key's facts are incomplete") from None
        if facts.is_blocked:
            raise GrokAuthError("the key is blocked or disabled")
        if facts.is_team_blocked or not facts.may_generate:
            raise GrokPermissionError("the key or its team may not ask models")
        return facts

    async def models(self) -> tuple[TextModel, ...]:
        """Return the text models the key may use; the richer list if the service has it.

        Raises:
            GrokError: the service could not be asked, or answered something else.
        """
        try:
            return parse_models(await self._get(LANGUAGE_MODELS_PATH))
        except GrokModelError, ValueError:
            pass  # an address without the richer list
        try:
            return parse_models(await self._get(MODELS_PATH))
        except ValueError:
            raise GrokServerError(200, "the model list cannot be read") from None

    async def voices(self) -> tuple[str, ...]:
        """Return the ids of the voices the key may use.

        Raises:
            GrokError: the service could not be asked, or answered something else.
        """
        return parse_voices(await self._get(VOICES_PATH))

    async def stream(self, request: Request, *, patience_s: float = DEFAULT_PATIENCE_S) -> AsyncGenerator[Delta]:
        """Ask for an answer and give its deltas as they come; the last one is `Completed`.

        Waits for the account's limits up to the patience. Trouble before the first delta is retried twice, a 429 while
        its wait is short; after the first delta nothing is repeated.

        Raises:
            GrokError: the answer could not be had, or broke off.
        """
        body = request.to_json()
        tokens = -(-len(body) // BYTES_PER_TOKEN) + USUAL_OUTPUT_TOKENS
        permit = await self.gate.enter(tokens=tokens, patience_s=patience_s)
        # What was out of reach a moment ago is tried once more only.
        started, delays = _now(), list(RETRY_DELAYS_S[:1] if self._reach.is_lost else RETRY_DELAYS_S)
        while True:
            has_delta = False
            try:
                async with aclosing(self._attempt(body, started)) as deltas:
                    async for delta in deltas:
                        # Activity that nobody sees or hears may happen twice.
                        has_delta = has_delta or not isinstance(delta, Activity)
                        _judge(permit, delta)
                        self._reach.found()
                        yield delta
                    return
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                if has_delta:
                    raise
                wait_s = min(patience_s, started + RATE_LIMIT_WITHIN_S - _now())
            except GrokError as error:
                self._note_reach(error)
                if has_delta or not delays or not _may_retry(error, _now() - started):
                    raise
                await asyncio.sleep(delays.pop(0))
                wait_s = patience_s
            finally:
                permit.close()
            permit = await self.gate.enter(tokens=tokens, patience_s=wait_s)

    def _note_reach(self, error: GrokError) -> None:
        """Remember that nobody was there; a server that is silent or fails is there."""
        if type(error) is GrokConnectionError:
            self._reach.lost()

    async def _attempt(self, body: bytes, started: float) -> AsyncGenerator[Delta]:
        """Make one request and read its events within the deadlines."""
        limits = self._deadlines
        first_by = min(_now() + limits.first_delta_s, started + FIRST_DELTA_LATEST_S)
        response = await self._within(first_by, self._open(body))
        reader, splitter = ReplyReader(), EventSplitter()
        deadline = first_by
        try:
            chunks = response.aiter_bytes()
            while not reader.is_complete:
                chunk = await self._next_chunk(deadline, chunks)
                deltas, failure = self._read(reader, _split(splitter, chunk))
                if deltas:
                    deadline = _now() + limits.silence_s
                for delta in deltas:
                    yield delta
                if failure is not None:
                    raise failure
            # Read to the end, so that the connection can be used again: a new one costs a TLS handshake.
            with suppress(GrokError):
                await self._within(_now() + DRAIN_S, anext(chunks, None))
        finally:
            await response.aclose()

    async def _next_chunk(self, deadline: float, chunks: AsyncIterator[bytes]) -> bytes:
        """Read the next bytes of a stream that stands."""
        try:
            chunk = await self._within(deadline, anext(chunks, None))
        except GrokTimeoutError:
            raise
        except GrokConnectionError as error:
            raise GrokBrokenStreamError(error.detail) from None
        if chunk is None:
            raise GrokBrokenStreamError("the stream ended in the middle")
        return chunk

    def _read(self, reader: ReplyReader, events: Sequence[Event]) -> tuple[Sequence[Delta], GrokError | None]:
        """Read the events that came together: their deltas, words joined, and the failure that ended them."""
        deltas: list[Delta] = []
        for event in events:
            try:
                delta = reader.feed(event)
            except GrokError as error:
                return deltas, self._translate(error, 0)
            if isinstance(delta, TextDelta) and deltas and isinstance(deltas[-1], TextDelta):
                deltas[-1] = TextDelta(deltas[-1].text + delta.text)
            elif delta is not None:
                deltas.append(delta)
        return deltas, None

    async def _open(self, body: bytes) -> httpx.Response:
        """Send a request and return its reply, a stream of events still to be read."""
        limits = self._deadlines
        stream = await self._client.post(
            RESPONSES_PATH,
            cast_to=object,
            content=body,
            # Our own deadlines are tighter; these only keep a dead socket from living for ever.
            options={
                "idempotency_key": "-",  # never sent; without one the SDK draws a random one each time
                "timeout": openai.Timeout(
                    limits.first_delta_s + limits.silence_s,
                    connect=self._reach.patience_s(limits.connect_s),
                    pool=limits.connect_s,
                ),
            },
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
        # The SDK's types know the newer HTTP library only; both have what is used here.
        response: httpx.Response = stream.response  # type: ignore[assignment]
        if response.headers.get("content-type", "").startswith(_STREAM_TYPE):
            return response
        # An error may come as HTTP 200 with a JSON body in place of the stream (@ai-sdk/xai).
        raise _failure_in_place(await response.aread())

    async def _get(self, path: str) -> Mapping[str, object]:
        """Fetch one JSON object.

        Raises:
            GrokError: it could not be had.
        """
        options: openai.RequestOptions = {"timeout": openai.Timeout(LOOKUP_TIMEOUT_S)}
        reply = await self._within(_now() + LOOKUP_TIMEOUT_S, self._client.get(path, cast_to=object, options=options))
        if not isinstance(reply, Mapping):
            raise GrokServerError(200, "the reply is not a JSON object")
        return reply

    async def _within[Result](self, deadline: float, awaitable: Awaitable[Result]) -> Result:
        """Await something of the SDK until a deadline on the loop's clock, in our own errors.

        Ours are raised outside the handler: the SDK's carry the request with the key in its headers.
        """
        waited_from = _now()
        try:
            async with asyncio.timeout_at(deadline):
                return await awaitable
        except _SDK_FAILURES as error:
            failure = self._translate(error, _now() - waited_from)
        raise failure

    def _translate(self, error: Exception, waited_s: float) -> GrokError:
        """Turn a failure of the SDK, the socket or the JSON parser into ours, without the key in its text."""
        failure = _translate(error, waited_s)
        key = self._client.api_key
        if key and key in failure.detail:
            failure.detail = failure.detail.replace(key, "***")
            failure.args = (failure.detail,)
        return failure


def _translate(error: Exception, waited_s: float) -> GrokError:
    """Choose our error for one of the SDK, the socket or the JSON parser."""
    match error:
        case GrokError():
            return error
        case openai.APIStatusError():
            return refusals.from_reply(
                error.status_code, error.response.content, error.response.headers, datetime.now(UTC)
            )
        case openai.APITimeoutError() if not isinstance(error.__cause__, httpx.ConnectTimeout):
            return GrokTimeoutError(waited_s)
        case openai.APIConnectionError():
            return GrokConnectionError(type(error.__cause__ or error).__name__)
        case openai.APIError():
            return refusals.from_stream(error.body if isinstance(error.body, Mapping) else {"error": error.message})
        case TimeoutError() | httpx.TimeoutException():
            return GrokTimeoutError(waited_s)
        case httpx.HTTPError() | OSError():
            return GrokConnectionError(type(error).__name__)
    return GrokServerError(200, "the reply is not what the service promises")


def _judge(permit: Permit, delta: Delta) -> None:
    """Tell the gate how a call goes."""
    if isinstance(delta, Completed):
        permit.settle(delta.usage.input_tokens + delta.usage.output_tokens)
    else:
        permit.accept()


def _split(splitter: EventSplitter, chunk: bytes) -> Sequence[Event]:
    """Cut received bytes into events.

    Raises:
        GrokServerError: an event is no JSON object.
    """
    try:
        return splitter.feed(chunk)
    except ValueError:
        pass
    raise GrokServerError(200, "an event of the stream cannot be read")


def _failure_in_place(body: bytes) -> GrokError:
    """Translate a body that came with HTTP 200 in place of a stream."""
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        error = None
    return refusals.from_stream(error if isinstance(error, Mapping) else {"error": "no stream in the reply"})


def _may_retry(error: GrokError, elapsed_s: float) -> bool:
    """Tell whether trying again is honest: passing trouble, and still quick enough for someone who waits."""
    match error:
        case GrokTimeoutError():
            return False
        case GrokConnectionError():
            return elapsed_s < RETRY_CONNECT_WITHIN_S
        case GrokServerError():
            return elapsed_s < RETRY_SERVER_WITHIN_S
    return False


def _now() -> float:
    """Read the loop's clock in seconds."""
    return asyncio.get_running_loop().time()

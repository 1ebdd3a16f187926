"""I/O shell of the REST API on an injected `openai.AsyncOpenAI`: streamed replies, model list, key facts.

Bodies and events pass the SDK as plain JSON (its public `get` and `post`): building and validating its typed
models costs several milliseconds a turn, and the first time half a second.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
import logging
from typing import Final
import uuid

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
    GrokRequestError,
    GrokServerError,
    GrokTimeoutError,
)
from ..core.models import TextModel, parse_models
from ..core.redaction import Redactor
from ..core.settings import THINKING_TIMES, Deadlines
from ..core.tokens import USUAL_OUTPUT_TOKENS
from . import error_mapping
from .availability import Availability
from .documents import DocumentClient
from .event_splitter import Event, EventSplitter
from .gate import Gate
from .images import ImageClient
from .key_facts import KEY_PATH, VOICES_PATH, KeyFacts, parse_key_facts, parse_voices
from .messages import LANGUAGE_MODELS_PATH, MODELS_PATH, RESPONSES_PATH, Request
from .patience import USUAL_PATIENCE, Patience, may_retry
from .payer import Payer
from .progress import Progress
from .refusals import TAKES_ALL, Untaken
from .rest import RestApi, now
from .stream import SHAPE_ERRORS, Delta, ReplyReader, TextDelta

_LOGGER = logging.getLogger(__name__)

FIRST_DELTA_LATEST_S: Final = 42.0  # all tries together, so that a retried silence ends within 45 s
RATE_LIMIT_WITHIN_S: Final = 8.0  # so long a refused request is waited for and tried again
MOST_UNREADABLE: Final = 1_000
MOST_LESSONS: Final = 2  # of one question: each costs another request
DRAIN_S: Final = 0.5  # for the end of a stream whose answer is complete

_STREAM_TYPE: Final = "text/event-stream"


class GrokClient:
    """Talks to one account (or with one agent's own key) within deadlines."""

    def __init__(
        self, client: openai.AsyncOpenAI, deadlines: Deadlines, gate: Gate, availability: Availability | None = None
    ) -> None:
        """Use an SDK client that makes no retries of its own, and a gate and an availability that may be shared."""
        self.gate = gate
        self._availability = availability or Availability()
        self._rest = RestApi(client, self._availability.wire_log)
        self.images = ImageClient(self._rest, gate)
        self.documents = DocumentClient(self._rest, gate)
        self._deadlines = deadlines
        self._unreadable: set[str] = set()
        """Encrypted reasoning of earlier replies that the service refused."""
        self._untaken: dict[str, Untaken] = {}
        """What of a request each model has refused."""
        self.source_id = uuid.uuid4().hex
        """Stands for the key, where it matters by which one something was asked."""

    async def key_facts(self) -> KeyFacts:
        """Return what the service says of the key.

        Raises:
            GrokAuthError: the key is wrong, blocked or disabled.
            GrokPermissionError: its team is blocked, or it may not ask models.
            GrokError: the service could not be asked.
        """
        try:
            facts = parse_key_facts(await self._rest.get(KEY_PATH))
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
            return parse_models(await self._rest.get(LANGUAGE_MODELS_PATH))
        except (GrokModelError, *SHAPE_ERRORS):
            pass  # an address without the richer list
        try:
            return parse_models(await self._rest.get(MODELS_PATH))
        except SHAPE_ERRORS:
            raise GrokServerError(200, "the model list cannot be read") from None

    async def voices(self) -> tuple[str, ...]:
        """Return the ids of the voices the key may use.

        Raises:
            GrokError: the service could not be asked, or answered something else.
        """
        return parse_voices(await self._rest.get(VOICES_PATH))

    async def stream(
        self, request: Request, payer: Payer, *, patience: Patience = USUAL_PATIENCE
    ) -> AsyncGenerator[Delta]:
        """Ask for an answer and give its deltas as they come; the last one is `Completed`.

        Waits for the account's limits up to the patience. Trouble before the first delta is retried, a 429 while its
        wait is short; after the first delta nothing is repeated.

        Raises:
            GrokError: the answer could not be had, or broke off.
        """
        patience_s = patience.present_queue_s
        input_tokens = request.estimate_tokens()
        tokens = input_tokens + USUAL_OUTPUT_TOKENS
        permit = await self.gate.enter(tokens=tokens, patience_s=patience_s)
        patience.on_admitted()
        # What was out of reach a moment ago is tried once more only.
        delays = list(patience.retry_delays_s[: 1 if self._availability.is_lost else None])
        asked = self._untaken_by(request).applied(request.without_reasoning(self._unreadable))
        tries = _Tries(asked, patience_s, delays, now())
        while True:
            progress = Progress(permit, payer, input_tokens, tries.request.most_counted)
            try:
                async with aclosing(self._attempt(tries.request, tries.started)) as deltas:
                    async for delta in deltas:
                        noted = progress.note(delta)
                        self._availability.found()
                        yield noted
                    return
            except GrokError as error:
                progress.fail(error)
                if isinstance(error, GrokRateLimitError):
                    permit.refuse(error.retry_after_s)
                wait_s = await self._prepare_next(error, tries, progress)
            finally:
                permit.close()
            permit = await self.gate.enter(tokens=tokens, patience_s=wait_s)

    async def _prepare_next(self, error: GrokError, tries: _Tries, progress: Progress) -> float:
        """Get ready for another try; return for how long it may wait for the limits.

        Raises:
            GrokError: the failure itself, where there is to be no other try.
        """
        self._note_availability(error)
        if progress.is_seen:
            raise error
        if (untaken := self._untaken_by(tries.request).with_refusal(error, tries.request)) is not None:
            self._learn(untaken, error, tries, progress)
            return tries.patience_s
        match error:
            case GrokRateLimitError():
                return min(tries.patience_s, tries.started + RATE_LIMIT_WITHIN_S - now())
            case GrokRequestError() if tries.request.reasoning:
                # Reasoning that the service cannot read (any more) would make it refuse this conversation for ever.
                if len(self._unreadable) > MOST_UNREADABLE:
                    self._unreadable.clear()
                self._unreadable |= tries.request.reasoning
                tries.request = tries.request.without_reasoning(self._unreadable)
                return tries.patience_s
        if not tries.delays or not may_retry(error, now() - tries.started):
            raise error
        await asyncio.sleep(tries.delays.pop(0))
        return tries.patience_s

    def _untaken_by(self, request: Request) -> Untaken:
        """Return what the model that is asked does not take, as far as it has said so."""
        return self._untaken.get(request.model, TAKES_ALL)

    def _learn(self, untaken: Untaken, error: GrokError, tries: _Tries, progress: Progress) -> None:
        """Leave out what the model says that it does not take, now and from now on.

        Raises:
            GrokError: the refusal itself, where the question has learnt enough: each try may be paid for.
        """
        if progress.has_content or not tries.lessons:
            raise error
        tries.lessons -= 1
        model = tries.request.model
        _LOGGER.info("%s does not take a part of the request, left out from now on: %s", model, untaken)
        _LOGGER.debug("%s said of it: %s", model, error.detail)
        self._untaken[model] = untaken
        tries.request = untaken.applied(tries.request)

    def _note_availability(self, error: GrokError) -> None:
        """Remember that nobody was there; a server that is silent or fails is there."""
        match error:
            case GrokTimeoutError() | GrokBrokenStreamError():
                pass
            case GrokConnectionError():
                self._availability.lost()

    async def _attempt(self, request: Request, started: float) -> AsyncGenerator[Delta]:
        """Make one request and read its events within the deadlines."""
        limits = self._deadlines.for_effort(request.effort)
        latest_s = FIRST_DELTA_LATEST_S * THINKING_TIMES.get(request.effort or "", 1)
        first_by = min(now() + limits.first_delta_s, started + latest_s)
        body = request.to_json()
        opening = self._open(body, limits)
        response = await self._rest.within(first_by, opening, call=RESPONSES_PATH, size=len(body))
        reader, splitter = ReplyReader(redact=self._rest.redact), EventSplitter()
        deadline = first_by
        try:
            chunks = response.aiter_bytes()
            while not reader.is_complete:
                chunk = await self._next_chunk(deadline, chunks)
                deltas, failure = self._read(reader, self._rest.noted(_split(splitter, chunk), len(chunk)))
                if deltas:
                    deadline = now() + limits.silence_s
                for delta in deltas:
                    yield delta
                if failure is not None:
                    raise failure
            # Read to the end, so that the connection can be used again: a new one costs a TLS handshake.
            with suppress(GrokError):
                await self._rest.within(now() + DRAIN_S, anext(chunks, None))
        finally:
            await response.aclose()

    async def _next_chunk(self, deadline: float, chunks: AsyncIterator[bytes]) -> bytes:
        """Read the next bytes of a stream that stands."""
        try:
            chunk = await self._rest.within(deadline, anext(chunks, None))
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
                return deltas, self._rest.translate(error, 0)
            if isinstance(delta, TextDelta) and deltas and isinstance(deltas[-1], TextDelta):
                deltas[-1] = TextDelta(deltas[-1].text + delta.text)
            elif delta is not None:
                deltas.append(delta)
        return deltas, None

    async def _open(self, body: bytes, limits: Deadlines) -> httpx.Response:
        """Send a request and return its reply, a stream of events still to be read."""
        stream = await self._rest.sdk.post(
            RESPONSES_PATH,
            cast_to=object,
            content=body,
            # Our own deadlines are tighter; these only keep a dead socket from living for ever.
            options={
                "idempotency_key": "-",  # never sent; without one the SDK draws a random one each time
                "timeout": openai.Timeout(
                    limits.first_delta_s + limits.silence_s,
                    connect=self._availability.patience_s(limits.connect_s),
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
        raise _failure_in_place(await response.aread(), self._rest.redact)


@dataclass(slots=True)
class _Tries:
    """The tries of one request."""

    request: Request
    patience_s: float
    delays: list[float]
    started: float
    lessons: int = MOST_LESSONS
    """How many more refusals may be learnt from."""


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


def _failure_in_place(body: bytes, redact: Redactor) -> GrokError:
    """Translate a body that came with HTTP 200 in place of a stream."""
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        error = None
    refusal = error if isinstance(error, Mapping) else {"error": "no stream in the reply"}
    return error_mapping.from_stream(refusal, redact=redact)

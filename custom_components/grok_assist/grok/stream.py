"""One streamed reply as a sans-I/O reader: parsed events in, deltas out.

Event names and fields: xAI OpenAPI document and `@ai-sdk/xai`, read 2026-11-20; unknown events are skipped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import orjson

from ..core.calls import FunctionCall
from ..core.errors import GrokAnswerError, GrokError
from ..core.json_types import JsonMapping
from . import refusals
from .messages import Json, Usage, message_text, parse_usage, replayable

type Event = JsonMapping


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's own summary of its reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Activity:
    """The reply is alive (reasoning unseen, a search under way) but has nothing to show yet."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source the answer leans on."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The end of a reply, with everything that is only sure at its end."""

    model: str
    """The model that really answered."""
    usage: Usage
    calls: tuple[FunctionCall, ...]
    citations: tuple[Citation, ...]
    replay: tuple[Json, ...]
    """Items to pass back with the next request of this conversation."""
    late_text: str
    """The answer, where it came only with the closing event."""
    is_cut: bool
    """The reply hit a limit and may end in the middle of a sentence."""


type Delta = TextDelta | ReasoningDelta | Activity | Completed


class EventSplitter:
    """Cuts a server-sent event stream into the JSON of its events, however the bytes were cut on the way.

    Only `data:` lines count: every event names itself in its JSON. A dozen lines in place of the SDK's reader, because
    that one stops before the end of the body and so costs the connection (and 1 ms a turn).
    """

    def __init__(self) -> None:
        """Start with nothing received."""
        self._rest = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes and return the events that are complete by now.

        Raises:
            ValueError: the data of an event is no JSON object.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        events: list[Event] = []
        for line in lines:
            data = line[5:].strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                event = orjson.loads(data)
                if not isinstance(event, dict):
                    raise ValueError("an event is no JSON object")
                events.append(event)
        return events


@dataclass(slots=True)
class ReplyReader:
    """Reads the events of one reply; feed it until a `Completed` comes out."""

    is_complete: bool = False
    _has_text: bool = False
    _items: dict[int, Event] = field(default_factory=dict)
    _arguments: dict[int, str] = field(default_factory=dict)
    _citations: dict[str, Citation] = field(default_factory=dict)

    def feed(self, event: Event) -> Delta | None:
        """Take one event.

        Raises:
            GrokError: the event says that the reply failed.
        """
        if self.is_complete:
            return None  # a second closing event must not run the calls again
        method = self._readers.get(event.get("type", ""))
        if method is None and event.get("error"):
            method = ReplyReader._on_error  # an error without a type (@ai-sdk/xai)
        return method(self, event) if method else None

    def _on_text(self, event: Event) -> Delta | None:
        """Pass on a piece of text."""
        text = event.get("delta") or ""
        self._has_text = self._has_text or bool(text)
        return TextDelta(text) if text else None

    def _on_reasoning(self, event: Event) -> Delta:
        """Pass on a piece of reasoning."""
        return ReasoningDelta(event.get("delta") or "")

    def _on_refusal(self, event: Event) -> Delta:
        """Speak a refusal as it is."""
        self._has_text = True
        return TextDelta(event.get("delta") or "")

    def _on_annotation(self, event: Event) -> None:
        """Keep a citation."""
        self._cite(event.get("annotation") or {})

    def _on_arguments_delta(self, event: Event) -> Delta:
        """Keep a fragment of arguments; most calls come whole."""
        index = event.get("output_index", 0)
        self._arguments[index] = self._arguments.get(index, "") + (event.get("delta") or "")
        return Activity("function_call")

    def _on_arguments_done(self, event: Event) -> Delta:
        """Keep finished arguments, which replace their fragments."""
        self._arguments[event.get("output_index", 0)] = event.get("arguments") or ""
        return Activity("function_call")

    def _on_item(self, event: Event) -> Delta:
        """Keep an output item; its final form replaces its first."""
        item = event.get("item") or {}
        self._items[event.get("output_index", len(self._items))] = item
        return Activity(str(item.get("type", "item")))

    def _on_search(self, event: Event) -> Delta:
        """Note that a server-side tool is at work."""
        return Activity(str(event["type"]))

    def _on_completed(self, event: Event) -> Delta:
        """Close the reply."""
        response = event.get("response") or {}
        items = _without_repeats(self._items | dict(enumerate(response.get("output") or ())))
        for item in items.values():
            self._cite_message(item)
        is_cut = bool((response.get("incomplete_details") or {}).get("reason"))
        calls = {index: item for index, item in items.items() if item.get("type") == "function_call"}
        if is_cut:
            # A call of a reply that was cut short is not run, so it must not be replayed either.
            items = {index: item for index, item in items.items() if index not in calls}
            calls = {}
        self.is_complete = True
        return Completed(
            model=str(response.get("model") or ""),
            usage=parse_usage(response.get("usage") or {}),
            calls=tuple(self._call(index, item) for index, item in calls.items()),
            citations=tuple(self._citations.values()),
            replay=tuple(kept for item in items.values() if (kept := replayable(item)) is not None),
            late_text="" if self._has_text else "".join(message_text(item) for item in items.values()),
            is_cut=is_cut,
        )

    def _on_failed(self, event: Event) -> None:
        """Turn a failed reply into an error."""
        error = (event.get("response") or {}).get("error") or {}
        raise _failure(error)

    def _on_error(self, event: Event) -> None:
        """Turn an error event into an error."""
        error = event.get("error") or event
        raise _failure(error if isinstance(error, Mapping) else {"error": error})

    def _call(self, index: int, item: Event) -> FunctionCall:
        """Read a function call, whose arguments may have come whole or in fragments."""
        return FunctionCall(
            call_id=str(item.get("call_id") or item.get("id") or ""),
            name=str(item.get("name") or ""),
            arguments=item.get("arguments") or self._arguments.get(index, ""),
        )

    def _cite_message(self, item: Event) -> None:
        """Keep the citations of a finished message."""
        for part in item.get("content") or () if item.get("type") == "message" else ():
            for annotation in part.get("annotations") or ():
                self._cite(annotation)

    def _cite(self, annotation: Event) -> None:
        """Keep one citation by its address."""
        url = annotation.get("url")
        if annotation.get("type") == "url_citation" and isinstance(url, str):
            title = str(annotation.get("title") or "").strip()
            # xAI titles its inline marks by number; the address says more.
            self._citations.setdefault(url, Citation(title=url if title.isdigit() or not title else title, url=url))

    _readers: ClassVar[Mapping[str, Callable[[ReplyReader, Event], Delta | None]]] = {
        "response.output_text.delta": _on_text,
        "response.refusal.delta": _on_refusal,
        "response.reasoning_text.delta": _on_reasoning,
        "response.reasoning_summary_text.delta": _on_reasoning,
        "response.output_text.annotation.added": _on_annotation,
        "response.function_call_arguments.delta": _on_arguments_delta,
        "response.function_call_arguments.done": _on_arguments_done,
        "response.output_item.added": _on_item,
        "response.output_item.done": _on_item,
        "response.web_search_call.searching": _on_search,
        "response.x_search_call.searching": _on_search,
        "response.completed": _on_completed,
        "response.done": _on_completed,
        "response.incomplete": _on_completed,
        "response.failed": _on_failed,
        "error": _on_error,
    }


def _without_repeats(items: Mapping[int, Event]) -> dict[int, Event]:
    """Drop calls that come again under the same id (seen on the realtime socket; refused when replayed)."""
    kept: dict[int, Event] = {}
    seen: set[object] = set()
    for index, item in items.items():
        call_id = item.get("call_id") if item.get("type") == "function_call" else None
        if call_id is None or call_id not in seen:
            kept[index] = item
        seen.add(call_id)
    return kept


def _failure(error: Event) -> GrokError:
    """Translate the error object of a stream."""
    if error.get("code") in ("content_filter", "refusal"):
        return GrokAnswerError(str(error.get("message") or ""))
    return refusals.from_stream(error)

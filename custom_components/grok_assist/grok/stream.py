"""One streamed reply as a sans-I/O reader: parsed events in, deltas out.

Event names and fields: xAI OpenAPI document and `@ai-sdk/xai`, read 2026-11-20; unknown events are skipped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from ..core.arguments import written_arguments
from ..core.calls import FunctionCall
from ..core.errors import GrokAnswerError, GrokServerError
from ..core.redaction import NO_KEY, Redactor
from . import error_mapping
from .event_splitter import Event
from .messages import Json, answer_item, message_text, reasoning_texts, replayable
from .usage import Usage, parse_usage

ANSWER_MARK: Final = "<response>"
REFUSAL_CODES: Final = ("content_filter", "refusal")
INCOMPLETE: Final = "response.incomplete"
ITEM_DONE: Final = "response.output_item.done"
BROKEN_OFF: Final = ("incomplete", "failed", "cancelled", "canceled")
"""States of a reply or of one of its items that will have no end."""
IDS: Final = ("id", "call_id")

SHAPE_ERRORS: Final = (TypeError, AttributeError, KeyError, IndexError, ValueError, RecursionError)
"""What reading raises where a reply has another shape than its description."""


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
    written: str = ""
    """What the model wrote that is not for anybody's eyes: arguments of a call."""
    searches: int = 0
    """Paid calls of the service's own tools that begin with it."""


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
    is_only_thought: bool = False
    """There is nothing but reasoning in it: neither words nor calls."""


type Delta = TextDelta | ReasoningDelta | Activity | Completed


@dataclass(slots=True)
class ReplyReader:
    """Reads the events of one reply; feed it until a `Completed` comes out."""

    is_complete: bool = False
    redact: Redactor = NO_KEY
    _has_text: bool = False
    _reasoning: str = ""
    _items: dict[int, Event] = field(default_factory=dict)
    _arguments: dict[int, str] = field(default_factory=dict)
    _finished: set[int] = field(default_factory=set)
    """Places of items whose end, or that of their arguments, was told."""
    _places: dict[tuple[str, str], int] = field(default_factory=dict)
    """Where the items are, by each of their ids: looked up, as a reply may have thousands of them."""
    _searches: set[int] = field(default_factory=set)
    """Places of calls of the service's own tools."""
    _citations: dict[str, Citation] = field(default_factory=dict)

    def feed(self, event: Event) -> Delta | None:
        """Take one event; what has not the shape that was promised counts as absent.

        Raises:
            GrokError: the event says that the reply failed, or nothing can be made of it.
        """
        if self.is_complete:
            return None  # a second closing event must not run the calls again
        method = self._readers.get(_text(event.get("type")))
        if method is None and event.get("error"):
            method = ReplyReader._on_error  # an error without a type (@ai-sdk/xai)
        try:
            return method(self, event) if method else None
        except SHAPE_ERRORS:
            pass
        raise GrokServerError(200, "the reply is not what the service promises")

    def _on_text(self, event: Event) -> Delta | None:
        """Pass on a piece of text."""
        text = _text(event.get("delta"))
        self._has_text = self._has_text or bool(text)
        return TextDelta(text) if text else None

    def _on_reasoning(self, event: Event) -> Delta:
        """Pass on a piece of reasoning."""
        self._reasoning += _text(event.get("delta"))
        return ReasoningDelta(_text(event.get("delta")))

    def _on_refusal(self, event: Event) -> Delta:
        """Speak a refusal as it is."""
        self._has_text = True
        return TextDelta(_text(event.get("delta")))

    def _on_annotation(self, event: Event) -> None:
        """Keep a citation."""
        self._cite(_mapping(event.get("annotation")))

    def _on_arguments_delta(self, event: Event) -> Delta:
        """Keep a fragment of arguments; most calls come whole."""
        index, written = self._place(event), _text(event.get("delta"))
        self._arguments[index] = self._arguments.get(index, "") + written
        return Activity("function_call", written)

    def _on_arguments_done(self, event: Event) -> Delta:
        """Keep finished arguments, which replace their fragments."""
        index, whole = self._place(event), written_arguments(event.get("arguments"))
        written = "" if self._arguments.get(index) else whole
        self._arguments[index] = whole or self._arguments.get(index, "")
        self._finished.add(index)
        return Activity("function_call", written)

    def _on_item(self, event: Event) -> Delta:
        """Keep an output item; its final form replaces its first."""
        item = _mapping(event.get("item"))
        index = _index(event, self._streamed(item, len(self._items)))
        self._items[index] = item
        for named in _ids(item):
            self._places.setdefault(named, index)
        written = ""
        if event.get("type") == ITEM_DONE:
            self._finished.add(index)
            if _is_call(item) and not self._arguments.get(index):
                written = self._arguments[index] = written_arguments(item.get("arguments"))
        searches = self._new_searches(index) if _is_search(item) else 0
        return Activity(_text(item.get("type")) or "item", written, searches)

    def _on_search(self, event: Event) -> Delta:
        """Note that a server-side tool is at work."""
        return Activity(_text(event.get("type")), searches=self._new_searches(self._place(event)))

    def _new_searches(self, place: int) -> int:
        """Note a paid call of the service's own tools by its place; return 1 where it was not seen before."""
        is_new = place not in self._searches
        self._searches.add(place)
        return int(is_new)

    def _on_completed(self, event: Event) -> Delta:
        """Close the reply."""
        response = _mapping(event.get("response"))
        if response.get("status") == "failed":
            self._on_failed(event)
        items = self._final_items(_list(response.get("output")))
        for item in (*self._items.values(), *items):
            self._cite_message(item)
        if is_cut := _is_cut(event, response):
            # A call of a reply that was cut short is not run, so it must not be replayed either.
            items = [item for item in items if not _is_call(item)]
        calls = tuple(map(_call, filter(_is_call, items)))
        self.is_complete = True
        is_done = bool(calls) or is_cut
        late_text = self._late_text(items, needs_words=not is_done)
        return Completed(
            model=_text(response.get("model")),
            usage=self._usage(response, items),
            calls=calls,
            citations=tuple(self._citations.values()),
            replay=_replay(items, late_text),
            late_text=late_text,
            is_cut=is_cut,
            is_only_thought=not (is_done or self._has_text or late_text.strip()) and _has_reasoning(items),
        )

    def _usage(self, response: Event, items: Sequence[Event]) -> Usage:
        """Read what the reply cost; searches that are seen and not told are counted."""
        usage = parse_usage(_mapping(response.get("usage")))
        seen = max(len(self._searches), sum(map(_is_search, items)))
        return replace(usage, searches=usage.searches or seen)

    def _late_text(self, items: Sequence[Event], *, needs_words: bool) -> str:
        """Return the words of a reply that came only with its end; where it has to have some, also out of a thought."""
        told = "" if self._has_text else "".join(map(message_text, items))
        is_silent = needs_words and not (self._has_text or told.strip())
        return self._thought_answer(items) if is_silent else told

    def _final_items(self, output: Sequence[object]) -> list[Event]:
        """Return the items of the reply, each once, and of its calls those that were finished.

        What the closing event lists replaces what was streamed, for it may list it under other places.
        """
        told = [item for item in output if isinstance(item, Mapping)]
        placed = [(self._place_of(item, index), item) for index, item in enumerate(told)] or self._items.items()
        return _without_repeats(
            {**item, "arguments": self._arguments_of(place, item)} if _is_call(item) else item
            for place, item in placed
            if not _is_call(item) or self._is_finished(place, item, is_listed=bool(told))
        )

    def _is_finished(self, place: int, item: Event, *, is_listed: bool) -> bool:
        """Whether a call is whole: one that is only begun, or broken off, is not what the model wants."""
        status = item.get("status")
        return status not in BROKEN_OFF and (place in self._finished or (is_listed and status != "in_progress"))

    def _arguments_of(self, place: int, item: Event) -> str:
        """Return a call's arguments, which may have come whole or in fragments."""
        arguments = written_arguments(item.get("arguments"))
        return arguments if arguments.strip() else self._arguments.get(place, "")

    def _place_of(self, item: Event, index: int) -> int:
        """Return the place at which a listed item was streamed; none where another item was streamed at its own."""
        place = self._streamed(item, -1)
        other = self._items.get(index, {})
        return index if place < 0 and not (_ids(item) and _ids(other)) else place

    def _place(self, event: Event) -> int:
        """Return the place of the item that an event about arguments belongs to."""
        return _index(event, self._streamed({"id": event.get("item_id")}, 0))

    def _streamed(self, item: Event, otherwise: int) -> int:
        """Return the place at which an item was streamed, by its ids."""
        return next((self._places[named] for named in _ids(item) if named in self._places), otherwise)

    def _thought_answer(self, items: Sequence[Event]) -> str:
        """Return the answer that a reply of nothing but reasoning has in it, if there is one."""
        told = [text for item in items for text in reasoning_texts(item)]
        return _answer_in(told or [self._reasoning])

    def _on_failed(self, event: Event) -> None:
        """Turn a failed reply into an error."""
        self._fail(_mapping(event.get("response")).get("error") or {})

    def _on_error(self, event: Event) -> None:
        """Turn an error event into an error."""
        self._fail(event.get("error") or event)

    def _fail(self, error: object) -> None:
        """Raise what an error says, which is an object or, in xAI's other shape, its text.

        Raises:
            GrokError: always.
        """
        body = error if isinstance(error, Mapping) else {"error": error}
        if _text(body.get("code")) in REFUSAL_CODES:
            raise GrokAnswerError(error_mapping.shortened(body.get("message"), self.redact))
        raise error_mapping.from_stream(body, redact=self.redact)

    def _cite_message(self, item: Event) -> None:
        """Keep the citations of a finished message."""
        for part in _list(item.get("content")) if item.get("type") == "message" else ():
            for annotation in _list(_mapping(part).get("annotations")):
                self._cite(_mapping(annotation))

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
        ITEM_DONE: _on_item,
        "response.web_search_call.searching": _on_search,
        "response.x_search_call.searching": _on_search,
        "response.completed": _on_completed,
        "response.done": _on_completed,
        INCOMPLETE: _on_completed,
        "response.failed": _on_failed,
        "error": _on_error,
    }


def _is_cut(event: Event, response: Event) -> bool:
    """Whether something is missing: xAI writes a text elsewhere where it promises an object with a reason."""
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, Mapping) else details
    return event.get("type") == INCOMPLETE or response.get("status") in BROKEN_OFF or bool(reason)


def _is_call(item: Event) -> bool:
    """Whether an item asks for a function of ours."""
    return item.get("type") == "function_call"


def _is_search(item: Event) -> bool:
    """Whether an item is a call of one of the service's own tools, each of which is paid for."""
    return _text(item.get("type")).endswith("_call") and not _is_call(item)


def _ids(item: Event) -> Sequence[tuple[str, str]]:
    """Return the names by which an item is known."""
    return [(key, name) for key in IDS if (name := _text(item.get(key)))]


def _call(item: Event) -> FunctionCall:
    """Read a function call in its final form."""
    return FunctionCall(
        call_id=_text(item.get("call_id")) or _text(item.get("id")),
        name=_text(item.get("name")),
        arguments=_text(item.get("arguments")),
    )


def _has_reasoning(items: Sequence[Event]) -> bool:
    """Whether a reply tells what the model thought."""
    return any(item.get("type") == "reasoning" for item in items)


def _answer_in(reasoning: Sequence[str]) -> str:
    """Return an answer that a model has left at the end of its reasoning, behind a mark (GitHub hermes-agent#64768).

    The mark has a line of its own and comes once: what is quoted in between is a thought, and no answer.
    """
    for text in reversed(reasoning):
        if text.count(ANSWER_MARK) != 1:
            continue
        before, answer = text.split(ANSWER_MARK)
        answer, end, rest = answer.partition(ANSWER_MARK.replace("<", "</"))
        is_quoted = before.rpartition("\n")[2].strip() or (end and rest.strip())
        return "" if is_quoted else answer.strip()
    return ""


def _replay(items: Sequence[Event], late_text: str) -> tuple[Json, ...]:
    """Write what goes back with the next request.

    Nobody can read a thought again: without the words that were found in it the turn would seem unanswered.
    """
    replay = tuple(filter(None, map(replayable, items)))
    is_told = not late_text or any("role" in item for item in replay)
    return replay if is_told else (*replay, answer_item(late_text))


def _without_repeats(items: Iterable[Event]) -> list[Event]:
    """Drop calls that come again under one of their ids (seen on the realtime socket; refused when replayed)."""
    kept: list[Event] = []
    seen: set[tuple[str, str]] = set()
    for item in items:
        ids = _ids(item) if _is_call(item) else ()
        if seen.isdisjoint(ids):
            kept.append(item)
        seen.update(ids)
    return kept


def _text(value: object) -> str:
    """Return a text; what is none is empty."""
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Event:
    """Return an object; what is none is empty."""
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    """Return a list; what is none is empty."""
    return value if isinstance(value, list) else ()


def _index(event: Event, otherwise: int) -> int:
    """Return which item of the output an event is about."""
    index = event.get("output_index")
    return index if isinstance(index, int) else otherwise

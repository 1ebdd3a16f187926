"""One streamed reply as a sans-I/O reader: parsed events in, deltas out.

Event names and fields: xAI OpenAPI document and `@ai-sdk/xai`, read 2026-11-20; unknown events are skipped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from ..core.calls import FunctionCall
from ..core.errors import GrokAnswerError, GrokServerError
from ..core.redaction import NO_KEY, Redactor
from . import error_mapping
from .event_splitter import Event
from .messages import Json, message_text, reasoning_texts, replayable
from .usage import Usage, parse_usage

ANSWER_MARK: Final = "<response>"
REFUSAL_CODES: Final = ("content_filter", "refusal")

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
        index, written = _index(event, 0), _text(event.get("delta"))
        self._arguments[index] = self._arguments.get(index, "") + written
        return Activity("function_call", written)

    def _on_arguments_done(self, event: Event) -> Delta:
        """Keep finished arguments, which replace their fragments."""
        index, whole = _index(event, 0), _text(event.get("arguments"))
        written = "" if self._arguments.get(index) else whole
        self._arguments[index] = whole
        return Activity("function_call", written)

    def _on_item(self, event: Event) -> Delta:
        """Keep an output item; its final form replaces its first."""
        item = _mapping(event.get("item"))
        self._items[_index(event, len(self._items))] = item
        return Activity(_text(item.get("type")) or "item")

    def _on_search(self, event: Event) -> Delta:
        """Note that a server-side tool is at work."""
        return Activity(_text(event.get("type")))

    def _on_completed(self, event: Event) -> Delta:
        """Close the reply."""
        response = _mapping(event.get("response"))
        output = {index: item for index, item in enumerate(_list(response.get("output"))) if isinstance(item, Mapping)}
        items = _without_repeats(self._items | output)
        for item in items.values():
            self._cite_message(item)
        is_cut = _is_cut(response.get("incomplete_details"))
        calls = {index: item for index, item in items.items() if item.get("type") == "function_call"}
        if is_cut:
            # A call of a reply that was cut short is not run, so it must not be replayed either.
            items = {index: item for index, item in items.items() if index not in calls}
            calls = {}
        self.is_complete = True
        late_text = self._late_text(items)
        is_silent = not (self._has_text or late_text.strip() or calls or is_cut)
        if is_silent:
            late_text = self._thought_answer(items)
        return Completed(
            model=_text(response.get("model")),
            usage=parse_usage(_mapping(response.get("usage"))),
            calls=tuple(self._call(index, item) for index, item in calls.items()),
            citations=tuple(self._citations.values()),
            replay=tuple(filter(None, map(replayable, items.values()))),
            late_text=late_text,
            is_cut=is_cut,
            is_only_thought=is_silent and not late_text and _has_reasoning(items),
        )

    def _late_text(self, items: Mapping[int, Event]) -> str:
        """Return the words of a reply that came only with its end."""
        return "" if self._has_text else "".join(map(message_text, items.values()))

    def _thought_answer(self, items: Mapping[int, Event]) -> str:
        """Return the answer that a reply of nothing but reasoning has in it, if there is one."""
        told = [text for item in items.values() for text in reasoning_texts(item)]
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

    def _call(self, index: int, item: Event) -> FunctionCall:
        """Read a function call, whose arguments may have come whole or in fragments."""
        return FunctionCall(
            call_id=_text(item.get("call_id")) or _text(item.get("id")),
            name=_text(item.get("name")),
            arguments=_text(item.get("arguments")) or self._arguments.get(index, ""),
        )

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
        "response.output_item.done": _on_item,
        "response.web_search_call.searching": _on_search,
        "response.x_search_call.searching": _on_search,
        "response.completed": _on_completed,
        "response.done": _on_completed,
        "response.incomplete": _on_completed,
        "response.failed": _on_failed,
        "error": _on_error,
    }


def _is_cut(details: object) -> bool:
    """Whether something is missing: xAI writes a text elsewhere where it promises an object with a reason."""
    return bool(details.get("reason") if isinstance(details, Mapping) else details)


def _has_reasoning(items: Mapping[int, Event]) -> bool:
    """Whether a reply tells what the model thought."""
    return any(item.get("type") == "reasoning" for item in items.values())


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


def _without_repeats(items: Mapping[int, Event]) -> dict[int, Event]:
    """Drop calls that come again under the same id (seen on the realtime socket; refused when replayed)."""
    kept: dict[int, Event] = {}
    seen: set[str] = set()
    for index, item in items.items():
        call_id = _text(item.get("call_id")) if item.get("type") == "function_call" else ""
        if not call_id or call_id not in seen:
            kept[index] = item
        seen.add(call_id)
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

"""Which recorded exchange answers a request: the nearest kind of request, or a refusal for the same reason."""

from collections.abc import Iterator
from dataclasses import dataclass
import json
from typing import Final

from .jsontypes import Json, JsonObject
from .replay import Exchange
from .replay_ids import Ids, ids_in, named_as_offered

_NARROW: Final = ("enum", "pattern")
_REFUSED: Final = 400
_MANY_TOOLS: Final = (20, 100, 200)
_SAME_WORDS: Final = 0.5
_FIRST_DIFFERENCE: Final = 8
"""What a difference in the most important point weighs; the next one half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is sent for an exchange that was chosen."""

    status: int
    body: Json = None
    events: tuple[JsonObject, ...] = ()


class Exchanges:
    """Chooses among the exchanges of a recording."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        """Choose among these."""
        self._exchanges = exchanges
        self._ids = Ids()

    def find(self, method: str, path: str, request: Json, *, is_key_good: bool = True) -> Exchange | None:
        """Give the exchange that fits a request best, None where nothing like it was recorded."""
        near = [
            one for one in self._exchanges if (one.method, one.path, one.is_key_good) == (method, path, is_key_good)
        ]
        if not near and not is_key_good:
            return next((one for one in self._exchanges if not one.is_key_good), None)
        good = [one for one in near if one.status < _REFUSED]
        known = {fact for one in good for fact in peculiarities(one.request)}
        for one in near:
            reasons = peculiarities(one.request) - known
            if one.status >= _REFUSED and reasons and reasons <= peculiarities(request):
                return one
        return min(good or near, key=lambda one: _distance(one.request, request), default=None)

    def told(self, exchange: Exchange, request: Json) -> Told:
        """Give what is sent: a stream or a whole as it is wanted, with ids that were not used before."""
        wants_stream = isinstance(request, dict) and bool(request.get("stream"))
        offered = [tool["name"] for tool in _tools(request) if tool.get("type") == "function"]
        events: list[JsonObject] = list(exchange.events)
        body = exchange.body
        if exchange.path == "/responses" and exchange.status < _REFUSED:
            if wants_stream and not events:
                events = list(_streamed(body))
            elif not wants_stream and events:
                body, events = _response(events), []
            self._ids.renew(ids_in([body, *events]))
            body, *events = self._ids.known(named_as_offered([body, *events], offered))
        return Told(status=exchange.status, body=body, events=tuple(events))


def peculiarities(request: Json) -> set[str]:
    """Tell everything in a request that a service may refuse."""
    if not isinstance(request, dict):
        return set()
    model = str(request.get("model", ""))
    facts = {f"{name}={value}" for name, value in request.items() if name == "language"}
    facts |= {f"model {model}"} | {f"{name} for {model}" for name in request}
    items = [item for item in _items(request) if isinstance(item, dict)]
    if any("role" in item and not item.get("content") for item in items):
        facts.add("a message without content")
    if any(item.get("role") in {"system", "developer"} for item in items[1:]):
        facts.add("a later system message")
    if any(item.get("encrypted_content") for item in items):
        facts.add("reasoning that is sent back")
    if any(_is_narrow(tool.get("parameters")) for tool in _tools(request)):
        facts.add("a narrow schema")
    count = len(_tools(request))
    return facts | {f"more than {most} tools" for most in _MANY_TOOLS if count > most}


def _distance(recorded: Json, request: Json) -> float:
    """Tell how unlike two requests are, the most important points first."""
    pairs = zip(_points(recorded), _points(request), strict=True)
    unlike: float = sum(_FIRST_DIFFERENCE / 2**place for place, (one, other) in enumerate(pairs) if one != other)
    odd = len(peculiarities(recorded) ^ peculiarities(request)) / 100
    return unlike + odd + (0 if recorded == request else _SAME_WORDS * (1 - _likeness(recorded, request)))


def _likeness(recorded: Json, request: Json) -> float:
    """Tell how much of what is said in two requests is the same, from 0 to 1."""
    one, other = (set(json.dumps(_said(value)).lower().split()) for value in (recorded, request))
    return len(one & other) / (len(one | other) or 1)


def _said(request: Json) -> Json:
    """Give what is said last in a request."""
    said = request.get("input", request) if isinstance(request, dict) else request
    return said[-1] if isinstance(said, list) and said else said


def _points(request: Json) -> tuple[bool, ...]:
    """Tell the kind of a request: structured, after a result, with functions, with a search."""
    if not isinstance(request, dict):
        return (False,) * 4
    wanted = request.get("text")
    form = (wanted.get("format") or {}).get("type", "text") if isinstance(wanted, dict) else "text"
    items = _items(request)
    last = items[-1] if items else {}
    kinds = {tool.get("type") for tool in _tools(request)}
    has_result = isinstance(last, dict) and last.get("type") == "function_call_output"
    return form != "text", has_result, "function" in kinds, bool(kinds - {"function"})


def _items(request: JsonObject) -> list[Json]:
    """Give the items of an input that is a list."""
    value = request.get("input")
    return value if isinstance(value, list) else []


def _tools(request: Json) -> list[JsonObject]:
    """Give the tools offered."""
    return list(request.get("tools") or ()) if isinstance(request, dict) else []


def _is_narrow(schema: Json) -> bool:
    """Whether a schema says more than which types stand where."""
    return any(f'"{word}":' in json.dumps(schema) for word in _NARROW)


def _response(events: list[JsonObject]) -> Json:
    """Give the response at the end of a stream; an error where there is none."""
    return next((event["response"] for event in reversed(events) if "response" in event), events[-1])


def _streamed(response: Json) -> Iterator[JsonObject]:
    """Give the shortest stream that tells a response."""
    begun = {**response, "status": "in_progress", "output": []}
    told: list[JsonObject] = [{"type": "response.created", "response": begun}]
    for place, item in enumerate(response.get("output") or ()):
        told.append({"type": "response.output_item.added", "output_index": place, "item": {**item, "content": []}})
        if item.get("type") == "message":
            told += [
                {
                    "type": "response.output_text.delta",
                    "item_id": item.get("id"),
                    "output_index": place,
                    "content_index": index,
                    "delta": part["text"],
                }
                for index, part in enumerate(item.get("content") or ())
                if "text" in part
            ]
        told.append({"type": "response.output_item.done", "output_index": place, "item": item})
    told.append({"type": "response.completed", "response": response})
    for number, event in enumerate(told):
        yield {**event, "sequence_number": number}

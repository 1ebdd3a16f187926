"""Builders for scripted replies, in-process and as JSON over the control paths.

    sim.script(reply("Hello"))
    sim.script(calls(call("HassTurnOn", {"name": "Lamp"}), call("HassTurnOff", {"name": "Fan"}), fragments=True))
    sim.script(search_reply("It rains.", citations=[citation("https://example.org/rain")], inline=True))
    sim.script(structured({"answer": 42}))
    sim.script(lambda request: reply(f"You sent {len(request.body['input'])} items"))

A function may be named without its namespace: `HassTurnOn` becomes `intent__HassTurnOn` where that is offered.
As JSON a reply is an object with any of `text`, `reasoning`, `calls` (list of `{name, arguments}`), `fragments`,
`citations` (list of `{url, title}`), `inline`, `search` (`web_search` or `x_search`), `query`, `structured`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import Final

from .jsontypes import JsonObject
from .traffic import RecordedRequest


class SearchKind(StrEnum):
    """The server-side searches."""

    WEB = "web_search"
    X = "x_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source that an answer names."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """A thought, told as a summary; `inner_text` is the thought itself, which is rarely told."""

    text: str
    inner_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Text for the user; `inline` appends `[[1]](url)` marks to it."""

    text: str
    citations: tuple[Citation, ...] = ()
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function call; `arguments` is JSON text so that a script can also send broken JSON."""

    name: str
    arguments: str
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search that the server makes by itself."""

    kind: SearchKind = SearchKind.WEB
    query: str = ""
    urls: tuple[str, ...] = ()


type Part = Reasoning | Speech | Call | Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the model: its parts in the order of the output items."""

    parts: tuple[Part, ...] = ()
    has_fragments: bool = False


type Scripted = Reply | Callable[[RecordedRequest], Reply]

_REPLY_KEYS: Final = frozenset(
    {"text", "reasoning", "calls", "fragments", "citations", "inline", "search", "query", "structured"}
)


def reply(text: str, *, reasoning: str | None = None) -> Reply:
    """Give a plain answer, with a thought before it if one is given."""
    return Reply(parts=(*_thought(reasoning), Speech(text=text)))


def call(name: str, arguments: JsonObject | str | None = None, *, call_id: str | None = None) -> Call:
    """One function call; arguments given as a string are sent as they are."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return Call(name=name, arguments=text, call_id=call_id)


def calls(*wanted: Call, fragments: bool = False, text: str | None = None, reasoning: str | None = None) -> Reply:
    """Give function calls in one response, whole or in fragments, after a text if one is given."""
    said = () if text is None else (Speech(text=text),)
    return Reply(parts=(*_thought(reasoning), *said, *wanted), has_fragments=fragments)


def citation(url: str, title: str = "") -> Citation:
    """Give a source of a search answer."""
    return Citation(url=url, title=title)


def search_reply(
    text: str,
    *,
    citations: Sequence[Citation | str] = (),
    inline: bool = False,
    kind: SearchKind | str = SearchKind.WEB,
    query: str = "",
    reasoning: str | None = None,
) -> Reply:
    """Give an answer that rests on one server-side search."""
    sources = tuple(Citation(url=item) if isinstance(item, str) else item for item in citations)
    search = Search(kind=SearchKind(kind), query=query or text, urls=tuple(source.url for source in sources))
    speech = Speech(text=text, citations=sources, is_inline=inline)
    return Reply(parts=(*_thought(reasoning), search, speech))


def structured(value: object, *, reasoning: str | None = None) -> Reply:
    """Give an answer that is one JSON document."""
    return reply(json.dumps(value), reasoning=reasoning)


def reply_from_json(data: JsonObject) -> Reply:
    """Build a reply from its JSON form.

    Raises:
        ValueError: an unknown key, or nothing to say.
    """
    if unknown := data.keys() - _REPLY_KEYS:
        raise ValueError(f"Unknown keys in a scripted reply: {sorted(unknown)}")
    if "structured" in data:
        return structured(data["structured"], reasoning=data.get("reasoning"))
    sources = [citation(entry["url"], entry.get("title", "")) for entry in data.get("citations", ())]
    if sources or "search" in data:
        return search_reply(
            data.get("text", ""),
            citations=sources,
            inline=data.get("inline", False),
            kind=data.get("search", SearchKind.WEB),
            query=data.get("query", ""),
            reasoning=data.get("reasoning"),
        )
    wanted = [call(entry["name"], entry.get("arguments")) for entry in data.get("calls", ())]
    return calls(
        *wanted,
        fragments=data.get("fragments", False),
        text=data.get("text"),
        reasoning=data.get("reasoning"),
    )


def _thought(reasoning: str | None) -> tuple[Reasoning, ...]:
    """Give the reasoning part of a reply, if there is one."""
    return () if reasoning is None else (Reasoning(text=reasoning),)

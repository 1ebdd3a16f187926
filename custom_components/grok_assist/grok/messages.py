"""Requests and replies of the Responses API as dataclasses, to and from JSON.

Wire facts: xAI OpenAPI document and docs.x.ai "Responses API", read 2026-11-20.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import orjson

from ..core.calls import FunctionCall
from ..core.json_types import packed_json, whole
from ..core.models import TICKS_PER_USD
from ..core.tokens import BYTES_PER_TOKEN, PICTURE_TOKENS
from ..core.usage.ledger import MOST_COUNTED, MOST_TICKS

type Json = dict[str, object]

RESPONSES_PATH: Final = "/responses"
LANGUAGE_MODELS_PATH: Final = "/language-models"
MODELS_PATH: Final = "/models"
KEY_PATH: Final = "/api-key"
VOICES_PATH: Final = "/tts/voices"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """One function the model may call; `parameters` is a JSON schema with an object at its root."""

    name: str
    description: str
    parameters: Json

    def to_json(self) -> Json:
        """Write the flat form that the Responses API asks for."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG or PNG as it is sent."""

    label: str
    """What it is a picture of, so that several can be told apart."""
    data_url: str
    """`data:image/jpeg;base64,…`; written once, as a turn may send it several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    """What the user said, and what they showed."""

    text: str
    pictures: Sequence[Picture] = ()
    file_ids: Sequence[str] = ()
    """Uploaded documents; the service searches them by itself (docs.x.ai, "Chat with files")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextMessage:
    """What is told about the moment in which the user said something; never repeated in a later turn.

    A message of its own after the user's: the roles may come in any order (xAI OpenAPI document, "messages").
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantMessage:
    """What the model answered in an earlier turn, in words."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionResult:
    """What a call gave; `output` is JSON text, and pictures may follow it (xAI OpenAPI document)."""

    call_id: str
    output: str
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedItems:
    """Output items of an earlier reply, passed back byte for byte so that the prefix cache holds."""

    items: tuple[Json, ...]
    source: str = ""
    """The model and the key that made them: nobody else can read their reasoning."""

    def for_source(self, source: str) -> ReplayedItems:
        """Return what another model, or the same one by another key, can be given of it."""
        return self if self.source == source else ReplayedItems(items=without_reasoning(self.items))


type Message = UserMessage | ContextMessage | AssistantMessage | FunctionCall | FunctionResult | ReplayedItems


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """The form that an answer must have; `schema` is a JSON schema with an object at its root."""

    name: str
    schema: Json

    def to_json(self) -> Json:
        """Write the field `text`."""
        return {"format": {"type": "json_schema", "name": self.name, "schema": self.schema, "strict": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for a streamed answer."""

    model: str
    instructions: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec] = ()
    effort: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    has_web_search: bool = False
    has_x_search: bool = False
    cache_key: str | None = None
    """Same for all requests of one conversation; sends them to the server that has the prefix cached."""
    form: AnswerForm | None = None

    def to_json(self) -> bytes:
        """Write the body; nothing is stored on the server."""
        body: Json = {
            "model": self.model,
            "instructions": self.instructions,
            "input": [item for message in self.messages for item in _items(message)],
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
        }
        tools: list[Json] = [tool.to_json() for tool in self.tools]
        if self.has_web_search:
            tools.append({"type": "web_search"})
        if self.has_x_search:
            tools.append({"type": "x_search"})
        if tools:
            body["tools"] = tools
        if self.effort is not None:
            body["reasoning"] = {"effort": self.effort}
        if self.max_tokens is not None:
            body["max_output_tokens"] = self.max_tokens
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.cache_key is not None:
            body["prompt_cache_key"] = self.cache_key
        if self.form is not None:
            body["text"] = self.form.to_json()
        return packed_json(body)

    @property
    def reasoning(self) -> frozenset[str]:
        """The encrypted reasoning of earlier replies that goes along."""
        replayed = [message for message in self.messages if isinstance(message, ReplayedItems)]
        found = {str(item.get("encrypted_content", "")) for message in replayed for item in message.items}
        return frozenset(found - {""})

    def without_reasoning(self, refused: AbstractSet[str]) -> Request:
        """Return the same request without reasoning that the service does not take."""
        if self.reasoning.isdisjoint(refused):
            return self
        return replace(self, messages=[_without(message, refused) for message in self.messages])

    def estimate_tokens(self) -> int:
        """Estimate the tokens of the input; pictures are not counted by their bytes."""
        pictures = [picture for message in self.messages for picture in _pictures(message)]
        size = len(self.to_json()) - sum(len(picture.data_url) for picture in pictures)
        return -(-size // BYTES_PER_TOKEN) + PICTURE_TOKENS * len(pictures)


def _without(message: Message, refused: AbstractSet[str]) -> Message:
    """Leave encrypted reasoning out of a message."""
    if not isinstance(message, ReplayedItems):
        return message
    kept = tuple(item for item in message.items if item.get("encrypted_content") not in refused)
    return replace(message, items=kept)


def _pictures(message: Message) -> Sequence[Picture]:
    """Return the pictures in a message."""
    return message.pictures if isinstance(message, UserMessage | FunctionResult) else ()


def _parts(text: str, pictures: Sequence[Picture], file_ids: Sequence[str] = ()) -> str | list[Json]:
    """Write a text with what was shown along with it; each picture stands behind its label."""
    if not pictures and not file_ids:
        return text
    parts: list[Json] = [{"type": "input_text", "text": text}]
    for picture in pictures:
        parts.append({"type": "input_text", "text": f"{picture.label}:"})
        parts.append({"type": "input_image", "image_url": picture.data_url, "detail": "auto"})
    return parts + [{"type": "input_file", "file_id": file_id} for file_id in file_ids]


def _items(message: Message) -> Sequence[Json]:
    """Write one message as input items."""
    match message:
        case UserMessage(text=text, pictures=pictures, file_ids=file_ids):
            return ({"role": "user", "content": _parts(text, pictures, file_ids)},)
        case ContextMessage(text=text):
            return ({"role": "system", "content": text},)
        case AssistantMessage(text=text):
            return ({"role": "assistant", "content": text},)
        case FunctionCall(call_id=call_id, name=name, arguments=arguments):
            return ({"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments},)
        case FunctionResult(call_id=call_id, output=output, pictures=pictures):
            return ({"type": "function_call_output", "call_id": call_id, "output": _parts(output, pictures)},)
        case ReplayedItems(items=items):
            return items


def without_reasoning(items: Sequence[Json]) -> tuple[Json, ...]:
    """Leave out encrypted reasoning."""
    return tuple(item for item in items if item.get("type") != "reasoning")


def replayable(item: Mapping[str, object]) -> Json | None:
    """Return what of an output item goes back with the next request, or None for what need not.

    Reasoning only helps in its encrypted form; search items are the server's own record.
    """
    match item.get("type"):
        case "message":
            text = message_text(item)
            return {"role": "assistant", "content": text} if text.strip() else None
        case "function_call":
            return {
                "type": "function_call",
                "call_id": _text(item.get("call_id")) or _text(item.get("id")),
                "name": _text(item.get("name")),
                "arguments": _valid_arguments(item.get("arguments")),
            }
        case "reasoning" if _text(item.get("encrypted_content")):
            return {
                key: item[key] for key in ("type", "id", "summary", "encrypted_content") if item.get(key) is not None
            }
    return None


def _text(value: object) -> str:
    """Return a text; what is none is empty."""
    return value if isinstance(value, str) else ""


def _valid_arguments(arguments: object) -> str:
    """Return JSON text of an object; broken arguments, answered by an error, go back as none."""
    try:
        if isinstance(arguments, str) and isinstance(orjson.loads(arguments), dict):
            return arguments
    except orjson.JSONDecodeError:
        pass
    return "{}"


def message_text(item: Mapping[str, object]) -> str:
    """Join the text parts of an output message."""
    content = item.get("content")
    parts = [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []
    return "".join(_text(part.get("text")) for part in parts if part.get("type") == "output_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one reply cost; `cached_tokens` are part of `input_tokens`, `reasoning_tokens` of `output_tokens`."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    searches: int = 0
    """Calls of the service's own tools: of the web, of X, of documents."""
    cost_usd: float | None = None
    """As the service reports it; None where it does not."""

    def __add__(self, other: Usage) -> Usage:
        """Add up two replies; the cost stays unknown only if both are."""
        costs = [usage.cost_usd for usage in (self, other) if usage.cost_usd is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            searches=self.searches + other.searches,
            cost_usd=sum(costs) if costs else None,
        )


def parse_usage(usage: Mapping[str, object]) -> Usage:
    """Read the usage of a reply; total may exceed the sum of its parts, so parts are read one by one.

    What makes no sense counts as nothing: no reply may make smaller what was spent.
    """
    read = _count(usage, "input_tokens")
    output = _count(usage, "output_tokens")
    return Usage(
        input_tokens=read,
        cached_tokens=min(read, _count(usage.get("input_tokens_details"), "cached_tokens")),
        output_tokens=output,
        reasoning_tokens=min(output, _count(usage.get("output_tokens_details"), "reasoning_tokens")),
        searches=_count(usage, "num_server_side_tools_used"),
        cost_usd=parse_cost(usage),
    )


def parse_cost(usage: object) -> float | None:
    """Read the cost in a reply's usage, in US dollars; None where the service tells none that can be true."""
    ticks = whole(usage.get("cost_in_usd_ticks")) if isinstance(usage, Mapping) else None
    return None if ticks is None or ticks > MOST_TICKS else ticks / TICKS_PER_USD


def _count(mapping: object, key: str) -> int:
    """Read a count that may be absent, null or nonsense."""
    count = whole(mapping.get(key)) if isinstance(mapping, Mapping) else None
    return 0 if count is None or count > MOST_COUNTED else count


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What the service says of an API key."""

    key_id: str
    name: str
    team_id: str
    is_blocked: bool
    """Key blocked or disabled."""
    is_team_blocked: bool
    may_generate: bool
    """The key's access list names models and endpoints that answer."""


def parse_key_facts(reply: Mapping[str, object]) -> KeyFacts:
    """Read the reply of `/v1/api-key`.

    Raises:
        ValueError: a required field is missing.
    """
    key_id, name, team_id = (reply.get(key) for key in ("api_key_id", "name", "team_id"))
    if not isinstance(key_id, str) or not key_id or not isinstance(team_id, str):
        raise ValueError("the key's facts are incomplete")
    acls = reply.get("acls")
    return KeyFacts(
        key_id=key_id,
        name=name if isinstance(name, str) and name else "xAI",
        team_id=team_id,
        is_blocked=bool(reply.get("api_key_blocked") or reply.get("api_key_disabled")),
        is_team_blocked=bool(reply.get("team_blocked")),
        may_generate=_may_generate([str(acl) for acl in acls] if isinstance(acls, list) else []),
    )


def parse_voices(reply: Mapping[str, object]) -> tuple[str, ...]:
    """Read the ids in the reply of `/v1/tts/voices`; what is no voice is skipped."""
    voices = reply.get("voices")
    found = (
        [voice.get("voice_id") for voice in voices if isinstance(voice, Mapping)] if isinstance(voices, list) else []
    )
    return tuple(voice for voice in found if isinstance(voice, str) and voice)


def _may_generate(acls: Sequence[str]) -> bool:
    """Judge an access list; an empty one is no statement, and the first request will tell."""
    if not acls:
        return True
    has_model = any(acl.startswith("api-key:model:") for acl in acls)
    endpoints = {acl.removeprefix("api-key:endpoint:") for acl in acls if acl.startswith("api-key:endpoint:")}
    return has_model and not endpoints.isdisjoint({"*", "chat", "responses"})


def paired(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Leave out calls without a result and results without a call, which the service refuses.

    They come about where a turn was cancelled while its tools ran.
    """
    calls, results = set(), set()
    for message in messages:
        for item in _items(message):
            if item.get("type") == "function_call":
                calls.add(item["call_id"])
            elif item.get("type") == "function_call_output":
                results.add(item["call_id"])
    whole = calls & results
    if len(whole) == len(calls) == len(results):
        return tuple(messages)
    return tuple(kept for message in messages if (kept := _only(message, whole)) is not None)


def _only(message: Message, whole: set[object]) -> Message | None:
    """Return a message without the calls or results that are not in `whole`."""
    match message:
        case FunctionCall(call_id=call_id) | FunctionResult(call_id=call_id):
            return message if call_id in whole else None
        case ReplayedItems(items=items):
            kept = tuple(item for item in items if item.get("call_id", None) in {None, *whole})
            return replace(message, items=kept)
    return message

"""Requests of the Responses API as dataclasses, and what of a reply goes back with the next one.

Wire facts: xAI OpenAPI document and docs.x.ai "Responses API", read 2026-11-20.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import orjson

from ..core.calls import FunctionCall
from ..core.fence import not_ours
from ..core.json_types import packed_json
from ..core.schema.plain import plain_schema
from ..core.tokens import BYTES_PER_TOKEN, PICTURE_TOKENS

type Json = dict[str, object]

TOLD_BY_THE_HOME: Final = "Told by the home, not said by the user:"

RESPONSES_PATH: Final = "/responses"
LANGUAGE_MODELS_PATH: Final = "/language-models"
MODELS_PATH: Final = "/models"

COUNT_SLACK: Final = 1.5
COUNT_SLACK_TOKENS: Final = 200
"""By so much our count of an answer's tokens may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """One function the model may call; `parameters` is a JSON schema with an object at its root."""

    name: str
    description: str
    parameters: Json

    def to_json(self, *, is_plain: bool = False) -> Json:
        """Write the flat form that the Responses API asks for."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": plain_schema(self.parameters) if is_plain else self.parameters,
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
    context: str = ""
    """What the home tells along with it: a part of its own in the same message, as xAI's guide wants one system message
    at the front and nothing says that a later one is obeyed (docs.x.ai, "chat", 2026)."""
    pictures: Sequence[Picture] = ()
    file_ids: Sequence[str] = ()
    """Uploaded documents; the service searches them by itself (docs.x.ai, "Chat with files")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextMessage:
    """What the home tells behind an answer, in the user's role but not in their name; not repeated in later turns."""

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

    def to_json(self, *, is_plain: bool = False) -> Json:
        """Write the field `text`."""
        schema = plain_schema(self.schema) if is_plain else self.schema
        return {"format": {"type": "json_schema", "name": self.name, "schema": schema, "strict": True}}


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
    left_out: frozenset[str] = frozenset()
    """Arguments that the model does not take."""
    has_plain_schemas: bool = False
    """The model takes no schema with finer rules."""

    def to_json(self) -> bytes:
        """Write the body; nothing is stored on the server."""
        body = self._body()
        for name in self.left_out:
            body.pop(name, None)
        return packed_json(body)

    @property
    def arguments(self) -> frozenset[str]:
        """The names of the arguments that are sent."""
        return frozenset(self._body()) - self.left_out

    @property
    def most_counted(self) -> int | None:
        """How many tokens the answer may have by our own count: money may have been held for no more.

        A service that is told the limit counts better than we do, and is stopped only where it does not keep to it.
        """
        if self.max_tokens is None or "max_output_tokens" in self.left_out:
            return self.max_tokens
        return int(self.max_tokens * COUNT_SLACK) + COUNT_SLACK_TOKENS

    def _body(self) -> Json:
        """Write all arguments."""
        body: Json = {
            "model": self.model,
            "instructions": self._told(),
            "input": [item for message in self.messages for item in _items(message)],
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
        }
        tools: list[Json] = [tool.to_json(is_plain=self.has_plain_schemas) for tool in self.tools]
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
            body["text"] = self.form.to_json(is_plain=self.has_plain_schemas)
        return body

    def _told(self) -> str:
        """Write the instructions; a form that may not be asked for by its argument is asked for in words."""
        if self.form is None or "text" not in self.left_out:
            return self.instructions
        schema = packed_json(self.form.schema).decode()
        return f"{self.instructions}\nAnswer with nothing but JSON of this schema: {schema}".strip()

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


def _parts(text: str, pictures: Sequence[Picture], file_ids: Sequence[str] = (), context: str = "") -> str | list[Json]:
    """Write a text with what was shown and told along with it; each picture stands behind its label."""
    if not pictures and not file_ids and not context:
        return text
    # The service refuses a part without content, too.
    parts: list[Json] = [{"type": "input_text", "text": text}] if text.strip() else []
    for picture in pictures:
        parts.append({"type": "input_text", "text": f"{picture.label}:"})
        parts.append({"type": "input_image", "image_url": picture.data_url, "detail": "auto"})
    parts += [{"type": "input_file", "file_id": file_id} for file_id in file_ids]
    return [*parts, {"type": "input_text", "text": context}] if context else parts


def _items(message: Message) -> Sequence[Json]:
    """Write one message as input items; none for one without content, which the service refuses.

    "Each message must have at least one content element" (HTTP 400, seen on /v1/responses, GitHub hermes-agent#30310).
    """
    match message:
        case UserMessage():
            said = not_ours(message.text) if message.context else message.text
            content = _parts(said, message.pictures, message.file_ids, message.context)
            return ({"role": "user", "content": content},) if _has_content(content) else ()
        case ContextMessage(text=text):
            return ({"role": "user", "content": f"{TOLD_BY_THE_HOME}\n{text}"},) if text.strip() else ()
        case AssistantMessage(text=text):
            return (answer_item(text),) if text.strip() else ()
        case FunctionCall(call_id=call_id, name=name, arguments=arguments):
            return ({"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments},)
        case FunctionResult(call_id=call_id, output=output, pictures=pictures):
            return ({"type": "function_call_output", "call_id": call_id, "output": _parts(output, pictures)},)
        case ReplayedItems(items=items):
            return items


def _has_content(content: str | list[Json]) -> bool:
    """Whether a message says or shows anything."""
    return bool(content.strip() if isinstance(content, str) else content)


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
            return answer_item(text) if text.strip() else None
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


def answer_item(text: str) -> Json:
    """Write what the model answered as an input item."""
    return {"role": "assistant", "content": text}


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


def reasoning_texts(item: Mapping[str, object]) -> list[str]:
    """Return the texts of an output item that is reasoning: those of its summary, then its own."""
    lists = (item.get("summary"), item.get("content")) if item.get("type") == "reasoning" else ()
    parts = [part for found in lists if isinstance(found, list) for part in found if isinstance(part, Mapping)]
    return [text for part in parts if (text := _text(part.get("text")))]


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
